"""The linter's findings for people: file and line first, so that an editor jumps there; then clause, what, and what to do."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from flows.language import _, again, later, several
from flows.report import terminal
from flows.score.lint import LintFinding
from flows.score.lint.weights import Weight

#: What the head of a table of weights says.
WEIGHT_HEAD = (
    later("item"),
    later("points"),
    later("nominal %"),
    later("effective %"),
    later("units"),
    later("at full"),
    later("at zero"),
)


@dataclass(frozen=True)
class Linted:
    """One folder with what was found in it; `weights` only where figures were looked at."""

    folder: Path
    findings: Sequence[LintFinding]
    weights: Sequence[Weight] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many errors, warnings and infos."""
        found = Counter(f.severity for f in self.findings)
        return {severity: found[severity] for severity in ("error", "warning", "info")}

    @property
    def is_sound(self) -> bool:
        """Whether the year may be run: warnings do not stop it."""
        return self.counts["error"] == 0


def lines(linted: Linted) -> Iterator[str]:
    """Two lines per finding, a table of weights if there is one, and a summary."""
    for found in linted.findings:
        severity = terminal.severity(found.severity)
        yield f"{found.file}:{found.line}: {severity}: {found.clause}: {again(found.message)}  [{found.code}]"
        yield f"    {again(found.hint)}"
    counts = linted.counts
    told = _(", ").join(
        (
            several("{n} error", "{n} errors", counts["error"]),
            several("{n} warning", "{n} warnings", counts["warning"]),
            several("{n} info", "{n} infos", counts["info"]),
        )
    )
    yield f"{linted.folder}: {told}{'' if linted.is_sound else _('; a scheme with errors is not run')}"


def weight_rows(linted: Linted) -> list[tuple[str, ...]]:
    """The table of weights, the item whose effect differs most from its points first."""
    ordered = sorted(linted.weights, key=lambda w: (-abs((w.effective or 0) - w.nominal), w.item))
    return [
        (
            w.label,
            f"{float(w.full):g}",
            f"{float(w.nominal) * 100:.1f}",
            "" if w.effective is None else f"{float(w.effective) * 100:.1f}",
            str(w.units),
            str(w.at_full),
            str(w.at_zero),
        )
        for w in ordered
    ]


def as_json(linted: Sequence[Linted]) -> str:
    """One object per folder: folder, errors, warnings, infos, findings, weights (shares as fractions of 1)."""
    return json.dumps([_object(one) for one in linted], ensure_ascii=False, indent=2)


def _object(one: Linted) -> dict[str, object]:
    counts = one.counts
    return {
        "folder": str(one.folder),
        "errors": counts["error"],
        "warnings": counts["warning"],
        "infos": counts["info"],
        "findings": [asdict(found) for found in one.findings],
        "weights": [
            {
                "item": w.item,
                "label": w.label,
                "full_points": float(w.full),
                "nominal": round(float(w.nominal), 6),
                "effective": None if w.effective is None else round(float(w.effective), 6),
                "units": w.units,
                "at_full": w.at_full,
                "at_zero": w.at_zero,
            }
            for w in one.weights
        ],
    }
