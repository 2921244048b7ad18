"""The workbook of a scored year: ranking with a chart, a sheet per block, targets, ledger, reports, quality, method.

Numbers are numbers, to the six places of the warehouse, shown with two. Equal warehouses give equal bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from flows.contract.text import legal_text
from flows.report.results.figures import place_moves, places, quality
from flows.report.results.scored_year import Row, YearResults

#: The same results give the same bytes, whenever they are written.
_MADE_ON = datetime(2000, 1, 1)  # noqa: DTZ001 (a document property has no zone)
#: Lines that are printed on one page.
_ONE_PAGE = 48
#: What a spreadsheet calls no sheet.
_NO_NAME = str.maketrans("", "", "[]:*?/\\'")
_STATES = {"in_time": "按时", "late": "迟报", "held": "搁置", "missing": "未报"}


def results_workbook(results: YearResults) -> bytes:
    """The workbook as bytes."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        title = f"{results.year}年度综合目标考核结果"
        book.set_properties({"created": _MADE_ON, "title": title})
        pages = _Pages(book, results)
        pages.ranking()
        first = results.ranking[0]["unit_code"]
        blocks = [item for item in results.items[first] if item["parent_id"] is None]
        for block in blocks:
            pages.block(block)
        if results.moves:
            pages.moves()
        pages.targets()
        pages.ledger()
        pages.reports()
        pages.quality()
        if results.highlights:
            pages.highlights()
        pages.method(blocks)
    return out.getvalue()


