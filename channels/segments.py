"""How many parts a text message leaves in: each is carried, and paid for, by itself. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
"""3GPP TS 23.038, 6.2.1 and 6.2.1.1: an extension character is sent as an escape and one more."""

_ALONE: dict[Encoding, int] = {"GSM-7": 160, "UCS-2": 70}
_JOINED: dict[Encoding, int] = {"GSM-7": 153, "UCS-2": 67}
"""Units of one part of 140 octets: alone, and with the six octets that say which part of which message it is (TS 23.040, 9.2.3.24.1)."""


@dataclass(frozen=True, slots=True)
class Segments:
    """`units` are septets in GSM-7 and 16-bit words in UCS-2."""

    encoding: Encoding
    units: int
    count: int


def segments(text: str) -> Segments:
    """One character outside GSM-7 puts the whole text into UCS-2. What takes two units is never torn between two parts.

    >>> segments("请于12月15日前缴纳。")
    Segments(encoding='UCS-2', units=12, count=1)
    >>> segments("€" * 81)
    Segments(encoding='GSM-7', units=162, count=2)
    """
    seven_bit = all(each in _BASIC or each in _EXTENSION for each in text)
    encoding: Encoding = "GSM-7" if seven_bit else "UCS-2"
    widths = [2 if (each in _EXTENSION if seven_bit else ord(each) > 0xFFFF) else 1 for each in text]
    units = sum(widths)
    return Segments(encoding, units, 1 if units <= _ALONE[encoding] else _parts(widths, _JOINED[encoding]))


def _parts(widths: Iterable[int], room: int) -> int:
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts
