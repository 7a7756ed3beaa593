"""Where the data of a sheet begins and what its columns are: under titles and export stamps, with headings of one row or two."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestrator.intake.cells import Cell, CellError, text
from orchestrator.intake.heading_rows import AMOUNTS, DEEPEST, Label, joined, labels_of
from orchestrator.intake.headings import Across, Vocabulary, across, plain_heading, scale_of, vocabulary
from orchestrator.intake.periods import read_period
from orchestrator.intake.rows import Kind, RawRow
from orchestrator.intake.sections import Section, section_of
from orchestrator.intake.titles import Title
from orchestrator.intake.units import read_unit

HEAD = 200
"""So many rows are looked at before reading: the heading stands in the first of them, the rest show how values are written."""
_LAST_HEADING = 40

YEARLESS = 2000
"""Stands for the year of a month's column where each row states its own."""

_HOME = ("house", "room", "payer")
_SEVERAL = frozenset({"phone", "note", "identity", "memo"})
_NEEDED: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
    "arrears": (("house", "room", "space"), ("payer",), ("period", "period_start", "month"), ("amount", "unpaid")),
    "payments": (("at",), ("ref",), ("amount",)),
    "service-records": (("done_on",), ("kind", "description")),
}
_AGEING = re.compile(r"\b\d{1,3}\s*[-~]\s*\d{2,3}\b|\b\d{2,3}\s*\+|over \d+|账龄|\d天以[上内]", re.IGNORECASE)
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-]\d{4}")


@dataclass(frozen=True, slots=True)
class Total:
    """A column that adds others up: a quarter's or a year's, beside its months."""

    column: int
    of: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a sheet, and what its title says for rows that do not.

    `columns` maps each field to its columns, best first; `across` are amounts by month or fee, one charge a cell.
    """

    kind: Kind
    headings: tuple[str, ...]
    columns: Mapping[str, tuple[int, ...]]
    labels: frozenset[str] = frozenset()
    """The cells of the heading rows, to know them where a report repeats them on every page."""
    across: tuple[Across, ...] = ()
    totals: tuple[Total, ...] = ()
    undated: tuple[int, ...] = ()
    """Columns of amounts of former years that nobody can tell apart."""
    section: Section = field(default_factory=dict)
    """What the lines above the headings state about all rows, where the table has no column for it."""
    community: str = ""
    item: str = ""
    period: str = ""
    year: int | None = None
    month_first: bool = False
    scales: Mapping[int, int] = field(default_factory=dict)
    carried: frozenset[str] = frozenset()
    """Fields written only on the first of several rows: a blank one means the one above."""

    def heading(self, name: str) -> str:
        """What the file calls a field's column."""
        return self.headings[self.columns[name][0]] if name in self.columns else name


@dataclass(frozen=True, slots=True)
class Found:
    """A layout, and how many rows of the head come before the data."""

    layout: Layout
    skip: int


@dataclass(frozen=True, slots=True)
class Lacking:
    """A heading row was there, but not every needed column."""

    layout: Layout
    line: int
    missing: tuple[tuple[str, ...], ...]

    def explain(self) -> str:
        """Which columns lack, and which headings come nearest."""
        words = vocabulary(self.layout.kind).words
        spare = [heading for number, heading in enumerate(self.layout.headings) if heading and not self._taken(number)]
        lines = [f"line {self.line} has headings, but not all that is needed 表头缺少必需的列:"]
        for names in self.missing:
            if "period" in names and any(map(_AGEING.search, self.layout.headings)):
                cure = "export the open charges one by one 请导出逐笔欠费明细"
                lines.append(f"  {self._named(names)}: ageing columns 账龄 say how old a debt is, not for which period; {cure}")
                continue
            near = nearest(spare, [word for name in names for word in words[name]])
            hint = f"nearest headings: {', '.join(near)}" if near else f"headings not used: {', '.join(spare) or 'none'}"
            lines.append(f'  {self._named(names)}: {hint}; name it in a --mapping file: {names[0]} = "{near[0] if near else "…"}"')
        return "\n".join(lines)

    def named(self) -> str:
        """The fields without a column, in both languages."""
        return ", ".join(map(self._named, self.missing))

    def _named(self, names: tuple[str, ...]) -> str:
        chinese = next((word for word in vocabulary(self.layout.kind).words[names[0]] if not word.isascii()), names[0])
        return f"{names[0]} ({chinese})"

    def _taken(self, number: int) -> bool:
        return any(number in columns for columns in self.layout.columns.values())


