"""Senders: one that is refused for reasons of its own rests; what would leave by it goes by the next that serves, or waits.

    at work -> STREAK refusals in a row of class config or blocked, at the handover or told later -> resting
    resting -> every REST one attempt is tried -> refused like the others: resting on
    resting -> what it was refused at the handover is taken again; what failed later is delivered again -> at work
    resting -> a person resets it -> at work

One whose provider asks to be left alone for a while (a 429 with its Retry-After) is left alone for so long, and rests for no other reason.

An account that is locked refuses everybody: every further try would count against one more debtor and bring nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from channels.contract import Accepted, ErrorClass, Handover, Refused
from channels.lines import LineName, Lines
from orchestrator.store import Rows, log
from orchestrator.store.log import Entry

STREAK = 5
REST = timedelta(minutes=15)
"""Real time after which one attempt is tried."""
LONGEST_WAIT = timedelta(days=1)
"""A provider that asks for longer is asked again then."""
OF_THE_SENDER: frozenset[ErrorClass] = frozenset({"config", "blocked"})
OF_THE_NUMBER: frozenset[ErrorClass] = frozenset({"contact_bad", "unreachable", "opted_out"})
"""Whoever is told this was listened to: the sender works."""

COUNTRY = """
    (SELECT COALESCE(cp.country, m.country) FROM community m LEFT JOIN contact_point cp ON cp.id = a.contact_point_id
      WHERE m.id = a.community_id)"""
"""Where an attempt `a` goes to, in a query."""


@dataclass(frozen=True, slots=True)
class Resting:
    """A sender that rests, its last refusal, and when it is tried next (real times)."""

    line: LineName
    error_class: str
    error_code: str
    resting_since: datetime
    retry_at: datetime


@dataclass(frozen=True, slots=True)
class _Refusals:
    """How often in a row a sender was refused now, at the handover or by later words, and the last of it."""

    line: LineName
    at_handover: int
    later: int
    error_class: str
    error_code: str


def judge(rows: Rows, line: LineName, handover: Handover, now: datetime, wall: datetime, rest: timedelta = REST) -> None:
    """What a provider's answer says about the sender. In the transaction that concludes the attempt, whose case is locked before."""
    match handover:
        case Refused(error_class=error_class, error_code=code) if error_class in OF_THE_SENDER:
            _count(rows, [_Refusals(line, 1, 0, error_class, code)], now, wall, rest)
        case Refused() if (until := asked_to_wait(handover, wall)) is not None:
            rows.execute(_WAIT, line._asdict() | {"until": until})
        case Accepted():
            _say_at_work(rows, rows.execute(_TAKEN, _names([line]) | {"streak": STREAK}), now, wall)
        case Refused(error_class=error_class) if error_class in OF_THE_NUMBER:
            _say_at_work(rows, rows.execute(_TAKEN, _names([line]) | {"streak": STREAK}), now, wall)


def asked_to_wait(refused: Refused, wall: datetime) -> datetime | None:
    """Until when a provider asked to be left alone (real time); None where it did not."""
    if refused.error_class != "transient" or refused.retry_after is None:
        return None
    return wall + timedelta(seconds=min(max(refused.retry_after, 1.0), LONGEST_WAIT.total_seconds()))


def hear(rows: Rows, attempt_ids: Iterable[int], now: datetime, wall: datetime, rest: timedelta = REST) -> None:
    """What the later words about these attempts say about their senders, after they were folded in. The cases are locked before."""
    delivered: dict[LineName, datetime] = {}
    refused: dict[LineName, _Refusals] = {}
    for row in rows.execute(_ENDED, {"ids": list(attempt_ids), "classes": list(OF_THE_SENDER)}):
        line = LineName(row.channel, row.provider, row.sender)
        if row.state == "delivered":
            delivered[line] = row.sent_at_wall
            refused.pop(line, None)
        else:
            before = refused[line].later if line in refused else 0
            refused[line] = _Refusals(line, 0, before + 1, row.error_class, row.error_code)
    if delivered:
        _say_at_work(rows, rows.execute(_DELIVERED, _names(list(delivered)) | {"sent": list(delivered.values())}), now, wall)
    if refused:
        _count(rows, list(refused.values()), now, wall, rest)


def _count(rows: Rows, refusals: Sequence[_Refusals], now: datetime, wall: datetime, rest: timedelta) -> None:
    """Add to the streaks; whoever has a whole one rests."""
    values = _names([each.line for each in refusals]) | {
        "streaks": [each.at_handover for each in refusals],
        "later": [each.later for each in refusals],
        "classes": [each.error_class for each in refusals],
        "codes": [each.error_code for each in refusals],
    }
    resting = [row for row in rows.execute(_COUNT, values) if row.streak >= STREAK]
    if not resting:
        return
    rows.execute(_REST, _names([_line(row) for row in resting]) | {"wall": wall, "again": wall + rest})
    put_to_rest = [row for row in resting if not row.rested]
    facts = [_fact(_line(row)) | {"error_class": row.error_class, "error_code": row.error_code} for row in put_to_rest]
    log.append(rows, [Entry("sender rests", fact) for fact in facts], now, wall)


