"""What came of it: the carrier's own journal against the database.

The journal is a stranger's: it says what was really taken, whatever the program believes. An audit is a list of sentences per kind of
fault; no sentence at all is a clean run.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import text

from channels.carrier.consignments import FINAL_STATES
from channels.carrier.control import log_line
from channels.carrier.world import World
from orchestrator.clock import wall_now
from orchestrator.runtime import Runtime
from orchestrator.sandbox import beginning
from orchestrator.sandbox.summary import seen_by, violations
from orchestrator.store import Rows, recomputing, sandbox

CARRIED = ("sms", "voice", "letter")
UNFINISHED = ("planned", "claimed", "sending", "unknown")
BEFORE_ANYTHING_LEFT = (*UNFINISHED[:3], "cancelled")
FAILED_AT_THE_CARRIER = frozenset({"undelivered", "failed", "busy", "no-answer", "canceled", "returned_refused", "returned_unknown"})

Taken = Mapping[str, Any]
"""A line of the carrier's log, as `channels.carrier.control.log_line` has it."""


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt as the program knows it."""

    id: int
    case_id: int | None
    step: str
    round: int
    channel: str
    contact_point_id: int | None
    state: str
    outcome: str | None
    provider_id: str | None


@dataclass(frozen=True, slots=True)
class Audit:
    """Each fault in a sentence."""

    duplicates: tuple[str, ...]
    lost: tuple[str, ...]
    outside_window: tuple[str, ...]
    above_cap: tuple[str, ...]
    books: tuple[str, ...]
    """Ledger and evidence log."""
    unheard: tuple[str, ...]
    """Not a fault where nobody listened: the carrier's word was lost, no demand was, and the case goes on when it has waited for it."""
    taken: int
    """How many messages the carrier took."""

    @property
    def sentences(self) -> tuple[str, ...]:
        return (*self.duplicates, *self.lost, *self.outside_window, *self.above_cap, *self.books)


def audit(runtime: Runtime, journal: Path, seed: int, *, was_deaf: bool) -> Audit:
    """Everything the carrier took against everything the program says of it. `was_deaf`: callbacks found nobody for a while."""
    carrier = World(seed, beginning.BEGAN, wall_now, journal)
    carrier.close()
    lines = [log_line(each) for each in carrier.consignments.values()]
    taken = [line for line in lines if line["kind"] in CARRIED]
    with runtime.store.begin() as rows:
        tried = {row.id: Tried(*row) for row in rows.execute(_TRIED)}
        stranded, books = list(_stranded(rows, runtime)), list(_books(rows))
        broken = violations(runtime, list(seen_by(lines, sandbox.judged(rows))))
    never_heard = tuple(unheard(taken, tried))
    return Audit(
        duplicates=tuple(duplicates(taken, tried)),
        lost=(*lost(taken, tried), *stranded, *(() if was_deaf else never_heard)),
        outside_window=tuple(f"attempt {each.attempt_id} left outside its window" for each in broken if each.rule == "window"),
        above_cap=tuple(f"attempt {each.attempt_id} is above cap {each.rule}" for each in broken if each.rule not in ("window", "twice")),
        books=tuple(books),
        unheard=never_heard,
        taken=len(taken),
    )


def duplicates(taken: Iterable[Taken], tried: Mapping[int, Tried]) -> Iterator[str]:
    """A demand the carrier took although it had one of the same case and step for the same receiver, which did not fail.

    A second try is lawful only after a failure that both sides know of: one that the program took for lost while the carrier had it
    is a demand sent twice, whatever its number.
    """
    of_demand: defaultdict[tuple[object, ...], list[tuple[Taken, Tried]]] = defaultdict(list)
    for line in taken:
        attempt = tried.get(line["attempt"])
        if attempt is not None:
            whose = attempt.case_id or ("campaign", attempt.id)
            of_demand[whose, attempt.step, line["kind"], line["to"]].append((line, attempt))
    for demands in of_demand.values():
        for (before, first), (after, second) in pairwise(demands):
            same = (first.round, first.contact_point_id) == (second.round, second.contact_point_id)
            if same or not _is_known(before, first) or not _failed(before):
                yield f"case {second.case_id}, {second.step}: {after['sid']} repeats {before['sid']}, which was {before['status']}"


