"""The window of an envelope, and how names and an address that are too long for it still reach their door.

Windows are data (`layout/envelopes.toml`); a community may give its own instead, as `left,top,width,height` in mm.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from orchestrator.wordings.catalogue import LAYOUTS
from orchestrator.wordings.notice import Language, Notice, WordingError
from orchestrator.wordings.phrases import names

LEAST_WIDTH, LEAST_HEIGHT = 60, 24
"""Mm: a sender's line, a name and a short address need as much."""
HIGHEST, RIGHTMOST = 27, 125
"""Mm: the letterhead stands above, what identifies the letter to the right."""
_THIRDS = (105.0, 210.0)


_OF_A_BUILDING = re.compile(
    r"[\W\d_]|[幢栋座室号楼层户]|单元|(?<![a-z])(?:unit|room|flat|apt|block)(?![a-z])|(?<![a-z])[a-z](?![a-z])", re.IGNORECASE
)
_PLACES_WITHOUT_NUMBER = re.compile(r"[村屯寨队组乡镇]|信箱")


def is_complete(address: str) -> bool:
    """Whether the post could find a door by it: it names a place, not only a unit, and a number in it, which a village needs none of.

    >>> [is_complete(each) for each in ("杭州市云栖路1号3-1-1201", "3幢1单元1201室", "同上", "清苑县东吕乡东吕村", "12 Maple Avenue")]
    [True, False, False, True, True]
    """
    said = unicodedata.normalize("NFKC", address)
    names_a_place = len(_OF_A_BUILDING.sub("", said)) >= 2
    return names_a_place and bool(re.search(r"[\d一二三四五六七八九十百]", said) or _PLACES_WITHOUT_NUMBER.search(said))


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is read through the window, in mm from the sheet's upper left corner, and the heights at which the sheet is folded."""

    left: float
    top: float
    width: float
    height: float
    folds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Addressed:
    """What stands in the window. `whole` unless the letter has to list names and address once more in its text."""

    to: tuple[str, ...]
    address: str
    whole: bool = True


@cache
def envelope(chosen: str) -> Envelope:
    """The envelope of that name, or of that window. Raises WordingError where there is none, or it does not fit the sheet."""
    known = _shipped()
    if chosen in known:
        return known[chosen]
    try:
        made = _envelope([float(number) for number in chosen.split(",")], _THIRDS)
    except ValueError:
        raise WordingError(
            f"no envelope is called {chosen}: choose {', '.join(known)}, or say its window in mm as left,top,width,height, like 25,30,90,35"
        ) from None
    if not (
        made.width >= LEAST_WIDTH
        and made.height >= LEAST_HEIGHT
        and made.left >= 0
        and made.top >= HIGHEST
        and made.left + made.width <= RIGHTMOST
        and made.top + made.height <= _THIRDS[0]
    ):
        raise WordingError(
            f"the window {chosen} does not fit: at least {LEAST_WIDTH} x {LEAST_HEIGHT} mm, {HIGHEST} mm below the sheet's upper edge or "
            f"more, above {_THIRDS[0]} mm and left of {RIGHTMOST} mm"
        )
    return made


@cache
def _shipped() -> dict[str, Envelope]:
    data = tomllib.loads((LAYOUTS / "envelopes.toml").read_text(encoding="utf-8"))
    return {name: _envelope(each["window"], tuple(each["folds"])) for name, each in data.items()}


def _envelope(window: Sequence[float], folds: tuple[float, ...]) -> Envelope:
    left, top, width, height = window
    return Envelope(left, top, width, height, folds)


def ways(notice: Notice) -> Iterator[Addressed]:
    """The ways to address an envelope, the best first; the first that fits is printed. The last fits every window there may be."""
    zh = notice.language == "zh"
    one, others = notice.debtors[0], len(notice.debtors) - 1
    yield Addressed(tuple(_to(each, notice.language) for each in notice.debtors), notice.address)
    if others:
        yield Addressed((_to(names(notice.debtors, notice.language), notice.language),), notice.address)
        counted = f"{one} 等{others + 1}人 收" if zh else f"{one} and {others} other{'s' if others > 1 else ''}"
        yield Addressed((counted,), notice.address, whole=False)
    label = "收件人及地址见信封标签" if zh else "Names and address: see the label"
    yield Addressed((label,), "", whole=False)


def return_line(notice: Notice) -> str:
    """Where the post brings back what it cannot deliver: above the address, in the window."""
    return f"{notice.creditor.name}{'　' if notice.language == 'zh' else ', '}{notice.creditor.address}"


def _to(name: str, language: Language) -> str:
    return f"{name} 收" if language == "zh" else name
