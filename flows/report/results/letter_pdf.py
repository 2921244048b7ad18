"""Letters as PDF, by the LibreOffice Writer of the machine; where there is none, that is said and the Word files stand alone.

One call converts all of them, with a profile of its own, so that an office that has LibreOffice open is not disturbed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

#: One letter takes a quarter of a second; starting takes two.
_SECONDS = 300
#: What LibreOffice 7.4 writes of the moment, whatever SOURCE_DATE_EPOCH says: a day, and two random numbers.
_MOMENT = re.compile(rb"(?<=/CreationDate\(D:)\d{14}")
_RANDOM = re.compile(rb"(?<=[<\[/ ])[0-9A-F]{32}(?=[> \r\n])")


class NoPdf(RuntimeError):
    """LibreOffice Writer is not there, or did not do it."""


def as_pdf(letters: Sequence[bytes]) -> list[bytes]:
    """Word documents as PDF, in their order. Raises `NoPdf` with what to do."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise NoPdf(
            "没有找到LibreOffice，成绩单只有Word文件；装上LibreOffice Writer后再运行即有PDF"
            " / no LibreOffice on this machine: the letters are Word files only"
        )
    with tempfile.TemporaryDirectory(prefix="union-assessment-") as name:
        folder = Path(name)
        sources = [folder / f"{number}.docx" for number in range(len(letters))]
        for path, data in zip(sources, letters, strict=True):
            path.write_bytes(data)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [
            program,
            "--headless",
            profile,
            "--convert-to",
            "pdf",
            "--outdir",
            name,
            *map(str, sources),
        ]
        try:
            said = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False).stderr
        except (OSError, subprocess.TimeoutExpired) as error:
            said = str(error).encode()
        pages = [path.with_suffix(".pdf") for path in sources]
        if not all(page.exists() for page in pages):
            why = said.decode(errors="replace").strip()[-200:]
            raise NoPdf(
                f"LibreOffice没有转成PDF（{why}），成绩单只有Word文件；是否装了Writer？"
                " / LibreOffice did not convert the letters (is Writer installed?): they are Word files only"
            )
        return [_steady(page.read_bytes()) for page in pages]


def _steady(page: bytes) -> bytes:
    """The same bytes for the same letter: no offset moves, because what takes a number's place is as long."""
    return _RANDOM.sub(b"0" * 32, _MOMENT.sub(b"20000101000000", page))
