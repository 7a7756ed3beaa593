"""Recaps: the text message that says again, within minutes, what a call was about. Part of that contact, no step and no new demand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text

from orchestrator.store import Rows
from orchestrator.store.site_days import OF_COMMUNITY
from policies.arrival import RECAP_WITHIN


def plan(rows: Rows, now: datetime) -> int:
    """One recap for each call of the last minutes in which the debtor was spoken to, and to which nothing speaks against; how many."""
    return rows.execute(_PLAN, {"now": now, "since": now - RECAP_WITHIN}).rowcount


_WELCOME = """
    NOT EXISTS (SELECT FROM stop_state s WHERE s.debtor_id = a.debtor_id AND s.community_id = a.community_id AND s.ended_at IS NULL)
    AND NOT EXISTS (SELECT FROM hold h WHERE h.debtor_id = a.debtor_id AND h.community_id = a.community_id
                                         AND h.reason <> 'appointment' AND h.lifted_at IS NULL AND h.until > :now)
    AND EXISTS (SELECT FROM contact_point cp WHERE cp.id = a.contact_point_id AND cp.kind = 'mobile'
                   AND (cp.unusable_reason IS NULL OR cp.unusable_until <= :now))
    AND NOT EXISTS (SELECT FROM opt_out o WHERE o.contact_point_id = a.contact_point_id AND o.channel = 'sms')
    AND EXISTS (SELECT FROM charge ch JOIN account ac ON ac.id = ch.account_id JOIN unit u ON u.id = ac.unit_id
                 WHERE ch.debtor_id = a.debtor_id AND u.community_id = a.community_id
                   AND ch.due_on < CAST(:now AT TIME ZONE m.timezone AS date)
                   AND ch.amount > ch.paid + ch.provisional AND ch.voided_at IS NULL AND ch.cleared_at IS NULL)
"""
"""Not where a stranger answered, somebody says that they have paid or disputes it, the number wants no texts, or nothing is owed."""

_PLAN = text(f"""
    INSERT INTO attempt (case_id, community_id, debtor_id, purpose, step, round, occasion, channel, contact_point_id, state, planned_at)
    SELECT a.case_id, a.community_id, a.debtor_id, 'recap', 'recap',
           (SELECT COALESCE(max(r.round), 0) + 1 FROM attempt r WHERE r.case_id = a.case_id AND r.step = 'recap'),
           CAST(a.id AS text), 'sms', a.contact_point_id, 'planned', :now
      FROM attempt a
      JOIN community m ON m.id = a.community_id
      JOIN "case" c ON c.id = a.case_id AND c.state = 'open' AND c.parked IS NULL
     WHERE a.channel IN ('voice', 'call') AND a.outcome IN ('answered', 'heard', 'conversation') AND a.concluded_at > :since
       AND a.state = 'delivered'
       AND (a.channel = 'call' OR EXISTS (SELECT FROM receipt k WHERE k.attempt_id = a.id AND k.kind = 'keys'
                                                                  AND k.detail ->> 'meaning' = 'confirmed'))
       AND NOT EXISTS (SELECT FROM attempt r WHERE r.purpose = 'recap' AND r.occasion = CAST(a.id AS text)
                          AND (r.state <> 'cancelled' OR r.outcome NOT IN ('overtaken', 'claim_lapsed')))
       AND {_WELCOME}
    ON CONFLICT DO NOTHING
""")
"""A call that was answered by who did not say that they are the debtor is not recapped. One that a worker let fall is planned again."""


@dataclass(frozen=True, slots=True)
class Recapped:
    """A claimed recap: where and when it would arrive, what was promised in its call, and what speaks against it now."""

    attempt_id: int
    call: int
    timezone: str
    commercial: bool
    site_days: Sequence[date]
    promised_on: date | None
    promised_amount: Decimal | None
    against: str | None


def judge(rows: Rows, attempt_ids: Sequence[int], now: datetime) -> dict[int, Recapped]:
    """By attempt, whether these claimed recaps are still part of their call and still welcome."""
    found = rows.execute(_JUDGE, {"ids": list(attempt_ids), "now": now, "since": now - RECAP_WITHIN})
    return {row.id: Recapped(*row) for row in found}


_JUDGE = text(f"""
    SELECT a.id, call.id AS call, COALESCE(cp.timezone, m.timezone),
           EXISTS (SELECT FROM account ac JOIN unit u ON u.id = ac.unit_id
                    WHERE ac.debtor_id = a.debtor_id AND u.community_id = a.community_id AND u.use = 'commercial'),
           {OF_COMMUNITY}, promised."on", promised.amount,
           CASE WHEN call.concluded_at <= :since THEN 'too_late' WHEN NOT ({_WELCOME}) THEN 'not_called_for' END
      FROM attempt a
      JOIN attempt call ON call.id = CAST(a.occasion AS bigint)
      JOIN community m ON m.id = a.community_id
      JOIN contact_point cp ON cp.id = a.contact_point_id
      LEFT JOIN LATERAL (SELECT p."on", p.amount FROM promise p
                          WHERE p.debtor_id = a.debtor_id AND p.community_id = a.community_id AND p.made_at >= call.sent_at
                          ORDER BY p.id DESC LIMIT 1) AS promised ON true
     WHERE a.id = ANY(:ids) AND a.purpose = 'recap'
""")
