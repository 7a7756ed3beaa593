"""Small files for the tests of intake: workbooks, CSV and pages, written where pytest says, and what reading them came to."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from orchestrator.intake.arrears import read_arrears
from orchestrator.intake.rows import ArrearsRow, Duplicate, Options, Reject, Taken, Terms

SAMPLES = Path(__file__).parent / "samples"


def workbook(
    path: Path, rows: Iterable[Sequence[Any]], *, merge: Iterable[str] = (), title: str = "Sheet1", **more: Iterable[Sequence[Any]]
) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for cells in merge:
        sheet.merge_cells(cells)
    for name, other in more.items():
        another = book.create_sheet(name)
        for row in other:
            another.append(row)
    book.save(path)
    return path


def csv(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@dataclass
class Came:
    """What a file came to."""

    charges: list[ArrearsRow] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    taken: int = 0

    @property
    def accounts(self) -> int:
        return len({(charge.community, charge.unit.key, charge.payers) for charge in self.charges})

    @property
    def total(self) -> Decimal:
        return sum((charge.unpaid for charge in self.charges), Decimal(0))

    @property
    def counts(self) -> tuple[int, int, str]:
        """Charges, accounts, total unpaid."""
        return len(self.charges), self.accounts, str(self.total)


def arrears(path: Path, terms: Callable[[str], Terms] = lambda community: Terms(28), **options: Any) -> Came:
    came = Came()
    for line in read_arrears(path, Options(terms, **options)):
        match line:
            case Taken():
                came.taken += 1
                came.charges += line.rows
            case Reject():
                came.rejects.append(line)
            case Duplicate():
                came.duplicates.append(line)
    return came
