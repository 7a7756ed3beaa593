"""A community's cases lived ahead by the same `decide` that works them: who would be contacted when, what it takes, costs and brings.

Nothing is sent and nothing is written: who would enter today is found inside a savepoint that is undone.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import reduce
from multiprocessing import get_context
from operator import add
from pathlib import Path
from typing import Any

from orchestrator import pinning
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, campaigns, outcomes, reading, terms
from orchestrator.store.campaigns import Home
from orchestrator.store.reading import AskedCase
from orchestrator.store.terms import Intended, Terms
from orchestrator.strict import Table, list_of, text, toml, whole
from policies.facts import CHANNELS, CaseFacts
from policies.forecast import Behaviour, Comparison, Forecast, Means, compare, forecast, learned
from policies.localtime import local_day
from policies.rules import Rules

PIECE = 2_000
"""Cases that one process lives before it hands them back; fewer than two pieces are not worth a second process."""
AHEAD = "forecast"
"""The cycle of the proposal that exists only inside the savepoint."""

RulesFor = Callable[[AskedCase], Rules]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a forecast lives: the cases by a name that stays the same, whom they are about, how debtors behave, what the staff can do."""

    start: datetime
    cases: Mapping[str, AskedCase]
    behaviour: Behaviour
    means: Means
    terms: Mapping[str, Terms] = field(default_factory=dict)
    """Of a proposal, what its messages need beyond the facts, by the same names."""

    def lived(self, rules_for: RulesFor, days: int, seed: int) -> Forecast:
        """Every case from now on for so many days."""
        lives = [(replace(case.facts, id=name), rules_for(case)) for name, case in self.cases.items()]
        return live_ahead(lives, self.start, days, seed, self.behaviour)


def of_community(rows: Rows, runtime: Runtime, home: Home, now: datetime) -> Ahead:
    """The open cases of a community, and those a campaign would open today."""
    preview = rows.begin_nested()
    campaign_id = campaigns.propose(rows, home, AHEAD, local_day(now, home.timezone), AHEAD, now)
    assert campaign_id is not None, "no campaign is ever approved for this cycle"
    _open_cases(rows, runtime, home, campaign_id, now)
    cases = reading.read(rows, campaigns.open_cases(rows, home.id), now, runtime.known)
    preview.rollback()
    return _ahead(rows, home, cases, now)


def of_proposal(rows: Rows, runtime: Runtime, home: Home, campaign_id: int, now: datetime) -> Ahead:
    """The cases that a proposal would open."""
    preview = rows.begin_nested()
    _open_cases(rows, runtime, home, campaign_id, now)
    cases = reading.read(rows, campaigns.cases_of(rows, campaign_id), now, runtime.known)
    known_terms = terms.read_terms_ahead(rows, {case.id: Intended("", "sms") for case in cases}, runtime.store.vault)
    preview.rollback()
    ahead = _ahead(rows, home, cases, now)
    return replace(ahead, terms={name: known_terms[case.id] for name, case in ahead.cases.items()})


def as_worked(runtime: Runtime) -> RulesFor:
    """By the versions the cases are pinned to."""
    return runtime.rules


def otherwise(runtime: Runtime, *, pack: str | None = None, sequence: str | None = None) -> RulesFor:
    """By the installed versions of pack and sequence, or by others. Raises UnknownPolicy where there is none of that name."""
    if pack is not None:
        runtime.packs.pack(pack)
    if sequence is not None:
        runtime.packs.sequence(sequence)
    return lambda case: runtime.packs.rules(pack or case.pack.name, sequence or case.sequence.name)


def compared(ahead: Ahead, before: RulesFor, after: RulesFor, days: int, seed: int) -> Comparison:
    """The same cases and the same chance under two sets of rules."""
    return compare(ahead.lived(before, days, seed).lives, ahead.lived(after, days, seed).lives)


def live_ahead(cases: Sequence[tuple[CaseFacts, Rules]], start: datetime, days: int, seed: int, behaviour: Behaviour) -> Forecast:
    """Many cases in pieces, on all cores; the same result as in one piece."""
    pieces = [(cases[place : place + PIECE], start, days, seed, behaviour) for place in range(0, len(cases), PIECE)]
    if len(pieces) < 2:
        return reduce(add, map(_live_piece, pieces), Forecast({}))
    with ProcessPoolExecutor(min(len(pieces), os.cpu_count() or 1), mp_context=get_context("spawn")) as processes:
        return reduce(add, processes.map(_live_piece, pieces), Forecast({}))


def as_kept(lived: Forecast, means: Means, days: int, seed: int) -> dict[str, Any]:
    """A forecast as a proposal keeps and shows it."""
    totals = lived.totals
    return {
        "seed": seed,
        "days": [day.as_json() for day in lived.days(means)],
        "horizon": days,
        "totals": totals.as_json() | {"cost": str(totals.cost(means))},
    }


def _live_piece(piece: tuple[Sequence[tuple[CaseFacts, Rules]], datetime, int, int, Behaviour]) -> Forecast:
    cases, start, days, seed, behaviour = piece
    rules = {facts.id: its_rules for facts, its_rules in cases}
    return forecast([facts for facts, _ in cases], lambda facts: rules[facts.id], start, days, seed, behaviour)


def _open_cases(rows: Rows, runtime: Runtime, home: Home, campaign_id: int, now: datetime) -> None:
    versions = pinning.installed(runtime, home.pack, campaigns.sequences_of(rows, campaign_id))
    campaigns.approve(rows, campaign_id, b"", versions, AHEAD, now)


def _ahead(rows: Rows, home: Home, cases: Sequence[AskedCase], now: datetime) -> Ahead:
    """Payments are taken to stay known and what is under way to have gone out: else nothing would ever be seen to happen."""
    named = {f"debtor-{case.debtor_id}": replace(case, facts=replace(case.facts, payments_stale=False, in_flight=None)) for case in cases}
    behaviour = learned(outcomes.past(rows, home.creditor_id, now))
    return Ahead(now, named, behaviour, _means(outcomes.collectors(rows, home.id)))


def _means(collectors: int) -> Means:
    place = Path(__file__).with_name("means.toml")
    table = Table(toml(place.read_bytes(), place.name), place.name)
    table.take("source", text)
    costs, minutes, staff = (table.take(key, Table) for key in ("costs", "minutes", "staff"))
    table.close()
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = staff.take("week", list_of(whole))
    means = Means(
        costs={channel: Decimal(costs.take(channel, text)) for channel in CHANNELS},
        minutes={task: minutes.take(task, whole) for task in ("call", "visit", "approval")},
        week=tuple(each * collectors for each in (monday, tuesday, wednesday, thursday, friday, saturday, sunday)),  # type: ignore[arg-type]
    )
    for each in (costs, minutes, staff):
        each.close()
    return means
