"""Rejected rows as a file for the person who mends the source. No cell of it is ever a formula."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from openpyxl import Workbook

from orchestrator.intake.rows import Reject

HEADINGS = ("sheet 工作表", "line 行号", "column 列", "value 值", "reason 原因", "cure 处理办法")

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(value: object) -> str:
    """A cell as text that no spreadsheet program runs as a formula.

    >>> harmless("=HYPERLINK(1)"), harmless("-120"), harmless("待核")
    ("'=HYPERLINK(1)", "'-120", '待核')
    """
    said = str(value)
    return f"'{said}" if said.lstrip(" ").startswith(_DANGEROUS) or said.startswith(_DANGEROUS) else said


@contextmanager
def rejects_file(path: Path) -> Iterator[Callable[[Reject], None]]:
    """Open a rejects file (.xlsx, else CSV in UTF-8 with its mark, as Excel wants it) and hand out the function that adds a row."""
    if path.suffix.lower() == ".xlsx":
        book = Workbook(write_only=True)
        sheet = book.create_sheet("rejects 未导入")
        sheet.append(HEADINGS)
        yield lambda reject: sheet.append(_cells(reject))
        book.save(path)
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        yield lambda reject: writer.writerow(_cells(reject))


def _cells(reject: Reject) -> Sequence[str | int]:
    return (
        harmless(reject.sheet),
        reject.line,
        harmless(reject.column),
        harmless(reject.value),
        harmless(reject.reason),
        harmless(reject.cure),
    )
