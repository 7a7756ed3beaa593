"""Lines that stand over a group of rows and say for all of them whose they are: a community, a building, or a home and who pays for it."""

import re
from collections.abc import Iterable, Mapping, Sequence

from orchestrator.intake.headings import vocabulary
from orchestrator.intake.units import building_of, read_unit

Section = Mapping[str, str]
"""Fields of the rows below, as the line over them states them."""

_STATED = re.compile(r"([^\s:,，;；|]+)\s*:\s*(.*?)\s*(?=[\s,，;；|]+[^\s:,，;；|]+\s*:|$)")
_AREAS = ("community", "phase", "building", "entrance")
_HOME = ("house", "room", "payer", "phone", "identity", "address", "area", "use")
_TELLING = frozenset({"community", "building", "house", "room", "payer"})
_COUNT = re.compile(r"\s*\(.*\)$|\s*共\s*\d+\s*[户套间]$")
_DIGITS = re.compile(r"\d{7}")


def section_of(cells: Iterable[str], columns: Mapping[str, object]) -> dict[str, str]:
    """What a line that is no row of the table states about the rows below; nothing for any other line.

    `cells` are its filled cells; `columns` the fields the table has columns for.

    >>> section_of(["房屋:3-1-1201  业主:张三", "电话:19900000000"], {})
    {'house': '3-1-1201', 'payer': '张三', 'phone': '19900000000'}
    >>> section_of(["3栋"], {}), section_of(["3-1-1201 张三"], {}), section_of(["制表人:李四"], {})
    ({'building': '3栋'}, {'house': '3-1-1201', 'payer': '张三'}, {})
    """
    said = list(dict.fromkeys(cells))
    if _labelled(said):
        stated = {meant: value for label, value in _STATED.findall("  ".join(said)) if value and (meant := _field(label))}
        return stated if _TELLING & stated.keys() else {}
    if len(said) != 1:
        return {}
    if building := building_of(_COUNT.sub("", said[0])):
        return {"building": building}
    return {} if columns.keys() & {"house", "room", "payer"} else _home_of(said[0])


def entered(before: Section, stated: Section) -> Section:
    """What holds below a new line: a home ends the home before it, a building also that one's entrance, a community all."""
    if "community" in stated:
        return stated
    if "building" in stated or "phase" in stated:
        kept: Sequence[str] = ("community", "phase") if "phase" not in stated else ("community",)
    else:
        kept = _AREAS
    return {**{name: value for name, value in before.items() if name in kept}, **stated}


def _labelled(said: Sequence[str]) -> bool:
    """Whether every cell is a label with a colon, or stands behind one that ends in it."""
    behind = ["", *said]
    return bool(said) and all(":" in cell or before.endswith(":") for before, cell in zip(behind, said, strict=False))


def _field(label: str) -> str:
    meant = vocabulary("arrears").field(label)
    return meant[0] if meant and meant[0] in (*_AREAS, *_HOME) else ""


def _home_of(line: str) -> dict[str, str]:
    """A home and who pays for it, written without labels: 3栋2单元1201 张三 13800000000."""
    house, *others = line.split()
    unit = read_unit(house)
    names = [word for word in others if not _DIGITS.search(word)]
    if unit is None or not unit.building or len(names) != 1:
        return {}
    phones = " ".join(word for word in others if _DIGITS.search(word))
    return {"house": house, "payer": names[0]} | ({"phone": phones} if phones else {})
