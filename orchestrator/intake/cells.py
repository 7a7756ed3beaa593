"""What one cell says: text, money, a date. People type these; every form here was seen in an export of some billing system."""

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

Cell = str | int | float | bool | date | datetime | time | timedelta | None

CENT = Decimal("0.01")
MOST_MONEY = Decimal("999999999999.99")
"""What numeric(14,2) can hold."""

EARLIEST_YEAR, LATEST_YEAR = 1990, 2100

_GUARDS = ("=", "'", "`")
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_DAYS = range(20_000, 80_000)
_NOTHING = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "空", "n/a", "na", "none", "null", "nil", "暂无", "不详", "未知"})
_CURRENCY = re.compile(r"^(?:人民币|rmb|cny|usd|gbp|eur|us\$|[¥$£€])|(?:元整?|圆|rmb|cny|usd|gbp|eur)$")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_EUROPEAN = re.compile(r"\d{1,3}(?:\.\d{3})+,\d{1,2}|\d+,\d{2}")
_PLAIN = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,2})?")

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_TIME_OF_DAY = re.compile(r"[ t]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]m)?(?:z|[+-]\d{2}:?\d{2})?$")
_YEAR_FIRST = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})")
_NAMED_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[- ]([a-z]{3})[a-z]*\.?[-, ]+(\d{4}|\d{2})")
_NAMED_MONTH_FIRST = re.compile(r"([a-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")


class CellError(ValueError):
    """A cell cannot be read. `reason` says why, `cure` what to write instead; both for the person who mends the file."""

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__(reason)
        self.reason, self.cure = reason, cure


def text(cell: Cell) -> str:
    """The cell as text, full-width characters narrowed, edges trimmed; a whole number without its `.0`.

    >>> text("　１９９００００４１２４ "), text(102.0), text('="0102"'), text(None)
    ('19900004124', '102', '0102', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        said = cell.strip() if cell.isascii() else _narrow(cell)
        return _unguarded(said) if said[:1] in _GUARDS else said
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def _unguarded(said: str) -> str:
    """Without the marks that keep a spreadsheet program from taking text for a number: ="0102", '0102."""
    return said[2:-1].strip() if said.startswith('="') and said.endswith('"') else said.lstrip("'`").strip()


@lru_cache(maxsize=16_384)
def _narrow(said: str) -> str:
    return unicodedata.normalize("NFKC", said).replace("\u200b", "").strip()


def says_nothing(cell: Cell) -> bool:
    """Blank, or one of the marks people put for blank.

    >>> says_nothing("无"), says_nothing(" - "), says_nothing(0.0)
    (True, True, False)
    """
    return text(cell).lower() in _NOTHING


