"""What is drawn a column a day: a forecast's contacts and staff hours against capacity, and how the evidence log grew and was stamped."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from orchestrator.store.pages_evidence import SealedDay
from orchestrator.web.console.words import CHANNELS

COLUMN, GAP = 8, 2
SHAPE = 0.24
"""Height over width: a chart keeps its shape on a phone."""
LETTERING = 0.022
"""Size of its lettering over its width."""
FEWEST = 30
"""Days that a chart has room for: a few are not blown up."""


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


@dataclass(frozen=True, slots=True)
class Lane:
    """What one authority did with the checkpoints of each day: all, some or none of them stamped. `missing` in all."""

    name: str
    y: float
    missing: int
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class History:
    """How many entries were sealed at the end of each day, and beneath it the lanes of the authorities; all share one scale of days."""

    chart: Chart
    lanes: Sequence[Lane]
    height: float


LANE, LANE_GAP = 0.022, 0.034
"""Height of a lane, and what lies above it for its name, over the width."""


def history(days: Sequence[SealedDay], authorities: Sequence[str]) -> History:
    """A day without a checkpoint stays empty above and beneath: that is the gap."""
    columns = [[("sealed", day.size if day.checkpoints else 0)] for day in days]
    chart = _chart([{"day": day.day.isoformat()} for day in days], columns)
    lane, pace = chart.width * LANE, chart.width * (LANE + LANE_GAP)
    foot = chart.height + chart.lettering * 2
    lanes = [_lane(name, days, round(foot + place * pace + pace - lane, 2), round(lane, 2)) for place, name in enumerate(authorities)]
    return History(chart, lanes, round(foot + len(lanes) * pace + lane / 2, 1))


def _lane(name: str, days: Sequence[SealedDay], y: float, height: float) -> Lane:
    pieces = [
        Piece(_stamped(day.stamps.get(name, 0), day.checkpoints), place * (COLUMN + GAP), y, height)
        for place, day in enumerate(days)
        if day.checkpoints
    ]
    missing = sum(day.checkpoints - day.stamps.get(name, 0) for day in days)
    return Lane(name, y, missing, pieces)


def _stamped(stamps: int, checkpoints: int) -> str:
    return "stamped" if stamps == checkpoints else "partly" if stamps else "unstamped"


def _beyond(day: Mapping[str, Any]) -> float:
    return max(0.0, float(day["hours"] - day["capacity_hours"]))


def _chart(days: Sequence[Mapping[str, Any]], columns: Sequence[Sequence[tuple[str, float]]], capacity: Sequence[float] = ()) -> Chart:
    width = max(len(days), FEWEST) * (COLUMN + GAP)
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
