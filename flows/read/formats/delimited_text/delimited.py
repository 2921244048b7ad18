"""CSV and other delimited text as a grid: fast where the text is plain, exact where it is not.

Blocks of whole lines go through Arrow's parser if every quote stands where it may; else through
Python's strict `csv`, record by record, so that a lost quote costs one line and not the file. Refuses
to repair: a row with too few or too many cells, a broken or stray quote or undecodable bytes is handed on
as irregular, with its line number and its reason; and a text with more columns than any spreadsheet has. Row
numbers are line numbers.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from flows.read.formats.delimited_text.lines import Block, blocks, count_lines, is_long
from flows.read.formats.file_format import HEAD, Sniffed, Source
from flows.read.formats.process.fault import WorkbookError
from flows.read.formats.process.payload import COLUMNS, SheetStructure
from flows.read.grid import HEAD_CELLS, HEAD_ROWS, WHITE, Chunk, Head, IrregularRow, arrays, trim, white_in

#: Lines that are looked at for a header in a text of however many columns.
_HEAD_LEAST = 10
_DELIMITERS = (",", "\t", ";", "|", "，")


class TextGrid:
    """A text file as one nameless sheet."""

    structure = SheetStructure()
    is_text = True

    def __init__(self, source: Source, sniffed: Sniffed, inside: str = "") -> None:
        self._source, self._sniffed = source, sniffed
        self.sheet = self.inside = inside
        self.is_long = is_long(source)
        self.delimiter = _delimiter(self._sample())
        self._lines: int | None = None
        self._last_line: dict[int, int] = {}  # of each record of the head
        self.head: Head = self._head()
        widths = sorted(len(cells) for _, cells in self.head) or [1]
        if widths[len(widths) // 2] > COLUMNS:
            raise WorkbookError("columns_too_many")
        self.width = widths[-1]

    def _sample(self) -> str:
        content = b""
        for block in blocks(self._source, self._sniffed, HEAD):
            content += block.content
            if len(content) >= HEAD:
                break
        return content[:HEAD].decode("utf-8", errors="replace")

    def _head(self) -> list[tuple[int, list[str]]]:
        rows: list[tuple[int, list[str]]] = []
        queue: deque[Block] = deque()
        source, cells_left = blocks(self._source, self._sniffed, HEAD), HEAD_CELLS
        while block := queue.popleft() if queue else next(source, None):
            queue.appendleft(block)
            for number, cells, code, lines in _records(queue, source, self.delimiter, None):
                shown = [] if code == "line_too_long" else cells
                rows.append((number, [cell.strip(WHITE) for cell in shown]))
                self._last_line[number] = number + lines - 1
                cells_left -= len(cells)
                if len(rows) == HEAD_ROWS or (cells_left < 0 and len(rows) >= _HEAD_LEAST):
                    return rows
        return rows

    def has_sparse_lines(self) -> bool:
        """Whether below the first well filled line there is one with nothing but a first cell, or with nothing: only
        about such lines can another table begin that is not noticed while the first is read."""
        dense = next((row for row, cells in self.head if sum(map(bool, cells)) > 2), None)
        if dense is None or len(self.delimiter.encode()) > 1:
            return True
        for block in blocks(self._source, self._sniffed):
            below = block.below(self._last_line.get(dense, dense))
            if below.content and _sparse(below.content, ord(self.delimiter)):
                return True
        return False

    def body(self, after: int, width: int) -> Iterator[Chunk]:
        """Chunks of the rows below the record that begins in line `after`."""
        after = self._last_line.get(after, after)
        queue: deque[Block] = deque()
        source = blocks(self._source, self._sniffed)
        lines = 0
        while True:
            block = queue.popleft() if queue else next(source, None)
            if block is None:
                self._check(lines)
                return
            whole, block = block.lines, block.below(after)
            lines += whole - block.lines
            if not block.content:
                continue
            chunk = (
                None
                if block.bad or not _quotes_fit(block.content, self.delimiter)
                else self._fast(block, width)
            )
            if chunk is None:
                queue.appendleft(block)
                chunk, taken = self._slow(queue, source, width)
            else:
                taken = block.lines
            lines += taken
            yield chunk

    def _check(self, lines: int) -> None:
        """Every line of the file was in a record or passed over by name: counted apart, on the bytes."""
        if self._lines is None:
            self._lines = count_lines(self._source, self._sniffed)
        if lines != self._lines:
            raise RuntimeError(f"{self._lines} lines in the file, {lines} read")

    def _fast(self, block: Block, width: int) -> Chunk | None:
        """Arrow's parser; rows of another width come back as text and keep their line number."""
        odd: list[tuple[int, str]] = []

        def keep(row: pacsv.InvalidRow) -> str:
            odd.append((row.number, row.text))
            return "skip"

        names = [f"c{i}" for i in range(width)]
        try:
            table = pacsv.read_csv(
                pa.BufferReader(block.content),
                read_options=pacsv.ReadOptions(
                    use_threads=False, column_names=names, block_size=len(block.content) + 1
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=self.delimiter,
                    ignore_empty_lines=False,
                    newlines_in_values=False,
                    invalid_row_handler=keep,
                ),
                convert_options=pacsv.ConvertOptions(
                    check_utf8=False,
                    column_types=dict.fromkeys(names, pa.string()),
                    strings_can_be_null=True,
                    null_values=[""],
                ),
            )
        except (pa.ArrowInvalid, UnicodeDecodeError):
            return None
        if table.num_rows + len(odd) != block.lines:
            return None
        numbers = np.arange(block.first_line, block.first_line + block.lines, dtype=np.int32)
        if odd:
            numbers = np.delete(numbers, [number - 1 for number, _ in odd])
        columns = [_one(column) for column in table.columns]
        if white_in(block.content, block.end_bytes):
            columns = [trim(column) for column in columns]
        irregular = []
        for number, text in odd:
            try:
                cells = next(csv.reader([text], delimiter=self.delimiter), [])
            except csv.Error:
                return None  # the exact parser has the word for it
            if len(cells) > width and self._ends_blank(cells, width):
                return None  # the exact parser takes the row
            irregular += _irregular(block.first_line + number - 1, cells, "row_ragged")
        return Chunk(numbers, columns, irregular)

    def _ends_blank(self, cells: Sequence[str], width: int) -> bool:
        """Whether a row has only blank cells too many, and so have others of the file: that is how its program
        writes. A single row that is longer may as well be shifted by a cell too many in its middle."""
        if any(cell.strip(WHITE) for cell in cells[width:]):
            return False
        longer = sum(1 for _, row in self.head if len(row) > width and not any(row[width:]))
        return longer * 5 >= len(self.head)

    def _slow(self, queue: deque[Block], source: Iterator[Block], width: int) -> tuple[Chunk, int]:
        """Python's parser up to the first record border at or after the end of the first block; lines taken."""
        numbers: list[int] = []
        rows: list[list[str]] = []
        irregular: list[IrregularRow] = []
        taken = 0
        for number, cells, code, lines in _records(queue, source, self.delimiter, width):
            taken += lines
            if code:
                irregular += _irregular(number, cells, code)
            elif len(cells) == width:
                numbers.append(number)
                rows.append(cells)
            elif len(cells) > width and self._ends_blank(cells, width):
                numbers.append(number)
                rows.append(cells[:width])
            else:
                irregular += _irregular(number, cells, "row_ragged")
        return Chunk(np.array(numbers, dtype=np.int32), arrays(rows, width), irregular), taken


