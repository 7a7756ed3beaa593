"""How a person reads a demand: which home, how much, addressed to whom. Pure; knows no wording of the program."""

import re
from dataclasses import dataclass
from decimal import Decimal

_UNIT = re.compile(
    r"(?P<a>\d{1,3})\s*(?:栋|幢|号楼|座)\s*(?:(?P<b>\d{1,2})\s*单元)?\s*(?P<c>\d{3,5})\s*(?:室|号)?"
    r"|(?<![\d-])(?P<d>\d{1,3})-(?P<e>\d{1,2})-(?P<f>\d{3,5})(?![\d-])"
    r"|(?<![A-Za-z0-9-])(?P<g>[A-Z]\d{0,2}-\d{2,5})(?![\d-])"
    r"|\b[Uu]nit (?P<h>[\w-]+)"
)
_SUM = (
    r"(?:(?:¥|￥|CNY|RMB|\$)\s*(?P<marked>\d[\d,]*(?:\.\d{1,2})?)"
    r"|(?P<plain>\d[\d,]*(?:\.\d{1,2})?)\s*(?:元|yuan|dollars?)(?:(?:零|\s)?(?P<jiao>\d)角)?(?:零?(?P<fen>\d)分)?)"
)
_MONEY = re.compile(_SUM)
_TOTAL = re.compile(r"(?:合计|共计|总计|总额|总共|共欠|共|\btotal\b|\btogether\b)[^\d¥￥$]{0,20}" + _SUM, re.IGNORECASE)
_RECEIPT = re.compile(
    r"已收到|已缴清|已结清|缴费成功"
    r"|payment received|received your payment|thank you for (?:your|the) payment",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"尊敬的(?P<a>[一-龥]{2,4}?)(?:业主|先生|女士|您|：|:|，|,)"
    r"|】(?:尊敬的)?(?P<b>[一-龥]{2,20}?)(?:业主|先生|女士)?(?:、[^：:]*)?[：:]"
    r"|(?P<c>[一-龥]{2,4})\s*(?:先生|女士)?\s*[（(]?收[)）]?\s*$"
)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a person understood to owe: `units` in the form 3-1-0401, or as it was written where it has another form."""

    units: tuple[str, ...]
    total: Decimal | None
    name: str | None = None


def read_demand(text: str) -> Demand | None:
    """None for what asks for no money: a thank-you, a text without a home in it."""
    if _RECEIPT.search(text):
        return None
    units = tuple(dict.fromkeys(_label(found) for found in _UNIT.finditer(text)))
    if not units:
        return None
    return Demand(units, _total(text), read_name(text))


def read_name(text: str) -> str | None:
    found = _NAME.search(text)
    return (found["a"] or found["b"] or found["c"]) if found else None


def _label(found: re.Match[str]) -> str:
    if named := found["g"] or found["h"]:
        return named
    if found["d"]:
        return f"{found['d']}-{found['e']}-{found['f']}"
    return f"{found['a']}-{found['b']}-{found['c']}" if found["b"] else f"{found['a']}-{found['c']}"


def _total(text: str) -> Decimal | None:
    """The sum it calls a total, else the largest sum it names."""
    totals = [_money(found) for found in _TOTAL.finditer(text)]
    if totals:
        return totals[-1]
    return max((_money(found) for found in _MONEY.finditer(text)), default=None)


def _money(found: re.Match[str]) -> Decimal:
    """In figures, or as it is spoken: 4682元4角, 1344元零8分."""
    whole = Decimal((found["marked"] or found["plain"]).replace(",", ""))
    return whole + Decimal(found["jiao"] or 0) / 10 + Decimal(found["fen"] or 0) / 100