def nearest(headings: Sequence[str], words: Sequence[str]) -> list[str]:
    """The headings most like some words, likest first."""

    def likeness(heading: str) -> float:
        return max(difflib.SequenceMatcher(None, plain_heading(heading), plain_heading(word)).ratio() for word in words)

    ranked = sorted(((likeness(heading), heading) for heading in headings), reverse=True)
    return [heading for ratio, heading in ranked if ratio >= 0.34][:3]


def locate(
    sheet: str, head: Sequence[RawRow], kind: Kind, mapping: Mapping[str, tuple[str, ...]], month_first: bool = False
) -> Found | Lacking | None:
    """Find the heading row among the first rows of a sheet; None where nothing looks like one.

    `mapping` names headings for fields (what `--mapping` says) and overrides the table.
    `month_first` settles dates that can be read both ways.
    """
    best: tuple[tuple[int, int], Found | Lacking] | None = None
    for place in range(min(len(head), _LAST_HEADING)):
        if best and isinstance(best[1], Found) and best[1].skip < place:
            break
        for deep in range(DEEPEST, 0, -1):
            result = _try(sheet, head, place, deep, kind, mapping, month_first)
            if result is None:
                continue
            missing = len(result.missing) if isinstance(result, Lacking) else 0
            score = (-missing, len(result.layout.columns) + len(result.layout.across))
            if best is None or score > best[0]:
                best = (score, result)
    return best[1] if best else None


def _try(
    sheet: str, head: Sequence[RawRow], place: int, deep: int, kind: Kind, mapping: Mapping[str, tuple[str, ...]], month_first: bool
) -> Found | Lacking | None:
    top = head[place].cells
    if len({text(cell) for cell in top} - {""}) < 2 or section_of(filter(None, map(text, top)), {}):
        return None
    known = vocabulary(kind)
    labels = labels_of(head[place : place + deep + 1], deep, known)
    if labels is None:
        return None
    title = Title.of(sheet, head[:place])
    data = head[place + deep :]
    columns, leftover = _columns(labels, known, mapping, data)
    year = title.year or (YEARLESS if "year" in columns else None)
    amounts = [one for number in leftover if (one := _across_of(number, labels[number], year))] if kind == "arrears" else []
    spread, totals = _spread(amounts, columns)
    if len(columns) < 2 or (len(columns) + len(spread) < 3 and not mapping):
        return None
    undated = tuple(one.column for one in amounts if one.undated)
    columns = _settled(columns, spread, undated, labels, data, known, mapping)
    headings = tuple(joined(pair) for pair in labels)
    layout = Layout(
        kind,
        headings,
        columns,
        frozenset(said for pair in labels for cell in pair if (said := text(cell))),
        spread,
        totals,
        undated,
        _stated_above(head[:place], columns) if kind == "arrears" else {},
        title.community,
        title.item,
        title.period,
        title.year,
        _month_first(data, month_first),
        {number: scale for number, heading in enumerate(headings) if (scale := scale_of(heading)) != 1},
        _carried(columns, data),
    )
    missing = _missing(layout, data)
    return Lacking(layout, head[place].line, missing) if missing else Found(layout, place + deep)


def _columns(
    labels: Sequence[Label], known: Vocabulary, mapping: Mapping[str, tuple[str, ...]], data: Sequence[RawRow]
) -> tuple[dict[str, tuple[int, ...]], list[int]]:
    """The columns each field's words name, best first, and the columns left over."""
    named = {plain_heading(word): field_name for field_name, words in mapping.items() for word in words}
    ranked: dict[str, list[tuple[int, int]]] = {}
    leftover: list[int] = []
    for number, (group, heading) in enumerate(labels):
        both = joined((group, heading))
        by_hand = named.get(plain_heading(heading)) or named.get(plain_heading(both))
        grouped = bool(text(group)) and across(number, group, 2000) is not None
        meant = (by_hand, -1) if by_hand else None if grouped else known.field(text(heading)) or known.field(both)
        if meant is None or (meant[0] in mapping and not by_hand):
            leftover.append(number)
        else:
            ranked.setdefault(meant[0], []).append((meant[1], number))
    columns = {
        name: tuple(number for _, number in sorted(found, key=lambda pair: (-_fitness(name, pair[1], data), pair)))
        for name, found in ranked.items()
    }
    return {name: found if name in _SEVERAL else found[:1] for name, found in columns.items()}, leftover


