"""Which home: one canonical label for the many ways to write it, with what the source said kept beside it."""

import re
from dataclasses import dataclass
from functools import lru_cache

from orchestrator.intake.cells import Cell, says_nothing, text


@dataclass(frozen=True, slots=True)
class UnitLabel:
    """`label` is canonical: building-unit-room (3-1-1201), building-room, or the source where it has no such parts.

    `building` is empty where unknown; `estate` is what the source wrote before the building (a community's name), if anything.
    """

    label: str
    source: str
    building: str = ""
    estate: str = ""

    def within_estate(self) -> "UnitLabel":
        """Told apart by its estate, where that is a part of the community (桂花苑3-1-101)."""
        return UnitLabel(f"{self.estate}{self.label}", self.source, f"{self.estate}{self.building}")

    @property
    def key(self) -> str:
        """For comparing: without leading zeros, so that 1-1-0102 and 1-1-102 are one home."""
        return zeroless(self.label)


def zeroless(label: str) -> str:
    """A label without the leading zeros of its parts, in capitals.

    >>> zeroless("03-1-0102")
    '3-1-102'
    """
    return _LEADING_ZEROS.sub("", label).upper()


_LEADING_ZEROS = re.compile(r"(?<![0-9A-Za-z.])0+(?=[0-9])")
_DASHES = re.compile(r"[‐‑‒–—―－_]|(?<=\w)/(?=\w)")
_REMARK = re.compile(r"(?<=.)\([^()0-9A-Za-z期区苑]+\)$")
_DIGITS = "零一二三四五六七八九"
_NUMBER = r"(?:[0-9]+[A-Za-z]?|[A-Za-z][0-9]*|[一二三四五六七八九十]+|[东南西北中])"
_PHASE = rf"(?:{_NUMBER}期|{_NUMBER}[区苑]|[东南西北]区)"
_SPOKEN = re.compile(
    rf"(?P<estate>.*?)-?(?P<phase>{_PHASE})?-?(?P<building>{_NUMBER})(?:号楼|栋楼?|幢楼?|座楼?|#楼?|号(?=.*(?:单元|室|-))|楼)"
    rf"-?(?:(?P<unit>{_NUMBER})(?:单元|门洞?|梯)-?)?(?:[0-9]+层-?)?(?P<room>[0-9A-Za-z]+(?:-[0-9A-Za-z]+)?|)(?:室|号|房|户)?"
)
_DASHED = re.compile(
    rf"(?:(?P<estate>[^0-9]*[^0-9A-Za-z-][^-]*)-)?(?:(?P<phase>{_PHASE})-)?(?P<building>[0-9]{{1,3}}[A-Za-z]?|[A-Za-z][0-9]{{0,2}}|[一二三四五六七八九十]+)"
    rf"-(?:(?P<unit>[0-9]{{1,2}}|[A-Za-z])-)?(?:[0-9]{{1,2}}[F层]-)?(?P<room>[0-9A-Za-z]{{2,6}})(?:室|号|房|户)?"
)
_BUILDING = re.compile(
    rf"(?P<phase>{_PHASE})?-?(?P<building>{_NUMBER})(?:号楼|号院|栋楼?|幢楼?|座楼?|#楼?|号|楼)?(?:-?(?P<unit>{_NUMBER})(?:单元|门洞?|梯)?)?"
)
_NAMED_BUILDING = re.compile(rf"{_PHASE}?-?{_NUMBER}(?:号楼|号院|栋楼?|幢楼?|座楼?|#楼?)(?:-?{_NUMBER}(?:单元|门洞?|梯))?")
_ENTRANCE = re.compile(rf"(?:.*(?:栋|幢|座|楼|#)-?)?(?P<unit>{_NUMBER})(?:单元|门洞?|梯)?")
_ROOM = re.compile(r"(?P<room>[0-9A-Za-z]+)(?:室|号|房|户)?")
_ENTRANCE_AND_ROOM = re.compile(r"(?P<unit>[0-9]{1,2})(?:-|单元-?)(?P<room>[0-9A-Za-z]{2,6})(?:室|号|房|户)?")
_MENTIONED = (
    re.compile(rf"(?:{_PHASE})?[0-9]{{1,3}}(?:号楼|栋|幢|座|#楼?)-?(?:[0-9]{{1,2}}(?:单元|门)-?)?[0-9]{{3,4}}(?![0-9])(?:室|号|房)?"),
    re.compile(r"(?<![0-9\-.])[0-9]{1,3}-[0-9]{1,2}-[0-9]{3,4}(?![0-9\-.])"),
    re.compile(r"(?<![0-9\-.])[0-9]{1,3}-[0-9]{3,4}(?![0-9\-.])"),
)


