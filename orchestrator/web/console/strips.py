"""The proof matrix as drawn: one strip of months per home, one bar per charge, as long as its period."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from orchestrator.reports.proof_matrix import Cell, Matrix, Row, month_of
from orchestrator.web.console.words import Language, day, money, word

WIDTH = 252
"""Pixels the months of a strip share: a phone shows a whole strip beside its unit."""
WIDEST, SHARPEST = 14, 4
"""A month is at most so wide; below the other it is no whole number of pixels any more."""
HEIGHT = 15
MARKED_FROM = 8
"""A bar smaller than this, either way, has no room for its mark."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One charge: where it lies, what it is, and what it says when pointed at."""

    charge_id: int
    x: float
    y: float
    width: float
    height: float
    proof: str
    title: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """How many pixels a month is, and where the years begin."""

    month: float
    width: int
    height: int
    years: tuple[tuple[int, float], ...]


def scale(matrix: Matrix) -> Scale:
    share = WIDTH / max(matrix.months, 1)
    month = min(WIDEST, int(share)) if share >= SHARPEST else share
    years = range(matrix.first.year, matrix.first.year + 1 + (matrix.first.month - 1 + matrix.months - 1) // 12)
    marks = tuple((year, round(max(0, month_of(date(year, 1, 1), matrix.first)) * month, 1)) for year in years)
    return Scale(month, round(matrix.months * month), HEIGHT, marks)


def bars(row: Row, matrix: Matrix, drawn: Scale, language: Language, currency: str) -> Iterator[Bar]:
    """Several items of a home lie in lanes above one another."""
    lane = (HEIGHT - (len(row.items) - 1)) / len(row.items)
    for cell in row.cells:
        start = month_of(cell.owed.period_start, matrix.first)
        months = month_of(cell.owed.period_end, matrix.first) - start + 1
        width = max(round(months * drawn.month - 1, 1), 1)
        yield Bar(
            charge_id=cell.owed.charge_id,
            x=round(start * drawn.month, 1),
            y=round(row.items.index(cell.charge.item) * (lane + 1), 2),
            width=width,
            height=round(lane, 2),
            proof=cell.proof,
            title=title(cell, language, currency),
            marked=min(width, lane) >= MARKED_FROM,
        )


def title(cell: Cell, language: Language, currency: str) -> str:
    """What a bar says: item, period, what is unpaid, how far its proof is."""
    said = [cell.charge.item, cell.charge.period, money(cell.charge.unpaid, currency), word("proof", cell.proof, language)]
    if cell.grade is not None and cell.proof in ("under_way", "running", "proven"):
        said.append(f"{cell.grade}级" if language == "zh" else f"grade {cell.grade}")
    if cell.proof == "running":
        said.append(f"期限至{day(cell.period_over, language)}" if language == "zh" else f"period over {day(cell.period_over, language)}")
    return " · ".join(said)