def _say_at_work(rows: Rows, changed: Iterable[Any], now: datetime, wall: datetime) -> None:
    log.append(rows, [Entry("sender works", _fact(_line(row))) for row in changed if row.rested], now, wall)


def reset(rows: Rows, channel: str, sender: str | None, by: str, now: datetime, wall: datetime) -> list[LineName]:
    """A person mended what it was refused for: a channel's senders, or the one named, are at work again. Those that rested."""
    put_to_work = [each.line for each in all_resting(rows) if each.line.channel == channel and sender in (None, each.line.sender)]
    rows.execute(_RESET, {"channel": channel, "sender": sender})
    log.append(rows, [Entry("sender reset", _fact(line) | {"by": by}) for line in put_to_work], now, wall)
    return put_to_work


def all_resting(rows: Rows) -> list[Resting]:
    """For whoever runs it: which senders rest and why."""
    return [Resting(_line(row), row.error_class, row.error_code, row.resting_since, row.retry_at) for row in rows.execute(_RESTING)]


def held_back(rows: Rows, lines: Lines, wall: datetime) -> list[tuple[str, str]]:
    """(channel, country) of the planned attempts of which not even a try may leave now: every sender that serves them rests
    or was asked to wait."""
    resting = frozenset(each.line for each in all_resting(rows) if each.retry_at > wall) | _waiting(rows, wall)
    if not resting:
        return []
    planned = rows.execute(_PLANNED, {"channels": sorted({line.channel for line in resting})})
    ways = {(row.channel, row.country): _ways(lines, row.channel, row.country) for row in planned}
    return [where for where, ways_there in ways.items() if ways_there and resting.issuperset(ways_there)]


def passing(rows: Rows, attempt_ids: Sequence[int], lines: Lines, wall: datetime, rest: timedelta = REST) -> list[int]:
    """Those of these attempts that may be claimed: those that a sender at work serves, and for each that rests the one it is tried with.

    A transaction of its own: whoever holds a sender's row waits for no other lock.
    """
    waiting = _waiting(rows, wall)
    resting = frozenset(each.line for each in all_resting(rows)) - waiting
    if not resting and not waiting:
        return list(attempt_ids)
    ways = {row.id: _ways(lines, row.channel, row.country) for row in rows.execute(_WAYS, {"ids": list(attempt_ids)})}
    free = {attempt_id for attempt_id, its_ways in ways.items() if not its_ways or not (resting | waiting).issuperset(its_ways)}
    candidates: dict[LineName, int] = {}
    for attempt_id, its_ways in ways.items():
        for line in resting.intersection(its_ways):
            candidates.setdefault(line, attempt_id)
    values = _names(list(candidates)) | {"candidates": list(candidates.values()), "wall": wall, "again": wall + rest}
    trials = set(rows.execute(_TRY, values).scalars()) if candidates else set()
    return sorted(free | trials)


def _waiting(rows: Rows, wall: datetime) -> frozenset[LineName]:
    return frozenset(_line(row) for row in rows.execute(_WAITING, {"wall": wall}))


def _ways(lines: Lines, channel: str, country: str) -> list[LineName]:
    """Who may carry something there. Which words a sender of approved ones can carry is known once they are composed: it is waited for
    only where there is no other."""
    serving = lines.serving(channel, country)
    free = [line for line in serving if not line.capabilities(country).template_only]
    return [LineName.of(line) for line in free or serving]


def _line(row: Any) -> LineName:
    return LineName(row.channel, row.provider, row.sender)


def listened_until(rows: Rows, line: LineName) -> datetime | None:
    """Up to when a line's provider was asked for what was written to it; None: never."""
    found: datetime | None = rows.execute(
        text("SELECT listened_until FROM sender_state WHERE channel = :channel AND provider = :provider AND sender = :sender"), _fact(line)
    ).scalar()
    return found


def listened(rows: Rows, line: LineName, until: datetime) -> None:
    rows.execute(
        text("""
            INSERT INTO sender_state AS s (channel, provider, sender, streak, later, listened_until)
            VALUES (:channel, :provider, :sender, 0, 0, :until)
            ON CONFLICT (channel, provider, sender) DO UPDATE SET listened_until = GREATEST(s.listened_until, excluded.listened_until)
        """),
        _fact(line) | {"until": until},
    )


def _fact(line: LineName) -> dict[str, object]:
    return {"channel": line.channel, "provider": line.provider, "sender": line.sender}


def _names(lines: Sequence[LineName]) -> dict[str, object]:
    return {
        "channels": [line.channel for line in lines],
        "providers": [line.provider for line in lines],
        "senders": [line.sender for line in lines],
    }


_GIVEN = "unnest(CAST(:channels AS text[]), CAST(:providers AS text[]), CAST(:senders AS text[])"
_LAST = "error_class = NULL, error_code = NULL, resting_since = NULL, retry_at = NULL, trial = NULL"

