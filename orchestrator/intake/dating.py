"""When: the period and the due day a row states, in one column, in two, in a year and a month, or only in the title above."""

from datetime import date, timedelta

from orchestrator.intake.cells import Cell, CellError, day, says_nothing, text
from orchestrator.intake.layout import YEARLESS
from orchestrator.intake.lines import DataRow
from orchestrator.intake.periods import Period, month, read_period
from orchestrator.intake.rows import Refused


def period_of(row: DataRow) -> Period:
    """From one column, from two, from a year and a month, or from the title."""
    layout = row.layout
    name = "year"
    try:
        in_year = read_period(row.cell(name))
        year = in_year.start.year if in_year else layout.year
        name = "period"
        if (stated := read_period(row.cell(name), year, layout.month_first)) is not None:
            return stated
        name = "period_start"
        if not says_nothing(row.cell(name)):
            return _between(row)
        name = "month"
        if (stated := read_period(row.cell(name), year)) is not None:
            return stated
        if layout.period and not layout.columns.keys() & {"period", "period_start", "month"}:
            name = "title"
            return read_period(layout.period) or _no_period(row)
    except CellError as error:
        raise Refused(name, row.cell(name), error.reason, error.cure) from None
    return _no_period(row)


def _between(row: DataRow) -> Period:
    first, last = row.cell("period_start"), row.cell("period_end")
    start, whole_start = _edge(first, row.layout.month_first)
    if says_nothing(last):
        if whole_start is None:
            raise CellError(f"{text(first)!r} has no end 缺少截止日期", "enter the last day of the period")
        return whole_start
    end, whole_end = _edge(last, row.layout.month_first)
    period = Period(start, whole_end.end if whole_end else end)
    if period.end < period.start:
        raise CellError(f"{text(first)} to {text(last)} ends before it begins 账期止早于起", "correct the two dates")
    return _without_the_next_day(period)


def _edge(cell: Cell, month_first: bool) -> tuple[date, Period | None]:
    """A day; or the month the cell names, whose first or last day is meant."""
    try:
        if (on := day(cell, month_first)) is not None:
            return on, None
    except CellError:
        pass
    whole = read_period(cell, None, month_first)
    if whole is None:
        raise CellError("the date is missing 缺少日期", "enter the first and the last day of the period")
    return whole.start, whole


def _without_the_next_day(period: Period) -> Period:
    """2026-01-01 to 2026-02-01 is January: some systems write the first day after."""
    if period.start.day == 1 and period.end.day == 1 and period.end > period.start:
        return Period(period.start, period.end - timedelta(days=1))
    return period


def _no_period(row: DataRow) -> Period:
    name = next((name for name in ("period", "period_start", "month") if name in row.layout.columns), "period")
    raise Refused(name, row.cell(name), "the period is missing 缺少账期", "enter the period, such as 2026-01")


def in_the_rows_year(period: Period | None, row: DataRow) -> Period | None:
    """A month's column that names no year means the year its row states."""
    if period is None or period.start.year != YEARLESS:
        return period
    try:
        year = read_period(row.cell("year"))
    except CellError as error:
        raise Refused("year", row.cell("year"), error.reason, error.cure) from None
    if year is None:
        raise Refused("year", "", "the year is missing 缺少年份", "enter the year of the months")
    return Period(month(year.start.year, period.start.month).start, month(year.start.year, period.end.month).end)


def due_of(row: DataRow) -> date | None:
    try:
        return day(row.cell("due_on"), row.layout.month_first)
    except CellError as error:
        raise Refused("due_on", row.cell("due_on"), error.reason, error.cure) from None
