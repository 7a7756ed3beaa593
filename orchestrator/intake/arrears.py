"""An arrears export -> charges that can be trusted, line by line; what is wrong is refused alone, with its reason."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

from orchestrator.intake.amounts import NOTHING, AmountError, agree, is_settled_mark
from orchestrator.intake.cells import CENT, Cell, CellError, money, says_nothing, text
from orchestrator.intake.dating import due_of, in_the_rows_year, period_of
from orchestrator.intake.headings import Across, phrases
from orchestrator.intake.lines import DataRow, data_rows
from orchestrator.intake.names import Payer, kind_of, read_names
from orchestrator.intake.periods import Period, month
from orchestrator.intake.phones import Phone, read_phones
from orchestrator.intake.rows import ArrearsRow, Duplicate, Line, Options, Refused, Reject, Taken, Terms, UnitUse, Unreadable
from orchestrator.intake.units import UnitLabel, building_of, read_unit
from orchestrator.wordings.envelopes import is_complete

LONGEST_CHARGE = 12
"""Months. A bill of up to a year is one charge with one limitation clock; a longer one hides several (SPC 法答网 batch 20)."""

DEFAULT_ITEM = "物业费"

_DATE = re.compile(
    r"\d{1,2}月\d{1,2}日|20\d\d[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|[a-z]{3}-\d\d",
    re.IGNORECASE,
)
_AREA_UNIT = re.compile(r"\s*(?:m2|平方米|平米|平方|平|sq\.? ?ft\.?|ft2)$")


@dataclass(frozen=True, slots=True)
class _Home:
    """What every charge of a row has in common."""

    community: str
    unit: UnitLabel
    payer: Payer
    phones: tuple[Phone, ...]
    terms: Terms


def read_arrears(path: Path, options: Options) -> Iterator[Line[ArrearsRow]]:
    """Every data row of the file, in order: taken (its charges), rejected, or a duplicate. Raises Unreadable for the file as a whole."""
    seen = _Seen()
    for row in data_rows(path, "arrears", options):
        try:
            charges = _charges(row, options)
        except Refused as refused:
            if refused.field == "community" and "community" not in row.layout.columns:
                raise Unreadable(f"{path.name} does not say which community it is about 缺少小区: name it with --community") from None
            yield Reject(row.raw.sheet, row.raw.line, row.heading(refused.field), text(refused.value), refused.reason, refused.cure)
        else:
            yield seen.judge(row, charges)


def _charges(row: DataRow, options: Options) -> tuple[ArrearsRow, ...]:
    home = _home(row, options)
    _refuse_undated(row)
    _refuse_wrong_totals(row)
    stated = list(_spread(row, home) if row.layout.across else _single(row, home))
    parts = [part for charge in stated for part in _split(charge, row, home.terms)]
    return tuple(replace(part, part=number) if number else part for number, part in enumerate(parts))


def _home(row: DataRow, options: Options) -> _Home:
    _refuse_dates(row)
    building = row.cell("building")
    if building is None and "building" not in row.layout.columns:
        building = building_of(row.raw.sheet)
    unit = read_unit(row.cell("house"), building=building, entrance=row.cell("entrance"), room=row.cell("room"), phase=row.cell("phase"))
    unit = unit or read_unit(row.cell("space"), building=row.cell("building"), phase=row.cell("phase"))
    if unit is None:
        raise Refused(
            "house" if "house" in row.layout.columns else "room", "", "the home is missing 缺少房号", "enter the home, such as 3-1-1201"
        )
    community = text(row.cell("community")) or options.community or row.layout.community or unit.estate
    if not community:
        raise Refused("community", "", "the community is missing 缺少小区", "enter it, or name it with --community")
    if unit.estate and unit.estate not in community and community not in unit.estate:
        unit = unit.within_estate()
    payer = read_names(row.cell("payer"))
    if not payer.names:
        raise Refused("payer", row.cell("payer"), "the payer is missing 缺少业主姓名", "enter who owes this")
    terms = options.terms(community)
    phones = tuple(phone for said in row.texts("phone") or [text(row.cell("payer"))] for phone in read_phones(said, terms.country))
    return _Home(community, unit, payer, phones, terms)


def _refuse_dates(row: DataRow) -> None:
    for name in ("house", "room"):
        if (cell := row.cell(name)) and (isinstance(cell, (date, datetime)) or _DATE.fullmatch(text(cell))):
            cure = "format the column as text and write the home, such as 3-12"
            raise Refused(name, cell, "a spreadsheet program made a date of the home 房号被改成了日期", cure)


def _single(row: DataRow, home: _Home) -> Iterator[ArrearsRow]:
    period = period_of(row)
    scales = {name: row.layout.scales.get(found[0], 1) for name, found in row.layout.columns.items()}
    cells = {name: row.cell(name) for name in ("amount", "paid", "waived", "unpaid", "late_fee") if name in row.layout.columns}
    try:
        amount, paid = agree(cells, scales)
    except AmountError as error:
        raise Refused(error.field, row.cell(error.field), error.reason, error.cure) from None
    if _status(row) == "settled" and not cells.keys() & {"paid", "unpaid"}:
        paid = amount
    yield _charge(row, home, _item(row, home), period, amount, paid, due_of(row))


def _status(row: DataRow) -> Literal["settled", ""]:
    """What a column of states says of the bill, where there is one."""
    said = text(row.cell("status")).lower()
    if said and said in phrases("void"):
        raise Refused("status", said, "the bill is void 账单已作废", "leave the row out")
    return "settled" if said and said in phrases("settled") else ""


def _spread(row: DataRow, home: _Home) -> Iterator[ArrearsRow]:
    """One row per home: the months, or the fees, across. A blank cell, a zero or a tick is no charge."""
    grouped: dict[tuple[str, Period | None], dict[str, tuple[Cell, Across]]] = {}
    for one in row.layout.across:
        cell = row.raw.cells[one.column] if one.column < len(row.raw.cells) and one.column not in row.raw.spanned else None
        if is_settled_mark(text(cell)) or says_nothing(cell):
            continue
        grouped.setdefault((one.item, in_the_rows_year(one.period, row)), {})["unpaid" if one.kind == "stated" else one.kind] = (
            cell,
            one,
        )
    for (item, period), found in grouped.items():
        cells = {kind: cell for kind, (cell, _) in found.items()}
        if cells.keys() == {"paid"} or _all_zero(cells):
            continue
        try:
            amount, paid = agree(cells, {kind: row.layout.scales.get(one.column, 1) for kind, (_, one) in found.items()})
        except AmountError as error:
            cell, one = found.get(error.field) or next(iter(found.values()))
            raise Refused(row.layout.headings[one.column], cell, error.reason, error.cure) from None
        yield _charge(row, home, item or _item(row, home), period or period_of(row), amount, paid, None if period else due_of(row))


def _refuse_undated(row: DataRow) -> None:
    for column in row.layout.undated:
        cell = row.raw.cells[column] if column < len(row.raw.cells) else None
        if not (is_settled_mark(text(cell)) or says_nothing(cell) or _is_zero(cell)):
            heading = row.layout.headings[column]
            raise Refused(
                heading, cell, "an amount of years nobody can tell apart 账期不明", "give each item and period of it a row of its own"
            )


def _refuse_wrong_totals(row: DataRow) -> None:
    """A quarter beside its months is their total, or else a debt that would be lost or counted twice."""
    for total in row.layout.totals:
        stated, *parts = (_stated_money(row, column) for column in (total.column, *total.of))
        if abs(stated - sum(parts)) > CENT:
            reason = f"{stated} is not the sum {sum(parts)} of the periods within it 合计与明细不符"
            raise Refused(
                row.layout.headings[total.column],
                row.raw.cells[total.column],
                reason,
                "correct the amounts, or give each period a row of its own",
            )


def _stated_money(row: DataRow, column: int) -> Decimal:
    try:
        return money(row.raw.cells[column]) or NOTHING
    except (CellError, IndexError):
        return NOTHING


def _all_zero(cells: Mapping[str, Cell]) -> bool:
    return all(_is_zero(cell) for cell in cells.values())


def _is_zero(cell: Cell) -> bool:
    return text(cell).strip("¥元.0") == ""


def _charge(row: DataRow, home: _Home, item: str, period: Period, amount: Decimal, paid: Decimal, due_on: date | None) -> ArrearsRow:
    warnings = [home.payer.warning] if home.payer.warning else []
    if not any(phone.e164 for phone in home.phones):
        warnings.append("no usable phone 无有效电话")
    if (address := text(row.cell("address"))) and not is_complete(address):
        address = ""
        warnings.append("incomplete address left out 地址不完整，未采用")
    if due_on is None:
        due_on = home.terms.due_on(period)
        warnings.append("due date from the community's terms 应缴日期按小区约定推算")
    area, doubt = _area(row.cell("area"))
    return ArrearsRow(
        sheet=row.raw.sheet,
        line=row.raw.line,
        part=0,
        community=home.community,
        unit=home.unit,
        unit_use=_use(row, home.payer),
        area=area,
        payers=home.payer.names,
        identities=_identities(row, len(home.payer.names)),
        phones=home.phones,
        address=address,
        item=item,
        period=period,
        due_on=due_on,
        amount=amount,
        paid=paid,
        timezone=_zone(row),
        note="; ".join(dict.fromkeys(filter(None, (*row.texts("note"), home.payer.remark)))),
        warnings=(*warnings, doubt) if doubt else tuple(warnings),
    )


def _item(row: DataRow, home: _Home) -> str:
    item = text(row.cell("item")) or row.layout.item or DEFAULT_ITEM
    space = text(row.cell("space"))
    if space == home.unit.source or says_nothing(space):
        return item
    return f"{item} {space}" if ("车" in item or "泊" in item or "park" in item.lower()) else item


def _area(cell: Cell) -> tuple[Decimal | None, str]:
    said = _AREA_UNIT.sub("", text(cell).lower()).replace(",", "")
    if not said:
        return None, ""
    try:
        area = Decimal(said).quantize(CENT, ROUND_HALF_UP)
    except InvalidOperation:
        return None, f"area {text(cell)!r} cannot be read 面积无法识别"
    return (area, "") if 0 < area < 10**9 else (None, "")


@cache
def _commercial() -> tuple[str, ...]:
    return phrases("commercial")


def _use(row: DataRow, payer: Payer) -> UnitUse:
    """Stated, or a company's: a shop is not called before ten, and to be wrong about a home costs one hour."""
    stated = text(row.cell("use")).lower()
    if stated:
        return "commercial" if any(word in stated for word in _commercial()) else "residential"
    return "commercial" if any(kind_of(name) == "company" for name in payer.names) else "residential"


