"""Senders, each a channel through one provider: one that is refused for reasons of its own rests, and what would leave by it waits.

    at work -> STREAK refusals in a row of class config or blocked -> resting
    resting -> every REST one attempt is tried -> taken: at work; refused like the others: resting on
    resting -> a person resets it -> at work

An account that is locked refuses everybody: every further try would count against one more debtor and bring nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from channels.contract import Accepted, ErrorClass, Handover, Refused
from orchestrator.store import Rows, log
from orchestrator.store.log import Entry

STREAK = 5
REST = timedelta(minutes=15)
"""Real time after which one attempt is tried."""
OF_THE_SENDER: frozenset[ErrorClass] = frozenset({"config", "blocked"})
OF_THE_NUMBER: frozenset[ErrorClass] = frozenset({"contact_bad", "unreachable", "opted_out"})
"""Whoever is told this was listened to: the sender works."""


@dataclass(frozen=True, slots=True)
class Resting:
    """A sender that rests, the last refusal, and when it is tried next (real times)."""

    channel: str
    provider: str
    error_class: str
    error_code: str
    resting_since: datetime
    retry_at: datetime


def judge(rows: Rows, channel: str, handover: Handover, now: datetime, wall: datetime, rest: timedelta = REST) -> None:
    """What a provider's answer says about the sender. In the transaction that concludes the attempt, after it: the case is locked first."""
    sender = {"channel": channel, "provider": handover.provider}
    match handover:
        case Refused(error_class=error_class, error_code=code) if error_class in OF_THE_SENDER:
            refusal = sender | {"error_class": error_class, "error_code": code}
            streak = rows.execute(_COUNT, refusal).scalar_one()
            if streak >= STREAK:
                rows.execute(_REST, sender | {"wall": wall, "again": wall + rest})
            if streak == STREAK:
                log.append(rows, [Entry("sender rests", refusal)], now, wall)
        case Accepted():
            _put_to_work(rows, sender, now, wall)
        case Refused(error_class=error_class) if error_class in OF_THE_NUMBER:
            _put_to_work(rows, sender, now, wall)


def _put_to_work(rows: Rows, sender: Mapping[str, str], now: datetime, wall: datetime) -> None:
    rested = rows.execute(_WORKS, sender).scalar()
    if rested:
        log.append(rows, [Entry("sender works", sender)], now, wall)


def reset(rows: Rows, channel: str, by: str, now: datetime, wall: datetime) -> list[str]:
    """A person mended what it was refused for: the channel's senders are at work again. The providers of those that rested."""
    providers = sorted(each.provider for each in all_resting(rows) if each.channel == channel)
    rows.execute(text(f"UPDATE sender_state SET {_AT_WORK} WHERE channel = :channel"), {"channel": channel})
    log.append(rows, [Entry("sender reset", {"channel": channel, "provider": each, "by": by}) for each in providers], now, wall)
    return providers


def all_resting(rows: Rows) -> list[Resting]:
    """For whoever runs it: which senders rest and why."""
    return [Resting(*row) for row in rows.execute(_RESTING)]


def resting(rows: Rows, senders: Mapping[str, str], wall: datetime) -> list[str]:
    """Channels (of `senders`: provider by channel) by which not even a try may leave now."""
    return [each.channel for each in all_resting(rows) if senders.get(each.channel) == each.provider and each.retry_at > wall]


def passing(rows: Rows, attempt_ids: Sequence[int], senders: Mapping[str, str], wall: datetime, rest: timedelta = REST) -> list[int]:
    """Those of these attempts that may be claimed: of a sender that rests none, or the one it is tried with.

    A transaction of its own: whoever holds a sender's row waits for no other lock.
    """
    at_rest = [each.channel for each in all_resting(rows) if senders.get(each.channel) == each.provider]
    if not at_rest:
        return list(attempt_ids)
    values = {"ids": list(attempt_ids), "channels": at_rest, "wall": wall, "again": wall + rest}
    values |= {"providers": [senders[channel] for channel in at_rest]}
    trials = list(rows.execute(_TRY, values).scalars())
    return list(rows.execute(_PASSING, values | {"trials": trials}).scalars())


_AT_WORK = "streak = 0, error_class = NULL, error_code = NULL, resting_since = NULL, retry_at = NULL, trial = NULL"

_COUNT = text("""
    INSERT INTO sender_state AS s (channel, provider, streak, error_class, error_code)
    VALUES (:channel, :provider, 1, :error_class, :error_code)
    ON CONFLICT (channel, provider)
    DO UPDATE SET streak = s.streak + 1, error_class = excluded.error_class, error_code = excluded.error_code
 RETURNING streak
""")

_REST = text("""
    UPDATE sender_state SET resting_since = COALESCE(resting_since, :wall), retry_at = :again, trial = NULL
     WHERE channel = :channel AND provider = :provider
""")

_WORKS = text(f"""
    UPDATE sender_state s SET {_AT_WORK}
      FROM (SELECT channel, provider, resting_since IS NOT NULL AS rested FROM sender_state
             WHERE channel = :channel AND provider = :provider AND streak > 0 FOR UPDATE) AS before
     WHERE s.channel = before.channel AND s.provider = before.provider
 RETURNING before.rested
""")

_RESTING = text("""
    SELECT channel, provider, error_class, error_code, resting_since, retry_at FROM sender_state
     WHERE resting_since IS NOT NULL ORDER BY channel, provider
""")

_TRY = text("""
    UPDATE sender_state s SET trial = first.id, retry_at = :again
      FROM unnest(CAST(:channels AS text[]), CAST(:providers AS text[])) AS n(channel, provider)
      JOIN LATERAL (SELECT min(a.id) AS id FROM attempt a
                     WHERE a.id = ANY(:ids) AND a.channel = n.channel AND a.state = 'planned') AS first ON first.id IS NOT NULL
     WHERE s.channel = n.channel AND s.provider = n.provider AND s.resting_since IS NOT NULL AND s.retry_at <= :wall
 RETURNING s.trial
""")

_PASSING = text("""
    SELECT id FROM attempt
     WHERE id = ANY(:ids) AND (channel <> ALL(CAST(:channels AS text[])) OR id = ANY(CAST(:trials AS bigint[]))) ORDER BY id
""")