def _fitness(name: str, number: int, data: Sequence[RawRow]) -> int:
    """How many of ten values of a column read as what the field should hold, where that tells columns of the same name apart."""
    if name not in ("period", "house", "room"):
        return 0
    said = [row.cells[number] for row in data[:60] if number < len(row.cells) and text(row.cells[number])][:10]
    return sum(1 for cell in said if _reads(name, cell))


def _reads(name: str, cell: Cell) -> bool:
    if name != "period":
        unit = read_unit(cell)
        return unit is not None and bool(unit.building)
    try:
        return read_period(cell, 2000) is not None
    except CellError:
        return False


def _spread(amounts: Sequence[Across], columns: Mapping[str, tuple[int, ...]]) -> tuple[tuple[Across, ...], tuple[Total, ...]]:
    """The amounts that are charges of their own, and those that add such up."""
    dated = [one for one in amounts if one.period]
    if len(dated) >= 2 or (dated and not columns.keys() & {"period", "period_start", "amount", "unpaid"}):
        return _without_totals(dated) if _told_apart(dated) else ((), ())
    fees = [one for one in amounts if one.item]
    if "item" not in columns and (len(fees) >= 2 or (fees and not columns.keys() & {"amount", "unpaid"})):
        return (tuple(fees), ()) if _told_apart(fees) else ((), ())
    return (), ()


def _told_apart(amounts: Sequence[Across]) -> bool:
    """Whether no two columns say the same of the same month and fee: of such a pair, one would be lost."""
    return len({(one.says, one.period) for one in amounts}) == len(amounts)


def _without_totals(dated: Sequence[Across]) -> tuple[tuple[Across, ...], tuple[Total, ...]]:
    within = {one.column: [other for other in dated if other is not one and other.says == one.says and one.spans(other)] for one in dated}
    own = tuple(one for one in dated if not within[one.column])
    of = {column: tuple(other.column for other in others if other in own) for column, others in within.items() if others}
    return own, tuple(Total(column, parts) for column, parts in of.items())


def _across_of(number: int, pair: Label, year: int | None) -> Across | None:
    group, heading = pair
    if not text(group):
        return across(number, heading, year)
    joined = across(number, f"{text(group)}{text(heading)}", year)
    if joined:
        return joined
    return (
        across(number, f"{text(group)}年{text(heading)}", year) if re.fullmatch(r"20\d{2}", text(group)) else across(number, heading, year)
    )


def _settled(
    columns: dict[str, tuple[int, ...]],
    spread: Sequence[Across],
    undated: Sequence[int],
    labels: Sequence[Label],
    data: Sequence[RawRow],
    known: Vocabulary,
    mapping: Mapping[str, tuple[str, ...]],
) -> dict[str, tuple[int, ...]]:
    """Second thoughts once the whole row is known: words that can mean two things, and needed columns under unknown words."""
    settled = dict(columns)
    if spread:
        settled = {name: found for name, found in settled.items() if name not in AMOUNTS}
    if "item" in known.words and "item" not in settled and not mapping.keys() & {"item", "community"}:
        named_alike = [number for number, pair in enumerate(labels) if (known.field(joined(pair)) or "")[:1] == ("community",)]
        if fees := [number for number in named_alike if _are_fees(number, data)]:
            settled["item"] = (fees[0],)
            settled = {name: found for name, found in settled.items() if name != "community" or found != settled["item"]}
    if "item" in settled and "item" not in mapping and not settled.keys() & {"amount", "unpaid"} and _are_numbers(settled["item"][0], data):
        settled["amount"] = settled.pop("item")
    if "period" in settled and "period_end" in settled and not settled.keys() & {"period_start", "due_on"}:
        settled["due_on"] = settled.pop("period_end")
    if "period" in settled and not _fitness("period", settled["period"][0], data) and data and settled.keys() & {"period_start", "month"}:
        settled.pop("period")
    taken = {number for found in settled.values() for number in found} | {one.column for one in spread} | set(undated)
    for name, parts in known.parts.items():
        if (
            name in settled
            or name in mapping
            or (name == "period" and "period_start" in settled)
            or (spread and name in ("amount", "unpaid", "paid", "period"))
        ):
            continue
        if name in ("house", "building") and settled.keys() & {"house", "room"}:
            continue
        matching = [
            number
            for number, pair in enumerate(labels)
            if number not in taken
            and any(part in (plain := plain_heading(joined(pair))) for part in parts.any_of)
            and not any(part in plain for part in parts.none_of)
        ]
        if matching:
            settled[name] = (matching[0],)
            taken.add(matching[0])
    return settled


