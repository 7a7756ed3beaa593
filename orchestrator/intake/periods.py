"""Billing periods in the forms billing systems and their clerks write: months, ranges, quarters, halves, years, spans of days."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from orchestrator.intake.cells import EARLIEST_YEAR, LATEST_YEAR, MONTHS, Cell, CellError, excel_day, text


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """What a charge is for: from its first day to its last, both within."""

    start: date
    end: date

    @property
    def months(self) -> int:
        """How many months it spans; a part of a month counts as one."""
        after = self.end + timedelta(days=1)
        whole = (after.year - self.start.year) * 12 + after.month - self.start.month
        return whole + (after.day > self.start.day)

    @property
    def whole(self) -> bool:
        """Whether it begins with the first day of a month and ends with the last of one."""
        return self.start.day == 1 and self.end == _last_day(self.end.year, self.end.month)

    @property
    def label(self) -> str:
        """`2026-06`, `2025-02..2025-04`, or with days where the months are not whole."""
        form = "%Y-%m" if self.whole else "%Y-%m-%d"
        first, last = self.start.strftime(form), self.end.strftime(form)
        return first if first == last else f"{first}..{last}"


def month(year: int, number: int) -> Period:
    """One calendar month."""
    return Period(date(year, number, 1), _last_day(year, number))


def _last_day(year: int, number: int) -> date:
    return date(year, number, monthrange(year, number)[1])


_NAMES = {name: number for number, name in enumerate(MONTHS, 1)}
_MONTH_NAME = rf"({'|'.join(MONTHS)})[a-z]*\.?"
_NAME_AND_YEAR = re.compile(rf"{_MONTH_NAME}[-/,' ]*(\d{{4}}|\d{{2}})(?!\d)")
_NAME_ALONE = re.compile(rf"{_MONTH_NAME}")
_BRACKETED = re.compile(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】")
_TIME_OF_DAY = re.compile(r"[ t]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?")
_PREFIX = re.compile(r"^(?:账期|期间|所属期间?|费用期间|周期|period)[:：]?")
_YEAR_AND_NAME = re.compile(rf"(?<!\d)(\d{{4}})[-/,' ]*{_MONTH_NAME}(?![-/,' ]*\d)")
_NEXT_YEAR = re.compile(r"[次翌]年")
_SUFFIX = re.compile(r"(?:账期|账单|期|物业服务费|物业管理费|物业费|止|内)$")
_TO = re.compile(r"\s*(?:至|到|~|～|—+|–|－|−|\.\.+|→|(?<=[\d月日年]) ?-{2,}|-(?=[次翌]年)|\bto\b|\bthrough\b)\s*")
_LIST = re.compile(r"[,，、;；]")

_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4}
_QUARTER = re.compile(r"(?:(\d{4}|\d{2})年?度?[-./]?)?(?:第?([一二三四1-4])季度?|q([1-4]))")
_QUARTER_FIRST = re.compile(r"(?:q([1-4])|([1-4])q)[-./]?(\d{4})")
_FIRST_QUARTERS = re.compile(r"(\d{4}|\d{2})年?度?前([二三23])个?季度?")
_HALF = re.compile(r"(?:(\d{4}|\d{2})年?度?[-./]?)?(上半年|下半年|h1|h2)度?")
_HALF_FIRST = re.compile(r"(h[12])[-./]?(\d{4})")
_DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})[日号]?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH = re.compile(r"(\d{4}|\d{2}(?=年))(?:年|[-./])(\d{1,2})月?份?")
_COMPACT_MONTH = re.compile(r"(\d{4})(\d{2})")
_MONTH_THEN_YEAR = re.compile(r"(\d{1,2})[-./](\d{4})")
_DAY_THEN_YEAR = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})")
_YEAR = re.compile(r"(\d{4}|\d{2}(?=年))年?(?:全年|年度|度)?")
_DAY_OF_THE_YEAR = re.compile(r"(\d{1,2})(?:月|[-./])(\d{1,2})[日号]?")
_MONTH_ALONE = re.compile(r"(\d{1,2})月?份?")

_DASHED = (
    re.compile(r"(\d{8}|\d{6}|\d{4})-(\d{8}|\d{6}|\d{4}(?!\d))"),
    re.compile(r"(\d{1,2}/\d{1,2}/\d{4})-(\d{1,2}/\d{1,2}/\d{4})"),
    re.compile(r"(\d{1,2}[/.]\d{4})-(\d{1,2}[/.]\d{4})"),
    re.compile(r"(\d{4}-\d{1,2}-\d{1,2})-(\d{4}-\d{1,2}-\d{1,2})"),
    re.compile(r"(\d{4}-\d{1,2})-(\d{4}-\d{1,2})"),
    re.compile(r"(\d{2,4}[./年]\d{1,2}(?:[./月]\d{1,2}[日号]?|月?份?))-(\d{2,4}[./年]\d{1,2}(?:[./月]\d{1,2}[日号]?|月?份?))"),
    re.compile(r"(\d{2,4}[./年]\d{1,2}月?份?)-(\d{1,2}月?份?)"),
    re.compile(r"(\d{2,4}[./年]\d{1,2}[./月]\d{1,2}[日号]?)-(\d{1,2}[./月]\d{1,2}[日号]?)"),
    re.compile(r"(\d{1,2}月份?)-(\d{1,2}月份?|\d{4}\.\d{1,2})"),
    re.compile(r"(\d{1,2})-(\d{1,2}月份?)"),
    re.compile(r"((?:\d{4}年?)?q[1-4])-((?:\d{4}年?)?q[1-4])"),
    re.compile(r"(.*季度?)-(.*季度?)"),
    re.compile(r"(\d{4}年度?)-(\d{4}年度?)"),
)
_QUARTERS_OR_YEARS = re.compile(r"\d{4}")


def read_period(cell: Cell, year: int | None = None, month_first: bool = False) -> Period | None:
    """The period a cell names, None for a blank. `year` completes months written without one (from a title). Raises CellError.

    >>> read_period("2025.02~2025.04").label, read_period("202408-202410").label, read_period("2025年第1季度").label
    ('2025-02..2025-04', '2024-08..2024-10', '2025-01..2025-03')
    >>> read_period("2025-01-01至2025-03-31").label, read_period("2026.1-3").label, read_period("Jan 2026").label
    ('2025-01..2025-03', '2026-01..2026-03', '2026-01')
    """
    if isinstance(cell, (date, datetime)):
        return _in_range(month(cell.year, cell.month), cell)
    if isinstance(cell, float) and not cell.is_integer() and repr(cell).endswith(".1"):
        raise CellError(
            f"{cell!r} may be January or October 可能是1月也可能是10月", "format the column as text and write 2026-01 or 2026-10"
        )
    said = text(cell)
    if said.lower() in ("", "-", "--", "/", "无"):
        return None
    return _of_text(said, year, month_first)


@lru_cache(maxsize=16_384)
def _of_text(said: str, year: int | None, month_first: bool) -> Period:
    plain = _plain(said)
    try:
        if (serial := excel_day(plain)) is not None:
            return _in_range(month(serial.year, serial.month), said)
        parts = [part for part in _LIST.split(plain) if part]
        if len(parts) > 1:
            return _in_range(_joined(parts, year, month_first, said), said)
        return _in_range(_span(plain, year, month_first), said)
    except CellError:
        raise
    except ValueError:
        raise CellError(
            f"{said!r} is not a billing period 不是账期", "write it as 2026-01, 2026-01至2026-03 or 2026年第1季度, with months from 1 to 12"
        ) from None


def _plain(said: str) -> str:
    """Lower case, no spaces, no remarks; month names as numbers, every kind of "to" as `~`."""
    plain = said.lower().strip()
    plain = _TIME_OF_DAY.sub("", _BRACKETED.sub("", plain) or plain.strip("()[]【】"))
    plain = _NAME_AND_YEAR.sub(lambda match: f"{_long_year(match[2])}.{_NAMES[match[1]]}", plain)
    plain = _YEAR_AND_NAME.sub(lambda match: f"{match[1]}.{_NAMES[match[2]]}", plain)
    plain = _NAME_ALONE.sub(lambda match: f"{_NAMES[match[1]]}月", plain)
    plain = re.sub(r"(?<=[\d月日号年]) +- +(?=\d)", "~", plain)
    plain = _TO.sub("~", plain).replace(" ", "").replace("_", "-")
    return _SUFFIX.sub("", _PREFIX.sub("", plain))


def _joined(parts: list[str], year: int | None, month_first: bool, said: str) -> Period:
    periods: list[Period] = []
    for part in parts:
        periods.append(_span(part, periods[-1].end.year if periods else year, month_first))
    for before, after in pairwise(periods):
        if after.start != before.end + timedelta(days=1):
            raise CellError(f"{said!r} names periods apart from each other 账期不连续", "give each period a row of its own")
    return Period(periods[0].start, periods[-1].end)


def _span(plain: str, year: int | None, month_first: bool) -> Period:
    first, to, last = plain.partition("~")
    if not to:
        for form in _DASHED:
            if match := form.fullmatch(plain):
                first, last = match[1], match[2]
                break
        else:
            return _point(plain, year, month_first)
    if not re.match(r"\d{4}|\d{2}年", first) and (stated := re.match(r"\d{4}", last)):
        year = int(stated[0])
    start = _point(first, year, month_first)
    following = _NEXT_YEAR.match(last)
    end = _point(last[following.end() :], start.end.year + 1, month_first) if following else _point(last, start.end.year, month_first)
    if end.end < start.start and not _QUARTERS_OR_YEARS.search(last):
        end = _point(last, start.end.year + 1, month_first)
    if end.end < start.start:
        raise CellError(f"{plain!r} ends before it begins 账期止早于起", "put the earlier month first")
    return Period(start.start, end.end)


def _point(said: str, year: int | None, month_first: bool) -> Period:
    """One end of a range, or the whole of it. Raises ValueError."""
    if match := _QUARTER.fullmatch(said):
        number = _CHINESE.get(match[2] or "", 0) or int(match[2] or match[3])
        return _months(_year(match[1], year), number * 3 - 2, number * 3)
    if match := _QUARTER_FIRST.fullmatch(said):
        number = int(match[1] or match[2])
        return _months(int(match[3]), number * 3 - 2, number * 3)
    if match := _FIRST_QUARTERS.fullmatch(said):
        return _months(_year(match[1], year), 1, (_CHINESE.get(match[2], 0) or int(match[2])) * 3)
    if match := _HALF.fullmatch(said):
        first = 1 if match[2] in ("上半年", "h1") else 7
        return _months(_year(match[1], year), first, first + 5)
    if match := _HALF_FIRST.fullmatch(said):
        first = 1 if match[1] == "h1" else 7
        return _months(int(match[2]), first, first + 5)
    if match := _DAY.fullmatch(said) or _COMPACT_DAY.fullmatch(said):
        on = date(int(match[1]), int(match[2]), int(match[3]))
        return Period(on, on)
    if match := _DAY_THEN_YEAR.fullmatch(said):
        first, second = int(match[1]), int(match[2])
        number, of_month = (first, second) if (month_first or second > 12) and first <= 12 else (second, first)
        on = date(int(match[3]), number, of_month)
        return Period(on, on)
    if match := _MONTH.fullmatch(said) or _COMPACT_MONTH.fullmatch(said):
        return month(_year(match[1], year), int(match[2]))
    if match := _MONTH_THEN_YEAR.fullmatch(said):
        return month(int(match[2]), int(match[1]))
    if match := _YEAR.fullmatch(said):
        return _months(_year(match[1], year), 1, 12)
    if match := _DAY_OF_THE_YEAR.fullmatch(said):
        on = date(_year(None, year), int(match[1]), int(match[2]))
        return Period(on, on)
    if match := _MONTH_ALONE.fullmatch(said):
        return month(_year(None, year), int(match[1]))
    raise ValueError(said)


def _months(year: int, first: int, last: int) -> Period:
    return Period(date(year, first, 1), _last_day(year, last))


def _year(stated: str | None, known: int | None) -> int:
    if stated:
        return _long_year(stated)
    if known is None:
        raise CellError("a month without its year 缺少年份", "write the year with the month, such as 2026-01")
    return known


def _long_year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _in_range(period: Period, said: object) -> Period:
    if period.start.year < EARLIEST_YEAR or period.end.year > LATEST_YEAR:
        raise CellError(f"{said!s} is not a year of any bill 年份不合理", "correct the period")
    if period.start == period.end:
        return month(period.start.year, period.start.month)
    return period
