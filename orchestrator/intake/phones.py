"""Telephone numbers out of one cell: several, with dashes, prefixes, full-width digits, remarks.

Unusable ones are flagged, never dropped.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import phonenumbers

from orchestrator.intake.cells import Cell, says_nothing, text

PhoneKind = Literal["mobile", "landline"]


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in E.164 with its country (ISO 3166 alpha-2), or, with `e164` empty, what was written and why it cannot be used."""

    e164: str
    kind: PhoneKind
    country: str
    source: str
    unusable: str = ""


_SPLIT = re.compile(r"[/、,，;；|\n\r]+|(?<=\d{7})\s+(?=\+|1[3-9]\d|0\d{2})|(?<=\d{7})\s{2,}(?=\d)|\s(?:or|and|或|和)\s")
_REMARK = re.compile(r"[(]([^()\d]+)[)]|([一-鿿]+)[:：]?")
_RELATION = re.compile(
    r"妻|夫|儿|女|父|母|兄|弟|姐|妹|爱人|老公|老婆|家属|亲戚|邻居|朋友|租客|租户|保姆|中介|同事|wife|husband|son|daughter|tenant|relative",
    re.I,
)
_EXTENSION = re.compile(r"(?:转|ext\.?|x)\s*\d+$", re.I)
_CN_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_AREA_CODE = re.compile(r"\((0\d{2,3})\)")


def read_phones(cell: Cell, region: str) -> tuple[Phone, ...]:
    """Every number of a cell, in its order, each once. `region` completes numbers written without a country code.

    >>> [phone.e164 for phone in read_phones("19900004866、0571-89374395", "CN")]
    ['+8619900004866', '+8657189374395']
    >>> read_phones("1990000268", "CN")[0].unusable, read_phones("无", "CN")
    ('not a valid number 号码无效', ())
    """
    return () if says_nothing(cell) else _of_text(text(cell), region)


@lru_cache(maxsize=16_384)
def _of_text(said: str, region: str) -> tuple[Phone, ...]:
    found: dict[str, Phone] = {}
    for part in _SPLIT.split(said):
        if part and (phone := _one(part.strip(), region)):
            found.setdefault(phone.e164 or phone.source, phone)
    return tuple(found.values())


def _one(said: str, region: str) -> Phone | None:
    written = _EXTENSION.sub("", _AREA_CODE.sub(r"\1-", said))
    remarks = " ".join(first or second for first, second in _REMARK.findall(written))
    bare = _REMARK.sub("", written).strip(" .-")
    if not any(character.isdigit() for character in bare):
        return None
    digits = re.sub(r"[\s\-.()]", "", bare)
    if _RELATION.search(remarks):
        return Phone("", "mobile", region, said, "belongs to somebody else, who is not liable 非本人号码")
    if region == "CN" and (match := _CN_MOBILE.fullmatch(digits)):
        return Phone(f"+86{match[1]}", "mobile", "CN", said)
    try:
        number = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException:
        return _invalid(said, region)
    if not phonenumbers.is_valid_number(number):
        return _invalid(said, region)
    mobile = phonenumbers.number_type(number) in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    return Phone(
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        "mobile" if mobile else "landline",
        phonenumbers.region_code_for_number(number) or region,
        said,
    )


def _invalid(said: str, region: str) -> Phone:
    return Phone("", "mobile", region, said, "not a valid number 号码无效")