_COUNT = text(f"""
    INSERT INTO sender_state AS s (channel, provider, sender, streak, later, error_class, error_code)
    SELECT * FROM {_GIVEN}, CAST(:streaks AS int[]), CAST(:later AS int[]), CAST(:classes AS text[]), CAST(:codes AS text[]))
           AS n(channel, provider, sender, streak, later, error_class, error_code)
     ORDER BY channel, provider, sender
    ON CONFLICT (channel, provider, sender)
    DO UPDATE SET streak = s.streak + excluded.streak, later = s.later + excluded.later,
                  error_class = excluded.error_class, error_code = excluded.error_code
 RETURNING channel, provider, sender, GREATEST(streak, later) AS streak, error_class, error_code, resting_since IS NOT NULL AS rested
""")

_REST = text(f"""
    UPDATE sender_state s SET resting_since = COALESCE(resting_since, :wall), retry_at = :again, trial = NULL
      FROM {_GIVEN}) AS n(channel, provider, sender)
     WHERE s.channel = n.channel AND s.provider = n.provider AND s.sender = n.sender
""")

_TAKEN = text(f"""
    UPDATE sender_state s
       SET streak = 0, {
    ", ".join(
        f"{column} = CASE WHEN s.later >= :streak THEN s.{column} END"
        for column in ("error_class", "error_code", "resting_since", "retry_at", "trial")
    )
}
      FROM (SELECT s.channel, s.provider, s.sender, s.resting_since IS NOT NULL AND s.later < :streak AS rested
              FROM sender_state s JOIN {_GIVEN}) AS n(channel, provider, sender) USING (channel, provider, sender)
             WHERE s.streak > 0 FOR UPDATE OF s) AS before
     WHERE s.channel = before.channel AND s.provider = before.provider AND s.sender = before.sender
 RETURNING s.channel, s.provider, s.sender, before.rested
""")
"""What is taken says that the account is open. Whether it arrives is told later: a sender whose messages failed later rests on."""

_DELIVERED = text(f"""
    UPDATE sender_state s SET streak = 0, later = 0, {_LAST}
      FROM (SELECT s.channel, s.provider, s.sender, s.resting_since IS NOT NULL AS rested
              FROM sender_state s
              JOIN {_GIVEN}, CAST(:sent AS timestamptz[])) AS n(channel, provider, sender, sent) USING (channel, provider, sender)
             WHERE (s.streak > 0 OR s.later > 0) AND (s.resting_since IS NULL OR n.sent >= s.resting_since)
             ORDER BY 1, 2, 3 FOR UPDATE OF s) AS before
     WHERE s.channel = before.channel AND s.provider = before.provider AND s.sender = before.sender
 RETURNING s.channel, s.provider, s.sender, before.rested
""")
"""What left before a sender was put to rest says nothing about it now."""

_ENDED = text("""
    SELECT channel, provider, sender, state, error_class, COALESCE(error_code, '') AS error_code, sent_at_wall FROM attempt
     WHERE id = ANY(:ids) AND provider IS NOT NULL AND sender IS NOT NULL
       AND (state = 'delivered' OR state IN ('undelivered', 'failed') AND error_class = ANY(:classes))
     ORDER BY sent_at_wall, id
""")

_RESET = text(f"""
    UPDATE sender_state s SET streak = 0, later = 0, {_LAST}
      FROM (SELECT channel, provider, sender FROM sender_state
             WHERE channel = :channel AND sender = COALESCE(CAST(:sender AS text), sender) ORDER BY 1, 2, 3 FOR UPDATE) AS mended
     WHERE s.channel = mended.channel AND s.provider = mended.provider AND s.sender = mended.sender
""")

_RESTING = text("""
    SELECT channel, provider, sender, error_class, error_code, resting_since, retry_at FROM sender_state
     WHERE resting_since IS NOT NULL ORDER BY channel, provider, sender
""")

_WAIT = text("""
    INSERT INTO sender_state AS s (channel, provider, sender, streak, later, waits_until)
    VALUES (:channel, :provider, :sender, 0, 0, :until)
    ON CONFLICT (channel, provider, sender) DO UPDATE SET waits_until = GREATEST(s.waits_until, excluded.waits_until)
""")

_WAITING = text("SELECT channel, provider, sender FROM sender_state WHERE waits_until > :wall")

_PLANNED = text(f"""
    SELECT DISTINCT a.channel, {COUNTRY} AS country FROM attempt a WHERE a.state = 'planned' AND a.channel = ANY(CAST(:channels AS text[]))
""")

_WAYS = text(f"SELECT a.id, a.channel, {COUNTRY} AS country FROM attempt a WHERE a.id = ANY(:ids) AND a.state = 'planned' ORDER BY a.id")

_TRY = text(f"""
    UPDATE sender_state s SET trial = due.candidate, retry_at = :again
      FROM (SELECT s.channel, s.provider, s.sender, n.candidate
              FROM sender_state s
              JOIN {_GIVEN}, CAST(:candidates AS bigint[])) AS n(channel, provider, sender, candidate) USING (channel, provider, sender)
             WHERE s.resting_since IS NOT NULL AND s.retry_at <= :wall
             ORDER BY 1, 2, 3 FOR UPDATE OF s) AS due
     WHERE s.channel = due.channel AND s.provider = due.provider AND s.sender = due.sender
 RETURNING s.trial
""")