def read_unit(
    house: Cell = None, *, building: Cell = None, entrance: Cell = None, room: Cell = None, phase: Cell = None
) -> UnitLabel | None:
    """The home one whole label or separate columns name; None where they name none.

    >>> [read_unit(said).label for said in ("3-1-1201", "3栋1单元1201", "云栖花园3号楼1单元1201室", "3幢1201室", "12C")]
    ['3-1-1201', '3-1-1201', '3-1-1201', '3-1201', '12C']
    >>> read_unit(building="1栋", entrance="1单元", room="0102").label
    '1-1-0102'
    """
    said = tuple("" if says_nothing(cell) else text(cell) for cell in (phase, building, entrance, room, house))
    return _of_parts(*said)


@lru_cache(maxsize=16_384)
def _of_parts(phase: str, building: str, entrance: str, room: str, house: str) -> UnitLabel | None:
    if house and not room and (building or entrance) and (not _parsed(house) or _within_another(building, house)):
        room = house
    if room and (building or entrance):
        return _composed(phase, building, entrance, room)
    said = house or room
    if not said:
        return None
    whole = _whole(said)
    if phase and whole.building:
        return UnitLabel(f"{_plain(phase)}{whole.label}", said, f"{_plain(phase)}{whole.building}", whole.estate)
    return whole


def _within_another(building: str, house: str) -> bool:
    """Whether 12-01 cannot be room 01 of building 12, because the row's building is another."""
    parsed, numbers = _parsed(house), re.findall(r"[0-9]+|[A-Za-z]+", building)
    if parsed is None or not building or not _ENTRANCE_AND_ROOM.fullmatch(_plain(house)):
        return False
    return parsed.building not in numbers


def _composed(phase: str, building: str, entrance: str, room: str) -> UnitLabel:
    source = (
        "".join((phase, building, entrance, room))
        if not _needs_dashes(building, entrance)
        else "-".join(filter(None, (phase, building, entrance, room)))
    )
    area, block, gate = _plain(phase), _plain(building), ""
    if match := _BUILDING.fullmatch(block):
        area = area or match["phase"] or ""
        block, gate = _number(match["building"]), _number(match["unit"] or "")
    if (whole := _parsed(room)) and (whole.building == block or not _ENTRANCE_AND_ROOM.fullmatch(_plain(room))):
        return UnitLabel(whole.label, room, whole.building, whole.estate)
    if entrance and (match := _ENTRANCE.fullmatch(_plain(entrance))):
        gate = _number(match["unit"])
    elif entrance:
        gate = _plain(entrance)
    number = _plain(room)
    if match := _ENTRANCE_AND_ROOM.fullmatch(number):
        gate, number = gate or _number(match["unit"]), match["room"]
    elif match := _ROOM.fullmatch(number):
        number = match["room"]
    return UnitLabel("-".join(part for part in (area + block, gate, number) if part), source, area + block)


def _needs_dashes(building: str, entrance: str) -> bool:
    return (building.isalnum() and building.isascii()) or (entrance != "" and entrance.isascii())


def _whole(said: str) -> UnitLabel:
    parsed = _parsed(said)
    if parsed:
        return parsed
    plain = _plain(said)
    match = _ROOM.fullmatch(plain)
    return UnitLabel(match["room"] if match else plain, said)


def _parsed(said: str) -> UnitLabel | None:
    plain = _plain(said)
    match = _SPOKEN.fullmatch(plain) or _DASHED.fullmatch(plain)
    if match is None or not match["room"]:
        return None
    unit, room = match["unit"], match["room"]
    if not unit and (inner := _ENTRANCE_AND_ROOM.fullmatch(room)):
        unit, room = inner["unit"], inner["room"]
    block = (match["phase"] or "") + _number(match["building"])
    label = "-".join(part for part in (block, _number(unit or ""), room) if part)
    return UnitLabel(label, said, block, (match["estate"] or "").strip("-"))


def _plain(said: str) -> str:
    plain = "".join(said.split())
    return _DASHES.sub("-", _REMARK.sub("", plain) if plain.endswith(")") else plain).strip("-")


def _number(said: str) -> str:
    """Chinese numerals to digits, leading zeros gone."""
    if said and all(character in _DIGITS + "十" for character in said):
        tens, ten, ones = said.rpartition("十")
        value = (_DIGITS.index(tens) if tens else 1) * 10 if ten else 0
        return str(value + (_DIGITS.index(ones) if ones else 0))
    return said.lstrip("0") or said


def building_of(sheet: str) -> str:
    """The building, or one entrance of it, that a sheet or a line over its homes is named after, if it is.

    >>> building_of("3号楼"), building_of("3栋2单元"), building_of("Sheet1")
    ('3号楼', '3栋2单元', '')
    """
    return sheet if _NAMED_BUILDING.fullmatch(_plain(text(sheet))) else ""


def mentioned_unit(memo: str) -> UnitLabel | None:
    """The home a payer names in a transfer's memo, if there is one.

    >>> mentioned_unit("7-1-0203物业费").label, mentioned_unit("7幢0403室 物业费").label, mentioned_unit("陈明 物业")
    ('7-1-0203', '7-0403', None)
    """
    plain = _plain(text(memo))
    for form in _MENTIONED:
        if match := form.search(plain):
            return _parsed(match[0])
    return None
