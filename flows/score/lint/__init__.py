"""The linter: what is wrong with a year's scheme, found before the year begins and before anything is scored.

It reads the folder alone (scheme.yml, target.csv, group.csv) and what the scheme may name; figures it does not need. Every
finding has file, line, clause and what to do. A scheme with an error is not run (`refuse`); one with warnings is, because
real schemes do odd things on purpose (A10 adds up to 97) and the office may mean it. What only scores can tell
is in `weights.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

from flows.contract.catalogue import ContractError
from flows.language import _, again
from flows.score.lint import gate_checks, input_checks, outcome_checks, rule_checks, table_checks, tree_checks
from flows.score.lint.lint_finding import CODES, LintFinding
from flows.score.scheme.scheme_loader import SchemeYear, load_folder

__all__ = ["CODES", "LintFinding", "lint", "lint_folder", "refuse"]


def lint(year: SchemeYear) -> list[LintFinding]:
    """All findings about a year that could be loaded, sorted by file and line."""
    reached = rule_checks.leaf_reach(year)
    found = [
        *tree_checks.check(year, reached),
        *rule_checks.check(year, reached),
        *input_checks.check(year),
        *table_checks.check(year),
        *gate_checks.check(year),
        *outcome_checks.check(year, reached),
    ]
    return sorted(set(found), key=lambda f: f.place)


def lint_folder(folder: Path) -> list[LintFinding]:
    """All findings about a folder; one that cannot be loaded is reported the same way, with its line."""
    try:
        year = load_folder(folder)
    except ContractError as error:
        return _load_errors(folder, str(error))
    return lint(year)


def refuse(year: SchemeYear) -> list[LintFinding]:
    """`ContractError` with every error of a scheme; without one what else was found, which does not stop a year."""
    found = lint(year)
    errors = [f for f in found if f.severity == "error"]
    if errors:
        listed = "\n".join(
            f"{f.file}:{f.line}: {f.clause}: {again(f.message)}; {again(f.hint)}" for f in errors
        )
        raise ContractError(
            _(
                "the scheme of {year} has {n} errors and is not run:\n{errors}",
                year=year.year,
                n=len(errors),
                errors=listed,
            )
        )
    return found


def _load_errors(folder: Path, text: str) -> list[LintFinding]:
    """The messages of a `ContractError`, each with file and line as the loader wrote them."""
    severity, hint = CODES["load"]
    start = re.escape(str(folder)) + r"/([a-z]+\.(?:yml|csv)):(?:(\d+):)? "
    heads = list(re.finditer(rf"(?:^|; ){start}", text))
    found = []
    for number, head in enumerate(heads):
        end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
        message = " ".join(text[head.end() : end].split())
        line = head[2] or next(iter(re.findall(r"line (\d+)", message)), "1")
        found.append(LintFinding(severity, "load", str(folder / head[1]), int(line), "读取", message, hint))
    return found or [LintFinding(severity, "load", str(folder), 1, "读取", text, hint)]
