"""What the contacts of a forecast cost at the lines' own prices: the texts are really rendered, and their parts counted.

A forecast says which case gets which contact; each is reckoned with the words it would have today. What no line has a price for is counted
and left unpriced: a sum that hides it would be wrong.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from channels.segments import segments
from orchestrator import composing, wording
from orchestrator.forecasting import Ahead
from orchestrator.preparing import step_of
from orchestrator.runtime import Runtime
from orchestrator.store.reading import AskedCase
from orchestrator.store.terms import Terms
from orchestrator.wording import WordingError
from policies.facts import CHANNELS, Channel
from policies.forecast import Forecast
from policies.rules import Rules
from policies.sequences import Step

SPOKEN_A_MINUTE = {"zh": 240, "en": 900}
"""Characters of an automated voice in a minute (policy, ours: about four Chinese syllables, or two and a half English words, a second)."""
DIALOGUE_CHARACTERS = {"zh": 120, "en": 500}
"""What the call says besides its statement: greeting, identity, menu."""


@dataclass(frozen=True, slots=True)
class Spending:
    """One channel in one currency. `parts` are what is paid for: parts of a text, minutes begun of a call, letters, visits.

    `unpriced` parts are in no line's price list. `unsayable` messages lack something and would not leave: they are in no other figure.
    """

    channel: Channel
    currency: str
    messages: int
    parts: int
    unicode: int
    """Texts that a character outside GSM-7 puts into UCS-2."""
    unpriced: int
    unsayable: int
    cost: Decimal

    def as_json(self) -> dict[str, Any]:
        return {
            "channel": self.channel,
            "currency": self.currency,
            "messages": self.messages,
            "parts": self.parts,
            "ucs2": self.unicode,
            "cost": str(self.cost),
            "unpriced": self.unpriced,
            "unsayable": self.unsayable,
        }


@dataclass(frozen=True, slots=True)
class _Said:
    """What one contact comes to: its parts, none where it cannot be said."""

    parts: int
    unicode: bool = False


def spending(ahead: Ahead, lived: Forecast, runtime: Runtime, now: datetime) -> list[Spending]:
    """What the contacts of these lives cost, by channel and currency."""
    figures: defaultdict[tuple[Channel, str], Counter[str]] = defaultdict(Counter)
    costs: defaultdict[tuple[Channel, str], Decimal] = defaultdict(Decimal)
    first_line = cache(lambda channel, country: next(iter(runtime.lines.serving(channel, country)), None))
    for name, life in lived.lives.items():
        asked, terms = ahead.cases[name], ahead.terms[name]
        contacts = Counter((act.step, act.channel) for act in life.acts if act.kind == "contact" and act.channel is not None)
        for (step_name, channel), times in contacts.items():
            country = _country(asked, terms, channel)
            line = first_line(channel, country)
            if line is None:
                continue
            can, rules = line.capabilities(country), runtime.rules(asked)
            said = _said(terms, asked, step_of(rules, step_name, channel), channel, rules, now, hears=runtime.lines.hears(channel, country))
            figures[channel, can.currency] += Counter(
                messages=times if said.parts else 0,
                parts=times * said.parts,
                unicode=times * said.unicode,
                unpriced=0 if can.cost is not None else times * said.parts,
                unsayable=0 if said.parts else times,
            )
            costs[channel, can.currency] += Decimal(can.cost or "0.00") * times * said.parts
    ordered = sorted(figures, key=lambda key: (CHANNELS.index(key[0]), key[1]))
    return [_spending(channel, currency, figures[channel, currency], costs[channel, currency]) for channel, currency in ordered]


def _spending(channel: Channel, currency: str, counted: Counter[str], cost: Decimal) -> Spending:
    return Spending(
        channel=channel,
        currency=currency,
        messages=counted["messages"],
        parts=counted["parts"],
        unicode=counted["unicode"],
        unpriced=counted["unpriced"],
        unsayable=counted["unsayable"],
        cost=cost,
    )


def _country(asked: AskedCase, terms: Terms, channel: Channel) -> str:
    point = asked.point_for(channel) if channel in ("sms", "voice", "call") else None
    return point.country if point is not None else terms.country


def _said(terms: Terms, asked: AskedCase, step: Step, channel: Channel, rules: Rules, now: datetime, *, hears: bool) -> _Said:
    """Letters, visits and calls by hand are one each."""
    if channel not in ("sms", "voice"):
        return _Said(1)
    notice = composing.notice_of(terms, asked, step, rules, now)
    try:
        if channel == "voice":
            spoken = len(wording.render_voice(step.wording, notice).text) + DIALOGUE_CHARACTERS[notice.language]
            return _Said(-(-spoken // SPOKEN_A_MINUTE[notice.language]))
        way_out = wording.way_out(notice.language, terms.creditor_phone, hears=hears) if rules.pack.opt_out_line else ""
        counted = segments(wording.render_text(step.wording, replace(notice, opt_out=way_out)).text)
    except WordingError:
        return _Said(0)
    return _Said(counted.count, counted.encoding == "UCS-2")
