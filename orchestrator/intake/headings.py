"""What one heading means: a field of the row, or an amount whose month or fee stands in the heading itself."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from orchestrator.intake.cells import Cell, CellError, text
from orchestrator.intake.periods import Period, read_period
from orchestrator.intake.rows import Kind, Unreadable

AmountKind = Literal["amount", "paid", "unpaid", "stated"]
"""What a column of amounts holds; `stated` where the heading does not say (then what is listed is unpaid)."""

_BRACKETED = re.compile(r"\((?!含)[^()]*\)|\[[^\]]*\]|【[^】]*】|<[^>]*>")
_NOISE = re.compile(r"[\s:：*＊_\-－.。、'\"“”#№]+")
_CHINESE, _ENGLISH = re.compile(r"[一-鿿/]+"), re.compile(r"[a-z/]+")
_TRAILING_NUMBER = re.compile(r"[0-9一二三]$")


@dataclass(frozen=True, slots=True)
class Across:
    """A column that is one amount of a month, of a fee, or of both, by its heading. `undated`: of years nobody can tell apart."""

    column: int
    kind: AmountKind
    period: Period | None = None
    item: str = ""
    undated: bool = False

    @property
    def says(self) -> tuple[str, str]:
        """The fee and the kind of amount it holds; an amount of no stated kind is unpaid."""
        return self.item, "unpaid" if self.kind == "stated" else self.kind

    def spans(self, other: "Across") -> bool:
        """Whether the other's period lies within this one's."""
        if self.period is None or other.period is None:
            return False
        return self.period.start <= other.period.start and other.period.end <= self.period.end


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of a heading that give a field away, and parts that must not be in it."""

    any_of: tuple[str, ...]
    none_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The headings a kind of file may have, from `headings.toml`."""

    words: Mapping[str, tuple[str, ...]]
    ranks: Mapping[str, tuple[str, int]]
    parts: Mapping[str, Parts]

    def field(self, heading: str) -> tuple[str, int] | None:
        """The field a heading names, and how good a name it is (0 is best)."""
        plain = plain_heading(heading)
        return self.ranks.get(plain) or self.ranks.get(_TRAILING_NUMBER.sub("", plain)) or self._said_twice(plain)

    def _said_twice(self, plain: str) -> tuple[str, int] | None:
        """A heading in two languages, each of which names the same field: 房号 Room No."""
        chinese, english = (self.ranks.get(script.sub("", plain)) for script in (_ENGLISH, _CHINESE))
        return chinese if chinese and english and chinese[0] == english[0] else None


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Any]:
    return tomllib.loads(files("orchestrator.intake").joinpath("headings.toml").read_text("utf-8"))


@lru_cache(maxsize=3)
def vocabulary(kind: Kind) -> Vocabulary:
    """The words and parts of one kind of file."""
    section = _table()[kind]
    words = {field: tuple(names) for field, names in section["words"].items()}
    ranks: dict[str, tuple[str, int]] = {}
    for field, names in words.items():
        for rank, name in enumerate((field, *names)):
            ranks.setdefault(plain_heading(name), (field, max(rank - 1, 0)))
    parts = {field: Parts(tuple(entry["any"]), tuple(entry["none"])) for field, entry in section.get("parts", {}).items()}
    return Vocabulary(words, ranks, parts)


def phrases(name: str) -> tuple[str, ...]:
    """A list of `headings.toml`'s general vocabulary."""
    return tuple(_table()["vocabulary"][name])


def plain_heading(heading: Cell) -> str:
    """A heading for comparing: narrow, lower case, without units, brackets, spaces and marks.

    >>> plain_heading("建筑面积(㎡)"), plain_heading("Due Date*"), plain_heading("应收\\n金额（元）")
    ('建筑面积', 'duedate', '应收金额')
    """
    narrow = text(heading).lower().replace("帐", "账").translate(_simplified())
    plain = _NOISE.sub("", _BRACKETED.sub("", narrow))
    return plain or _NOISE.sub("", narrow).strip("()[]【】")


@lru_cache(maxsize=1)
def _simplified() -> Mapping[int, int]:
    """Taiwan's and Hong Kong's systems write the same words in traditional script."""
    (traditional,), (simplified,) = phrases("traditional"), phrases("simplified")
    return str.maketrans(traditional, simplified)


def scale_of(heading: str) -> int:
    """How many yuan one unit of the column is."""
    return 10_000 if "万元" in heading else 1