def lost(taken: Sequence[Taken], tried: Mapping[int, Tried]) -> Iterator[str]:
    """What one side has and the other has not, what is left half done, and what ended without a reason."""
    for line in taken:
        attempt = tried.get(line["attempt"])
        if attempt is None or not _is_known(line, attempt):
            yield f"{line['sid']} was taken for attempt {line['attempt']}, which is {attempt.state if attempt else 'not ours'} without it"
    sids = {line["sid"] for line in taken}
    for attempt in tried.values():
        if attempt.state in UNFINISHED:
            yield f"attempt {attempt.id} of case {attempt.case_id} was left {attempt.state}"
        elif attempt.channel in CARRIED and attempt.provider_id is not None and attempt.provider_id not in sids:
            yield f"attempt {attempt.id} is {attempt.state} as {attempt.provider_id}, which the carrier never took"
        elif attempt.state in ("cancelled", "failed") and attempt.outcome is None:
            yield f"attempt {attempt.id} is {attempt.state} without a reason"


def unheard(taken: Iterable[Taken], tried: Mapping[int, Tried]) -> Iterator[str]:
    """What came to its end at the carrier, and still seems to be on its way."""
    for line in taken:
        attempt = tried.get(line["attempt"])
        if attempt is not None and line["status"] in FINAL_STATES and attempt.state in ("accepted", "sent"):
            yield f"{line['sid']} was {line['status']}, and attempt {attempt.id} never heard of it"


def _is_known(line: Taken, attempt: Tried) -> bool:
    return attempt.provider_id == line["sid"] and attempt.state not in BEFORE_ANYTHING_LEFT


def _failed(line: Taken) -> bool:
    return line["status"] in FAILED_AT_THE_CARRIER or (line["kind"] == "voice" and line["answered_by"] not in (None, "human"))


def _stranded(rows: Rows, runtime: Runtime) -> Iterator[str]:
    """Cases nobody will ask again, and whatever is still due or in flight."""
    for row in rows.execute(_UNASKED):
        yield f"case {row.id} is {row.state} and will not be asked again: {row.parked or 'no next question'}"
    if busy := sandbox.busy(rows, runtime.now(), wall_now()):
        yield f"{busy} things are still due or in flight"


def _books(rows: Rows) -> Iterator[str]:
    """The evidence log re-computed, and the ledger's sums by their parts."""
    found = recomputing.recompute(rows)
    yield from found.faults
    if not found.entries:
        yield "the evidence log is empty"
    for row in rows.execute(_WRONG_SUMS):
        yield f"charge {row.id} says {row.provisional} is paid provisionally, its allocations say {row.allocated or Decimal(0)}"
    for row in rows.execute(_OVERSPENT):
        yield f"payment {row.id} of {row.amount} is allocated {row.allocated} times over"


_TRIED = text("SELECT id, case_id, step, round, channel, contact_point_id, state, outcome, provider_id FROM attempt ORDER BY id")

_UNASKED = text("""SELECT id, state, parked FROM "case" WHERE state = 'open' AND (ask_at IS NULL OR parked IS NOT NULL) ORDER BY id""")

_WRONG_SUMS = text("""
    SELECT ch.id, ch.provisional, sum(l.amount) AS allocated
      FROM charge ch
      LEFT JOIN (SELECT a.charge_id, a.amount FROM allocation a JOIN payment p ON p.id = a.payment_id
                  WHERE a.superseded_at IS NULL AND p.state <> 'reversed') l ON l.charge_id = ch.id
     GROUP BY ch.id HAVING ch.provisional <> COALESCE(sum(l.amount), 0) ORDER BY ch.id
""")

_OVERSPENT = text("""
    SELECT p.id, p.amount, sum(a.amount) AS allocated FROM payment p JOIN allocation a ON a.payment_id = p.id
     GROUP BY p.id HAVING sum(a.amount) > p.amount ORDER BY p.id
""")
