"""A scored year on a terminal of 80 columns: the ranking, or one unit; nothing is cut, in a pipe neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from rich.console import Console
from rich.markup import escape

from flows.language import _, several
from flows.report import terminal
from flows.report.results.figures import amount, lost_items, moved_words, place_moves, places, points, quality
from flows.report.results.scored_year import Row, YearResults
from flows.report.terminal import sentence as say

#: Units that are named with what changed since the last publication.
_MOVES = 5
#: Items that a unit lost points in, as many as a screen of 24 rows has room for.
_MOST_LOST = 9


def show_ranking(console: Console, results: YearResults, first: int | None = None) -> None:
    """The ranking, all of it or the `first` places; then what moved most and what is open."""
    table = terminal.plain_table(
        _("Ranking of {year}", year=results.year),
        {
            _("place"): "right",
            _("unit"): "left",
            _("points"): "right",
            _("grade"): "left",
            _("in group"): "left",
            _("place from–to"): "left",
            _("moved"): "right",
            _("state"): "left",
        },
    )
    _preview(console, results)
    moves = place_moves(results)
    for move in moves[:first]:
        row = move.row
        table.add_row(
            str(row["overall_rank"]),
            escape(row["short_name"] or row["name"]),
            points(row["total_points"]),
            row["grade_label"],
            f"{escape(results.group(row['group_id']))}{row['group_rank']}",
            places(row),
            _moved(move.places),
            _("final") if row["is_final"] else _("provisional"),
        )
    console.print(table)
    if first is not None and len(moves) > first:
        say(console, _("The first {first} of {n} units.", first=first, n=len(moves)))
    known = sorted((m for m in moves if m.places), key=lambda m: -abs(m.places or 0))[:6]
    if known:
        named = (f"{m.row['short_name'] or m.row['name']}{_moved(m.places)}" for m in known)
        say(console, _("Moved most against last year: {units}.", units="、".join(named)))
    for row in results.moves[:_MOVES]:
        say(console, _since(row, row["short_name"] or row["name"]))
    if len(results.moves) > _MOVES:
        say(
            console,
            _("{n} units in all differ from the last publication: see the page.", n=len(results.moves)),
        )
    open_units = [row for row in results.ranking if not row["is_final"]]
    if open_units:
        say(
            console,
            several(
                "The grade of {n} unit may still change (provisional); its own page says why.",
                "The grades of {n} units may still change (provisional); the page of each says why.",
                len(open_units),
            ),
        )
    silent = Counter(r.unit for r in results.reports if r.state == "missing")
    if silent:
        say(
            console,
            _(
                "Not handed in: {reports} reports of {units} units.",
                reports=silent.total(),
                units=len(silent),
            ),
        )


def show_unit(console: Console, results: YearResults, unit: str) -> None:
    """One unit: its result, every item with target, actual and points, and what its data lacked."""
    row = _heading(console, results, unit)
    if not row["is_final"]:
        say(
            console,
            _(
                "The points may come to {low} to {high}, the grade to {worst} to {best}.",
                low=points(row["points_low"]),
                high=points(row["points_high"]),
                worst=row["grade_worst_label"],
                best=row["grade_best_label"],
            ),
        )
    for words in filter(None, (results.gates.get(unit), results.changes.get(unit))):
        say(console, words)
    for move in results.moves:
        if move["unit_code"] == unit:
            say(console, _since(move, ""))
    table = terminal.plain_table(
        "",
        {
            _("item"): "left",
            _("target"): "right",
            _("actual"): "right",
            _("points"): "right",
            _("full points"): "right",
            _("place"): "right",
        },
        folded=(_("item"),),
    )
    for item in results.items[unit]:
        told = (
            [amount(item["target"], item["measure"]), amount(item["actual"], item["measure"])]
            if item["is_leaf"]
            else ["", ""]
        )
        earned = item["state_label"] if item["points"] is None else points(item["points"])
        style = None if item["is_leaf"] else "bold"
        label = ("  " if item["is_leaf"] else "") + item["label"]
        table.add_row(
            escape(label), *told, earned, points(item["full_points"]), str(item["place"] or ""), style=style
        )
    console.print(table)
    _lacking(console, results, unit)
    name = row["short_name"] or unit
    trace, headroom = (f"union-assessment {c} {name} --year {results.year}" for c in ("trace", "headroom"))
    console.print(_("Each item, to the cell: {command}", command=trace), markup=False)
    console.print(_("To a better grade: {command}", command=headroom), markup=False)


def show_why(console: Console, results: YearResults, unit: str, is_full: bool = False) -> None:
    """Why a unit stands where it does, in one screen of 80x24: its result, its neighbours, where it lost most.

    `is_full`: every item on a line, and in words what lowered it; then how the total is made of its parts.
    """
    row = _heading(console, results, unit)
    for words in filter(None, (results.gates.get(unit), results.changes.get(unit))):
        say(console, words)
    at = results.ranking.index(row)
    for other in (results.ranking[at - 1 : at] if at else ()) + results.ranking[at + 1 : at + 2]:
        gap = other["total_points"] - row["total_points"]
        told = _(
            "Place {place}: {unit}, {points} points ({gap:+f}).",
            place=other["overall_rank"],
            unit=other["name"],
            points=points(other["total_points"]),
            gap=gap.quantize(Decimal("0.01")),
        )
        say(console, told)
    heads = (_("target"), _("actual"), _("points"), _("full points"), _("lost"), _("place"))
    table = terminal.plain_table(
        _("Where it lost most"), {_("item"): "left", **dict.fromkeys(heads, "right")}, folded=(_("item"),)
    )
    lost = lost_items(results, unit, _MOST_LOST)
    if is_full:
        _every_item(console, results, unit, row)
        return
    for item in lost:
        figures = (amount(item[name], item["measure"]) for name in ("target", "actual"))
        missing = points(item["full_points"] - item["points"])
        earned = (points(item["points"]), points(item["full_points"]), missing, str(item["place"] or ""))
        table.add_row(escape(item["label"]), *figures, *earned)
    if lost:
        console.print(table)
    name = row["short_name"] or unit
    for words, command in (
        (_("One of these, to the cell: {command}"), f"trace {name} {lost[0]['item_id'] if lost else 'ITEM'}"),
        (_("All items: {command}"), f"results --unit {name}"),
        (_("To a better grade: {command}"), f"headroom {name}"),
    ):
        told = words.format(command=f"union-assessment {command} --year {results.year}")
        console.print(told, markup=False)


def _every_item(console: Console, results: YearResults, unit: str, row: Row) -> None:
    """Every item with its points and what lowered it, then the parts of the total and what to ask for each."""
    for item in results.items[unit]:
        earned = item["state_label"] if item["points"] is None else points(item["points"])
        told = f"{'  ' if item['is_leaf'] else ''}{item['label']}  {earned} / {points(item['full_points'])}"
        console.print(told, markup=False, style=None if item["is_leaf"] else "bold")
        if item["is_leaf"] and item["points"] is not None and item["points"] < item["full_points"]:
            console.print(f"    {item['explanation']}", markup=False, style="dim")
    name = row["short_name"] or unit
    for label, words, kind in (
        (_("base"), points(row["base_points"], 4), "total"),
        (_("bonus"), points(row["bonus_points"]), "bonus"),
        (_("deduction"), points(row["deduction_points"]), "deduction"),
        (_("gates"), results.gates.get(unit) or _("none holds"), "gate"),
        (_("total"), points(row["total_points"]), "total"),
        (_("place"), f"{row['overall_rank']} / {results.group(row['group_id'])}{row['group_rank']}", "rank"),
        (_("grade"), row["grade_label"], "grade"),
    ):
        command = f"union-assessment trace {name} {kind} --year {results.year}"
        console.print(f"{label}  {words}  ({command})", markup=False)


def _preview(console: Console, results: YearResults) -> None:
    """The preview that a year is at, and until when objections to it are taken."""
    if shown := results.preview:
        told = _("Preview {label}: objections until {day}.", label=shown.label, day=shown.manifest.until)
        say(console, told)


def _heading(console: Console, results: YearResults, unit: str) -> Row:
    """The result of a unit in a sentence."""
    _preview(console, results)
    row = next(row for row in results.ranking if row["unit_code"] == unit)
    say(
        console,
        _(
            "{unit} {year}: {points} points, place {place} of all, {in_group} in {group}, {grade} ({state}). Base "
            "{base}, bonus {bonus}, deduction {deduction}.",
            unit=row["name"],
            year=results.year,
            points=points(row["total_points"]),
            place=row["overall_rank"],
            group=results.group(row["group_id"]),
            in_group=row["group_rank"],
            grade=row["grade_label"],
            state=_("final") if row["is_final"] else _("provisional"),
            base=points(row["base_points"], 4),
            bonus=points(row["bonus_points"]),
            deduction=points(row["deduction_points"]),
        ),
    )
    return row


def _lacking(console: Console, results: YearResults, unit: str) -> None:
    silent = [r for r in results.reports if r.unit == unit and r.state in ("missing", "held")]
    if silent:
        named = "、".join(f"{r.kind}（{r.period}）" for r in silent[:8])
        if len(silent) > 8:
            say(
                console,
                _("Not handed in or held: {reports} and more, {n} in all.", reports=named, n=len(silent)),
            )
        else:
            say(console, _("Not handed in or held: {reports}.", reports=named))
    found = quality(results.deliveries.get(unit, ()))
    if found["rows_read"]:
        say(
            console,
            _(
                "Data: {deliveries} deliveries, {rows_read} rows read, {rows_accepted} accepted, {rows_rejected} returned.",
                **{
                    name: found[name]
                    for name in ("deliveries", "rows_read", "rows_accepted", "rows_rejected")
                },
            ),
        )


def as_rows(results: YearResults, unit: str | None) -> Sequence[Row]:
    """The ranking, or a unit's items, as a program reads them: amounts as decimal texts."""
    rows = results.ranking if unit is None else results.items[unit]
    return [
        {name: f"{v.normalize():f}" if isinstance(v, Decimal) else v for name, v in row.items()}
        for row in rows
    ]


def _since(move: Row, name: str) -> str:
    return _("Since the last publication: {words}.", words=f"{name} {moved_words(move)}".strip())


def _moved(gained: int | None) -> str:
    if gained is None:
        return ""
    return f"▲{gained}" if gained > 0 else f"▼{-gained}" if gained < 0 else "－"
