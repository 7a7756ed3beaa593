"""Decisions -> rows: the answer is written down, its attempt planned, claimed and marked as leaving. How it ends: concluding.py.

Every transition is one UPDATE whose WHERE clause is the table of permitted transitions: what another worker already moved is left alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, text

from orchestrator.models import Attempt, Decision
from orchestrator.store import Rows, approvals, log
from orchestrator.store.approvals import Proposal
from orchestrator.store.log import Entry
from orchestrator.store.reading import AskedCase
from policies.actions import AskApproval, Send, Stop, Wait
from policies.actions import Decision as Answer
from policies.facts import Channel
from policies.rules import Rules

LEASE = timedelta(seconds=60)
"""Real time for which a case or attempt offered to a worker is not offered again."""
CLAIM = LEASE / 3
"""Real time from the claim within which a byte may leave."""
SENDING = LEASE / 2
"""Real time a handover may take; past it the outcome is unknown. Longer than every adapter's own time-out."""
ASK_AGAIN = timedelta(hours=24)
"""What is planned, asked of a person or on its way is asked about again after this, whatever happens."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A case with the answer it got and the rules that gave it."""

    asked: AskedCase
    answer: Answer
    rules: Rules


def lock_due(rows: Rows, case_ids: Sequence[int], now: datetime) -> list[int]:
    """Lock these cases in id order; the ids of those that are still to be asked: an offer repeated asks nothing twice."""
    found = rows.execute(
        text("""
            SELECT id FROM "case" WHERE id = ANY(:ids) AND state = 'open' AND parked IS NULL AND ask_at <= :now
             ORDER BY id FOR NO KEY UPDATE
        """),
        {"ids": list(case_ids), "now": now},
    )
    return list(found.scalars())


def touch(rows: Rows, case_ids: Sequence[int], now: datetime) -> None:
    """The facts of these cases changed: ask them now, and let nothing leave that was claimed before."""
    rows.execute(
        text("""UPDATE "case" SET ask_at = :now, offered_until = NULL, changes = changes + 1 WHERE id = ANY(:ids) AND state = 'open'"""),
        {"ids": list(case_ids), "now": now},
    )


def record(rows: Rows, answered: Sequence[Answered], now: datetime, wall: datetime, proposals: Sequence[Proposal] = ()) -> list[int]:
    """Write the answers down and do what they say to the cases; the ids of the attempts planned.

    `proposals`: what the answers that ask for an approval put before a person, one for each.
    """
    if not answered:
        return []
    rows.execute(insert(Decision), [_decision(each.asked.id, each.answer, wall) for each in answered])
    planned = _plan(rows, [each for each in answered if isinstance(each.answer.action, Send)], now)
    _move_cursors(rows, [each for each in answered if each.answer.rule == "send"])
    approvals.request(rows, proposals, now, wall)
    _set_next_question(rows, answered, now)
    _rest(rows, [each for each in answered if isinstance(each.answer.action, Stop)], now)
    told = [each for each in answered if not isinstance(each.answer.action, Wait)]
    log.append(rows, [Entry("decision", _told(each.answer), case_id=each.asked.id) for each in told], now, wall)
    return planned


def _decision(case_id: int, answer: Answer, wall: datetime, attempt_id: int | None = None) -> dict[str, object]:
    action = answer.action
    return {
        "case_id": case_id,
        "attempt_id": attempt_id,
        "asked_at": answer.asked_at,
        "asked_at_wall": wall,
        "action": ACTION_NAMES[type(action)],
        "step": getattr(action, "step", None),
        "channel": getattr(action, "channel", None),
        "until": getattr(action, "until", None),
        "reason": getattr(action, "reason", None),
        "rule": answer.rule,
        "because": [{"zh": sentence.zh, "en": sentence.en} for sentence in (*answer.because, *answer.passed_over)],
        "pack": answer.pack,
        "calendar": answer.calendar,
        "cursor": answer.cursor,
    }


ACTION_NAMES: dict[type, str] = {Send: "send", AskApproval: "ask_approval", Wait: "wait", Stop: "stop"}


def _told(answer: Answer) -> dict[str, object]:
    """A decision as the log keeps it."""
    action = answer.action
    return {
        "action": ACTION_NAMES[type(action)],
        "step": getattr(action, "step", None),
        "channel": getattr(action, "channel", None),
        "reason": getattr(action, "reason", None),
        "rule": answer.rule,
        "because": [sentence.zh for sentence in answer.because],
        "pack": answer.pack,
        "calendar": answer.calendar,
    }