def _identities(row: DataRow, payers: int) -> tuple[str, ...]:
    said = " ".join(row.texts("identity"))
    found = tuple(part for part in said.replace("、", " ").replace("/", " ").replace(",", " ").split() if len(part) >= 6)
    return found if len(found) == payers else ()


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(row: DataRow) -> str:
    zone = text(row.cell("timezone"))
    if zone and zone not in _zones():
        raise Refused(
            "timezone", zone, f"{zone!r} is not a time zone 时区无效", "write an IANA name such as Asia/Shanghai, or leave it blank"
        )
    return zone


def _split(charge: ArrearsRow, row: DataRow, terms: Terms) -> list[ArrearsRow]:
    """A charge of more than a year becomes one per billing period; what was paid pays the oldest first (Civil Code 560)."""
    months = charge.period.months
    if months <= LONGEST_CHARGE:
        return [charge]
    if terms.months is None or not charge.period.whole:
        reason = f"{charge.period.label} is {months} months: more than one debt 账期超过12个月"
        cure = "give each billing period a row of its own" + ("" if terms.months else f", or set {charge.community}'s billing months")
        raise Refused("period" if "period" in row.layout.columns else "period_start", charge.period.label, reason, cure)
    parts: list[ArrearsRow] = []
    owed = paid = Decimal("0.00")
    for first in range(0, months, terms.months):
        last = min(first + terms.months, months)
        period = Period(_nth(charge.period, first).start, _nth(charge.period, last - 1).end)
        amount = (charge.amount * last / months).quantize(CENT, ROUND_HALF_UP) - owed
        settled = min(amount, charge.paid - paid)
        owed, paid = owed + amount, paid + settled
        due_on = charge.due_on if last == months else min(terms.due_on(period), charge.due_on)
        parts.append(replace(charge, period=period, amount=amount, paid=settled, due_on=due_on))
    return parts