def _sparse(content: bytes, delimiter: int) -> bool:
    """Whether any line has no cell after its first: behind the first delimiter there are only more of them. Where
    blank cells are quoted, nobody looks closer."""
    if b'""' in content:
        return True
    data = np.frombuffer(content, dtype=np.uint8)
    ends = np.flatnonzero(data == 10)
    starts = np.concatenate(([0], ends[:-1] + 1))
    ends = ends - (data[np.maximum(ends - 1, 0)] == 13)
    found = np.flatnonzero(data == delimiter)
    first = np.searchsorted(found, starts)
    count = np.searchsorted(found, ends) - first
    if (count == 0).any():
        return True
    return bool((ends - found[first] == count).any())


def _one(column: pa.ChunkedArray) -> pa.StringArray:
    return (
        column.chunk(0)
        if column.num_chunks == 1
        else pa.concat_arrays(column.chunks)
        if column.num_chunks
        else pa.array([], pa.string())
    )


def _irregular(number: int, cells: list[str], code: str) -> list[IrregularRow]:
    """A blank row is no finding, however many cells it has."""
    trimmed = tuple(cell.strip(WHITE) for cell in cells)
    return [IrregularRow(number, trimmed, code)] if any(trimmed) or code != "row_ragged" else []


def _quotes_fit(content: bytes, delimiter: str) -> bool:
    """Whether every quote opens a cell, closes one or is doubled inside one, and no cell has a line break.

    Counting from 0, even quotes open: before them is a delimiter, a line end or the quote they double;
    after odd ones the same. Arrow's parser alters text where this does not hold.
    """
    if b'"' not in content:
        return len(delimiter) == 1 and delimiter.isascii()
    if not delimiter.isascii():
        return False
    data = np.frombuffer(content, dtype=np.uint8)
    quotes = np.flatnonzero(data == 34)
    if len(quotes) % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    before = data[np.maximum(opening - 1, 0)]
    after = data[np.minimum(closing + 1, len(data) - 1)]
    borders = np.zeros(256, dtype=bool)
    borders[[ord(delimiter), 10, 13, 34]] = True
    if not ((opening == 0) | borders[before]).all() or not borders[after].all():
        return False
    ends = np.flatnonzero(data == 10)
    return bool((np.searchsorted(ends, opening) == np.searchsorted(ends, closing)).all())


