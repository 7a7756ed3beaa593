"""The two codes on a letter, as drawings: how to pay (QR), and which letter this is (Code 128, for the reader at the posting desk)."""

import io
from functools import cache
from string import Formatter
from urllib.parse import quote

import segno
from barcode import Code128

from orchestrator.wordings.notice import WordingError

PAYLOAD_BLANKS = frozenset({"reference", "account"})
"""A code is photographed and passed on: it names the homes' accounts and our reference, never a person or a sum."""
LONGEST_PAYLOAD = 300
"""Characters of a payment code: beyond it a phone no longer reads 24 mm."""
BAR_HEIGHT = 40
"""In widths of the narrowest bar."""
QUIET = 10
"""Narrow bars of nothing on either side (ISO/IEC 15417, 4.5)."""


def check_payment_code(pattern: str) -> None:
    """Raises WordingError where a community's payment code could not be filled or read."""
    try:
        blanks = {blank for _, blank, _, _ in Formatter().parse(pattern) if blank is not None}
    except ValueError:
        blanks = {""}
    if unknown := blanks - PAYLOAD_BLANKS:
        raise WordingError(f"a payment code cannot hold {{{min(unknown)}}}: only {{account}} and {{reference}}; write {{{{ for a brace")
    if len(pattern) > LONGEST_PAYLOAD:
        raise WordingError(f"a payment code of {len(pattern)} characters cannot be read from paper: {LONGEST_PAYLOAD} at most")


def payment_payload(pattern: str, payee_account: str, homes: str, reference: str) -> str:
    """What the code on a letter holds: the community's link or text, or else the payee's account.

    >>> payment_payload("https://pay.cn/?a={account}", "", "3-1-1201、B2-118", "XL00000007")
    'https://pay.cn/?a=3-1-1201%E3%80%81B2-118'
    >>> payment_payload("", "工商银行 12020245", "3-1-1201", "XL00000007")
    '工商银行 12020245\\n3-1-1201 XL00000007'
    """
    if not pattern:
        return f"{payee_account}\n{homes} {reference}" if payee_account else ""
    escaped = quote if "://" in pattern else str
    return pattern.format(account=escaped(homes), reference=escaped(reference))


@cache
def payment_code(payload: str) -> str:
    """The QR code (ISO/IEC 18004, level M) as SVG; empty for no payload."""
    if not payload:
        return ""
    svg = io.BytesIO()
    segno.make(payload, error="m", micro=False).save(svg, kind="svg", xmldecl=False, border=0)
    return svg.getvalue().decode()


def tracking_code(reference: str) -> str:
    """The reference as Code 128, as SVG, one unit to the narrowest bar; a reader that types what it sees types the reference."""
    width = len(modules(reference)) + 2 * QUIET
    bars = "".join(f"M{QUIET + first} 0h{wide}v{BAR_HEIGHT}h-{wide}z" for first, wide in bars_of(reference))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {BAR_HEIGHT}"><path d="{bars}"/></svg>'


def bars_of(reference: str) -> list[tuple[int, int]]:
    """Each bar: where it begins and how wide it is, in narrow bars."""
    found: list[tuple[int, int]] = []
    for at, black in enumerate(modules(reference)):
        if black == "1" and found and sum(found[-1]) == at:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif black == "1":
            found.append((at, 1))
    return found


@cache
def modules(reference: str) -> str:
    """Code 128 of the reference, a character per narrow bar: 1 black, 0 white."""
    (line,) = Code128(reference).build()
    return str(line)
