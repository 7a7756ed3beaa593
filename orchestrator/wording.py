"""What is said to a debtor: a versioned wording and the facts of one notice become text, letter, voice script or staff card.

Pure: the same wording and the same notice give the same bytes, always. Every result carries `name@digest` of the wording it used, so that
what was said can be shown years later. A notice that lacks what the law wants named is refused with the names of what lacks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.dialogue import VoiceScript
from orchestrator.wordings.catalogue import Kind, Wording, filled, read, say, shipped, stands, told, wording
from orchestrator.wordings.codes import check_payment_code, payment_payload
from orchestrator.wordings.envelopes import envelope
from orchestrator.wordings.letter import Letter, render_letter
from orchestrator.wordings.notice import Creditor, Instalment, Language, Line, Notice, Purpose, WordingError
from orchestrator.wordings.paper import proofread
from orchestrator.wordings.phrases import Style
from orchestrator.wordings.reread import findings
from orchestrator.wordings.way_out import way_out

__all__ = [
    "Card",
    "Creditor",
    "Instalment",
    "Kind",
    "Language",
    "Letter",
    "Line",
    "Notice",
    "Purpose",
    "Rendered",
    "Section",
    "Spoken",
    "Wording",
    "WordingError",
    "check",
    "check_payment_code",
    "envelope",
    "findings",
    "payment_payload",
    "proofread",
    "read",
    "render_card",
    "render_letter",
    "render_manner",
    "render_text",
    "render_voice",
    "shipped",
    "way_out",
    "wording",
]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text message. `wording` is name@digest."""

    text: str
    wording: str
    language: Language


@dataclass(frozen=True, slots=True)
class Spoken:
    """What an automated call says: the `script` of the voice channel's dialogue, and the statement in it as evidence keeps it."""

    script: VoiceScript
    text: str
    wording: str
    language: Language


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """What a member of staff has before them at a call or a visit."""

    title: str
    sections: tuple[Section, ...]
    wording: str
    language: Language

    @property
    def text(self) -> str:
        """The card as plain text: its exact bytes go to the evidence log."""
        parts = [self.title]
        for section in self.sections:
            parts += ["", section.heading, *(f"- {point}" for point in section.points)]
        return "\n".join(parts)


def render_text(name: str | Wording, notice: Notice) -> Rendered:
    """A text message: `notice-sms`, `bill-notice`, `thank-you`, `recap`, `withdrawal`. Names every unit, item and period."""
    chosen, says, values = _prepare(name, notice, "text", "short")
    return Rendered("".join(say(clause, values) for clause in says["clauses"]).strip(), chosen.pinned, notice.language)


def render_voice(name: str | Wording, notice: Notice) -> Spoken:
    """An automated call: `courtesy-call`. The statement names unit, amount and every period as a person would say them."""
    chosen, says, values = _prepare(name, notice, "voice", "spoken")
    text = "".join(say(clause, values) for clause in says["statement"]).strip()
    script = VoiceScript(notice.language, company=values["creditor"], unit_label=values["units"], body=text)
    return Spoken(script, text, chosen.pinned, notice.language)


def render_card(name: str | Wording, notice: Notice, ordinal: int | None = None) -> Card:
    """A card for staff: `courtesy-call`, `second-call`, `settlement-offer`, `visit`.

    `ordinal` counts this contact with the debtor from 1; warm words appear on the 2nd and 3rd only, never when it is not known.
    """
    chosen, says, values = _prepare(name, notice, "card", "letter")
    sections = tuple(
        Section(say(section["heading"], values), _said(section["points"], values))
        for section in says["sections"]
        if stands(section, ordinal)
    )
    return Card(say(says["title"], values), sections, chosen.pinned, notice.language)


def render_manner(name: str, language: Language, ordinal: int | None) -> Card:
    """How a call is held, as contact number `ordinal`: a card that speaks of no debtor and fills no blank."""
    chosen = wording(name)
    says = chosen.in_language(language)
    sections = tuple(Section(each["heading"], tuple(each["points"])) for each in says["sections"] if stands(each, ordinal))
    return Card(says["title"], sections, chosen.pinned, language)


def check(text: str, name: str | Wording, notice: Notice, ordinal: int | None = None) -> None:
    """The rendered text once more, on any channel, before it leaves. Raises WordingError with what may not be said or is not named."""
    chosen = wording(name) if isinstance(name, str) else name
    if found := findings(text, chosen, notice, ordinal):
        raise WordingError(f"{chosen.pinned}: {told(found)}")


def newest(name: str) -> str:
    """The version of `name` that would be used now, as name@digest; the bare name where nothing of that name is rendered (a suit)."""
    return next((each.pinned for each in reversed(shipped()) if each.name == name), name)


def _prepare(name: str | Wording, notice: Notice, kind: Kind, style: Style) -> tuple[Wording, Mapping[str, Any], dict[str, str]]:
    chosen = wording(name) if isinstance(name, str) else name
    if kind not in chosen.kinds:
        raise WordingError(f"{chosen.name} is a {' and '.join(chosen.kinds)}, not a {kind}")
    return chosen, chosen.in_language(notice.language), filled(chosen, notice, style)


def _said(points: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(said for point in points if (said := say(point, values)))
