"""Versioned wordings: texts with blanks, one TOML file per version, known by name@digest.

A text is a list of clauses. `{blank}` is filled from the notice, `{blank:strong}` is set off in print. A clause with an empty blank
says nothing and is left out; so is a part in `[square brackets]`. Literal square brackets do not occur. A block of a letter may say
`when` it stands: only with that blank filled. A block of a letter or a section of a card may be `warm`: it appeals to sympathy, and stands
on the 2nd and 3rd contact only. A letter `by_hand` has no envelope, and so no window to fit. A `stamped` one bears
an authority's word on when it was signed.

`speaks` says as what a wording is heard (demand, reminder or offer), `tone = "warm"` that it is warm as a whole and needs its place.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal, get_args

from orchestrator.wordings.notice import Language, Notice, Purpose, WordingError
from orchestrator.wordings.phrases import BLANKS, Style, blanks
from policies.wording_rules import Finding, Tone, forbidden, lacking, may_be_warm

Kind = Literal["text", "letter", "voice", "card"]
Speech = Literal["demand", "reminder", "offer"]

TEXTS = Path(__file__).parent / "texts"
LAYOUTS = Path(__file__).parent / "layout"
SHOWN: Mapping[str, frozenset[str]] = {
    "charges": frozenset({"charges", "late_charge"}),
    "payment": frozenset({"pay_by", "how_to_pay", "payee_account"}),
    "homes": frozenset({"units"}),
}
"""What a letter names by showing a table."""
ON_EVERY_LETTER = frozenset({"creditor", "debtors"})
"""What the layout prints: the letterhead and the address."""
_PART = re.compile(r"\[([^\[\]]*)\]|([^\[\]]+)")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text; `strong` where the eye should rest."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """One version of one wording. `says` holds, per language, what its kinds are made of (clauses, blocks, spoken pieces or card
    sections). `layout` is the Typst source of a letter; the digest covers it too."""

    name: str
    version: int
    kinds: tuple[Kind, ...]
    purposes: tuple[Purpose, ...]
    speaks: Speech
    tone: Tone
    enforceable_only: bool
    by_hand: bool
    stamped: bool
    says: Mapping[Language, Mapping[str, Any]]
    layout: str
    digest: str

    @property
    def pinned(self) -> str:
        return f"{self.name}@{self.digest}"

    def in_language(self, language: Language) -> Mapping[str, Any]:
        if language not in self.says:
            raise WordingError(f"{self.name} version {self.version} has no text in {language}; add a [{language}] table to it")
        return self.says[language]

    def sentences(self, language: Language) -> tuple[str, ...]:
        """Every text in it, blanks unfilled."""
        return tuple(_strings(self.in_language(language)))

    def names(self, language: Language) -> frozenset[str]:
        """The blanks it fills, those of its tables and its layout included."""
        said = frozenset(blank for sentence in self.sentences(language) for _, blank, _, _ in Formatter().parse(sentence) if blank)
        shown = (SHOWN.get(block.get("show", ""), frozenset()) for block in self.in_language(language).get("blocks", ()))
        return said.union(*shown, ON_EVERY_LETTER if "letter" in self.kinds else ())


def wording(name: str) -> Wording:
    """The newest version of `name`, or exactly the one of `name@digest`."""
    bare, _, digest = name.partition("@")
    versions = [each for each in shipped() if each.name == bare]
    chosen = [each for each in versions if each.digest == digest] if digest else versions[-1:]
    if not chosen:
        known = ", ".join(sorted({each.name for each in shipped()}))
        raise WordingError(f"no wording {name}; there are: {known}")
    return chosen[0]


@cache
def shipped() -> tuple[Wording, ...]:
    """Every version of every wording beside this file, in order of name and version."""
    return tuple(sorted((_parse(path.read_bytes()) for path in TEXTS.glob("*.v*.toml")), key=lambda each: (each.name, each.version)))


def read(source: bytes) -> Wording:
    """A wording that is to be saved. Raises WordingError where a blank does not exist, for what may not be said, and for what lacks."""
    made = _parse(source)
    for language in made.says:
        if found := _unlawful(made, language):
            raise WordingError(f"{made.name} version {made.version} [{language}]: {told(found)}")
    return made


def told(found: Sequence[Finding]) -> str:
    """Findings as a person reads them, in both languages."""
    return "; ".join(f"{each.rule}{f' “{each.excerpt}”' if each.excerpt else ''}: {each.reason.zh} {each.reason.en}" for each in found)


def stands(part: Mapping[str, Any], ordinal: int | None) -> bool:
    """Whether a block or a section stands in a text that is the debtor's contact number `ordinal`."""
    return may_be_warm(ordinal) or not part.get("warm", False)


