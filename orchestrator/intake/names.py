"""Who owes: the names in a payer's cell. Joint debtors become several, a company stays one."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from orchestrator.intake.cells import Cell, says_nothing, text

PartyKind = Literal["person", "company"]

_COMPANY = re.compile(
    r"公司|集团|商行|商店|商贸|超市|便利店|餐饮|酒店|宾馆|饭店|[店厂行部馆院校所社局站吧]$|中心$|事务所|委员会|合作社|幼儿园|银行|基金|工作室|个体"
    r"|\b(?:llc|inc|ltd|co|corp|company|trust|bank|gmbh|plc|lp|llp|holdings|properties|partners)\b\.?",
    re.I,
)
_LEGAL_FORM = re.compile(r"公司|集团|事务所|委员会|合作社|\b(?:llc|inc|ltd|corp|plc|llp)\b", re.I)
_REMARK = re.compile(r"\((?:业主|产权人|户主|本人|租户|租客|共有|法人|owner|tenant)[^)]*\)", re.I)
_AND_OTHERS = re.compile(r"\s*等(?:\d+|[二三四五六七八九十两]+)?[人户位]?$")
_BRACKETED = re.compile(r"\(([^()]{1,12})\)")
_CUT_OFF = "the name seems cut off; other joint debtors may be missing 姓名不全"
_NUMBER = re.compile(r"\(?\+?\d[\d\- ]{6,}\d\)?")
_CHINESE = re.compile(r"[一-鿿]")
_SPACED = re.compile(r"(?<![一-鿿])([一-鿿])\s+([一-鿿])(?![一-鿿])")
_ERROR = re.compile(r"#[A-Z/0]+[!?A]?")
_BETWEEN_CHINESE = re.compile(r"\s*[、,，;；/&＆+\n]\s*|(?<=[一-鿿])\s+(?=[一-鿿]{2,4}(?:\s|$))")
_BETWEEN_WESTERN = re.compile(r"\s*[;/&\n]\s*|\s+and\s+", re.I)


@dataclass(frozen=True, slots=True)
class Payer:
    """The names in one cell, in their order, and what must be said about them."""

    names: tuple[str, ...]
    warning: str = ""
    remark: str = ""
    """What stood in brackets behind a person's name: 已故, 法拍 ..."""


def read_names(cell: Cell) -> Payer:
    """The debtors a cell names; no names for a blank.

    >>> read_names("褚磊、何平").names, read_names("郑丽、").names, read_names("杭州云栖商贸有限公司").names
    (('褚磊', '何平'), ('郑丽',), ('杭州云栖商贸有限公司',))
    """
    return Payer(()) if says_nothing(cell) else _of_text(text(cell))


@lru_cache(maxsize=16_384)
def _of_text(said: str) -> Payer:
    said = _SPACED.sub(r"\1\2", "" if _ERROR.fullmatch(said) else said)
    plain = _NUMBER.sub("", _REMARK.sub("", said)).strip(" :：")
    remark = ""
    if (match := _BRACKETED.search(plain)) and not _COMPANY.search(plain):
        remark, plain = match[1], _BRACKETED.sub("", plain).strip()
    others = bool(_AND_OTHERS.search(plain)) and len(_AND_OTHERS.sub("", plain)) >= 2
    if others:
        plain = _AND_OTHERS.sub("", plain)
    between = _BETWEEN_CHINESE if _CHINESE.search(plain) else _BETWEEN_WESTERN
    parts = [" ".join(part.split()) for part in between.split(plain)]
    names = tuple(dict.fromkeys(part for part in parts if part))
    if _one_company(plain, names):
        names = (plain.strip("、,，;； "),)
    truncated = others or (len(parts) > 1 and not parts[-1] and len(names) == 1)
    return Payer(names, _CUT_OFF if truncated else "", remark)


def _one_company(plain: str, names: tuple[str, ...]) -> bool:
    """A company's own name may hold a separator; only a part that could stand alone shows that several are meant."""
    if len(names) < 2 or not _LEGAL_FORM.search(plain):
        return False
    return any(not _LEGAL_FORM.search(name) and not 2 <= len(name) <= 4 for name in names)


def kind_of(name: str) -> PartyKind:
    """Whether a name is a company's or a person's, by its words.

    >>> kind_of("绍兴越城餐饮店"), kind_of("褚桂英")
    ('company', 'person')
    """
    return "company" if _COMPANY.search(name) and len(name) > 3 else "person"