def _plan(rows: Rows, sends: Sequence[Answered], now: datetime) -> list[int]:
    if not sends:
        return []
    tries = _tries(rows, [each.asked.id for each in sends])
    records = []
    for each in sends:
        assert isinstance(each.answer.action, Send)
        step, channel = each.rules.sequence.named(each.answer.action.step), each.answer.action.channel
        last, in_vain = tries.get((each.asked.id, step.name), (0, ()))
        point = each.asked.point_for(channel, in_vain)
        records.append(
            {
                "case_id": each.asked.id,
                "community_id": each.asked.community_id,
                "debtor_id": each.asked.debtor_id,
                "purpose": step.purpose,
                "step": step.name,
                "round": last + 1,
                "channel": channel,
                "contact_point_id": point.id if point else None,
                "planned_at": now,
            }
        )
    ids = rows.execute(insert(Attempt).returning(Attempt.id), records).scalars().all()  # type: ignore[call-overload]
    return list(ids)


def _move_cursors(rows: Rows, sent: Sequence[Answered]) -> None:
    """The case stands at the step that goes out. A demand brought forward by a gate or a clock leaves the order as it was."""
    rows.execute(
        text("""
            UPDATE "case" c SET cursor = GREATEST(c.cursor, n.cursor)
              FROM unnest(CAST(:ids AS bigint[]), CAST(:cursors AS int[])) AS n(id, cursor) WHERE c.id = n.id
        """),
        {"ids": [each.asked.id for each in sent], "cursors": [each.answer.cursor for each in sent]},
    )


def _tries(rows: Rows, case_ids: Sequence[int]) -> Mapping[tuple[int, str], tuple[int, Sequence[int]]]:
    """By case and step: the last round, and the contact points that could not be reached."""
    found = rows.execute(
        text("""
            SELECT case_id, step, max(round) AS last,
                   COALESCE(array_agg(contact_point_id)
                       FILTER (WHERE error_class = 'unreachable' AND state IN ('failed', 'undelivered')), '{}') AS in_vain
              FROM attempt WHERE case_id = ANY(:ids) GROUP BY case_id, step
        """),
        {"ids": list(case_ids)},
    )
    return {(row.case_id, row.step): (row.last, row.in_vain) for row in found}


def _set_next_question(rows: Rows, answered: Sequence[Answered], now: datetime) -> None:
    next_questions = [
        {"id": each.asked.id, "ask_at": each.answer.action.until if isinstance(each.answer.action, Wait) else now + ASK_AGAIN}
        for each in answered
        if not isinstance(each.answer.action, Stop)
    ]
    rows.execute(
        text("""
            UPDATE "case" c SET ask_at = n.ask_at, offered_until = NULL
              FROM unnest(CAST(:ids AS bigint[]), CAST(:times AS timestamptz[])) AS n(id, ask_at)
             WHERE c.id = n.id AND c.state = 'open'
        """),
        {"ids": [each["id"] for each in next_questions], "times": [each["ask_at"] for each in next_questions]},
    )


def _rest(rows: Rows, stops: Sequence[Answered], now: datetime) -> None:
    """A settled case is closed; any other stop leaves it at rest until a person acts."""
    reasons = [(each.asked.id, each.answer.action.reason) for each in stops if isinstance(each.answer.action, Stop)]
    rows.execute(
        text("""
            UPDATE "case" c
               SET rest = n.reason, ask_at = NULL, offered_until = NULL,
                   state = CASE WHEN n.reason = 'settled' THEN 'closed' ELSE 'stopped' END,
                   closed_at = CASE WHEN n.reason = 'settled' THEN CAST(:now AS timestamptz) END
              FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS n(id, reason)
             WHERE c.id = n.id AND c.state = 'open'
        """),
        {"ids": [case_id for case_id, _ in reasons], "reasons": [reason for _, reason in reasons], "now": now},
    )


def planned_with_document(rows: Rows, attempt_ids: Sequence[int]) -> dict[int, int]:
    """The planned letters and visits among these attempts: attempt by case. Their documents are rendered before they are claimed."""
    found = rows.execute(
        text("""
            SELECT case_id, id FROM attempt
             WHERE id = ANY(:ids) AND state = 'planned' AND channel IN ('letter', 'visit') AND case_id IS NOT NULL
        """),
        {"ids": list(attempt_ids)},
    )
    return {row.case_id: row.id for row in found}


@dataclass(frozen=True, slots=True)
class Claimed:
    """An attempt that this worker alone may carry out now."""

    id: int
    case_id: int | None
    community_id: int
    debtor_id: int
    purpose: str
    step: str
    channel: Channel
    contact_point_id: int | None


