"""附件：目标任务分解表. A matrix of units and indicators per group, with the document and the day each target has effect from.

The target in force is the latest one written, as the engine takes it; what it replaced is listed below the matrices,
so that a target changed during the year is seen as changed. Wide matrices are cut into several tables of equal width.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from html import escape
from math import ceil

from flows.contract.units import reference
from flows.report.printed.scheme_clauses import day
from flows.score.explain.format import indicator, measure_of, number, numbered
from flows.score.scheme.scheme_loader import SchemeYear, Target

#: Columns of targets that an A4 page on its side holds without breaking numbers.
MOST_COLUMNS = 12

Paper = tuple[str, date]


def target_annex(year: SchemeYear) -> str:
    """The annex as HTML, or a sentence that there are no targets."""
    force = {slot: t for slot, t in year.in_force().items() if slot[0] in year.groups}
    if not force:
        return '<section class="annex">\n<h2>附件1：目标任务分解表</h2>\n<p>本年度未下达目标任务。</p>\n</section>\n'
    papers = sorted({(t.document_no, t.effective_on) for t in force.values()}, key=lambda p: (p[1], p[0]))
    held = Counter((t.document_no, t.effective_on) for t in force.values())
    commonest = max(papers, key=lambda p: held[p])  # stands without a sign
    others = [paper for paper in papers if paper != commonest]
    signs = {commonest: "", **{paper: numbered(at) for at, paper in enumerate(others)}}
    groups: dict[str, list[str]] = {}
    for unit, group in year.groups.items():
        groups.setdefault(group, []).append(unit)
    tables = "".join(_group(year, group, units, force, signs) for group, units in groups.items())
    return (
        f'<section class="annex">\n<h2>附件1：目标任务分解表</h2>\n{tables}{_sources(papers, signs)}'
        f"{_replaced(year, force)}</section>\n"
    )


def _group(
    year: SchemeYear,
    group: str,
    units: Sequence[str],
    force: Mapping[tuple[str, str], Target],
    signs: Mapping[Paper, str],
) -> str:
    codes = in_order(year, {code for unit, code in force if unit in units})
    if not codes:
        return ""
    width = ceil(len(codes) / ceil(len(codes) / MOST_COLUMNS))
    out = f"<h3>{escape(year.scheme.group_label(group))}</h3>\n"
    for start in range(0, len(codes), width):
        part = codes[start : start + width]
        heads = "".join(
            f'<th>{escape(indicator(c).label)}<span class="unit">（{escape(measure_of(c).unit)}）</span></th>'
            for c in part
        )
        rows = "".join(_row(year, unit, part, force, signs) for unit in units)
        padding = '<col class="empty">' * (width - len(part))
        out += (
            f'<table class="matrix"><colgroup><col class="unit">{"<col>" * len(part)}{padding}</colgroup>\n'
            f"<thead><tr><th>单位</th>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table>\n"
        )
    return out


def in_order(year: SchemeYear, codes: Collection[str]) -> list[str]:
    """Indicators in the order of the items, then those that no item is about."""
    listed = [item.indicator for item in year.scheme.leaves if item.indicator in codes]
    return list(dict.fromkeys([*(code for code in listed if code), *sorted(codes)]))


def _row(
    year: SchemeYear,
    unit: str,
    codes: Iterable[str],
    force: Mapping[tuple[str, str], Target],
    signs: Mapping[Paper, str],
) -> str:
    cells = ""
    for code in codes:
        target = force.get((unit, code))
        if target is None:
            cells += '<td class="mid">—</td>'
            continue
        sign = signs[target.document_no, target.effective_on]
        mark = f"<sup>{sign}</sup>" if sign else ""
        cells += f'<td class="num">{_bare(code, target)}{mark}</td>'
    return f"<tr><td>{escape(_name(year, unit))}</td>{cells}</tr>\n"


def _bare(code: str, target: Target) -> str:
    """A target below a head that names its unit."""
    measure = measure_of(code)
    return measure.show(target.target) if measure.is_share else number(target.target)


def _name(year: SchemeYear, unit: str) -> str:
    return reference().short_name_on(unit, date(year.year, 1, 1))


def _sources(papers: Sequence[Paper], signs: Mapping[Paper, str]) -> str:
    told = "；".join(f"{signs[p]}{p[0]}，自{day(p[1])}起执行" for p in sorted(papers, key=lambda p: signs[p]))
    return f'<p class="note">依据：{escape(told)}。</p>\n'


def _replaced(year: SchemeYear, force: Mapping[tuple[str, str], Target]) -> str:
    """Earlier targets that a later one took the place of."""
    earlier = [t for t in year.targets if t.unit in year.groups and force[t.unit, t.indicator] != t]
    if not earlier:
        return ""
    places = {unit: at for at, unit in enumerate(year.groups)}
    rows = ""
    for old in sorted(earlier, key=lambda t: (places[t.unit], t.indicator, t.effective_on)):
        new, show = force[old.unit, old.indicator], measure_of(old.indicator).show
        cells = (
            _name(year, old.unit),
            indicator(old.indicator).label,
            show(old.target),
            f"{old.document_no}，{day(old.effective_on)}起",
            show(new.target),
            f"{new.document_no}，{day(new.effective_on)}起",
        )
        rows += f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>\n"
    cols = "".join(f'<col class="{name}">' for name in ("unit", "name", "value", "paper", "value", "paper"))
    heads = "".join(f"<th>{head}</th>" for head in ("单位", "指标", "原目标", "原依据", "现目标", "现依据"))
    return (
        f'<h3>目标调整</h3>\n<table class="changed"><colgroup>{cols}</colgroup>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table>\n"
    )
