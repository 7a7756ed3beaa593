"""A rendered text is read once more, as its reader will, before it may leave: is it lawful, is its tone in place, does it name everything?

What the law wants named is looked for in the text itself, against the facts and not against what rendered it: units and items by their
names, periods by the months that stand beside them, sums added up anew.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import get_args

from orchestrator.wordings import periods
from orchestrator.wordings.catalogue import Wording
from orchestrator.wordings.notice import Line, Notice, total
from orchestrator.wordings.phrases import Style, day_named, money
from policies.wording_rules import Finding, finding, forbidden, warm_words

Charge = tuple[str, str]
"""Unit and item."""


def findings(text: str, chosen: Wording, notice: Notice, ordinal: int | None = None) -> tuple[Finding, ...]:
    """Everything that keeps this text, made of `chosen` and `notice`, from leaving as the debtor's contact number `ordinal`."""
    is_demand = chosen.speaks == "demand" and notice.purpose == "demand"
    return (
        *forbidden(text, chosen.speaks, _names(notice)),
        *warm_words(text, ordinal),
        *(unnamed(text, notice) if is_demand else ()),
        *(_unsaid(_plain(text), "opt-out", notice.opt_out) if notice.opt_out else ()),
    )


def unnamed(text: str, notice: Notice) -> tuple[Finding, ...]:
    """What a demand should name and this text does not."""
    plain = _plain(text)
    owed = [line for line in notice.lines if line.unpaid + line.late_charge > 0]
    demanded = [line for line in owed if not line.time_barred]
    found = [
        *_unsaid(plain, "creditor", notice.creditor.name),
        *(each for name in notice.debtors for each in _unsaid(plain, "debtor", name)),
    ]
    found += _unnamed_charges(plain, owed)
    if not demanded:
        return tuple(found)
    ways = [
        ("amount", _moneys(total(line.amount - line.paid for line in demanded), notice)),
        ("late-charge", _moneys(total(line.late_charge for line in demanded), notice)),
        ("pay-by", {day_named(notice.pay_by, notice.language, style) for style in get_args(Style)} if notice.pay_by else set()),
    ]
    found += [finding(rule) for rule, forms in ways if forms and not _says_any(plain, forms)]
    found += _unsaid(plain, "how-to-pay", notice.how_to_pay)
    found += _unsaid(plain, "contract-clause", notice.contract_clause)
    found += _unsaid(plain, "how-to-object", notice.how_to_object)
    return tuple(found)


def _names(notice: Notice) -> list[str]:
    creditor = notice.creditor
    whole = [creditor.name, creditor.address, creditor.payee_account, creditor.letterhead, notice.community, notice.address]
    return [line for each in (*whole, *notice.debtors, notice.signatory, notice.counsel) for line in each.splitlines()]


def _moneys(amount: Decimal, notice: Notice) -> set[str]:
    return {money(amount, notice.currency, notice.language, style) for style in get_args(Style)} if amount else set()


def _says_any(plain: str, forms: set[str]) -> bool:
    return any(re.search(rf"(?<![\d.,]){re.escape(_plain(form))}(?!\d)", plain) for form in forms)


def _unsaid(plain: str, rule: str, words: str) -> tuple[Finding, ...]:
    """The company's own words stand in the middle of a sentence: their closing mark is not looked for."""
    said = _plain(words).rstrip("。.;,")
    return () if said and said in plain else (finding(rule),)


def _plain(text: str) -> str:
    """Full-width forms as narrow ones, one space where any white space stands."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def _unnamed_charges(plain: str, lines: Sequence[Line]) -> Iterator[Finding]:
    named = _months_beside(plain, lines)
    for line in lines:
        charge = (_plain(line.unit), _plain(line.item))
        if charge not in named:
            yield finding("unit", f"{line.unit} {line.item}")
            continue
        months = periods.parse(line.period)
        if months is not None:
            is_named = named[charge].issuperset(range(months.first, months.last + 1))
        else:
            is_named = any(_plain(form) in plain for form in periods.forms(line.period))
        if not is_named:
            yield finding("periods", f"{line.unit} {line.item} {line.period}")


def _months_beside(plain: str, lines: Sequence[Line]) -> dict[Charge, set[int]]:
    """The months that the text names for each unit and item, counted from year 0.

    Writing puts periods after their item, speech before it: within the stretch of a unit, whichever comes first tells.
    """
    units = {_plain(line.unit) for line in lines}
    items = {_plain(line.item) for line in lines}
    named: dict[Charge, set[int]] = {}
    unit, item, waiting = "", "", set[int]()
    speaks_first = False
    for token in _tokens(units, items).finditer(plain):
        match token.lastgroup:
            case "unit":
                unit, item, waiting, speaks_first = token[0], "", set(), False
            case "item" if unit:
                item = token[0]
                named.setdefault((unit, item), set()).update(waiting if speaks_first else ())
                waiting = set()
            case "span" if unit:
                speaks_first = speaks_first or not item
                months = periods.months_named(token[0])
                if speaks_first:
                    waiting |= months
                else:
                    named[unit, item] |= months
    return named


def _tokens(units: set[str], items: set[str]) -> re.Pattern[str]:
    def any_of(names: set[str]) -> str:
        return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name) or r"(?!)"

    return re.compile(
        rf"(?P<unit>(?<![0-9A-Za-z-])(?:{any_of(units)})(?![0-9A-Za-z-]))|(?P<item>{any_of(items)})"
        rf"|(?P<day>{periods.DAY_NAMED})|(?P<span>{periods.SPAN_NAMED})"
    )