def _unlawful(made: Wording, language: Language) -> tuple[Finding, ...]:
    said = re.sub(r"\{[^{}]*\}", "", "\n".join(made.sentences(language)))
    names = made.names(language)
    is_electronic = "text" in made.kinds and made.purposes != ("answer",)
    return (
        *forbidden(said, made.speaks),
        *(lacking(names) if made.speaks == "demand" else ()),
        *(lacking(names, opt_out=True) if is_electronic else ()),
    )


def _parse(source: bytes) -> Wording:
    data = tomllib.loads(source.decode())
    layout = data.get("layout", "")
    drawn = (LAYOUTS / layout).read_bytes() if layout else b""
    if data.get("speaks") not in get_args(Speech) or data.get("tone", "plain") not in get_args(Tone):
        raise WordingError(f"{data['name']}: it speaks as {' or '.join(get_args(Speech))}, in a tone {' or '.join(get_args(Tone))}")
    made = Wording(
        name=data["name"],
        version=data["version"],
        kinds=tuple(data["kinds"]),
        purposes=tuple(data["purposes"]),
        speaks=data["speaks"],
        tone=data.get("tone", "plain"),
        enforceable_only=data.get("enforceable_only", False),
        by_hand=data.get("by_hand", False),
        stamped=data.get("stamped", False),
        says={language: data[language] for language in ("zh", "en") if language in data},
        layout=layout,
        digest=hashlib.sha256(source + drawn).hexdigest()[:16],
    )
    for language in made.says:
        for sentence in made.sentences(language):
            unknown = {blank for _, blank, _, _ in Formatter().parse(sentence) if blank} - BLANKS
            if unknown:
                raise WordingError(f"{made.name} version {made.version}: no such blank {{{min(unknown)}}} in “{sentence}”")
    return made


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _strings(inner)


def filled(chosen: Wording, notice: Notice, style: Style) -> dict[str, str]:
    """The blanks for this wording and notice, once it is certain that the one may say the other."""
    if notice.purpose not in chosen.purposes:
        raise WordingError(f"{chosen.name} is not a wording for a {notice.purpose}; it serves {', '.join(chosen.purposes)}")
    if lacking := notice.lacking():
        raise WordingError(
            f"{notice.reference}: a {notice.purpose} must name {', '.join(lacking)}; complete the community's or the case's data"
        )
    if chosen.enforceable_only and not notice.enforceable:
        raise WordingError(
            f"{notice.reference}: nothing in it may be demanded (all paid or time-barred); {chosen.name} would threaten without ground"
        )
    legal_basis = chosen.in_language(notice.language).get("legal_basis", {}).get(notice.law, "")
    return blanks(notice, style) | {"legal_basis": legal_basis}


def say(clause: str, values: Mapping[str, str]) -> str:
    """The clause filled, or "" where it has nothing to say.

    >>> say("共{total}[，违约金{late_charge}]。", {"total": "5元", "late_charge": ""})
    '共5元。'
    >>> say("请于{pay_by}前缴清。", {"pay_by": ""})
    ''
    """
    return "".join(run.text for run in runs(clause, values))


def runs(clause: str, values: Mapping[str, str]) -> list[Run]:
    """The clause filled, as stretches of plain and strong text; empty where it has nothing to say."""
    said: list[Run] = []
    for optional, plain in _PART.findall(clause):
        pieces = list(Formatter().parse(optional or plain))
        if all(values[blank] for _, blank, _, _ in pieces if blank):
            for literal, blank, emphasis, _ in pieces:
                said.append(Run(literal))
                said.append(Run(values[blank] if blank else "", emphasis == "strong"))
        elif plain:
            return []
    return [run for run in said if run.text]