def _are_fees(number: int, data: Sequence[RawRow]) -> bool:
    said = _values(number, data)[:20]
    return bool(said) and sum(1 for value in said if value.endswith("费")) * 2 > len(said)


def _are_numbers(number: int, data: Sequence[RawRow]) -> bool:
    said = _values(number, data)[:20]
    return bool(said) and all(value.replace(",", "").replace(".", "").isdigit() for value in said)


def _values(number: int, data: Sequence[RawRow]) -> list[str]:
    return [said for row in data if number < len(row.cells) and (said := text(row.cells[number]))]


def _carried(columns: Mapping[str, tuple[int, ...]], data: Sequence[RawRow]) -> frozenset[str]:
    """Which of home, building and community this sheet leaves blank on the rows below the first: often enough not to be a slip."""
    amounts = [columns[name][0] for name in ("amount", "unpaid") if name in columns]
    periods = [columns[name][0] for name in ("period", "period_start", "month", "due_on") if name in columns]
    charged = [row for row in data if _any(row, amounts) and (_any(row, periods) or not periods)]
    found: set[str] = set()
    for name, group in (("home", _HOME), ("building", ("building",)), ("community", ("community",))):
        numbers = [columns[each][0] for each in group if each in columns]
        blank = [row for row in charged if not _any(row, numbers)]
        if numbers and charged and len(blank) >= 2 and len(blank) * 5 >= len(charged) and _any(charged[0], numbers):
            found.add(name)
    return frozenset(found)


def _any(row: RawRow, numbers: Sequence[int]) -> bool:
    return any(number < len(row.cells) and text(row.cells[number]) for number in numbers)


def _stated_above(titles: Sequence[RawRow], columns: Mapping[str, tuple[int, ...]]) -> Section:
    stated: dict[str, str] = {}
    for row in titles:
        stated |= section_of(filter(None, map(text, row.cells)), columns)
    return {name: said for name, said in stated.items() if name not in columns}


def _missing(layout: Layout, data: Sequence[RawRow]) -> tuple[tuple[str, ...], ...]:
    stated = set(layout.section)
    if layout.kind == "arrears" and not layout.columns.keys() >= {"house", "payer"}:
        stated.update(*(section_of(filter(None, map(text, row.cells)), layout.columns) for row in data))

    def there(names: tuple[str, ...]) -> bool:
        if layout.columns.keys() & set(names):
            return names != ("period", "period_start", "month") or _dated(layout)
        if stated.intersection(names):
            return True
        if names == ("amount", "unpaid"):
            return bool(layout.across)
        if "period" in names:
            return bool(layout.period) or any(one.period for one in layout.across)
        return False

    return tuple(names for names in _NEEDED[layout.kind] if not there(names))


def _dated(layout: Layout) -> bool:
    return bool(layout.columns.keys() & {"period", "period_start"}) or "year" in layout.columns or layout.year is not None


def _month_first(data: Sequence[RawRow], otherwise: bool) -> bool:
    slashed = [match for row in data for cell in row.cells if isinstance(cell, str) and (match := _SLASHED.match(cell))]
    if any(int(match[1]) > 12 for match in slashed):
        return False
    return otherwise or any(int(match[2]) > 12 for match in slashed)
