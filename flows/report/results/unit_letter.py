"""A unit's 成绩单: what it reached and lacks, what would lift it, what arrived and how to object, on one or two pages.

The office owns the words: `data/letter/成绩单.docx` is a Word document with tags, and what the tags may say is listed beside it.
What this module owns is that no number gets in without the key by which `trace` leads it back to cells: a value is `Traced`
with its key, or it is a `Label` (a name, a day, a number of a document); any other value with a digit in it, and a key that
the template does not print, is refused.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
from docxtpl import DocxTemplate

from flows.audit.trace_subject import TOTAL
from flows.contract.catalogue import ROOT
from flows.report.printed.scheme_targets import day
from flows.report.results.figures import (
    amount,
    best_items,
    lost_items,
    places,
    points,
    quality,
    unsettled_items,
)
from flows.report.results.scored_year import Report, Row, YearResults
from flows.warehouse.books import ClosedBook

TEMPLATE = Path("data") / "letter" / "成绩单.docx"
_MADE_ON = (1980, 1, 1, 0, 0, 0)
_DIGIT = re.compile(r"\d")


class LetterError(RuntimeError):
    """The template cannot be filled as it is: a number without its key, an unknown tag, no Word document."""


class Label(str):
    """A text in which digits are part of a name, a day or a document's number."""

    __slots__ = ()


class Key(str):
    """What `trace` takes: an item of the scheme, or the total."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Traced:
    """A number as it is read, and the key that leads it back to cells."""

    text: str
    key: str


class _Keys:
    """The keys that what was written so far needs, and those that were printed."""

    def __init__(self) -> None:
        self.needed: dict[str, str] = {}
        self.printed: set[str] = set()

    def text(self, value: object) -> str:
        """A value as it is written; `LetterError` for a number that leads nowhere."""
        if isinstance(value, Traced):
            if _DIGIT.search(value.text):
                self.needed.setdefault(value.key, value.text)
            return value.text
        if isinstance(value, Key):
            self.printed.add(str(value))
        elif not isinstance(value, Label) and _DIGIT.search(str(value)):
            raise LetterError(f"“{value}”没有查询码 ({value!r} has no key that trace takes)")
        return str(value)

    def check(self) -> None:
        """`LetterError` for a number whose key stands nowhere."""
        if lost := sorted(set(self.needed) - self.printed):
            shown = "、".join(f"{self.needed[key]}（{key}）" for key in lost)
            raise LetterError(f"没有印出查询码：{shown} (numbers without their keys)")


def unit_letter(results: YearResults, unit: str, root: Path = ROOT) -> bytes:
    """The letter of a unit as a Word document; equal results give equal bytes. Raises `LetterError`."""
    path, written, said = root / TEMPLATE, _Keys(), _said(results, unit)
    pages = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, finalize=written.text)
    try:
        document = DocxTemplate(str(path))
        document.render(said, pages)
        written.check()
        out = io.BytesIO()
        document.save(out)
    except Exception as error:  # whatever Word, XML or template libraries say of a document of the office's
        raise LetterError(
            f"{path}：成绩单模板不能用：{error}；可用的标签见同一文件夹的 README.md"
            f" / this template cannot be filled: the tags are listed in README.md beside it"
        ) from error
    return _packed(out)


def _said(results: YearResults, unit: str) -> Mapping[str, Any]:
    """What the tags of the template say."""
    row = next(row for row in results.ranking if row["unit_code"] == unit)

    def total(text: str) -> Traced:
        return Traced(text, TOTAL)

    reports = [report for report in results.reports if report.unit == unit]
    late, objections = [r for r in reports if r.state == "late"], results.objections
    until = results.preview.manifest.until if results.preview else objections.until if objections else None
    return {
        "单位": Label(row["name"]),
        "简称": Label(row["short_name"] or row["name"]),
        "年度": Label(results.year),
        "办法": Label(results.scheme["label"]),
        "文号": Label(results.scheme["document_no"]),
        "总分": total(points(row["total_points"])),
        "基础分": total(points(row["base_points"])),
        "加分": total(points(row["bonus_points"])),
        "扣分": total(points(row["deduction_points"])),
        "总名次": total(str(row["overall_rank"])),
        "分组": Label(results.group(row["group_id"])),
        "组名次": total(str(row["group_rank"])),
        "名次区间": total(places(row)),
        "等次": row["grade_label"],
        "最低等次": row["grade_worst_label"],
        "最高等次": row["grade_best_label"],
        "最低总分": total(points(row["points_low"])),
        "最高总分": total(points(row["points_high"])),
        "已确定": row["is_final"],
        "总分查询码": Key(TOTAL),
        "限制": Label(results.gates.get(unit, "")),
        "板块": [_item(results, i) for i in results.items[unit] if not i["is_leaf"] and not i["parent_id"]],
        "较好": [_item(results, i) for i in best_items(results, unit)],
        "待改进": [_item(results, i) for i in lost_items(results, unit)],
        "未报": [_report(results, r) for r in reports if r.state == "missing"],
        "搁置": [_report(results, r) for r in reports if r.state == "held"],
        "迟报": [
            {
                "应报日": Label(day(due_on)),
                "报表": Label("、".join(_report(results, r) for r in late if r.due_on == due_on)),
            }
            for due_on in sorted({r.due_on for r in late})
        ],
        "待定": [_item(results, i) for i in unsettled_items(results, unit)],
        "报送": [_deliveries(row) for row in results.deliveries.get(unit, ())],
        "申诉截止": Label(day(until)) if until else None,
        "申诉受理": Label(objections.to) if objections else None,
        **_book(results.book),
        "资料截至": Label(day(results.known_on)) if isinstance(results.known_on, date) else None,
    }


def _book(book: ClosedBook | None) -> Mapping[str, Label]:
    """Where the year's results are kept; all are empty before there is a book or a preview."""
    if book is None:
        return dict.fromkeys(("账册", "预览", "清单指纹", "公钥指纹"), Label())
    is_book = book.manifest.kind == "book"
    return {
        "账册": Label(book.name if is_book else ""),
        "预览": Label("" if is_book else book.label),
        "清单指纹": Label(book.manifest_hash),
        "公钥指纹": Label(book.manifest.signed_by[:32] if book.manifest.signed_by else "（未签名）"),
    }


