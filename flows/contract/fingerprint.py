"""Whether files that give results their meaning are the same as when a result was made.

Patterns name whole folders and their sub-folders: a file that moves or comes new changes the hash like one that is edited.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from flows.contract.catalogue import ROOT
from flows.contract.redaction import scheme_words

#: What a row means; a change of any of these files rebuilds from the vault.
ROW_MEANING = (
    "sql/record/**/*.yml",
    "sql/code/**/*.csv",
    "sql/vocabulary/beside.csv",
    "sql/vocabulary/same.csv",
    "sql/macro/**/*.sql",
    "sql/meta/**/*.sql",
    "sql/assess/table.sql",
    "data/reference/**/*.csv",
    "flows/contract/**/*.py",
    "flows/read/**/*.py",
    "flows/normalise/**/*.py",
)
#: What the bytes of a workbook are read by.
READER_MEANING = ("flows/read/formats/**/*.py",)
#: What a value means beside the rows it is made from.
VALUE_MEANING = ("sql/indicator/**/*.sql", "sql/metric/**/*.sql", "flows/metrics/**/*.py")
#: What the linter's verdict on a scheme depends on beside the scheme's folder.
VERDICT_MEANING = (
    "flows/score/**/*.py",
    "flows/score/lint/codes.csv",
    "flows/contract/**/*.py",
    "sql/indicator/**/*.sql",
    "sql/code/**/*.csv",
    "data/reference/**/*.csv",
)


def fingerprint(patterns: Iterable[str], root: Path = ROOT) -> str:
    """Hash of names and contents of all files that match; 64 hex digits."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in root.glob(pattern)}):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def row_meaning(root: Path = ROOT) -> str:
    """What a row means, and what schemes call their items: a scheme's new word is read again, another change of it is not."""
    words = "\n".join(sorted(scheme_words(root)))
    return hashlib.sha256(f"{fingerprint(ROW_MEANING, root)}\n{words}".encode()).hexdigest()
