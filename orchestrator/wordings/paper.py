"""A finished letter is looked at as whoever opens the envelope will: what its pages say and where, read from the PDF's own bytes.

Nothing is taken on trust from what rendered it. Text is read through the fonts' maps to Unicode (ISO 32000-1, 9.10.3), as any reader
copies it out; what is marked as an artifact (headers, footers, rules) is no part of it. A letter takes 10 ms: this stands before every one
that is queued, where a reader of whatever PDF there is would take longer than the typesetter.
"""

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.wordings.codes import QUIET, bars_of
from orchestrator.wordings.envelopes import envelope, return_line
from orchestrator.wordings.letter import Letter
from orchestrator.wordings.notice import Notice, WordingError

if TYPE_CHECKING:
    from pyhanko.pdf_utils.generic import DictionaryObject

MILLIMETRE = 72 / 25.4
_PLAY = 0.1
"""Mm that a letter's edge may lie off, as lengths in a PDF are rounded."""
UNREADABLE = "\ufffd"

Matrix = tuple[float, float, float, float, float, float]
_UPRIGHT: Matrix = (1, 0, 0, 1, 0, 0)
_NUMBER = rb"-?[\d.]+"
_STRING = rb"\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.)*+\))*+\)|<[0-9A-Fa-f\s]*+>"
_OPERATOR = re.compile(
    rb"(?P<artifact>/Artifact\s*(?:<<.*?>>\s*)?B(?:DC|MC))"
    rb"|(?P<marked>/\w+\s*(?:<<(?:(?:" + _STRING + rb"|[^>]|>(?!>))*)>>|/\w+)?\s*B(?:DC|MC))"
    rb"|(?P<end>EMC)"
    rb"|(?P<of>cm\b|Tm\b)"
    rb"|/(?P<font>\w+)\s+" + _NUMBER + rb"\s+Tf"
    rb"|(?P<shown>\[(?:[^\]()<>]++|" + _STRING + rb")*+\]\s*TJ|(?:" + _STRING + rb")\s*Tj)"
    rb"|(?P<save>q\b)|(?P<restore>Q\b)"
    rb"|/\w+|" + _STRING,
    re.DOTALL,
)
_LONGEST_MATRIX = 100
"""Bytes."""
_PIECE = re.compile(_STRING, re.DOTALL)
_ACTUAL = re.compile(rb"/ActualText\s*(" + _STRING + rb")", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_MAPPING = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")
_BAR = re.compile(rb"(\d+) 0 m (\d+) 0 l ")
"""The upper edge of a bar, in narrow bars (see `codes`)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and where it begins, in mm from the sheet's upper left corner."""

    text: str
    left: float
    top: float


def proofread(letter: Letter, notice: Notice) -> None:
    """Raises WordingError where the PDF is not the whole letter: pages, embedded fonts, the window, the tracking code, all that it says."""
    from pyhanko.pdf_utils.reader import PdfFileReader  # takes a quarter of a second, which a command that sends no letter does not pay

    pages = [kid.get_object() for kid in PdfFileReader(io.BytesIO(letter.pdf)).root["/Pages"]["/Kids"]]
    read = [list(_pieces(page)) for page in pages]
    found = [
        *_wrong_pages(read, letter),
        *_lost_fonts(pages),
        *_out_of_window(read[0], letter, notice),
        *_no_tracking_code(pages[0], notice),
        *_unsaid(read, letter, notice),
    ]
    if found:
        raise WordingError(f"{notice.reference}: {'; '.join(found)}")


def _wrong_pages(read: list[list[Piece]], letter: Letter) -> Iterator[str]:
    if len(read) != letter.pages:
        yield f"it has {len(read)} pages and should have {letter.pages}"


def _lost_fonts(pages: list["DictionaryObject"]) -> Iterator[str]:
    for page in pages:
        for font in _fonts(page).values():
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(font["/DescendantFonts"][0]["/FontDescriptor"]):
                yield f"the font {font['/BaseFont']} is not embedded"


def _out_of_window(first_page: list[Piece], letter: Letter, notice: Notice) -> Iterator[str]:
    """The window shows to whom the letter goes and whose it is; what the letter is about is not to be read through it."""
    if letter.addressed is None:
        return
    window = envelope(notice.envelope)
    left, right = window.left - _PLAY, window.left + window.width
    top, bottom = window.top - _PLAY, window.top + window.height
    seen = _squeezed("".join(each.text for each in first_page if left <= each.left < right and top <= each.top < bottom))
    for line in (*letter.addressed.to, letter.addressed.address, return_line(notice)):
        if _squeezed(line) not in seen:
            yield "the names and the address are not in the envelope's window: choose another envelope for the community"
            return
        seen = seen.replace(_squeezed(line), "", 1)
    if seen:
        yield "more than the address is to be read through the envelope's window: choose another envelope for the community"


def _no_tracking_code(first_page: "DictionaryObject", notice: Notice) -> Iterator[str]:
    drawn = {(int(left) - QUIET, int(right) - int(left)) for left, right in _BAR.findall(first_page["/Contents"].data)}
    if not drawn.issuperset(bars_of(notice.reference)):
        yield "its tracking code is not that of its reference"


def _unsaid(read: list[list[Piece]], letter: Letter, notice: Notice) -> Iterator[str]:
    said = _squeezed("".join(piece.text for page in read for piece in page))
    wanted = dict.fromkeys((*letter.text.splitlines(), *notice.debtors, *notice.address.splitlines()))
    yield from (f"it does not say “{line}”" for line in wanted if _squeezed(line) not in said)


def _squeezed(text: str) -> str:
    """Without what setting puts in and takes out: spaces, line ends, hyphens at a line's end."""
    return re.sub(r"[\s\u00ad\u200b]", "", unicodedata.normalize("NFKC", text))


def _pieces(page: "DictionaryObject") -> Iterator[Piece]:
    """The text of a page in its order."""
    height = float(page["/MediaBox"][3])
    maps = {name: _unicode(font["/ToUnicode"].data) if "/ToUnicode" in font else {} for name, font in _fonts(page).items()}
    here, text_at = _UPRIGHT, _UPRIGHT
    saved: list[Matrix] = []
    marks: list[bool] = []
    font: Mapping[bytes, str] = {}
    content = page["/Contents"].data
    for operator in _OPERATOR.finditer(content):
        match operator.lastgroup:
            case "save":
                saved.append(here)
            case "restore":
                here = saved.pop()
            case "of":
                matrix = _matrix(content[max(operator.start() - _LONGEST_MATRIX, 0) : operator.start()])
                if operator["of"] == b"cm":
                    here = _times(matrix, here)
                else:
                    text_at = matrix
            case "font":
                font = maps[f"/{operator['font'].decode()}"]
            case "artifact":
                marks.append(True)
            case "marked":
                actual = _ACTUAL.search(operator["marked"])
                if actual and not any(marks):
                    yield _piece(_bytes(actual[1]).decode("utf-16"), text_at, here, height)
                marks.append(bool(actual))
            case "end":
                marks.pop()
            case "shown" if not any(marks):
                codes = b"".join(_bytes(string) for string in _PIECE.findall(operator["shown"]))
                text = "".join(font.get(codes[at : at + 2], UNREADABLE) for at in range(0, len(codes), 2))
                yield _piece(text, text_at, here, height)


def _fonts(page: "DictionaryObject") -> "dict[str, DictionaryObject]":
    fonts = page["/Resources"].get("/Font", {})
    return {name: fonts[name] for name in fonts}


def _piece(text: str, text_at: Matrix, here: Matrix, height: float) -> Piece:
    *_, x, y = _times(text_at, here)
    return Piece(text, x / MILLIMETRE, (height - y) / MILLIMETRE)


def _matrix(before: bytes) -> Matrix:
    """The six numbers that stand last before their operator."""
    a, b, c, d, e, f = map(float, before.split()[-6:])
    return a, b, c, d, e, f


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _bytes(string: bytes) -> bytes:
    """What a literal or a hexadecimal string stands for (ISO 32000-1, 7.3.4)."""
    if string.startswith(b"<"):
        return bytes.fromhex(string[1:-1].decode())
    return _ESCAPE.sub(_unescaped, string[1:-1]) if b"\\" in string else string[1:-1]


def _unescaped(escape: re.Match[bytes]) -> bytes:
    said = escape[1]
    return bytes([int(said, 8)]) if said[:1].isdigit() else _ESCAPED.get(said, said)


def _unicode(mapping: bytes) -> Mapping[bytes, str]:
    """Character codes of two bytes -> text, as the typesetter maps them: each by itself, never by ranges."""
    said = [bytes.fromhex(each.decode()) for body in _MAPPING.findall(mapping) for each in _HEX.findall(body)]
    return {code: text.decode("utf-16-be") for code, text in zip(said[::2], said[1::2], strict=True)}