def _records(
    queue: deque[Block], source: Iterator[Block], delimiter: str, width: int | None
) -> Iterator[tuple[int, list[str], str, int]]:
    """(line, cells, code, lines) for each record of the first block, pulling blocks while a record runs on.

    Lines of a pulled block that the last record left over stay in the queue. The code is '' or the reason
    for which the line is unreadable; after a broken quote reading goes on at the very next line.
    """
    block = queue.popleft()
    lines = block.texts()
    first, bad, own = block.first_line, dict(block.bad), len(lines)
    at = 0
    while at < own:
        start = at

        def feed() -> Iterator[str]:
            nonlocal at
            while True:
                if at == len(lines):
                    following = queue.popleft() if queue else next(source, None)
                    if following is None:
                        return
                    lines.extend(following.texts())
                    bad.update(following.bad)
                at += 1
                yield lines[at - 1] + "\n"

        reader = csv.reader(feed(), delimiter=delimiter, strict=True)
        while start < own:
            if start + first in bad:
                at = start + 1
                yield start + first, lines[start].split(delimiter), bad[start + first], 1
                break
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:  # a quote that is out of place or not closed, or more than any cell holds
                cells = None
            record = lines[start:at]
            if (
                cells is None
                or (len(record) > 1 and _runs_on(record, cells, delimiter, width))
                or (len(cells) > 1 and any('"' in line for line in record) and _is_stray(record, delimiter))
            ):
                at = start + 1
                code = "row_misquoted" if '"' in lines[start] else "cell_too_long"
                yield start + first, lines[start].split(delimiter), code, 1
                break
            yield start + first, cells, "", at - start
            start = at
    if at < len(lines):
        rest = "\n".join(lines[at:]) + "\n"
        queue.appendleft(
            Block(rest.encode("utf-8"), first + at, {n: c for n, c in bad.items() if n >= first + at})
        )


def _runs_on(lines: list[str], cells: list[str], delimiter: str, width: int | None) -> bool:
    """Whether a record of several lines is rather a lost quote: wrong width, or a whole record inside."""
    if width is None:
        return len(lines) > 50
    return len(cells) != width or (
        width > 2 and any(line.count(delimiter) >= width - 1 and '"' not in line for line in lines[1:-1])
    )


def _is_stray(lines: list[str], delimiter: str) -> bool:
    """Whether a quote stands in a cell that is not quoted, without another in the same cell.

    Of `x"y,z"` nobody knows whether it is one cell or two, and of a single one where its fellow was lost.
    """
    border = re.escape(delimiter)
    quoted = rf'(?:\A|(?<={border}))"[^"]*(?:""[^"]*)*"(?=\Z|{border})'
    return any(cell.count('"') % 2 for cell in re.sub(quoted, "", "\n".join(lines)).split(delimiter))


def _delimiter(text: str) -> str:
    """The separator that gives most lines the same, largest number of cells; a comma if none does."""
    best, best_score = ",", 0
    lines = [line for line in text.splitlines()[:60] if line.strip()]
    for delimiter in _DELIMITERS:
        counts = [
            len(row) for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter) if len(row) > 1
        ]
        if counts:
            common = max(set(counts), key=lambda n: (counts.count(n), n))
            score = counts.count(common) * (common - 1)
            if score > best_score:
                best, best_score = delimiter, score
    return best
