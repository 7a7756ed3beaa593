"""A file -> its data rows with their layout: the sheets that hold data found, headings, totals, footers and blank rows left out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

from orchestrator.intake.cells import Cell, CellError, money, text
from orchestrator.intake.headings import phrases
from orchestrator.intake.layout import HEAD, Found, Lacking, Layout, locate, nearest
from orchestrator.intake.reading import Sheet, open_sheets
from orchestrator.intake.rows import Kind, Options, RawRow, Unreadable
from orchestrator.intake.sections import Section, entered, section_of

_TOTAL = re.compile(
    r".*(?:[小合总總累共][计計](?:金[额額])?)(?:[(（].*)?[:：]?|共\s*\d+\s*[户戶条笔].*|[承接转过轉過][上前下次][页頁].*"
    r"|(?:sub|grand)?[ -]?totals?(?: (?:for|of|due)\b.*)?:?|.*\b(?:sub)?totals?:?",
    re.IGNORECASE,
)
_TOTAL_MARK = re.compile(r"[计計共页頁]|otal|OTAL")
_TIGHT = re.compile(r"(?<=[一-鿿])\s+(?=[一-鿿])")
_FOOTER = re.compile(
    r"(?:制表|审核|复核|打印|导出|经办|操作员|财务|收费员|备注|说明|注)\S{0,4}\s*[:：]|第\s*\d+\s*页|共\s*\d+\s*页"
    r"|(?:prepared|printed|created) (?:by|on)|page \d",
    re.IGNORECASE,
)
_MONEY = ("amount", "unpaid", "paid", "waived", "late_fee", "debit", "area")
_CARRIED = {
    "home": (
        ("house", "room", "payer"),
        ("community", "phase", "building", "entrance", "room", "house", "payer", "phone", "identity", "address", "area", "use"),
    ),
    "building": (("building",), ("phase", "building", "entrance")),
    "community": (("community",), ("community",)),
}
"""What stands for a part of the home being written on a row, and what comes from the row above where it is not."""
_REMARKS = ("note", "memo", "description")


@dataclass(frozen=True, slots=True)
class DataRow:
    """One data row and how to read it. `section` is what a line above a group of rows states for all of them."""

    layout: Layout
    raw: RawRow
    section: Section = field(default_factory=dict)

    def cell(self, name: str) -> Cell:
        """A field's cell, the first filled one where several columns hold it, else its section's; None where neither is there.

        Money that only stands there because its cell was merged from above counts once, on the row it stands in.
        """
        numbers = self.layout.columns.get(name, ())
        cells = self.raw.cells
        found: Cell = None
        for number in numbers:
            if number < len(cells) and not (self.raw.spanned and name in _MONEY and number in self.raw.spanned):
                found = cells[number]
                if len(numbers) == 1 or text(found):
                    break
        return found if not self.section or text(found) else self.section.get(name, found)

    def texts(self, name: str) -> list[str]:
        """The filled cells of a field that may stand in several columns."""
        cells = (self.raw.cells[number] for number in self.layout.columns.get(name, ()) if number < len(self.raw.cells))
        own = [said for cell in cells if (said := text(cell))]
        return own or [self.section[name]] if name in self.section else own

    def heading(self, name: str) -> str:
        return self.layout.heading(name)


def data_rows(path: Path, kind: Kind, options: Options) -> Iterator[DataRow]:
    """Every data row of a file, in order. Raises Unreadable: no heading row, or a needed column lacking."""
    for layout, rows in _tables(path, kind, options):
        yield from _carrying(layout, _sectioned(layout, rows))


def _sectioned(layout: Layout, rows: Iterator[RawRow]) -> Iterator[DataRow]:
    """The data rows, each with what the lines between them state for the rows below."""
    section = layout.section
    for raw in rows:
        said = {number: value for number, cell in enumerate(raw.cells) if (value := text(cell))}
        if not said:
            continue
        if layout.kind == "arrears" and _may_be_section(said) and (stated := section_of(said.values(), layout.columns)):
            section = entered(section, stated)
        elif _is_data(row := DataRow(layout, raw, section), said):
            yield row


def _may_be_section(said: Mapping[int, str]) -> bool:
    first = next(iter(said.values()))
    return ":" in first or all(value == first for value in said.values())


def _carrying(layout: Layout, rows: Iterator[DataRow]) -> Iterator[DataRow]:
    """Rows with what their sheet writes only once, on the first of several, filled in from above."""
    if not layout.carried:
        yield from rows
        return
    above: dict[int, Cell] = {}
    section = layout.section
    for row in rows:
        if row.section is not section:
            above, section = {}, row.section
        blank = [name for name in layout.carried if not any(_own(row, each) for each in _CARRIED[name][0])]
        numbers = [number for name in blank for each in _CARRIED[name][1] for number in layout.columns.get(each, ())]
        cells = list(row.raw.cells)
        for number in numbers:
            if number < len(cells) and not text(cells[number]):
                cells[number] = above.get(number)
        yield replace(row, raw=replace(row.raw, cells=cells))
        above = dict(enumerate(cells))


def _tables(path: Path, kind: Kind, options: Options) -> list[tuple[Layout, Iterator[RawRow]]]:
    found: list[tuple[Sheet, Layout, Iterator[RawRow]]] = []
    lacking: list[tuple[Sheet, Lacking]] = []
    for sheet in open_sheets(path):
        head = list(islice(sheet.rows, HEAD))
        result = locate(sheet.name or path.stem, head, kind, options.mapping, options.month_first)
        if isinstance(result, Found):
            found.append((sheet, result.layout, chain(head[result.skip :], sheet.rows)))
        elif isinstance(result, Lacking):
            lacking.append((sheet, result))
    _check_mapping([layout for _, layout, _ in found] or [miss.layout for _, miss in lacking], options.mapping)
    if not found:
        raise Unreadable(_nothing_found(path, lacking))
    detailed = [table for table in found if not _is_summary(table[0])] or found
    for sheet, miss in lacking:
        options.left_out(f"sheet {sheet.name} was left out 未读取的工作表: no column for {miss.named()}")
    for sheet in (table[0] for table in found if table not in detailed):
        options.left_out(f"sheet {sheet.name} was left out 未读取的工作表: a summary of the others 汇总表")
    return [(layout, rows) for _, layout, rows in detailed]


def _is_summary(sheet: Sheet) -> bool:
    return any(word in sheet.name.lower() for word in phrases("summary_sheets"))


def _nothing_found(path: Path, lacking: list[tuple[Sheet, Lacking]]) -> str:
    if not lacking:
        cure = "the first line of the table must name its columns, such as 房号, 业主姓名, 账期, 应收金额"
        return f"{path.name}: no heading row found 找不到表头; {cure}"
    sheet, miss = min(lacking, key=lambda pair: (len(pair[1].missing), -len(pair[1].layout.columns)))
    return f"{path.name}{f', sheet {sheet.name}' if sheet.name else ''}: {miss.explain()}"


def _check_mapping(layouts: list[Layout], mapping: Mapping[str, tuple[str, ...]]) -> None:
    spoken = [heading for layout in layouts for heading in layout.headings if heading]
    for name, headings in mapping.items():
        if layouts and not any(name in layout.columns for layout in layouts):
            near = ", ".join(nearest(spoken, headings)) or "none"
            raise Unreadable(f"--mapping: no column is called {' or '.join(headings)}; nearest headings: {near}")


def _is_data(row: DataRow, said: Mapping[int, str]) -> bool:
    if any(
        _may_be_total(value) and _TOTAL.fullmatch(_TIGHT.sub("", value)) and number not in _remarks(row) for number, value in said.items()
    ):
        return False
    if len(set(said.values())) == 1 and len(row.layout.headings) > 2:
        return False
    if len(row.layout.labels.intersection(said.values())) >= 3:
        return False
    if row.layout.kind != "arrears" or (_own(row, "payer") and (_own(row, "house") or _own(row, "room"))):
        return True
    return not (_is_footer(row, next(iter(said.values()))) or _is_silent_total(row))


def _remarks(row: DataRow) -> set[int]:
    return {number for name in _REMARKS for number in row.layout.columns.get(name, ())}


def _may_be_total(value: str) -> bool:
    return not value[:1].isdigit() and _TOTAL_MARK.search(value) is not None


def _is_footer(row: DataRow, first: str) -> bool:
    amounts = [row.cell(name) for name in ("amount", "unpaid")]
    amounts += [row.raw.cells[one.column] for one in row.layout.across if one.column < len(row.raw.cells)]
    if any(map(_is_money, amounts)):
        return False
    return bool(_FOOTER.match(first)) or not any(text(row.cell(name)) for name in ("payer", "period", "period_start", "month"))


def _is_money(cell: Cell) -> bool:
    try:
        return money(cell) is not None
    except CellError:
        return False


def _is_silent_total(row: DataRow) -> bool:
    """Amounts with nobody, no home and no period beside them: a total that does not say so."""
    return not any(_own(row, name) for name in ("house", "room", "payer", "period", "period_start", "month", "item", "due_on"))


def _own(row: DataRow, name: str) -> bool:
    """Whether the row fills a field itself, not by a cell merged from above."""
    cells, spanned = row.raw.cells, row.raw.spanned
    return any(number < len(cells) and number not in spanned and text(cells[number]) for number in row.layout.columns.get(name, ()))
