"""Tables out of markup: HTML pages that billing systems name .xls, and Excel 2003's XML."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree, html  # type: ignore[import-untyped]

from orchestrator.intake.cells import Cell

_SPREADSHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its merged cells filled; beside each row the columns filled from the row above."""

    name: str
    rows: list[tuple[list[Cell], frozenset[int]]]


def html_grids(page: str) -> Iterator[Grid]:
    """Every table that holds no other table, in the order of the page."""
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    tree = html.fromstring(page.encode(), parser=parser)
    for number, table in enumerate(tree.iter("table"), 1):
        if table.find(".//table") is None:
            lines = (
                [(_said(cell), _count(cell, "colspan"), _count(cell, "rowspan")) for cell in row.xpath("./td|./th")]
                for row in table.iter("tr")
            )
            yield Grid(f"table {number}", list(_filled(lines)))


def _said(cell: html.HtmlElement) -> str:
    for line_break in cell.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    return str(cell.text_content()).replace("\xa0", " ").strip()


def _count(cell: html.HtmlElement, attribute: str) -> int:
    stated = cell.get(attribute, "1").strip()
    return min(max(int(stated), 1), 1000) if stated.isdecimal() else 1


def spreadsheet_ml_grids(document: bytes) -> Iterator[Grid]:
    """The worksheets of an Excel 2003 XML file."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=True)
    root = etree.fromstring(document, parser)
    for sheet in root.iter(f"{_SPREADSHEET}Worksheet"):
        yield Grid(sheet.get(f"{_SPREADSHEET}Name", ""), list(_filled(_xml_lines(sheet))))


def _xml_lines(sheet: "etree._Element") -> Iterator[list[tuple[Cell, int, int]]]:
    line = 0
    for row in sheet.iter(f"{_SPREADSHEET}Row"):
        index = int(row.get(f"{_SPREADSHEET}Index", line + 1))
        yield from ([] for _ in range(index - line - 1))
        line = index
        cells: list[tuple[Cell, int, int]] = []
        width = 0
        for cell in row.iter(f"{_SPREADSHEET}Cell"):
            place = int(cell.get(f"{_SPREADSHEET}Index", width + 1))
            cells.extend(("", 1, 1) for _ in range(place - width - 1))
            across = int(cell.get(f"{_SPREADSHEET}MergeAcross", 0)) + 1
            data = cell.find(f"{_SPREADSHEET}Data")
            said = "" if data is None else "".join(str(part) for part in data.itertext())
            cells.append((said, across, int(cell.get(f"{_SPREADSHEET}MergeDown", 0)) + 1))
            width = place - 1 + across
        yield cells


def _filled(lines: Iterable[Sequence[tuple[Cell, int, int]]]) -> Iterator[tuple[list[Cell], frozenset[int]]]:
    """Spread each cell over the columns and rows it spans."""
    hanging: dict[int, tuple[Cell, int]] = {}
    for line in lines:
        cells: list[Cell] = []
        spanned: list[int] = []
        coming = iter(line)
        while True:
            column = len(cells)
            if column in hanging:
                said, left = hanging.pop(column)
                cells.append(said)
                spanned.append(column)
                if left > 1:
                    hanging[column] = (said, left - 1)
                continue
            cell = next(coming, None)
            if cell is None:
                if not any(later > column for later in hanging):
                    break
                cells.append("")
                continue
            said, across, down = cell
            for offset in range(across):
                if down > 1:
                    hanging[column + offset] = (said, down - 1)
                cells.append(said)
        yield cells, frozenset(spanned)
