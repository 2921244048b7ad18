"""What goes wrong on the way: late corrections, withdrawn files, zero reports, junk, wrong folders.

Each mishap is made from tables that are right, so that the truth stays known: a correction is the
right table and what came before it lacked rows; a withdrawn file came last and counts for nothing.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from flows.sample import packing, sheets
from flows.sample.filler import KeyReader
from flows.sample.intent import PlannedFile, PlannedRow, PlannedTable
from flows.sample.senders import Sender

#: Kinds whose rows carry a full key of their own, so that telling them twice is seen.
TWICE_TOLD = ("mediation", "tripartite_meeting", "library", "training_held")


def happen(sender: Sender, files: list[PlannedFile]) -> list[PlannedFile]:
    """More files of a unit, made from those that it sends anyway; may change the earlier ones."""
    out: list[PlannedFile] = []
    for file in files:
        mishap = _Mishap(sender, file, sender.dice(file.name, "mishap"))
        out += mishap.happen()
        mishap.spoil()
    return out


class _Mishap:
    """What may happen to one file."""

    def __init__(self, sender: Sender, file: PlannedFile, dice: Random) -> None:
        self._sender, self._file, self._dice = sender, file, dice

    def happen(self) -> list[PlannedFile]:
        """At most one of the mishaps: nothing is wrong with most files."""
        mishaps = [self._corrected] * 3 + [self._withdrawn, self._half_year] * 2
        mishaps += [self._zero, self._unknown_header, self._tie, self._column_missing]
        draw = self._dice.randrange(50)
        return mishaps[draw]() if draw < len(mishaps) else []

    def _table(self) -> PlannedTable:
        """One of the file's tables, of some rows and no register if there is one."""
        chosen = [t for t in self._file.tables if len(t.rows) > 2 and not t.record.snapshot]
        return self._dice.choice(chosen) if chosen else self._file.tables[0]

    def _later(self, table: PlannedTable, days: int, suffix: str) -> PlannedFile:
        """A CSV of one table that comes some days after the file."""
        received = self._file.received + timedelta(days=days)
        return packing.csv_file(self._sender, table, received, self._dice, suffix)

    def _half(self, table: PlannedTable, rows: list[PlannedRow], first: date, last: date) -> PlannedTable:
        """Rows in a table of another period, which its title tells."""
        half = packing.table_of(self._sender, table.record, rows, first, last, self._dice)
        half.style.title = True
        return half

    def _corrected(self) -> list[PlannedFile]:
        """The first version lacked a third of its rows; the correction, weeks later, replaces it whole."""
        table = self._table()
        right = _copied(table, list(table.rows))
        told_twice = {row.ident for row in table.rows if row.fate == "duplicate"}
        table.rows = [r for n, r in enumerate(table.rows) if n % 3 or r.ident in told_twice]
        return [self._later(right, 30 + self._dice.randrange(20), "（更正）")]

    def _withdrawn(self) -> list[PlannedFile]:
        """A later version with half of the rows, sent by mistake and taken back."""
        table = self._table()
        half = _copied(table, table.rows[: len(table.rows) // 2])
        late = self._later(half, 60 + self._dice.randrange(9), "（误报）")
        late.withdrawn = "误报，已函告撤回"
        return [late]

    def _zero(self) -> list[PlannedFile]:
        """A form without a row: nothing to report in the half-year before the unit's first year here."""
        empty = self._half(self._dice.choice(self._file.tables), [], date(2010, 1, 1), date(2010, 6, 30))
        return [self._later(empty, 1 + self._dice.randrange(5), "（零报告）")]

    def _unknown_header(self) -> list[PlannedFile]:
        """The same again with a column that nobody knows: the column is held, the rows count."""
        table = self._table()
        odd = _copied(table, list(table.rows))
        odd.extra_header = "自定义栏"
        return [self._later(odd, 75 + self._dice.randrange(9), "（补充）")]

    def _column_missing(self) -> list[PlannedFile]:
        """A table without a column that it should have, taken back when the clerk saw what it left open."""
        table = self._table()
        short = _copied(table, table.accepted()[:3])
        known = set(table.record.recognise.columns)
        spare = [c.name for c in table.record.read_columns if c.required and c.name not in known]
        if not spare:
            return []
        short.columns = tuple(c.name for c in sheets.columns_of(short) if c.name != spare[0])
        late = self._later(short, 80 + self._dice.randrange(9), "（缺列）")
        late.withdrawn = "缺列，补齐后另报"
        return [late]

    def _half_year(self) -> list[PlannedFile]:
        """The half-year told before the whole year: different periods add, so what is told twice must be seen."""
        out = []
        for table in [t for t in self._file.tables if t.record.record in TWICE_TOLD and t.last.month == 12]:
            key, last = KeyReader(table.record), date(table.first.year, 6, 30)
            early = [r for r in table.accepted() if r.day <= last]
            if early and all(key.of(r.values) for r in early):
                half, received = self._half(table, early, table.first, last), last + timedelta(days=15)
                out.append(packing.csv_file(self._sender, half, received, self._dice))
        return out

    def _tie(self) -> list[PlannedFile]:
        """Two files of one day for one slot that differ: nobody can know which counts, so neither does."""
        table, out = self._table(), []
        # A library that is built later is no part of an earlier list.
        for n, suffix in enumerate(("（定稿）", "（最终）") if table.record.record != "library" else (), 1):
            half = self._half(table, table.rows[:n], date(2010, 7, 1), date(2010, 12, 31))
            half.held = "slot_tie"
            out.append(self._later(half, 90, suffix))
        return out

    def spoil(self) -> None:
        """A line told twice, a line that must be rejected, in tables of the smaller units."""
        for table in self._file.tables:
            rows, dice = table.accepted(), self._dice
            if not rows or len(table.rows) > 200 or dice.random() > 0.08:
                continue
            row = dice.choice(rows)
            required = [c.name for c in table.record.read_columns if c.required]
            if dice.random() < 0.5 and KeyReader(table.record).of(row.values) is not None:
                table.rows.append(replace(row, fate="duplicate", issues=("duplicate_row",), shares=()))
            elif required:
                bad = replace(row, fate="rejected", issues=("missing",), shares=(), ident="")
                bad.values = row.values | {dice.choice(required): None}
                table.rows.append(bad)


def _copied(table: PlannedTable, rows: list[PlannedRow]) -> PlannedTable:
    return PlannedTable(table.record, table.first, table.last, table.title, rows, copy(table.style))


def junk() -> list[PlannedFile]:
    """Files that nobody can read and a folder that nobody knows: one issue each, the others go on."""
    files: list[PlannedFile] = []
    for sender, folder, name, content, problem in (
        ("", "无名单位", "2014年度劳动争议调解台账.csv", "案号\r\n1\r\n".encode(), "sender_unknown"),
        ("yongchuan", "永川区", "说明.docx", b"PK\x03\x04 not a sheet", "workbook_broken"),
        ("yongchuan", "永川区", "空文件.csv", b"", "file_empty"),
        ("wanzhou", "万州区", "扫描件.xlsx", bytes(range(256)) * 8, "file_binary"),
        ("wanzhou", "万州区", "2013年度乱码.csv", b"\xff\xfe\x00\xd8" * 40, "encoding_unknown"),
    ):
        day = date(2015, 3, 2 + len(files))
        files.append(PlannedFile(day, sender, folder, name, chunks=[content], problems=(problem,)))
    return files