def claim(rows: Rows, attempt_ids: Sequence[int], wall: datetime, within: timedelta = CLAIM) -> list[Claimed]:
    """Claim what is still to be done. Locks the parties, then their contact points, then the cases, each in id order.

    So two workers never judge the same debtor's or number's caps at once; what is not claimed, somebody else has.
    """
    ids = {"ids": list(attempt_ids)}
    rows.execute(_LOCK_PARTIES, ids)
    rows.execute(_LOCK_POINTS, ids)
    rows.execute(_LOCK_CASES, ids)
    found = rows.execute(_CLAIM, ids | {"wall": wall, "until": wall + within})
    return sorted((Claimed(*row) for row in found), key=lambda claimed: claimed.id)


def accepted(rows: Rows, attempt_id: int) -> Claimed | None:
    """An attempt that a person is about to carry out, locked like a claim; None where it is no longer to be done."""
    ids = {"ids": [attempt_id]}
    rows.execute(_LOCK_PARTIES, ids)
    rows.execute(_LOCK_POINTS, ids)
    rows.execute(_LOCK_CASES, ids)
    found = rows.execute(
        text("""
            SELECT id, case_id, community_id, debtor_id, purpose, step, channel, contact_point_id
              FROM attempt WHERE id = :id AND state IN ('accepted', 'sent')
        """),
        {"id": attempt_id},
    ).one_or_none()
    return Claimed(*found) if found else None


_LOCK_PARTIES = text("""
    SELECT p.id FROM party p
     WHERE p.id IN (SELECT dp.party_id FROM attempt a JOIN debtor_party dp ON dp.debtor_id = a.debtor_id WHERE a.id = ANY(:ids))
     ORDER BY p.id FOR NO KEY UPDATE
""")
_LOCK_POINTS = text("""
    SELECT cp.id FROM contact_point cp
     WHERE cp.id IN (SELECT a.contact_point_id FROM attempt a WHERE a.id = ANY(:ids)) ORDER BY cp.id FOR NO KEY UPDATE
""")
_LOCK_CASES = text("""
    SELECT c.id FROM "case" c WHERE c.id IN (SELECT a.case_id FROM attempt a WHERE a.id = ANY(:ids)) ORDER BY c.id FOR NO KEY UPDATE
""")
_CLAIM = text("""
    UPDATE attempt SET state = 'claimed', claimed_at = :wall, claimed_until = :until,
                       claimed_changes = (SELECT c.changes FROM "case" c WHERE c.id = attempt.case_id)
     WHERE id = ANY(:ids) AND state = 'planned'
 RETURNING id, case_id, community_id, debtor_id, purpose, step, channel, contact_point_id
""")


def cancel(rows: Rows, attempt: Claimed, answer: Answer, now: datetime, wall: datetime) -> None:
    """The question asked again at the moment of sending got another answer: the attempt is off, and the reason kept."""
    assert attempt.case_id is not None
    rows.execute(insert(Decision), [_decision(attempt.case_id, answer, wall, attempt.id)])
    drop(rows, {attempt.id: answer.rule}, now)
    touch(rows, [attempt.case_id], now)
    log.append(rows, [Entry("withheld", _told(answer), case_id=attempt.case_id, attempt_id=attempt.id)], now, wall)


def park(rows: Rows, case_id: int, reason: str) -> None:
    """This case cannot pass as it is: it waits for the operator, with the reason, and holds up no other."""
    rows.execute(
        text("""UPDATE "case" SET parked = :reason, offered_until = NULL WHERE id = :id"""), {"id": case_id, "reason": reason[:500]}
    )


def drop(rows: Rows, because: Mapping[int, str], now: datetime) -> None:
    """Cancel attempts that have not left, each for its reason."""
    if not because:
        return
    rows.execute(
        text("""
            UPDATE attempt a SET state = 'cancelled', outcome = n.why, concluded_at = :now
              FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS n(id, why)
             WHERE a.id = n.id AND a.state IN ('planned', 'claimed')
        """),
        {"ids": list(because), "reasons": list(because.values()), "now": now},
    )


def let_go(rows: Rows, attempt_ids: Sequence[int], now: datetime) -> None:
    """What was claimed and may no longer leave (see `mark_sending`) is off, and its case asked again."""
    rows.execute(_LOCK_CASES, {"ids": list(attempt_ids)})
    drop(rows, dict.fromkeys(attempt_ids, "overtaken"), now)
    cases = rows.execute(
        text("SELECT DISTINCT case_id FROM attempt WHERE id = ANY(:ids) AND state = 'cancelled' AND case_id IS NOT NULL ORDER BY case_id"),
        {"ids": list(attempt_ids)},
    )
    touch(rows, list(cases.scalars()), now)