def money(cell: Cell) -> Decimal | None:
    """An amount to the cent (half up), None for a blank. Raises CellError.

    >>> money("¥1,344.08"), money("１２０元"), money("(35.50)"), money(1131.1000000000001), money("-")
    (Decimal('1344.08'), Decimal('120.00'), Decimal('-35.50'), Decimal('1131.10'), None)
    """
    if isinstance(cell, bool) or (cell is not None and not isinstance(cell, (str, int, float))):
        raise _not_money(cell)
    if isinstance(cell, float) and not math.isfinite(cell):
        raise _not_money(cell)
    if isinstance(cell, (int, float)):
        return _cents(Decimal(repr(cell)), cell)
    said = text(cell).lower().replace(" ", "").replace("\u2212", "-").replace("−", "-").replace("￥", "¥")
    if said in _NOTHING:
        return None
    negative = said.startswith("(") and said.endswith(")")
    bare = said[1:-1] if negative else said
    bare = _CURRENCY.sub("", _CURRENCY.sub("", bare))
    if bare.startswith(("-", "+")):
        negative ^= bare[0] == "-"
        bare = _CURRENCY.sub("", bare[1:])
    elif bare.endswith("-"):
        negative, bare = True, bare[:-1]
    scale = 10_000 if bare.endswith("万") else 1
    bare = bare.removesuffix("万").replace("，", ",")
    if _EUROPEAN.fullmatch(bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    if not _PLAIN.fullmatch(bare):
        raise _not_money(cell)
    try:
        value = Decimal(bare) * scale
    except InvalidOperation:
        raise _not_money(cell) from None
    return _cents(-value if negative else value, cell)


def _cents(value: Decimal, cell: Cell) -> Decimal:
    if abs(value) > MOST_MONEY:
        raise CellError(f"{text(cell)!r} is larger than any amount kept here 金额过大", "check the amount")
    return value.quantize(CENT, ROUND_HALF_UP)


def _not_money(cell: Cell) -> CellError:
    return CellError(f"{text(cell)!r} is not an amount of money 不是金额", "write the amount in digits, such as 1344.08")


def day(cell: Cell, month_first: bool = False) -> date | None:
    """A calendar date, None for a blank. `month_first` settles 03/04/2026. Raises CellError.

    >>> day("2025年4月28日"), day("45958"), day("2026/01/28 00:00:00"), day("28 Nov 2026")
    (datetime.date(2025, 4, 28), datetime.date(2025, 10, 28), datetime.date(2026, 1, 28), datetime.date(2026, 11, 28))
    """
    if isinstance(cell, datetime):
        return _sane(cell.date(), cell)
    if isinstance(cell, date):
        return _sane(cell, cell)
    if isinstance(cell, (bool, time, timedelta)):
        raise _not_a_date(cell)
    said = text(cell)
    return None if said.lower() in _NOTHING else _day_of_text(said, month_first)


@lru_cache(maxsize=16_384)
def _day_of_text(said: str, month_first: bool) -> date:
    plain = _TIME_OF_DAY.sub("", said.lower().strip())
    squeezed = plain.replace(" ", "")
    if (serial := excel_day(squeezed)) is not None:
        return serial
    try:
        if match := _YEAR_FIRST.fullmatch(squeezed) or _COMPACT.fullmatch(squeezed):
            return _sane(date(int(match[1]), int(match[2]), int(match[3])), said)
        if match := _YEAR_LAST.fullmatch(squeezed):
            first, second, year = int(match[1]), int(match[2]), int(match[3])
            month, day_ = (first, second) if (month_first or second > 12) and first <= 12 else (second, first)
            return _sane(date(year, month, day_), said)
        if match := _NAMED_DAY_FIRST.fullmatch(plain):
            return _sane(date(_long_year(match[3]), MONTHS.index(match[2]) + 1, int(match[1])), said)
        if match := _NAMED_MONTH_FIRST.fullmatch(plain):
            return _sane(date(int(match[3]), MONTHS.index(match[1]) + 1, int(match[2])), said)
    except CellError:
        raise
    except ValueError:
        raise CellError(f"{said!r} is a day that does not exist 日期不存在", "correct the date") from None
    raise _not_a_date(said)


def excel_day(said: str) -> date | None:
    """The date behind an Excel serial such as 45958, where the number can be one."""
    if said.endswith(".0"):
        said = said[:-2]
    if len(said) != 5 or not said.isdecimal() or int(said) not in _EXCEL_DAYS:
        return None
    return _EXCEL_EPOCH + timedelta(days=int(said))


def moment(cell: Cell, month_first: bool = False) -> datetime | None:
    """A date with its time of day, naive (the caller knows the zone), None for a blank. Raises CellError."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, float) and int(cell) in _EXCEL_DAYS:
        return datetime.combine(_EXCEL_EPOCH, time()) + timedelta(seconds=round(cell * 86_400))
    on = day(cell, month_first)
    if on is None:
        return None
    clock = re.search(r"[ tT]+(\d{1,2}):(\d{2})(?::(\d{2}))?", text(cell))
    if clock is None:
        return datetime.combine(on, time())
    try:
        return datetime.combine(on, time(int(clock[1]), int(clock[2]), int(clock[3] or 0)))
    except ValueError:
        raise _not_a_date(cell) from None


def _long_year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _sane(on: date, cell: Cell) -> date:
    if not EARLIEST_YEAR <= on.year <= LATEST_YEAR:
        raise CellError(f"{text(cell)!r} is not a year of any bill 年份不合理", "correct the date")
    return on


def _not_a_date(cell: Cell) -> CellError:
    return CellError(f"{text(cell)!r} is not a date 不是日期", "write it as 2026-01-28")
