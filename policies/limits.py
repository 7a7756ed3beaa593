"""Caps, computed from the history of contacts: when is the next one allowed?

There are no counters. The history is that of the debtor over all properties, and of every number used; whoever builds the facts gives all
of it for the pack's longest cap, or no contact is allowed (caps fail closed). Days are local days of the debtor.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from policies.facts import Channel, Contact, Outcome
from policies.localtime import local_day, midnight_after
from policies.rules import Cap, Counted, RulePack

ITS_DAY_ONLY: frozenset[Outcome] = frozenset({"failed", "undelivered"})
CONVERSATIONS: frozenset[Outcome] = frozenset({"conversation", "answered"})
REACHED_OUT: frozenset[Outcome] = CONVERSATIONS | {"machine", "handed_over", "affixed", "refused_to_take", "mailed", "sent", "delivered"}
EVERYTHING: frozenset[Outcome] = (
    REACHED_OUT | ITS_DAY_ONLY | {"no_answer", "busy", "moved_away", "not_this_person", "returned_refused", "returned_unknown"}
)

COUNTED: dict[Counted, frozenset[Outcome]] = {
    "contacts": REACHED_OUT | ITS_DAY_ONLY,
    "conversations": CONVERSATIONS,
    "dials": EVERYTHING,
    "attempts": EVERYTHING,
}


@dataclass(frozen=True, slots=True)
class Reached:
    """A cap that allows nothing more before `free_at`."""

    cap: Cap
    free_at: datetime


@dataclass(frozen=True, slots=True)
class Breach:
    """A contact that a cap of the pack did not allow when it was made."""

    contact: Contact
    cap: Cap


def reached(pack: RulePack, contacts: Sequence[Contact], channel: Channel, zone_name: str, at: datetime) -> Reached | None:
    """The cap that closes this channel longest at `at`, if any does. Before its `free_at` every answer is no.

    `contacts` in the order of time.
    """
    longest: Reached | None = None
    forgotten = at - _memory(pack)
    recent = _since(forgotten, contacts)
    for cap, span in _caps_on(pack, channel):
        free_at = _free_at(cap, recent, zone_name, at - span) if len(recent) >= cap.limit else None
        if free_at is not None and free_at > at and (longest is None or free_at > longest.free_at):
            longest = Reached(cap, free_at)
    return longest


def _since(forgotten: datetime, contacts: Sequence[Contact]) -> list[Contact]:
    """Those later than that, the latest first."""
    recent = []
    for contact in reversed(contacts):
        if contact.at <= forgotten:
            break
        recent.append(contact)
    return recent


def breaches(pack: RulePack, contacts: Iterable[Contact], zone_name: str) -> tuple[Breach, ...]:
    """Which contacts of a debtor's log were made while a cap was reached. For counting violations from a carrier's own log."""
    log = sorted(contacts, key=lambda contact: contact.at)
    found = []
    for place, contact in enumerate(log):
        broken = reached(pack, log[:place], contact.channel, zone_name, contact.at)
        if broken is not None:
            found.append(Breach(contact, broken.cap))
    return tuple(found)


MEMORY_DAYS = 40
"""How far back contacts of other cases are read; a pack whose caps look further is refused when it is loaded."""


def longest_days(pack: RulePack) -> int:
    """How many local days of history the caps look at."""
    return max((cap.days for cap in pack.caps), default=0)


_SLACK_DAYS = 3
"""The first of a cap's local days had begun, and such days may be longer than 24 hours: what is older by this much is surely outside."""


@lru_cache(maxsize=64)
def _memory(pack: RulePack) -> timedelta:
    return timedelta(days=longest_days(pack) + _SLACK_DAYS)


@lru_cache(maxsize=256)
def _caps_on(pack: RulePack, channel: Channel) -> tuple[tuple[Cap, timedelta], ...]:
    """Each with the time after which what it counts is surely outside."""
    return tuple((cap, timedelta(days=cap.days + _SLACK_DAYS)) for cap in pack.caps if channel in cap.channels)


def _free_at(cap: Cap, history: list[Contact], zone_name: str, forgotten: datetime) -> datetime | None:
    """When fewer than `limit` of the counted contacts are still inside the cap's days; None if no more than that many may be."""
    outcomes = COUNTED[cap.counts]
    counted = [
        contact
        for contact in history
        if contact.at > forgotten
        and contact.channel in cap.channels
        and contact.outcome in outcomes
        and (contact.own or cap.scope == "debtor")
    ]
    if len(counted) < cap.limit:
        return None
    return sorted([_lapse(cap, contact, zone_name) for contact in counted])[-cap.limit]


def _lapse(cap: Cap, contact: Contact, zone_name: str) -> datetime:
    days = 1 if contact.outcome in ITS_DAY_ONLY else cap.days
    return midnight_after(local_day(contact.at, zone_name), days, zone_name)
