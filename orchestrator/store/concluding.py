"""What a provider answered -> rows: taken, refused or unknown, and what a failure says about a number."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text

from channels.contract import Accepted, Handover, Refused, Unknown
from channels.lines import LineName
from orchestrator.store import Rows, consents, log, senders
from orchestrator.store.consents import Word
from orchestrator.store.log import Entry
from orchestrator.store.senders import REST
from orchestrator.store.writing import Claimed


def conclude(
    rows: Rows, attempt: Claimed, line: LineName | None, handover: Handover, now: datetime, wall: datetime, rest: timedelta = REST
) -> None:
    """Write down what the provider answered, with the raw bytes of both sides as evidence. Locks the case, as the log requires.

    `line` is the one it left by, None where that was not written down.
    """
    rows.execute(LOCK_CASE, {"id": attempt.case_id})
    match handover:
        case Accepted():
            _accepted(rows, attempt, handover, now)
        case Refused():
            _refused(rows, attempt, handover, now, wall)
        case Unknown():
            rows.execute(
                text("UPDATE attempt SET state = 'unknown', provider = :provider WHERE id = :id AND state = 'sending'"),
                {"id": attempt.id, "provider": handover.provider},
            )
    rows.execute(_HEAR_NOW, {"id": attempt.id})
    keep_answer(rows, attempt, line, handover, now, wall, rest)


def keep_answer(
    rows: Rows, attempt: Claimed, line: LineName | None, handover: Handover, now: datetime, wall: datetime, rest: timedelta = REST
) -> None:
    """What the answer says about the sender, and its bytes as evidence. Locks the sender before the log's own chain; the case is locked."""
    if line is not None:
        senders.judge(rows, line, handover, now, wall, rest)
    exchange, answer = handover.exchange, type(handover).__name__.lower()
    by = {"provider": line.provider, "sender": line.sender} if line is not None else {"provider": handover.provider}
    fact = by | {"request": exchange.request, "response": exchange.response, "answer": answer}
    log.append(rows, [Entry("handover", fact, case_id=attempt.case_id, attempt_id=attempt.id)], now, wall)


BAD_FOR = timedelta(days=90)
"""How long a number that the provider calls bad, or an address where the post finds nobody of that name, is set aside: numbers are given
out anew, people move in, and lists of both go stale."""

LOCK_CASE = text("""SELECT FROM "case" WHERE id = :id FOR NO KEY UPDATE""")

_HEAR_NOW = text("UPDATE receipt SET offered_until = NULL WHERE attempt_id = :id AND applied_at IS NULL")
"""What the provider said before its own answer was written down was left waiting: now it can be heard."""


def _accepted(rows: Rows, attempt: Claimed, accepted: Accepted, now: datetime) -> None:
    rows.execute(
        text("""
            UPDATE attempt SET state = 'accepted', provider = :provider, provider_id = :provider_id
             WHERE id = :id AND state IN ('sending', 'unknown')
        """),
        {"id": attempt.id, "provider": accepted.provider, "provider_id": accepted.provider_id},
    )
    if attempt.channel in ("visit", "call"):
        rows.execute(
            text("""
                INSERT INTO task (kind, state, community_id, case_id, attempt_id, due_at, about)
                VALUES (:kind, 'open', :community, :case, :attempt, :now, :about) ON CONFLICT (attempt_id) DO NOTHING
            """),
            {
                "kind": attempt.channel,
                "community": attempt.community_id,
                "case": attempt.case_id,
                "attempt": attempt.id,
                "now": now,
                "about": attempt.step,
            },
        )


def _refused(rows: Rows, attempt: Claimed, refused: Refused, now: datetime, wall: datetime) -> None:
    """What its provider asked to hear of later goes again then, by an attempt of its own: a message that was composed stays as it was."""
    later = senders.asked_to_wait(refused, wall)
    if later is not None:
        put_off = {"id": attempt.id, "now": now, "provider": refused.provider, "code": refused.error_code, "until": later}
        rows.execute(_PUT_OFF, put_off)
        return
    rows.execute(
        text("""
            UPDATE attempt SET state = 'failed', outcome = 'failed', provider = :provider, concluded_at = :now,
                               error_class = :error_class, error_code = :error_code
             WHERE id = :id AND state IN ('sending', 'unknown')
        """),
        {"id": attempt.id, "provider": refused.provider, "now": now, "error_class": refused.error_class, "error_code": refused.error_code},
    )
    after_failures(rows, [attempt.id], now, wall)


def after_failures(rows: Rows, attempt_ids: Sequence[int], now: datetime, wall: datetime) -> None:
    """A number or address that is no good is set aside for a while, a number that asked not to be written to is left alone.

    Whether and when to try again is policy: the case is asked, with the failed try among its facts. Then one that could not be reached
    gives way to the next (`AskedCase.point_for`). What fails for good, or by a code in no table, is looked at by a person; until then its
    case waits (`reading`).
    """
    ids = {"ids": list(attempt_ids), "now": now}
    rows.execute(_LOOK_INTO, ids)
    rows.execute(
        text("""
            UPDATE contact_point SET unusable_until = :until,
                                     unusable_reason = CASE kind WHEN 'address' THEN 'returned' ELSE 'contact_bad' END
             WHERE id IN (SELECT contact_point_id FROM attempt WHERE id = ANY(:ids) AND error_class = 'contact_bad')
               AND (unusable_reason IS NULL OR unusable_until IS NOT NULL)
        """),
        ids | {"until": now + BAD_FOR},
    )
    opted_out = rows.execute(
        text("""
            SELECT channel, array_agg(DISTINCT contact_point_id) AS points FROM attempt
             WHERE id = ANY(:ids) AND error_class = 'opted_out' AND contact_point_id IS NOT NULL GROUP BY channel
        """),
        ids,
    ).all()
    for each in opted_out:
        consents.withdraw(rows, each.points, [each.channel], Word("carrier"), now, wall)


_LOOK_INTO = text("""
    INSERT INTO task (kind, state, community_id, case_id, attempt_id, due_at, about)
    SELECT 'check', 'open', community_id, case_id, id, CAST(:now AS timestamptz), 'unexplained' FROM attempt
     WHERE id = ANY(:ids) AND case_id IS NOT NULL AND channel IN ('sms', 'voice') AND error_class = 'permanent'
    ON CONFLICT (attempt_id) DO UPDATE SET state = 'open', due_at = EXCLUDED.due_at, about = EXCLUDED.about
     WHERE task.kind = 'check' AND task.state = 'cancelled'
""")

_PUT_OFF = text("""
    WITH put_off AS (
        UPDATE attempt SET state = 'cancelled', outcome = 'put_off', concluded_at = :now, sent_at = NULL, sent_at_wall = NULL,
                           provider = :provider, error_class = 'transient', error_code = :code
         WHERE id = :id AND state = 'sending' RETURNING id)
    INSERT INTO attempt (case_id, community_id, debtor_id, purpose, step, round, occasion, channel, contact_point_id, state, planned_at,
                         offered_until)
    SELECT a.case_id, a.community_id, a.debtor_id, a.purpose, a.step,
           1 + COALESCE((SELECT max(b.round) FROM attempt b WHERE b.case_id = a.case_id AND b.step = a.step), a.round),
           a.occasion, a.channel, a.contact_point_id, 'planned', a.planned_at, :until
      FROM attempt a JOIN put_off USING (id)
""")
"""Nothing left: it is no contact. The question is asked once more before the second one leaves."""
