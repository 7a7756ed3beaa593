"""What a finished sandbox proves: figures from the database, and violations counted from what the carrier and the tasks saw."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestrator import auditing, sealing
from orchestrator.runtime import Runtime
from orchestrator.sandbox.carrier import Carrier
from orchestrator.store import sandbox
from orchestrator.store.sandbox import Judged
from policies.facts import Channel, Contact, Outcome
from policies.limits import breaches
from policies.windows import Place, is_open

OUTSIDE_CAPS = frozenset({"bill_notice", "thank_you", "promise_reminder", "recap", "answer"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One contact as the carrier or the person who made it saw it, with the law of its own case."""

    contact: Contact
    judged: Judged


@dataclass(frozen=True, slots=True)
class Violation:
    """A contact that the pack of its own case does not allow: out of its window, above a cap, or the same step and round twice."""

    attempt_id: int
    rule: str


def summarise(runtime: Runtime, carrier: Carrier) -> dict[str, Any]:
    """The summary of contract section 1."""
    with runtime.store.begin() as rows:
        figures, judged = sandbox.figures(rows), sandbox.judged(rows)
    sealing.seal(runtime)
    audit = auditing.audit(runtime)
    found = violations(runtime, list(seen_by(carrier.log(), judged)))
    return {
        "cases": figures.cases,
        "attempts": figures.attempts,
        "settled": figures.settled,
        "escalated": figures.escalated,
        "violations": len(found),
        "evidence": {"entries": audit.entries, "verified": audit.verified},
    }


def seen_by(carrier_log: Iterable[Mapping[str, Any]], judged: Iterable[Judged]) -> Iterator[Seen]:
    """What went out by the carrier's own log, and what people did by their reports."""
    by_attempt = {each.attempt_id: each for each in judged}
    for record in carrier_log:
        if record["kind"] != "inbound" and record["attempt"] in by_attempt:
            attempt = by_attempt[record["attempt"]]
            channel: Channel = record["kind"]
            yield Seen(Contact(datetime.fromisoformat(record["at"]), channel, _outcome(record), step=attempt.step), attempt)
    for attempt in by_attempt.values():
        if attempt.channel in ("visit", "call") and attempt.done_at is not None:
            yield Seen(Contact(attempt.done_at, attempt.channel, attempt.outcome, step=attempt.step), attempt)  # type: ignore[arg-type]


def violations(runtime: Runtime, seen: list[Seen]) -> list[Violation]:
    """Every contact out of its window, every one above a cap of its debtor or its number, every step sent twice."""
    return [*_outside_windows(runtime, seen), *_above_caps(runtime, seen), *_twice(seen)]


def _outside_windows(runtime: Runtime, seen: Iterable[Seen]) -> Iterator[Violation]:
    for each in seen:
        judged = each.judged
        place = Place(judged.timezone, "commercial" if judged.commercial else "residential", frozenset(judged.site_days))
        if not is_open(runtime.packs.rules(judged.pack, judged.sequence), each.contact.channel, place, each.contact.at):
            yield Violation(judged.attempt_id, "window")


def _above_caps(runtime: Runtime, seen: Iterable[Seen]) -> Iterator[Violation]:
    """Caps hold per person over all their debts and per number over all who share it."""
    groups: defaultdict[tuple[str, int], list[Seen]] = defaultdict(list)
    for each in seen:
        if each.judged.purpose in OUTSIDE_CAPS:
            continue
        for party in each.judged.parties:
            groups["party", party].append(each)
        if each.judged.contact_point_id is not None:
            groups["number", each.judged.contact_point_id].append(each)
    broken: dict[int, Violation] = {}
    for group in groups.values():
        pack = runtime.packs.pack(group[0].judged.pack)
        attempts = {id(each.contact): each.judged.attempt_id for each in group}
        for breach in breaches(pack, [each.contact for each in group], group[0].judged.timezone):
            attempt_id = attempts[id(breach.contact)]
            broken[attempt_id] = Violation(attempt_id, breach.cap.name)
    yield from broken.values()


def _twice(seen: Iterable[Seen]) -> Iterator[Violation]:
    known: set[int] = set()
    for each in seen:
        if each.judged.attempt_id in known:
            yield Violation(each.judged.attempt_id, "twice")
        known.add(each.judged.attempt_id)


def _outcome(record: Mapping[str, Any]) -> Outcome:
    """What the carrier says became of it, in the words of the rules."""
    match record["kind"], record["status"], record.get("answered_by"):
        case "letter", _, _:
            return "mailed"
        case "voice", "completed", "human":
            return "answered"
        case "voice", "completed", _:
            return "machine"
        case "voice", "busy", _:
            return "busy"
        case "voice", "no-answer", _:
            return "no_answer"
        case _, "delivered", _:
            return "delivered"
        case _, "undelivered", _:
            return "undelivered"
        case _, "failed" | "canceled", _:
            return "failed"
        case _:
            return "sent"