def _report(results: YearResults, report: Report) -> Label:
    """A kind of report, with its period where that is not the year."""
    is_whole = report.period == f"{results.year}年"
    return Label(report.kind if is_whole else f"{report.kind}（{report.period}）")


def _item(results: YearResults, item: Row) -> Mapping[str, Any]:
    """An item of the scheme as a row of the letter."""
    key = item["item_id"]

    def number(text: str) -> Traced:
        return Traced(text, key)

    measure = "" if item["measure"] in (None, "比率") else item["measure"]
    lift = results.lifts.get((item["unit_code"], key))
    earned, full = item["points"], item["full_points"]
    return {
        "名称": Label(item["label"]),
        "目标": number(amount(item["target"], item["measure"])),
        "实绩": number(amount(item["actual"], item["measure"])),
        "计量单位": measure,
        "得分": number(item["state_label"] if earned is None else points(earned)),
        "满分": number(points(full)),
        "失分": number(points(None if earned is None else full - earned)),
        "位次": number(str(item["place"] or "－")),
        "说明": number(item["explanation"] or ""),
        "怎样提高": number(str(lift) if lift else "—"),
        "最低得分": number(points(item["points_low"])),
        "最高得分": number(points(item["points_high"])),
        "查询码": Key(key),
    }


def _deliveries(row: Row) -> Mapping[str, Any]:
    """What arrived of one kind: files and rows; the key is the numbers of the deliveries."""
    found, key = quality([row]), "、".join(map(str, row["delivery_ids"]))

    def number(text: object) -> Traced:
        return Traced(str(text), key)

    return {
        "报表": Label(row["record_label"]),
        "件数": number(found["deliveries"]),
        "采用行数": number(f"{found['rows_accepted']:,}"),
        "退回行数": number(f"{found['rows_rejected']:,}"),
        "搁置": number(found["held"]),
        "报送编号": Key(key),
    }


def _packed(saved: io.BytesIO) -> bytes:
    """The package without the moment at which it was saved."""
    out = io.BytesIO()
    with zipfile.ZipFile(saved) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            after.writestr(zipfile.ZipInfo(part.filename, _MADE_ON), before.read(part), zipfile.ZIP_DEFLATED)
    return out.getvalue()
