"""A forecast as drawn: contacts by channel and staff hours against capacity, a column a day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from orchestrator.web.console.words import CHANNELS

COLUMN, GAP = 8, 2
SHAPE = 0.24
"""Height over width: a chart keeps its shape on a phone."""
LETTERING = 0.022
"""Size of its lettering over its width."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle of a column, with what it stands for."""

    kind: str
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns over days that share one scale; `top` is the value at the upper edge, `line` the capacity as the path of an SVG."""

    width: int
    height: float
    lettering: float
    top: float
    pieces: Sequence[Piece]
    line: str
    weeks: Sequence[tuple[int, date]]


def contacts(days: Sequence[Mapping[str, Any]]) -> Chart:
    """How many contacts go out each day, by channel."""
    columns = [[(channel, day["contacts"].get(channel, 0)) for channel in CHANNELS] for day in days]
    return _chart(days, columns)


def hours(days: Sequence[Mapping[str, Any]]) -> Chart:
    """What the tasks of each day take of the staff; what is beyond their hours is set apart."""
    columns = [[("within", min(day["hours"], day["capacity_hours"])), ("beyond", _beyond(day))] for day in days]
    return _chart(days, columns, [day["capacity_hours"] for day in days])


def _beyond(day: Mapping[str, Any]) -> float:
    return max(0.0, float(day["hours"] - day["capacity_hours"]))


def _chart(days: Sequence[Mapping[str, Any]], columns: Sequence[Sequence[tuple[str, float]]], capacity: Sequence[float] = ()) -> Chart:
    width = len(days) * (COLUMN + GAP)
    height, top = round(width * SHAPE, 1), max((*(sum(value for _, value in column) for column in columns), *capacity, 1))
    pieces = [piece for place, column in enumerate(columns) for piece in _column(place * (COLUMN + GAP), column, height / top, height)]
    line = _steps([round(height * (1 - each / top), 2) for each in capacity])
    return Chart(width, height, round(width * LETTERING, 1), top, pieces, line, list(_mondays(days)))


def _column(x: int, column: Iterable[tuple[str, float]], unit: float, height: float) -> Iterator[Piece]:
    """From the ground up; one `unit` is the height of 1."""
    shown = [(kind, value) for kind, value in column if value > 0]
    for (kind, value), reached in zip(shown, accumulate(value for _, value in shown), strict=True):
        yield Piece(kind, x, round(height - reached * unit, 2), round(value * unit, 2))


def _steps(levels: Sequence[float]) -> str:
    return " ".join(f"{'M' if place == 0 else 'L'}{place * (COLUMN + GAP)} {y}h{COLUMN + GAP}" for place, y in enumerate(levels))


def _mondays(days: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, date]]:
    for place, day in enumerate(days):
        on = date.fromisoformat(day["day"])
        if on.weekday() == 0:
            yield place * (COLUMN + GAP), on
