"""The gate before a year is scored: its scheme is linted, and one with errors does not pass.

A verdict holds as long as neither the folder nor the code that judges it changes. It is kept in `ref.scheme` beside the
fingerprint of the scheme it is about, in every build and published warehouse, so that whatever scores the year again
(a trace, a path to a grade, progress) asks there first. Judged is the whole folder, whatever took effect by a build's day.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

import duckdb

from flows.contract.catalogue import ROOT
from flows.contract.fingerprint import VERDICT_MEANING, fingerprint
from flows.score.lint import LintFinding, refuse
from flows.score.scheme.scheme_loader import SchemeYear, load_year


@dataclass(frozen=True)
class AdmittedScheme:
    """A year that may be scored, as a build knows it (without targets that took effect after its day), and what the
    linter remarks about the folder: no errors."""

    year: SchemeYear
    fingerprint: str
    remarks: tuple[LintFinding, ...]
    is_edited: bool = False  # since the results of the build were scored

    @property
    def remarks_text(self) -> str:
        """The remarks as they are kept: files by name alone, because folders differ between machines."""
        return json.dumps([asdict(f) | {"file": Path(f.file).name} for f in self.remarks], ensure_ascii=False)


def admit(con: duckdb.DuckDBPyConnection, year: int, root: Path = ROOT) -> AdmittedScheme:
    """The scheme of a year for scoring on the data of `con`; `ContractError` lists its errors, or says that there is none."""
    scheme = load_year(year, root)
    [(as_of,)] = con.execute("select max(cast(as_of as date)) from meta.run").fetchall()
    in_effect = tuple(t for t in scheme.targets if as_of is None or t.effective_on <= as_of)
    remarks = _known(con, scheme)
    if remarks is None:
        remarks = tuple(refuse(scheme))
    scored = con.execute("select fingerprint from ref.scheme where year = $year", {"year": year}).fetchone()
    is_edited = scored is not None and scored[0] != scheme.fingerprint
    return AdmittedScheme(replace(scheme, targets=in_effect), scheme.fingerprint, remarks, is_edited)


@lru_cache(maxsize=1)
def judges_fingerprint() -> str:
    """Hash of everything but the folder that decides what the linter says of it."""
    return fingerprint(VERDICT_MEANING)


def _known(con: duckdb.DuckDBPyConnection, scheme: SchemeYear) -> tuple[LintFinding, ...] | None:
    """The verdict that was kept about this very scheme; None where it has to be judged."""
    row = con.execute(
        "select remarks from ref.scheme where year = $year and fingerprint = $scheme and judged_by = $judges",
        {"year": scheme.year, "scheme": scheme.fingerprint, "judges": judges_fingerprint()},
    ).fetchone()
    if row is None:
        return None
    kept = (LintFinding(**finding) for finding in json.loads(row[0]))
    return tuple(replace(f, file=str(scheme.folder / f.file)) for f in kept)
