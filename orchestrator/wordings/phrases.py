"""The blanks of a wording, filled: dates, money, names and charges as a text message, a letter or a voice says them."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from orchestrator.wordings import periods
from orchestrator.wordings.notice import Creditor, Language, Line, Notice, total

Style = Literal["short", "letter", "spoken"]
"""short: every character costs money; letter: for the eye; spoken: for the ear."""

_SIGN = {"CNY": "CNY ", "USD": "$", "GBP": "£", "EUR": "€"}
_UNIT_ZH = {"CNY": "元", "USD": "美元", "GBP": "英镑", "EUR": "欧元", "HKD": "港元"}
_SPOKEN_EN = {
    "CNY": ("yuan", "yuan", "fen"),
    "USD": ("dollar", "dollars", "cents"),
    "GBP": ("pound", "pounds", "pence"),
    "EUR": ("euro", "euros", "cents"),
}
_CLOSING = "。.；;，, "


def blanks(notice: Notice, style: Style) -> dict[str, str]:
    """Every blank a wording may use. An empty one means: there is nothing to say about it."""
    language, currency = notice.language, notice.currency

    def money_of(amount: Decimal | None) -> str:
        return money(amount, currency, language, style) if amount else ""

    def day_of(day: date | None) -> str:
        return day_named(day, language, style) if day else ""

    enforceable = notice.enforceable
    return {
        "creditor": notice.creditor.name,
        "creditor_phone": notice.creditor.phone,
        "creditor_address": notice.creditor.address,
        "payee_account": notice.creditor.payee_account,
        "community": notice.community,
        "debtors": names(notice.debtors, language),
        "salutation": salutation(notice),
        "you": _you(notice),
        "address": notice.address,
        "reference": notice.reference,
        "units": names(_once(line.unit for line in notice.lines), language),
        "charges": charges(enforceable, notice, style, sums=len({(line.unit, line.item) for line in enforceable}) > 1),
        "covered": covered(notice.lines, language, style),
        "count": str(len(enforceable)) if enforceable else "",
        "barred": charges(notice.time_barred, notice, style, sums=True),
        "total": money_of(notice.unpaid),
        "late_charge": money_of(notice.late_charge),
        "grand_total": money_of(notice.unpaid + notice.late_charge),
        "late_charge_terms": _free(notice.late_charge_terms),
        "as_of": day_of(notice.as_of),
        "pay_by": day_of(notice.pay_by) if enforceable else "",
        "due": _due(enforceable, language, style),
        "how_to_pay": _free(notice.how_to_pay),
        "pay_url": notice.pay_url,
        "contract_clause": _free(notice.contract_clause),
        "how_to_object": _free(notice.how_to_object),
        "relief": _free(notice.relief),
        "instalments": str(len(notice.instalments)) if notice.instalments else "",
        "signatory": notice.signatory,
        "counsel": notice.counsel or ("＿＿＿＿律师事务所" if language == "zh" else "____________, counsel,"),
        "dated": day_of(notice.dated),
        "opt_out": _free(notice.opt_out),
        "received": money_of(notice.received),
        "promised_on": day_of(notice.promised_on),
        "promised_amount": money_of(notice.promised_amount),
        "withdraws": notice.withdraws,
        "reason": _free(notice.reason),
    }


def money(amount: Decimal, currency: str, language: Language, style: Style) -> str:
    """An amount with its unit.

    >>> [money(Decimal("4682.40"), "CNY", "zh", style) for style in ("short", "letter", "spoken")]
    ['4682.40元', '4,682.40元', '4682元4角']
    >>> money(Decimal("339.05"), "USD", "en", "short"), money(Decimal("339.05"), "USD", "en", "spoken")
    ('$339.05', '339 dollars and 5 cents')
    """
    if style == "spoken":
        return _spoken_zh(amount, currency) if language == "zh" else _spoken_en(amount, currency)
    figures = f"{amount:.2f}" if style == "short" and language == "zh" else f"{amount:,.2f}"
    if language == "zh":
        return f"{figures}{_UNIT_ZH.get(currency, currency)}"
    return f"{_SIGN.get(currency, currency + ' ')}{figures}"


def unit_of_money(currency: str, language: Language) -> str:
    """What the figures of a table are in."""
    return {"CNY": "人民币元"}.get(currency, _UNIT_ZH.get(currency, currency)) if language == "zh" else currency


def _spoken_zh(amount: Decimal, currency: str) -> str:
    whole, hundredths = _split(amount)
    if currency != "CNY":
        return f"{whole if not hundredths else f'{amount:.2f}'}{_UNIT_ZH.get(currency, currency)}"
    jiao, fen = divmod(hundredths, 10)
    yuan = f"{whole}元" if whole or not hundredths else ""
    gap = "零" if yuan and fen and not jiao else ""
    return yuan + (f"{jiao}角" if jiao else gap) + (f"{fen}分" if fen else "")


def _spoken_en(amount: Decimal, currency: str) -> str:
    whole, hundredths = _split(amount)
    one, many, small = _SPOKEN_EN.get(currency, (currency, currency, "hundredths"))
    said = f"{whole} {one if whole == 1 else many}"
    return f"{said} and {hundredths} {small.removesuffix('s') if hundredths == 1 and small == 'cents' else small}" if hundredths else said


def _split(amount: Decimal) -> tuple[int, int]:
    return divmod(int(amount * 100), 100)


def day_named(day: date, language: Language, style: Style) -> str:
    """A date as it is read.

    >>> sixth = date(2026, 12, 6)
    >>> day_named(sixth, "zh", "letter"), day_named(sixth, "en", "letter"), day_named(sixth, "en", "short")
    ('2026年12月6日', '6 December 2026', '6 Dec 2026')
    """
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    names_of = periods.MONTHS_SHORT if style == "short" else periods.MONTHS
    return f"{day.day} {names_of[day.month - 1]} {day.year}"


def charges(lines: Sequence[Line], notice: Notice, style: Style, *, sums: bool) -> str:
    """Every unit, item and period, consecutive periods under one name; with `sums`, what each item comes to.

    Within a unit the items are joined by a lighter mark than the units are, so that the reader sees what belongs where.
    """
    language = notice.language
    by_unit = []
    for unit in _once(line.unit for line in lines):
        mine = [line for line in lines if line.unit == unit]
        said = [
            _item(item, [line for line in mine if line.item == item], notice, style, sums) for item in _once(line.item for line in mine)
        ]
        by_unit.append(_belongs(unit, _join(said, language), language, style))
    return ("；" if language == "zh" else "; ").join(by_unit)


def _item(item: str, lines: Sequence[Line], notice: Notice, style: Style, sums: bool) -> str:
    when = (periods.spoken if style == "spoken" else periods.written)((line.period for line in lines), notice.language)
    sum_of = money(total(line.unpaid for line in lines), notice.currency, notice.language, style) if sums else ""
    count = len(lines)
    if notice.language == "zh":
        return f"{when}{item}{f'，{sum_of}' if sums else ''}" if style == "spoken" else f"{item}{when}共{count}期{sum_of}"
    many = "" if count == 1 or style == "spoken" else f" ({count} periods)"
    return f"{item} for {when}{f', {sum_of}' if sums else ''}" if style == "spoken" else f"{item} {when}{many} {sum_of}".rstrip()


def covered(lines: Sequence[Line], language: Language, style: Style) -> str:
    """Every unit, item and period without sums: what a payment covered, what a bill is for."""
    name = periods.spoken if style == "spoken" else periods.written
    by_unit = []
    for unit in _once(line.unit for line in lines):
        mine = [line for line in lines if line.unit == unit]
        said = []
        for item in _once(line.item for line in mine):
            when = name((line.period for line in mine if line.item == item), language)
            said.append(f"{item}{when}" if language == "zh" else f"{item} {when}")
        by_unit.append(_belongs(unit, _join(said, language), language, style))
    return ("；" if language == "zh" else "; ").join(by_unit)


def _belongs(unit: str, said: str, language: Language, style: Style) -> str:
    if language == "en":
        return f"for unit {unit}, {said}" if style == "spoken" else f"unit {unit}: {said}"
    return f"{unit}的{said}" if style == "spoken" else f"{unit}{said}"


def names(of: Iterable[str], language: Language) -> str:
    """Several names in one breath: 王平、李娟; A, B and C."""
    *others, final = list(of) or [""]
    if language == "zh" or not others:
        return "、".join([*others, final])
    return f"{', '.join(others)} and {final}"


def salutation(notice: Notice) -> str:
    said = names(notice.debtors, notice.language)
    return f"尊敬的{said}：" if notice.language == "zh" else f"Dear {said},"


def _you(notice: Notice) -> str:
    if notice.language == "en":
        return "you"
    return "贵单位" if notice.company else "您"


def _due(lines: Sequence[Line], language: Language, style: Style) -> str:
    days = sorted({line.due_on for line in lines})
    if not days:
        return ""
    said = [day_named(day, language, style) for day in (days[0], days[-1])]
    return said[0] if len(days) == 1 else ("至" if language == "zh" else " to ").join(said)


def _join(said: Sequence[str], language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(said)


def _free(text: str) -> str:
    """A company's own words go in the middle of a sentence: their closing mark is the wording's business."""
    return text.strip().rstrip(_CLOSING)


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


_EMPTY = Notice(
    purpose="demand",
    language="zh",
    reference="",
    creditor=Creditor("", "", "", ""),
    community="",
    debtors=(),
    address="",
    lines=(),
    dated=date.min,
    as_of=date.min,
    pay_by=None,
    how_to_pay="",
    contract_clause="",
    how_to_object="",
    signatory="",
)
BLANKS = frozenset(blanks(_EMPTY, "letter")) | {"legal_basis"}
"""The names a wording may use; `legal_basis` is the wording's own text for the notice's law."""
