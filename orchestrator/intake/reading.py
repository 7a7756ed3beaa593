"""A file of any make -> its sheets, each a stream of raw rows with the line numbers a person sees.

What a file is, its first bytes say, not its name: HTML or CSV is often named .xls. CSV streams; workbooks and HTML are read whole.
"""

import codecs
import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from orchestrator.intake.cells import Cell
from orchestrator.intake.markup import Grid, html_grids, spreadsheet_ml_grids
from orchestrator.intake.rows import RawRow, Unreadable

MOST_WORKBOOK_ROWS = 200_000
"""A workbook is held in memory whole (about 1.4 kB a row); above this it must come as CSV, which streams."""

_ENCODINGS = ("utf-8-sig", "gb18030")
_UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_DELIMITERS = ",;\t|"
_CHUNK = 1 << 20
_LONGEST_CELL = 1 << 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file. `rows` can be gone through once."""

    name: str
    rows: Iterator[RawRow]


def open_sheets(path: Path) -> Iterator[Sheet]:
    """The sheets of a workbook, the tables of an HTML page, or the one sheet of a CSV file. Raises Unreadable."""
    try:
        with path.open("rb") as file:
            head = file.read(8192)
    except OSError as error:
        raise Unreadable(f"cannot read {path.name}: {error.strerror} 无法读取文件") from None
    if not head.strip():
        raise Unreadable(f"{path.name} is empty 文件为空")
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x09\x08")):
        return _workbook_sheets(path)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:512].lower()
    if start.startswith((b"<?xml", b"<workbook")) and b"<workbook" in head.lower():
        return _grids(spreadsheet_ml_grids(path.read_bytes()), path)
    if start.startswith(b"<") and any(tag in head.lower() for tag in (b"<html", b"<table", b"<!doctype", b"<head", b"<meta", b"<body")):
        return _grids(html_grids(_decoded(path)), path)
    return iter((Sheet("", _csv_rows(path, _encoding(path))),))


def _workbook_sheets(path: Path) -> Iterator[Sheet]:
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(path.read_bytes()))  # by its content; from a path it would believe the name
    except PasswordError:
        raise Unreadable(f"{path.name} is protected by a password 文件有密码: save it without one") from None
    except (CalamineError, OSError) as error:
        raise Unreadable(f"{path.name} is not a workbook that can be read 无法识别的工作簿 ({error}): save it as .xlsx or CSV") from None
    visible = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet
    ]
    return (Sheet(name, _workbook_rows(_loaded(workbook, name, path))) for name in visible)


def _loaded(workbook: CalamineWorkbook, name: str, path: Path) -> CalamineSheet:
    try:
        sheet = workbook.get_sheet_by_name(name)
    except CalamineError as error:
        raise Unreadable(f"sheet {name} of {path.name} cannot be read 工作表损坏 ({error}): save the file again as .xlsx") from None
    if sheet.height > MOST_WORKBOOK_ROWS:
        raise Unreadable(f"sheet {name} has {sheet.height:,} rows; above {MOST_WORKBOOK_ROWS:,} save it as CSV 行数过多, 请另存为CSV")
    return sheet


def _workbook_rows(sheet: CalamineSheet) -> Iterator[RawRow]:
    if sheet.start is None:
        return
    left = sheet.start[1]
    merged = _merged_from(sheet, left)
    anchors: dict[tuple[int, int], Cell] = {}
    for number, cells in enumerate(sheet.iter_rows()):
        row: list[Cell] = list(cells)
        spanned = _fill(row, number, merged.get(number, {}), anchors) if merged else frozenset()
        yield RawRow(sheet.name, number + 1, row, spanned)


def _merged_from(sheet: CalamineSheet, left: int) -> Mapping[int, Mapping[int, tuple[int, int]]]:
    """For each row, its columns that lie in a merged range, and the range's first cell. Columns count from the first used one."""
    merged: dict[int, dict[int, tuple[int, int]]] = {}
    for (first_row, first_column), (last_row, last_column) in sheet.merged_cell_ranges or ():
        anchor = (first_row, first_column - left)
        for row in range(first_row, min(last_row, sheet.total_height) + 1):
            of_row = merged.setdefault(row, {})
            of_row.update(dict.fromkeys(range(first_column - left, min(last_column - left, sheet.width) + 1), anchor))
    return merged


def _fill(row: list[Cell], number: int, merged: Mapping[int, tuple[int, int]], anchors: dict[tuple[int, int], Cell]) -> frozenset[int]:
    spanned = []
    for column, anchor in merged.items():
        if column >= len(row):
            continue
        if anchor == (number, column):
            anchors[anchor] = row[column]
        else:
            row[column] = anchors.get(anchor)
            if anchor[0] != number:
                spanned.append(column)
    return frozenset(spanned)


def _grids(grids: Iterator[Grid], path: Path) -> Iterator[Sheet]:
    for grid in grids:
        if len(grid.rows) > MOST_WORKBOOK_ROWS:
            raise Unreadable(f"{path.name} has {len(grid.rows):,} rows; above {MOST_WORKBOOK_ROWS:,} save it as CSV 行数过多, 请另存为CSV")
        rows = (RawRow(grid.name, line, cells, spanned) for line, (cells, spanned) in enumerate(grid.rows, 1))
        yield Sheet(grid.name, rows)


def _decoded(path: Path) -> str:
    return path.read_bytes().decode(_encoding(path))


def _encoding(path: Path) -> str:
    """UTF-8 (with or without its mark), UTF-16 by its mark, GB18030: the first that fits every byte."""
    with path.open("rb") as file:
        mark = file.read(2)
    if mark in _UTF16_MARKS:
        return _UTF16_MARKS[mark]
    for encoding in _ENCODINGS:
        if _fits(path, encoding):
            return encoding
    raise Unreadable(f"{path.name} is neither UTF-8 nor GB18030 text 编码无法识别: save it as CSV UTF-8")


def _fits(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _csv_rows(path: Path, encoding: str) -> Iterator[RawRow]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=encoding, newline="") as file:
        delimiter = _delimiter([line for line, _ in zip(file, range(50), strict=False)])
        file.seek(0)
        lines = (line.replace("\0", "") for line in file)
        reader = csv.reader(lines, delimiter=delimiter)
        line = 1
        try:
            for cells in reader:
                yield RawRow("", line, cells)
                line = reader.line_num + 1
        except csv.Error as error:
            raise Unreadable(f"{path.name}, line {line}: not CSV ({error}) 格式错误: check the quotes there") from None


def _delimiter(lines: list[str]) -> str:
    """The one that cuts most lines into the same number of parts, and into more than one."""

    def regularity(delimiter: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1]
        return (max(map(counts.count, set(counts))), max(counts)) if counts else (0, 0)

    return max(_DELIMITERS, key=regularity)
