"""What two publications of a year differ in, on a page, on the terminal and as JSON: the rows of meta.restatement, made readable.

The page is written into the later edition; it is in Chinese, as all that districts get, and equal rows give equal bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.markup import escape

from flows.contract.units import reference
from flows.language import _
from flows.report.page import render
from flows.report.terminal import sentence as say
from flows.report.whatif_text import table
from flows.score.explain.format import number
from flows.score.restate.factor_split import FACTORS, RESULT
from flows.score.restate.restated_sentence import FACTOR_LABEL

Row = Mapping[str, Any]

#: The order in which factors are exchanged, and why, for who reads a restatement.
ORDER = (
    "每项差额等于各因素之和：从前一版起，依次把数据、目标、办法、核定裁定换成后一版的，每换一样重新计分一次，分数、名次、等次因此变动多少，就记在这一样上。",
    "先数据，后目标和办法，是考核本来的次序；核定和裁定代替的是算出来的数，所以放在最后。两端公布的数与现在程序按同样资料算出的数之差，以及报送没有变而读出的数有变的，记在程序上。",
    "名次的差额，负数是前进；等次按办法所列次序编号，负数是升等。只有一版参评的单位不分解。",
)


def restatement_page(title: str, rows: Sequence[Row]) -> str:
    """The page of a restatement."""
    names = {u.unit_code: u.name for u in reference().units}
    units = [
        (names.get(unit, unit), [{**row, "by": [_signed(row, f) for f in FACTORS]} for row in of])
        for unit, of in groupby(rows, key=lambda row: str(row["unit_code"]))
    ]
    factors = [FACTOR_LABEL[factor] for factor in FACTORS]
    return render("restatement.html", title=title, order=ORDER, units=units, factors=factors, result=RESULT)


def show_restatement(console: Console, names: tuple[str, str], rows: Sequence[Row], unit: str | None) -> None:
    """All units with their sentence, or one unit with every matter.

    Args:
        console: where to show it.
        names: what the two publications are called.
        rows: what differs.
        unit: the one that is asked for.
    """
    known = {u.unit_code: u.short_name or u.name for u in reference().units}
    say(console, _("{after} beside {before}: what differs and why.", before=names[0], after=names[1]))
    order = _(
        "Each difference is the sum of its parts, exchanged in this order: data, target, scheme, decision; the rest is "
        "the code's. Places and grades are numbers: less is better."
    )
    say(console, order)
    if not rows:
        say(console, _("Nothing differs."))
    for of, found in groupby(rows, key=lambda row: str(row["unit_code"])):
        mine = list(found)
        say(console, "")
        for row in (r for r in mine if r["kind"] in RESULT):
            name = known.get(of, of)
            say(
                console,
                f"{name} {row['label']} {row['before_label']}→{row['after_label']}：{row['reasons']}",
            )
        if unit is not None:
            console.print(_table(mine))
            for row in (r for r in mine if r["kind"] not in RESULT):
                say(console, f"{row['label']}：{row['reasons']}")
    if rows and unit is None:
        say(console, _("One unit item by item: --unit UNIT."))


def _table(rows: Sequence[Row]) -> Any:
    amounts = dict.fromkeys((FACTOR_LABEL[factor] for factor in FACTORS), "right")
    shown = table("", {_("matter"): "left", _("before"): "right", _("after"): "right", **amounts})
    for row in rows:
        cells = [row["label"], row["before_label"], row["after_label"], *(_signed(row, f) for f in FACTORS)]
        shown.add_row(*map(escape, cells))
    return shown


def _signed(row: Row, factor: str) -> str:
    by = row[f"by_{factor}"]
    if by is None:
        return "－"
    return f"{'+' if by > 0 else ''}{number(by, 2)}" if by else "0"


def restatement_json(names: tuple[str, str], rows: Sequence[Row]) -> str:
    """One object: before, after, differences; amounts are exact texts."""
    told = [
        {name: _told(value) for name, value in row.items() if name not in ("against", "since")}
        for row in rows
    ]
    return json.dumps(
        {"before": names[0], "after": names[1], "differences": told}, ensure_ascii=False, indent=2
    )


def _told(value: object) -> object:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
