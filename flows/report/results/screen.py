"""A scored year on a terminal of 80 columns: the ranking, or one unit; nothing is cut, in a pipe neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.report.results.figures import amount, place_moves, places, points, quality
from flows.report.results.scored_year import Row, YearResults
from flows.report.whatif_text import say


def show_ranking(console: Console, results: YearResults, first: int | None = None) -> None:
    """The ranking, all of it or the `first` places; then what moved most and what is open."""
    table = _table(
        f"{results.year}年度考核排名", 名次="right", 单位="left", 总分="right", 等次="left", 分组名次="left"
    )
    for head in ("名次区间", "比上年", "状态"):
        table.add_column(head, justify="right" if head == "比上年" else "left", no_wrap=True)
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
            "确定" if row["is_final"] else "暂定",
        )
    console.print(table)
    if first is not None and len(moves) > first:
        say(console, f"以上为前{first}名，共{len(moves)}个单位。")
    known = sorted((m for m in moves if m.places), key=lambda m: -abs(m.places or 0))[:6]
    if known:
        named = (f"{m.row['short_name'] or m.row['name']}{_moved(m.places)}" for m in known)
        say(console, f"比上年变动最大：{'、'.join(named)}。")
    open_units = [row for row in results.ranking if not row["is_final"]]
    if open_units:
        say(console, f"{len(open_units)}个单位的等次还可能变（暂定），原因见各单位明细。")
    silent = Counter(r.unit for r in results.reports if r.state == "missing")
    if silent:
        say(console, f"{len(silent)}个单位共有{silent.total()}期报表未报。")


def show_unit(console: Console, results: YearResults, unit: str) -> None:
    """One unit: its result, every item with target, actual and points, and what its data lacked."""
    row = next(row for row in results.ranking if row["unit_code"] == unit)
    say(
        console,
        f"{row['name']}{results.year}年度：{points(row['total_points'])}分，总第{row['overall_rank']}名，"
        f"{results.group(row['group_id'])}第{row['group_rank']}名，{row['grade_label']}"
        f"（{'确定' if row['is_final'] else '暂定'}）。"
        f"基础分{points(row['base_points'], 4)}，加分{points(row['bonus_points'])}，扣分{points(row['deduction_points'])}。",
    )
    if not row["is_final"]:
        say(
            console,
            f"总分可能在{points(row['points_low'])}至{points(row['points_high'])}之间，"
            f"等次可能为{row['grade_worst_label']}至{row['grade_best_label']}。",
        )
    for words in filter(None, (results.gates.get(unit), results.changes.get(unit))):
        say(console, words)
    table = _table("", 项目="left", 目标="right", 实绩="right", 得分="right", 满分="right", 位次="right")
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
    for line in (
        f"某一项怎样算的、来自哪些单元格：union-assessment trace {name} 项目 --year {results.year}",
        f"到更好的等次还差什么：union-assessment headroom {name} --year {results.year}",
    ):
        console.print(line, markup=False)


def _lacking(console: Console, results: YearResults, unit: str) -> None:
    silent = [r for r in results.reports if r.unit == unit and r.state in ("missing", "held")]
    if silent:
        named = "、".join(f"{r.kind}（{r.period}）" for r in silent[:8])
        more = f"等{len(silent)}期" if len(silent) > 8 else ""
        say(console, f"未报或搁置：{named}{more}。")
    found = quality(results.deliveries.get(unit, ()))
    if found["rows_read"]:
        say(
            console,
            f"数据：{found['deliveries']}件，读入{found['rows_read']}行，采用{found['rows_accepted']}行，退回{found['rows_rejected']}行。",
        )


def as_rows(results: YearResults, unit: str | None) -> Sequence[Row]:
    """The ranking, or a unit's items, as a program reads them: amounts as decimal texts."""
    rows = results.ranking if unit is None else results.items[unit]
    return [
        {name: f"{v.normalize():f}" if isinstance(v, Decimal) else v for name, v in row.items()}
        for row in rows
    ]


def _table(title: str, **columns: str) -> Table:
    made = Table(title=title or None, title_justify="left", show_edge=False, pad_edge=False)
    for head, side in columns.items():
        made.add_column(head, justify=side, overflow="fold", no_wrap=head not in ("项目",))  # type: ignore[arg-type]
    return made


def _moved(gained: int | None) -> str:
    if gained is None:
        return ""
    return f"▲{gained}" if gained > 0 else f"▼{-gained}" if gained < 0 else "－"