class _Pages:
    def __init__(self, book: xlsxwriter.Workbook, results: YearResults) -> None:
        self._book, self._results = book, results
        border = {"border": 1, "border_color": "#BFBFBF", "valign": "top"}
        self._head = book.add_format(
            {**border, "bold": True, "bg_color": "#F4EFE6", "text_wrap": True, "valign": "vcenter"}
        )
        self._title = book.add_format({"bold": True, "font_size": 15})
        self._note = book.add_format({"font_color": "#5C5F66"})
        self._text = book.add_format({**border, "text_wrap": True})
        self._whole = book.add_format({**border, "num_format": "#,##0"})
        self._number = book.add_format({**border, "num_format": "#,##0.00"})
        self._rate = book.add_format({**border, "num_format": "0.0%"})
        self._below = book.add_format({"font_color": "#B3261E"})
        self._open = book.add_format({"font_color": "#8A5200"})

    def ranking(self) -> None:
        """总表: places, points, grades, and a bar chart of the totals."""
        results = self._results
        heads = ("名次", "单位", "分组", "组内名次", "总分", "基础分", "加分", "扣分", "等次", "状态")
        more = ("总分下限", "总分上限", "名次区间", "上年名次", "名次变动", "受限情形")
        lines = [
            (
                row["overall_rank"],
                row["name"],
                results.group(row["group_id"]),
                row["group_rank"],
                row["total_points"],
                row["base_points"],
                row["bonus_points"],
                row["deduction_points"],
                row["grade_label"],
                "确定" if row["is_final"] else "暂定",
                row["points_low"],
                row["points_high"],
                places(row),
                row["overall_rank_before"],
                move.places,
                results.gates.get(row["unit_code"]),
            )
            for move in place_moves(results)
            for row in (move.row,)
        ]
        widths = (6, 24, 8, 9, 9, 9, 8, 8, 10, 8, 9, 9, 10, 9, 9, 40)
        sheet = self._sheet("总表", (*heads, *more), widths, lines, f"{results.scheme['label']}")
        last = len(lines) + 2
        sheet.conditional_format(
            3,
            9,
            last,
            9,
            {"type": "cell", "criteria": "==", "value": '"暂定"', "format": self._open},
        )
        chart = self._book.add_chart({"type": "bar"})
        chart.add_series(
            {
                "name": "总分",
                "categories": ["总表", 3, 1, last, 1],
                "values": ["总表", 3, 4, last, 4],
                "fill": {"color": "#C9463D"},
                "gap": 40,
            }
        )
        chart.set_y_axis({"reverse": True, "num_font": {"size": 8}})
        chart.set_x_axis({"major_gridlines": {"visible": True, "line": {"color": "#E4E7EB"}}})
        chart.set_legend({"none": True})
        chart.set_title({"name": f"{results.year}年度总分", "name_font": {"size": 12}})
        chart.set_size({"width": 620, "height": 24 * len(lines) + 90})
        page = self._book.add_worksheet("总分图")
        page.insert_chart(0, 0, chart)
        page.set_paper(9)
        page.fit_to_pages(1, 1)

    def block(self, block: Row) -> None:
        """One block: units down, its items across, in points; the head says what each is worth."""
        results = self._results
        first = results.ranking[0]["unit_code"]
        items = [i for i in results.leaves(first) if i["parent_id"] == block["item_id"]] or [block]
        heads = [f"{i['label']}\n（{i['full_points'].normalize():f}分）" for i in items]
        lines = []
        for row in results.ranking:
            of = {i["item_id"]: i for i in results.items[row["unit_code"]]}
            cells = [of[i["item_id"]]["points"] for i in items if i["item_id"] in of]
            lines.append((row["overall_rank"], row["name"], of[block["item_id"]]["points"], *cells))
        note = f"{block['label']}，满分{block['full_points'].normalize():f}分；颜色由浅到深为本列得分由低到高。空格为未计分。"
        sheet = self._sheet(
            block["label"],
            ("名次", "单位", "合计", *heads),
            (6, 24, 9, *(12 for _ in items)),
            lines,
            note,
            whole=(0,),
        )
        for column in range(2, 3 + len(items)):
            sheet.conditional_format(
                3,
                column,
                len(lines) + 2,
                column,
                {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#ECC9C3"},
            )

    def targets(self) -> None:
        """目标与实绩: a line per unit and item with a target or a figure, what missed it in red."""
        lines = []
        for row in self._results.ranking:
            for item in self._results.leaves(row["unit_code"]):
                lines.append(
                    (
                        row["name"],
                        item["label"],
                        item["measure"],
                        item["target"],
                        item["actual"],
                        item["attainment"],
                        item["points"],
                        item["full_points"],
                        item["state_label"],
                        item["explanation"],
                        item["document_no"],
                    )
                )
        heads = (
            "单位",
            "项目",
            "计量单位",
            "目标",
            "实绩",
            "完成率",
            "得分",
            "满分",
            "状态",
            "怎样算的",
            "目标文号",
        )
        sheet = self._sheet(
            "目标与实绩", heads, (24, 24, 9, 13, 13, 10, 9, 8, 9, 70, 18), lines, "", rate=(5,)
        )
        whole = {"type": "cell", "criteria": "<", "value": 1, "format": self._below}
        sheet.conditional_format(3, 5, len(lines) + 2, 5, whole)

    def ledger(self) -> None:
        """加分与扣分: each application and decision with where it is written."""
        results = self._results
        lines = [
            (
                row["name"],
                entry["entry"],
                entry["matter"],
                entry["claimed"],
                entry["counted"],
                entry["why"],
                entry["document_no"],
                entry["file_name"],
                entry["row_number"],
            )
            for row in results.ranking
            for entry in results.ledger.get(row["unit_code"], ())
        ]
        heads = ("单位", "事项", "内容", "申报或数额", "计入", "处理", "文号", "文件", "行号")
        self._sheet(
            "加分与扣分", heads, (24, 10, 44, 11, 9, 24, 20, 30, 7), lines, "计入为封顶之前。", whole=(8,)
        )

    def reports(self) -> None:
        """报送: every report that was due."""
        names = {row["unit_code"]: row["name"] for row in self._results.ranking}
        lines = [
            (
                names[r.unit],
                r.kind,
                r.period,
                f"{r.due_on}",
                _STATES[r.state],
                r.days_late if r.state == "late" else None,
            )
            for r in self._results.reports
        ]
        heads = ("单位", "报表", "时期", "应报日期", "状态", "迟报天数")
        self._sheet(
            "报送", heads, (24, 30, 14, 12, 9, 9), lines, "应报日期以报送日程为准，获准延期的按延后的日期。"
        )

    def moves(self) -> None:
        """与上次发布比较: whose result differs, and why."""
        names = ("points_before", "points_now", "overall_rank_before", "overall_rank_now")
        more = ("grade_before_label", "grade_now_label", "reasons")
        lines = [(row["name"], *(row[name] for name in (*names, *more))) for row in self._results.moves]
        heads = ("单位", "原总分", "现总分", "原名次", "现名次", "原等次", "现等次", "原因")
        note = f"上次发布的资料收到{self._results.moves[0]['since']}为止；没有列出的单位没有变化。"
        self._sheet("与上次发布比较", heads, (24, 9, 9, 8, 8, 10, 10, 70), lines, note)

    def quality(self) -> None:
        """数据质量: what became of the rows each unit sent."""
        lines = []
        for row in self._results.ranking:
            found = quality(self._results.deliveries.get(row["unit_code"], ()))
            lines.append((row["name"], *found.values()))
        heads = ("单位", "报送件数", "搁置", "读入行数", "采用行数", "退回行数", "采用率")
        note = "采用率＝采用行数÷（采用行数＋退回行数），按本年度生效的表计算；合计、说明和重复的行不算。"
        self._sheet("数据质量", heads, (24, 10, 8, 11, 11, 11, 10), lines, note, rate=(6,))

    def highlights(self) -> None:
        """工作亮点: what each unit did over several years, every indicator."""
        columns = (
            "area_label",
            "indicator_label",
            "value",
            "measure",
            "place",
            "placed",
            "first_year",
            "first_value",
            "last_year",
        )
        years = ("first_year", "last_year")  # no amounts: without thousands
        more = ("last_value", "growth", "moved", "years_risen", "years_first")
        lines = [
            (
                row["name"],
                *(
                    found[name] and str(found[name]) if name in years else found[name]
                    for name in (*columns, *more)
                ),
            )
            for row in self._results.ranking
            for found in self._results.highlights.get(row["unit_code"], ())
        ]
        heads = (
            "单位",
            "板块",
            "指标",
            "数值",
            "计量单位",
            "位次",
            "有数单位",
            "起始年",
            "起始年数值",
            "末年",
            "末年数值",
        )
        ends = ("增长%", "变动百分点", "连续向好年数", "年度第一次数")
        widths = (24, 12, 28, 14, 9, 7, 9, 8, 14, 7, 14, 10, 11, 12, 12)
        span = next(iter(self._results.highlights.values()))[0]["span_label"]
        note = f"{span}；比率为小数；位次在期末的参评单位中排，多少不分好坏的不排；增长%＝末年÷起始年－1，比率看变动百分点。"
        self._sheet("工作亮点", (*heads, *ends), widths, lines, note)

    def method(self, blocks: Iterable[Row]) -> None:
        """说明: of what the results were made, and how to read the sheets."""
        results, scheme = self._results, self._results.scheme
        lines = [
            ("考核办法", f"{scheme['label']}（{scheme['document_no']}）"),
            ("满分", "，".join(f"{b['label']}{b['full_points'].normalize():f}分" for b in blocks)),
            ("结果截止", f"资料收到{results.known_on}为止；考核截止日{scheme['closing_on']}"),
            ("取整", f"总分保留{scheme['total_places']}位小数，其余保留六位，本表显示两位"),
            ("暂定", "还有资料不能确定；全算或全不算时，等次会不同。总分下限、上限和名次区间即这两端"),
            (
                "核对",
                "每一分都可查到单元格：union-assessment trace 单位 项目 --year " + str(results.year),
            ),
        ]
        lines += [("待办", m["message"]) for m in results.open_matters]
        self._sheet("说明", ("项目", "内容"), (12, 100), lines, "")

    def _sheet(
        self,
        name: str,
        heads: Sequence[str],
        widths: Sequence[int],
        lines: Sequence[Sequence[object]],
        note: str,
        whole: Sequence[int] = (),
        rate: Sequence[int] = (),
    ) -> Worksheet:
        """A sheet with title, note, heads in the third row and the lines below; frozen, filtered, ready to print.

        Args:
            name: of the sheet.
            heads: of the columns.
            widths: of the columns, in characters.
            lines: rows of texts and numbers; None leaves a cell empty.
            note: the second row.
            whole: columns of whole numbers though they hold decimals.
            rate: columns of shares of 1.
        """
        sheet = self._book.add_worksheet(name.translate(_NO_NAME)[:31])
        sheet.write_string(0, 0, f"{self._results.year}年度综合目标考核：{name}", self._title)
        sheet.write_string(1, 0, legal_text(note), self._note)
        sheet.set_row(2, 48 if any("\n" in head for head in heads) else 18)
        for at, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(at, at, width)
            sheet.write_string(2, at, legal_text(head), self._head)
        for at, line in enumerate(lines, 3):
            for column, value in enumerate(line):
                self._write(sheet, at, column, value, column in whole, column in rate)
        sheet.freeze_panes(3, 2 if len(heads) > 2 else 0)
        if lines:
            sheet.autofilter(2, 0, len(lines) + 2, len(heads) - 1)
        sheet.repeat_rows(2)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 1 if len(lines) <= _ONE_PAGE else 0)
        sheet.set_footer("&C第 &P 页，共 &N 页")
        return sheet

    def _write(
        self, sheet: Worksheet, at: int, column: int, value: object, is_whole: bool, is_rate: bool
    ) -> None:
        if isinstance(value, bool) or value is None or isinstance(value, str):
            sheet.write_string(at, column, legal_text(str(value or "")), self._text)
        elif isinstance(value, int | Decimal):
            style: Format = self._number if isinstance(value, Decimal) else self._whole
            style = self._whole if is_whole else self._rate if is_rate else style
            sheet.write_number(at, column, float(value), style)
        else:
            raise TypeError(f"{type(value).__name__} in a sheet")