@lru_cache(maxsize=1)
def _marks() -> tuple[tuple[str, AmountKind], ...]:
    kinds: tuple[tuple[str, AmountKind], ...] = (("unpaid_marks", "unpaid"), ("paid_marks", "paid"), ("amount_marks", "amount"))
    marks = [(plain_heading(word), kind) for name, kind in kinds for word in phrases(name)]
    return tuple(sorted(marks, key=lambda mark: -len(mark[0])))


def amount_kind(plain: str) -> AmountKind | None:
    """What kind of amount a mark beside a month or fee says; None for anything else."""
    return "stated" if not plain else next((kind for mark, kind in _marks() if plain == mark), None)


@lru_cache(maxsize=1)
def _fees() -> tuple[tuple[str, str], ...]:
    """Each fee and its plain heading, the longest first."""
    return tuple((fee, plain_heading(fee)) for fee in sorted(phrases("fees"), key=len, reverse=True))


def fee_of(plain: str) -> tuple[str, AmountKind] | None:
    """The fee a heading is, with its kind of amount: `物业费欠费` is unpaid 物业费."""
    for fee, name in _fees():
        for rest in (plain.removeprefix(name), plain.removesuffix(name)):
            if rest != plain and (kind := amount_kind(rest)):
                return fee, kind
    return None


def across(column: int, heading: Cell, year: int | None) -> Across | None:
    """A column whose heading is a month, a fee, or both; None for any other heading.

    >>> found = across(3, "2026年1月物业费欠费", None)
    >>> found.kind, found.period.label, found.item
    ('unpaid', '2026-01', '物业费')
    """
    if isinstance(heading, (date, datetime)):
        return Across(column, "stated", read_period(heading))
    plain = plain_heading(heading)
    if not plain or len(plain) > 40:
        return None
    if fee := fee_of(plain):
        return Across(column, fee[1], item=fee[0])
    if (earlier := _earlier(column, plain)) is not None:
        return earlier
    narrow = _BRACKETED.sub("", text(heading).lower()).replace("\n", "").strip()
    for name, _ in _fees():
        if narrow.startswith(name) and (dated := across(column, narrow.removeprefix(name), year)) and dated.period:
            return dated if dated.item else replace(dated, item=name)
    for cut in range(1, len(narrow) + 1):
        for when, rest in ((narrow[:cut], narrow[cut:]), (narrow[-cut:], narrow[:-cut])):
            if (found := _dated(column, when, plain_heading(rest) if rest.strip() else "", year)) is not None:
                return found
    return None


def _earlier(column: int, plain: str) -> Across | None:
    """A column of what former years left unpaid; what they charged and what was paid of it owes nothing by itself."""
    if not any(word in plain for word in _earlier_words()) or any(word in plain for word in phrases("no_debts")):
        return None
    ending = next((kind for mark, kind in _marks() if plain.endswith(mark)), "unpaid")
    return Across(column, "stated", undated=True) if ending == "unpaid" else None


@lru_cache(maxsize=1)
def _earlier_words() -> tuple[str, ...]:
    return tuple(map(plain_heading, phrases("earlier")))


def _dated(column: int, when: str, rest: str, year: int | None) -> Across | None:
    fee = fee_of(rest)
    kind = fee[1] if fee else amount_kind(rest)
    if kind is None or not any(character.isdigit() or character in "一二三四" for character in when):
        return None
    try:
        period = read_period(when, year)
    except CellError:
        return None
    bare_number = when.strip().isdecimal() and len(when.strip()) not in (4, 6)
    return None if period is None or bare_number else Across(column, kind, period, fee[0] if fee else "")


def read_mapping(said: Mapping[str, object], kind: Kind) -> dict[str, tuple[str, ...]]:
    """What a --mapping file says: field = "heading" or a list of headings. Raises Unreadable for a field that is unknown."""
    fields = vocabulary(kind).words
    mapping: dict[str, tuple[str, ...]] = {}
    for name, headings in said.items():
        meant = "house" if kind == "arrears" and name == "unit" else name
        if meant not in fields:
            near = difflib.get_close_matches(name, fields, n=1)
            raise Unreadable(f"--mapping: no field is called {name}; {f'{near[0]}?' if near else ''} fields: {', '.join(fields)}")
        listed = [headings] if isinstance(headings, str) else headings
        if not isinstance(listed, list) or not all(isinstance(heading, str) for heading in listed):
            raise Unreadable(f'--mapping: {name} must be a heading or a list of headings, such as {name} = "…"')
        mapping[meant] = tuple(listed)
    return mapping
