"""The office's signature under a book: Ed25519 over the bytes of its manifest.

The private key lies outside of data folder and clone, because whoever copies those must not be able to sign; it is made at the
first close, for its owner's eyes alone. A key that others may read is refused. The public key is a file of each book, and
`openssl pkeyutl -verify -pubin -inkey public_key.pem -rawin -in edition.json -sigfile edition.sig` needs nothing of ours.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from flows.ingest.closed_file import create
from flows.language import _

PUBLIC_KEY = "public_key.pem"


class SigningKeyUnusable(RuntimeError):
    """The file of the private key is none, or others may read it; the text says what to do."""


def signing_key(file: Path, data: Path) -> Ed25519PrivateKey:
    """The key in a file; made where there is none yet. One inside the data folder is refused."""
    if data in file.parents:
        raise SigningKeyUnusable(
            _("{file} lies in the data folder: whoever copies that could sign; name another place", file=file)
        )
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = Ed25519PrivateKey.generate()
        form = (pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
        with create(file) as stream:
            stream.write(made.private_bytes(*form))
            stream.flush()
            os.fsync(stream.fileno())
        return made
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise SigningKeyUnusable(
            _("{file} signs books and others may read it: chmod 600 it, or name another key", file=file)
        )
    try:
        key = pem.load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyUnusable(
            _("{file} is no Ed25519 key without a password: put the right one there", file=file)
        )
    return key


def public_pem(key: Ed25519PrivateKey) -> bytes:
    """The public key as the file of a book."""
    return key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)


def key_fingerprint(key: Ed25519PrivateKey) -> str:
    """SHA-256 of the 32 bytes of the public key: by it the office is known."""
    return hashlib.sha256(key.public_key().public_bytes_raw()).hexdigest()
