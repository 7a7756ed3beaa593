"""A wording as a provider approved it beforehand: fixed text with `${blanks}` of a closed list, filled from the notice.

What would be read is held to the same rules as any other text: lint, mandatory contents, the notice's own facts. A call is made of several
texts, one to a line: what greets, what is said to each key, what ends it; only what follows the first key may name what is owed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from channels.contract import Template
from channels.published import PUBLISHED
from channels.templates import BLANK, blanks_of, fill
from orchestrator.wordings import periods
from orchestrator.wordings.catalogue import Kind, Wording, told
from orchestrator.wordings.notice import Language, Notice, WordingError
from orchestrator.wordings.phrases import Style, blanks, money, names
from policies.wording_rules import forbidden, lacking, missing

OF_THE_WORDING: Mapping[str, str] = {
    "creditor": "creditor",
    "phone": "creditor_phone",
    "community": "community",
    "debtors": "debtors",
    "units": "units",
    "charges": "charges",
    "covered": "covered",
    "amount": "total",
    "grand_total": "grand_total",
    "late_charge": "late_charge",
    "as_of": "as_of",
    "barred": "barred",
    "due": "due",
    "pay_by": "pay_by",
    "how_to_pay": "how_to_pay",
    "contract_clause": "contract_clause",
    "how_to_object": "how_to_object",
    "received": "received",
    "reference": "reference",
    "opt_out": "opt_out",
}
"""A blank of a template -> the blank of a wording that fills it."""

TOGETHER = frozenset({"units", "items", "periods"})
"""Beside each other these name the charges, where all of them are of one item."""
TEMPLATE_BLANKS = frozenset(OF_THE_WORDING) | TOGETHER
HARMLESS = frozenset({"creditor", "phone", "community", "units"})
"""What may be said before anybody said who they are."""
_DEBT = re.compile(r"欠|缴|费|\b(?:owe|owed|unpaid|arrears|charges?|fees?|dues)\b", re.IGNORECASE)
STATEMENT = 1
_KIND: Mapping[str, Kind] = {"sms": "text", "voice": "voice"}
_STYLE: Mapping[str, Style] = {"sms": "short", "voice": "spoken"}


@dataclass(frozen=True, slots=True)
class Approved:
    """One approved template. `template_id` and `signature` are the provider's; a call has an id for each of its texts, with / between, and
    the number it shows as its signature."""

    provider: str
    wording: str
    language: Language
    template_id: str
    signature: str
    text: str


def channel_of(chosen: Wording) -> str | None:
    """The channel on which a provider's template would say it; None for a wording of paper or of people."""
    return next((channel for channel, kind in _KIND.items() if kind in chosen.kinds), None)


def check(made: Approved, chosen: Wording) -> None:
    """Raises WordingError with all that keeps this template from being taken: the provider's published rules, the lint, what lacks."""
    found = list(_objections(made, chosen))
    if found:
        raise WordingError(f"template {made.template_id} of {made.provider} for {made.wording} [{made.language}]: {'; '.join(found)}")


def _objections(made: Approved, chosen: Wording) -> Iterator[str]:
    channel = channel_of(chosen)
    if channel is None:
        yield f"{chosen.name} is a {' and '.join(chosen.kinds)}, which no template says"
        return
    if not made.template_id or not made.signature:
        yield "it needs the provider's template id, and its signature (of a call: the number it shows)"
    texts = made.text.split("\n")
    rules = PUBLISHED.get(made.provider)
    if rules is not None:
        for text in texts:
            yield from rules.objections(text)
        if channel == "voice":
            yield from _parts(made, texts, rules.call_parts)
    unknown = sorted(set(blanks_of(made.text)) - TEMPLATE_BLANKS)
    if unknown:
        yield f"no such blank ${{{unknown[0]}}}; there are {', '.join(sorted(TEMPLATE_BLANKS))}"
    fixed = BLANK.sub("", made.text)
    if found := (*forbidden(fixed, chosen.speaks), *(_unnamed(made, fixed) if chosen.speaks == "demand" else ())):
        yield told(found)


def _parts(made: Approved, texts: list[str], wanted: int) -> Iterator[str]:
    if not len(texts) == len(made.template_id.split("/")) == wanted:
        yield f"a call has {wanted} texts, one to a line, and as many ids with / between; these are {len(texts)} texts"
    for text in (*texts[:STATEMENT], *texts[STATEMENT + 1 :]):
        if (told_early := set(blanks_of(text)) - HARMLESS) or _DEBT.search(BLANK.sub("", text)):
            early = f"${{{min(told_early)}}}" if told_early else "what is owed"
            yield f"“{text}” names {early}, and would be heard by whoever picks up: only the first key's text may"


def _unnamed(made: Approved, fixed: str) -> Iterator[object]:
    """What a demand must name and neither its blanks nor its fixed text do; the signature names the creditor, or the filled text will."""
    said = set(blanks_of(made.text))
    filled = {OF_THE_WORDING[name] for name in said if name in OF_THE_WORDING} | ({"charges"} if said >= TOGETHER else set())
    written = {each.rule for each in missing(fixed)}
    shown_by_text = {each.rule for each in missing("")} - written
    return (each for each in lacking(filled) if each.rule not in shown_by_text and each.rule != "creditor")


def filled(made: Approved, notice: Notice, channel: str) -> tuple[str, Template]:
    """What will be read (or heard), and what is sent of it. Raises WordingError where a value does not fit."""
    values = _values(notice, _STYLE[channel])
    variables = {name: values[name] for name in blanks_of(made.text)}
    rules = PUBLISHED.get(made.provider)
    if rules is not None and (found := "; ".join(rules.unfit(variables, channel))):
        raise WordingError(f"template {made.template_id} of {made.provider} cannot say it: {found}")
    text = fill(made.text, variables)
    if channel == "sms":
        text = f"【{made.signature}】{text}"
    return text, Template(made.provider, made.template_id, made.signature, variables)


def _values(notice: Notice, style: Style) -> dict[str, str]:
    """A template has no words to leave out: what there is none of is said to be none."""
    said, language = blanks(notice, style), notice.language
    nothing = "无" if language == "zh" else "none"
    zero = money(notice.late_charge, notice.currency, language, style)
    lines = notice.enforceable or notice.lines
    name_periods = periods.spoken if style == "spoken" else periods.written
    return {
        **{name: said[blank] for name, blank in OF_THE_WORDING.items()},
        "late_charge": said["late_charge"] or zero,
        "barred": said["barred"] or nothing,
        "opt_out": said["opt_out"] or nothing,
        "items": names(dict.fromkeys(line.item for line in lines), language),
        "periods": name_periods((line.period for line in lines), language),
    }
