"""Templates that providers approved: taken over by staff, and asked for before a campaign is approved, never first at sending."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from channels.contract import Adapter
from orchestrator import composing, wording
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, templates
from orchestrator.store.campaigns import Home
from orchestrator.store.templates import Key, Words
from orchestrator.wording import Creditor, Line, Notice, WordingError
from orchestrator.wordings import approved
from orchestrator.wordings.approved import Approved
from policies.rules import Rules

SPEAKS_TO: Mapping[str, frozenset[str]] = {"sms": frozenset({"mobile"}), "voice": frozenset({"mobile", "landline"})}


@dataclass(frozen=True, slots=True)
class Lack:
    """A wording that a campaign's cases would need by a provider that takes only approved templates, for how many numbers, and what lacks:
    the template, or something of it."""

    wording: str
    language: str
    provider: str
    numbers: int
    why: str

    def __str__(self) -> str:
        count = f"{self.numbers} number{'' if self.numbers == 1 else 's'}"
        return f"{self.wording} [{self.language}] by {self.provider} for {count}: {self.why}"


def put(runtime: Runtime, made: Approved, approved_at: datetime, by: str) -> None:
    """Take a template over. Raises WordingError where it may not be said, or cannot be what the provider approved."""
    approved.check(made, wording.wording(made.wording))
    with runtime.store.begin() as rows:
        templates.put(rows, made, approved_at, by, runtime.now(), runtime.wall())


def retire(runtime: Runtime, key: Key, by: str) -> bool:
    """Take a template out of force; whether there was one."""
    with runtime.store.begin() as rows:
        return templates.retire(rows, key, by, runtime.now(), runtime.wall())


def lacking(rows: Rows, runtime: Runtime, home: Home, campaign_id: int) -> tuple[Lack, ...]:
    """What would keep a proposal's cases from being written to or called, at the first and at every later step."""
    known, words = templates.in_force(rows), templates.words(rows, home.id)
    numbers: Counter[tuple[str, str, str, str]] = Counter()
    for reached in templates.reached(rows, campaign_id):
        for channel, name in _spoken(runtime.packs.rules(home.pack, reached.sequence), words.voice_opt_in):
            if reached.kind in SPEAKS_TO[channel] and (line := _template_line(runtime, channel, reached.country)) is not None:
                numbers[channel, name, words.language, line.provider] += reached.numbers
    found = []
    for (channel, name, language, provider), count in sorted(numbers.items()):
        why = _hindrance(known.get((provider, name, language)), name, words, channel)
        if why:
            found.append(Lack(name, language, provider, count, why))
    return tuple(found)


def _spoken(rules: Rules, voice: bool) -> Iterator[tuple[str, str]]:
    """(channel, wording) of every text and call that a sequence may come to, of what says a call again, and of the messages around it."""
    steps = rules.sequence.steps
    calls = any(channel == "call" or (channel == "voice" and voice) for step in steps for channel in step.channels)
    for step in (*steps, *((composing.RECAP,) if calls else ()), *composing.CAMPAIGN_MESSAGES.values()):
        for channel in step.channels:
            if channel == "sms" or (channel == "voice" and voice):
                yield channel, step.wording


def _template_line(runtime: Runtime, channel: str, country: str) -> Adapter | None:
    """The line that goes first to a country, if no line there takes free text."""
    serving = runtime.lines.serving(channel, country)
    return serving[0] if serving and all(line.capabilities(country).template_only for line in serving) else None


def _hindrance(made: Approved | None, name: str, words: Words, channel: str) -> str:
    """Why a template cannot be used with this community's own words; empty where it can."""
    if made is None:
        return "no approved template; set one with `xianli wording template set`"
    chosen = wording.wording(name)
    notice = _sample(words, chosen)
    try:
        text, _ = approved.filled(made, notice, channel)
        wording.check(text, chosen, notice)
    except WordingError as unfit:
        return str(unfit)
    return ""


_DAY = date(2026, 1, 15)


def _sample(words: Words, chosen: wording.Wording) -> Notice:
    """A short notice with everything that is the community's and not the debtor's."""
    return Notice(
        purpose=chosen.purposes[0],
        language="zh" if words.language == "zh" else "en",
        reference="XL00000000",
        creditor=Creditor(words.creditor, words.phone, words.address, words.payee_account),
        community=words.community,
        debtors=("王芳",),
        address=words.address,
        lines=(Line("1-1-101", "物业费", "2025-12", _DAY - timedelta(days=15), Decimal("100.00"), late_charge=Decimal("0.70")),),
        dated=_DAY,
        as_of=_DAY,
        pay_by=_DAY + timedelta(days=15),
        how_to_pay=words.how_to_pay,
        contract_clause=words.contract_clause,
        how_to_object=words.how_to_object,
        signatory=words.signatory,
        currency=words.currency,
        received=Decimal("100.00"),
    )
