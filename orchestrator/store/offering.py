"""What is due: cases to ask, attempts to carry out, outcomes to look up, receipts to hear. Offered under a lease, never taken away.

The queue may lose or repeat anything offered: an unused lease runs out and the next sweep offers again.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from orchestrator.store import Rows
from orchestrator.store.lookup import ABSENT_AFTER
from orchestrator.store.senders import COUNTRY
from orchestrator.store.writing import LEASE, touch

LOOK_UP_AFTER = timedelta(seconds=120)
"""Real time after which a provider's list can be trusted to show what it took."""
LIMIT = 5_000
"""As much as one sweep offers; the next one goes on."""


@dataclass(frozen=True, slots=True)
class Due:
    """Ids by kind of work."""

    cases: tuple[int, ...]
    attempts: Mapping[str, tuple[int, ...]]
    """By channel."""
    unknown: tuple[int, ...]
    receipts: tuple[int, ...]


def offer(
    rows: Rows,
    now: datetime,
    wall: datetime,
    *,
    lease: timedelta = LEASE,
    look_up_after: timedelta = LOOK_UP_AFTER,
    absent_after: timedelta = ABSENT_AFTER,
    held_back: Sequence[tuple[str, str]] = (),
) -> Due:
    """Everything due at `now` that nobody holds a lease of, leased from `wall` on. Two sweeps at once share the work.

    `held_back`: each channel and country where every sender rests. The attempts there stay planned, and their cases where they stand.
    """
    values = {"now": now, "wall": wall, "until": wall + lease, "limit": LIMIT}
    values |= {"looked": wall - look_up_after, "missing": wall - absent_after, "channels": [channel for channel, _ in held_back]}
    values |= {"countries": [country for _, country in held_back]}
    values["cases"] = list(rows.execute(_LOCK_LAPSED, values).scalars())
    rows.execute(_OVERDUE, values)
    lapsed = [case_id for case_id in rows.execute(_LAPSED, values).scalars() if case_id is not None]
    touch(rows, sorted(lapsed), now)
    attempts: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows.execute(_ATTEMPTS, values):
        attempts[row.channel].append(row.id)
    return Due(
        cases=tuple(sorted(rows.execute(_CASES, values).scalars())),
        attempts={channel: tuple(sorted(ids)) for channel, ids in attempts.items()},
        unknown=tuple(sorted(rows.execute(_UNKNOWN, values).scalars())),
        receipts=tuple(sorted(rows.execute(_RECEIPTS, values).scalars())),
    )


@dataclass(frozen=True, slots=True)
class Unheard:
    """A handover that was taken, and of which nothing final was heard for long."""

    attempt_id: int
    channel: str
    provider: str
    sender: str | None
    provider_id: str


def unheard(rows: Rows, wall: datetime, silent_for: timedelta, *, all_open: bool = False) -> list[Unheard]:
    """Those to ask the provider about now, leased: asked again after half as long again each time, for a month.

    `all_open`: every one whose end is not known, however lately it left or was asked about.
    """
    values = {
        "wall": wall,
        "silent": wall - silent_for,
        "given_up": wall - GIVEN_UP_AFTER,
        "limit": None if all_open else UNHEARD_LIMIT,
        "all_open": all_open,
    }
    return [Unheard(*row) for row in rows.execute(_UNHEARD, values)]


SILENT_FOR = timedelta(hours=1)
"""Real time without a final word after which callbacks are taken to be lost."""
GIVEN_UP_AFTER = timedelta(days=30)
UNHEARD_LIMIT = 200

_UNHEARD = text("""
    UPDATE attempt SET offered_until = CAST(:wall AS timestamptz) + (CAST(:wall AS timestamptz) - sent_at_wall) / 2
     WHERE id IN (SELECT id FROM attempt
                   WHERE state IN ('accepted', 'sent') AND channel IN ('sms', 'voice') AND provider_id IS NOT NULL
                     AND sent_at_wall > :given_up
                     AND (:all_open OR sent_at_wall < :silent AND (offered_until IS NULL OR offered_until < :wall))
                   ORDER BY sent_at_wall LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED)
 RETURNING id, channel, provider, sender, provider_id
""")

_CASES = text("""
    UPDATE "case" SET offered_until = :until
     WHERE id IN (SELECT id FROM "case" WHERE state = 'open' AND parked IS NULL AND ask_at <= :now
                     AND (offered_until IS NULL OR offered_until < :wall)
                   ORDER BY ask_at LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED)
 RETURNING id
""")

_ATTEMPTS = text(f"""
    UPDATE attempt SET offered_until = :until
     WHERE id IN (SELECT a.id FROM attempt a
                   WHERE a.state = 'planned' AND a.planned_at <= :now AND (a.offered_until IS NULL OR a.offered_until < :wall)
                     AND (a.channel <> ALL(CAST(:channels AS text[]))
                          OR (a.channel, {COUNTRY}) NOT IN
                             (SELECT * FROM unnest(CAST(:channels AS text[]), CAST(:countries AS text[]))))
                   ORDER BY a.planned_at LIMIT :limit FOR NO KEY UPDATE OF a SKIP LOCKED)
 RETURNING id, channel
""")

_OVERDUE = text("""
    UPDATE attempt SET state = 'unknown', offered_until = NULL WHERE state = 'sending' AND sending_until < :wall
""")
"""Past its deadline nobody knows whether it left: looked up at the provider, never sent again by itself."""

_LOCK_LAPSED = text("""
    SELECT c.id FROM "case" c WHERE c.id IN (SELECT a.case_id FROM attempt a WHERE a.state = 'claimed' AND a.claimed_until < :wall)
     ORDER BY c.id FOR NO KEY UPDATE
""")
"""Before any attempt, as whoever concludes one does."""

_LAPSED = text("""
    UPDATE attempt SET state = 'cancelled', outcome = 'claim_lapsed', concluded_at = :now
     WHERE state = 'claimed' AND claimed_until < :wall AND (case_id IS NULL OR case_id = ANY(:cases))
 RETURNING case_id
""")
"""Claimed by a worker that died before any byte could leave: certainly not sent, and asked about again from the facts."""

_UNKNOWN = text("""
    UPDATE attempt SET offered_until = :until
     WHERE id IN (SELECT id FROM attempt
                   WHERE state = 'unknown' AND sent_at_wall < :looked AND (missing_since IS NULL OR missing_since <= :missing)
                     AND (offered_until IS NULL OR offered_until < :wall)
                   ORDER BY sent_at_wall LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED)
 RETURNING id
""")

_RECEIPTS = text("""
    UPDATE receipt SET offered_until = :until
     WHERE id IN (SELECT id FROM receipt WHERE applied_at IS NULL AND (offered_until IS NULL OR offered_until < :wall)
                   ORDER BY id LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED)
 RETURNING id
""")
