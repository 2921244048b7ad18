"""Figures that the office checks: verified, reduced by a spot check, reported by the unit itself, appealed against.

The figures are those that the units' own records hold, as the truth has them: a check takes a row or two away, and an
appeal that is upheld gives it back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from random import Random

from flows.sample.kinds.assessed import REPORTS, Entry, Figures, alive
from flows.sample.model import Mark, Value
from flows.sample.scene import YEARS, Scene, Unit

#: Figures that an office checks, and the label of their item, which all years' schemes have.
CHECKED = {
    "mediation_succeeded": "成功调解劳动争议",
    "legal_aid_cases": "实施法律援助",
    "consolation_visits": "走访慰问困难职工",
    "reemployed_people": "帮助就业再就业",
    "students_aided": "资助困难职工子女上学",
}


def checks(
    kind: str, seed: int, year: int, units: Sequence[Unit], figures: Figures
) -> list[tuple[Unit, str, int]]:
    """(unit, indicator, figure) of what is checked in a year: figures of three at least, the same for every asker."""
    rng = Random(f"{seed}/{kind}/{year}")
    known = [
        (unit, indicator, int(Decimal(of_unit[str(year)])))
        for indicator in CHECKED
        for unit in alive(units, year)
        if str(year) in (of_unit := figures.get(indicator, {}).get(unit.code, {}))
    ]
    known = [k for k in known if k[2] >= 3]
    return rng.sample(known, min(8, len(known)))


def verified_figure(scene: Scene, units: Sequence[Unit], figures: Figures) -> Iterator[Entry]:
    """The unit's own figure, or one less where a row was told twice."""
    for year in YEARS:
        for n, (unit, indicator, figure) in enumerate(checks("verified", scene.seed, year, units, figures)):
            cells: dict[str, Value] = {
                "indicator": indicator,
                "reported": figure,
                "verified": figure - n % 2,
                "verified_on": date(year, 12, 10),
                "reason": "剔除重复" if n % 2 else "与台账一致",
                "document_no": f"样核〔{year}〕{n + 1}号",
            }
            yield Entry(unit, date(year, 12, 10), cells, (Mark("verified_figure", date(year, 12, 10)),))


def spot_check(scene: Scene, units: Sequence[Unit], figures: Figures) -> Iterator[Entry]:
    """One row in a sample was not true, or all were."""
    for year in YEARS:
        for n, (unit, indicator, figure) in enumerate(checks("spot", scene.seed, year, units, figures)):
            sampled, wrong = min(figure, 10), int(n % 4 != 3)
            cells: dict[str, Value] = {
                "indicator": indicator,
                "checked_on": date(year, 11, 5 + n),
                "sampled": sampled,
                "confirmed": sampled - wrong,
                "reduction": wrong,
                "reason": ("无原始凭证", "重复填报", "回访不属实")[n % 3] if wrong else "抽查全部属实",
                "document_no": f"样查〔{year}〕{n + 1}号",
            }
            yield Entry(unit, date(year, 11, 5 + n), cells, (Mark("spot_check", date(year, 11, 5 + n)),))


def self_report(scene: Scene, units: Sequence[Unit], figures: Figures) -> Iterator[Entry]:
    """What units say they reached: their figure, now and then one more."""
    for year in YEARS:
        for n, (unit, indicator, figure) in enumerate(checks("self", scene.seed, year, units, figures)):
            cells: dict[str, Value] = {"indicator": indicator, "reported": figure + int(n % 4 == 1)}
            yield Entry(unit, date(year, 12, 5), cells, (Mark("self_report", date(year, 12, 5)),))


def appeal(scene: Scene, units: Sequence[Unit], figures: Figures) -> Iterator[Entry]:
    """Against a verified figure (upheld: the unit's own), about points (partly), refused and withdrawn ones; the last pending."""
    for year in YEARS:
        cut = checks("verified", scene.seed, year, units, figures)[1::2]
        rulings = ("upheld", "rejected", "withdrawn", "pending" if year == YEARS[-1] else "rejected")
        for n, ((unit, indicator, figure), ruling) in enumerate(zip(cut, rulings, strict=False)):
            cells: dict[str, Value] = {
                "item": CHECKED[indicator],
                "indicator": indicator,
                "claimed_figure": figure,
            }
            yield _appeal(
                unit, year, n, ruling, cells | ({"ruled_figure": figure} if ruling == "upheld" else {})
            )
        some = alive(units, year)
        about: dict[str, Value] = {"item": REPORTS, "claimed_points": 1, "ruled_points": Decimal("0.9")}
        yield _appeal(scene.rng.choice(some), year, 8, "partly", about)


def _appeal(unit: Unit, year: int, n: int, ruling: str, cells: Mapping[str, Value]) -> Entry:
    filed = date(year, 12, 12 + n)
    blank: dict[str, Value] = dict.fromkeys(
        ("indicator", "claimed_figure", "claimed_points", "ruled_figure", "ruled_points")
    )
    ruled: dict[str, Value] = {"filed_on": filed, "ruling": ruling, "ruled_on": None, "document_no": None}
    if ruling != "pending":
        ruled |= {"ruled_on": date(year, 12, 28), "document_no": f"样裁〔{year}〕{n + 1}号"}
    return Entry(unit, filed, blank | ruled | dict(cells), (Mark("appeal", filed),))