def _nth(period: Period, number: int) -> Period:
    years, months = divmod(period.start.month - 1 + number, 12)
    return month(period.start.year + years, months + 1)


class _Seen:
    """What the file has said so far: a row equal in content to an earlier one is a duplicate, one that contradicts it is refused.

    Content is who owes what for which item and period, due when; a phone or note that differs does not make another debt.
    Only hashes are kept (about 150 bytes a charge), so that a million rows fit.
    """

    def __init__(self) -> None:
        self._lines: dict[int, int] = {}

    def judge(self, row: DataRow, charges: tuple[ArrearsRow, ...]) -> Line[ArrearsRow]:
        sheet, line = row.raw.sheet, row.raw.line
        fresh: list[tuple[int, int, ArrearsRow]] = []
        first_line = line
        for charge in charges:
            which = hash((charge.community, charge.unit.key, charge.item, charge.period.start, charge.period.end))
            content = hash((charge.payers, charge.due_on, charge.amount, charge.paid)) & 0xFFFFFFFFFFFFFFFF
            before = self._lines.get(which)
            if before is None:
                fresh.append((which, content, charge))
                continue
            first_line = before >> 64
            if before & 0xFFFFFFFFFFFFFFFF != content:
                reason = f"another {charge.item} of {charge.period.label} for {charge.unit.label} stands in line {first_line} 与前行矛盾"
                return Reject(sheet, line, row.heading("item"), charge.item, reason, "keep the right one, or name the items apart")
        if charges and not fresh:
            return Duplicate(sheet, line, first_line)
        if len({which for which, _, _ in fresh}) < len(fresh):
            return Reject(sheet, line, row.heading("period"), "", "names the same item and period twice 同一行账期重复", "name each once")
        self._lines.update((which, line << 64 | content) for which, content, _ in fresh)
        return Taken(sheet, line, tuple(charge for _, _, charge in fresh))
