"""What waits for people, and the campaigns they started: approvals, tasks, campaigns. One or two queries each."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows
from orchestrator.store.pages import ANSWER, HOME, OWED
from orchestrator.store.site_days import OF_COMMUNITY


def approvals(rows: Rows, scope: int | None, now: datetime, today: date) -> list[Any]:
    """Pending approvals, the oldest first, with what they are about now."""
    return list(rows.execute(_APPROVALS, {"scope": scope, "now": now, "today": today}))


_APPROVALS = text(f"""
    SELECT p.id, p.case_id, p.step, p.requested_by, p.requested_at, p.expires_at, p.snapshot,
           p.document IS NOT NULL AS has_document, debtor.name AS debtor, m.name AS community,
           m.timezone, m.currency, home.units, owed.arrears, owed.charges, owed.oldest, d.because,
           (SELECT count(*) FROM attempt a WHERE a.case_id = p.case_id AND a.sent_at IS NOT NULL) AS contacts
      FROM approval p
      JOIN "case" c ON c.id = p.case_id
      JOIN debtor ON debtor.id = c.debtor_id
      JOIN community m ON m.id = c.community_id
      CROSS JOIN {HOME}
      CROSS JOIN {OWED}
      LEFT JOIN {ANSWER} ON true
     WHERE p.state = 'pending' AND p.expires_at > :now AND (CAST(:scope AS bigint) IS NULL OR c.community_id = :scope)
     ORDER BY p.requested_at, p.id
     LIMIT 200
""")


def names_of_charges(rows: Rows, charge_ids: Sequence[int]) -> dict[int, str]:
    """Unit, item and period of each."""
    found = rows.execute(
        text("""
            SELECT ch.id, concat_ws(' ', u.label, ch.item, ch.period) AS name
              FROM charge ch JOIN account a ON a.id = ch.account_id JOIN unit u ON u.id = a.unit_id
             WHERE ch.id = ANY(:ids) ORDER BY u.label, ch.item, ch.period_start
        """),
        {"ids": list(charge_ids)},
    )
    return {row.id: row.name for row in found}


def approval_in_scope(rows: Rows, approval_id: int, scope: int | None) -> bool:
    return bool(
        rows.execute(
            text("""
                SELECT EXISTS (SELECT FROM approval p JOIN "case" c ON c.id = p.case_id
                                WHERE p.id = :id AND (CAST(:scope AS bigint) IS NULL OR c.community_id = :scope))
            """),
            {"id": approval_id, "scope": scope},
        ).scalar()
    )


def tasks(rows: Rows, scope: int | None, kind: str | None = None, task_id: int | None = None) -> list[Any]:
    """Open tasks, the oldest first, with the card a collector reads before ringing; of one kind, or just one."""
    return list(rows.execute(_TASKS, {"scope": scope, "kind": kind, "id": task_id}))


_TASKS = text(f"""
    SELECT t.id, t.kind, t.about, t.due_at, t.case_id, t.attempt_id, m.name AS community, m.timezone, m.currency, home.units,
           t.claimed_by, t.claimed_until,
           d.name AS debtor, k.pack, k.state AS case_state, home.commercial, alarm.charges AS alarm_charges, alarm.last_day,
           g.body AS card, g.document IS NOT NULL AS has_document, number.value AS sealed, {OF_COMMUNITY} AS site_days
      FROM task t
      JOIN community m ON m.id = t.community_id
      LEFT JOIN "case" k ON k.id = t.case_id
      CROSS JOIN LATERAL (SELECT t.community_id, COALESCE(k.debtor_id, t.debtor_id) AS debtor_id) AS c
      LEFT JOIN debtor d ON d.id = c.debtor_id
      LEFT JOIN message g ON g.attempt_id = t.attempt_id
      LEFT JOIN {HOME} ON true
      LEFT JOIN LATERAL (SELECT count(*) AS charges, min(last_day) AS last_day
                           FROM limitation_alarm WHERE task_id = t.id) AS alarm ON t.kind = 'alarm'
      LEFT JOIN LATERAL (SELECT cp.value FROM debtor_party dp JOIN party_contact pc ON pc.party_id = dp.party_id
                           JOIN contact_point cp ON cp.id = pc.contact_point_id AND cp.kind IN ('mobile', 'landline')
                          WHERE dp.debtor_id = c.debtor_id AND (cp.unusable_reason IS NULL)
                          ORDER BY pc.rank, cp.id LIMIT 1) AS number ON t.kind = 'call' OR t.about = 'call_back'
     WHERE t.state = 'open' AND (CAST(:scope AS bigint) IS NULL OR t.community_id = :scope)
       AND (CAST(:kind AS text) IS NULL OR t.kind = :kind) AND (CAST(:id AS bigint) IS NULL OR t.id = :id)
     ORDER BY t.due_at, t.id
     LIMIT 200
""")


def charges_of_alarm(rows: Rows, task_id: int) -> list[Any]:
    """The charges an alarm is about, the nearest last day first, and what is still unpaid of each."""
    return list(
        rows.execute(
            text("""
                SELECT u.label AS unit, ch.item, ch.period, a.last_day,
                       CASE WHEN ch.cleared_at IS NULL AND ch.voided_at IS NULL
                            THEN GREATEST(ch.amount - ch.paid - ch.provisional, 0) ELSE 0 END AS unpaid
                  FROM limitation_alarm a
                  JOIN charge ch ON ch.id = a.charge_id JOIN account ac ON ac.id = ch.account_id JOIN unit u ON u.id = ac.unit_id
                 WHERE a.task_id = :task ORDER BY a.last_day, u.label, ch.item, ch.period_start
            """),
            {"task": task_id},
        )
    )


def task_in_scope(rows: Rows, task_id: int, scope: int | None) -> bool:
    return bool(
        rows.execute(
            text("SELECT EXISTS (SELECT FROM task WHERE id = :id AND (CAST(:scope AS bigint) IS NULL OR community_id = :scope))"),
            {"id": task_id, "scope": scope},
        ).scalar()
    )


def campaigns(rows: Rows, scope: int | None) -> list[Any]:
    """Campaigns, the newest first, with who is in, who is out, and how far their cases are."""
    return list(rows.execute(_CAMPAIGNS, {"scope": scope, "id": None}))


def campaign(rows: Rows, campaign_id: int, scope: int | None) -> Any | None:
    return rows.execute(_CAMPAIGNS, {"scope": scope, "id": campaign_id}).one_or_none()


_CAMPAIGNS = text("""
    SELECT k.id, k.cycle, k.state, k.proposed_at, k.proposed_by, k.approved_at, k.approved_by, k.forecast,
           encode(k.list_digest, 'hex') AS digest,
           m.id AS community_id, m.name AS community, m.timezone, m.currency,
           inside.chosen, inside.left_out, inside.charges, inside.arrears,
           cases.open, cases.stopped, cases.settled, cases.closed, cases.total
      FROM campaign k
      JOIN community m ON m.id = k.community_id
      CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE left_out IS NULL) AS chosen, count(*) FILTER (WHERE left_out IS NOT NULL) AS left_out,
                 COALESCE(sum(charges) FILTER (WHERE left_out IS NULL), 0) AS charges,
                 COALESCE(sum(arrears) FILTER (WHERE left_out IS NULL), 0) AS arrears
            FROM candidate WHERE campaign_id = k.id) AS inside
      CROSS JOIN LATERAL (
          SELECT count(*) AS total, count(*) FILTER (WHERE state = 'open') AS open, count(*) FILTER (WHERE state = 'stopped') AS stopped,
                 count(*) FILTER (WHERE rest = 'settled') AS settled,
                 count(*) FILTER (WHERE state = 'closed' AND rest <> 'settled') AS closed
            FROM "case" WHERE campaign_id = k.id) AS cases
     WHERE (CAST(:scope AS bigint) IS NULL OR k.community_id = :scope) AND (CAST(:id AS bigint) IS NULL OR k.id = :id)
     ORDER BY k.proposed_at DESC, k.id DESC
""")


def campaign_attempts(rows: Rows, campaign_id: int) -> list[Any]:
    """Attempts of a campaign's cases by channel and state."""
    return list(
        rows.execute(
            text("""
                SELECT a.channel, a.state, count(*) AS n
                  FROM attempt a JOIN "case" c ON c.id = a.case_id
                 WHERE c.campaign_id = :id AND a.state <> 'cancelled'
                 GROUP BY a.channel, a.state ORDER BY a.channel, a.state
            """),
            {"id": campaign_id},
        )
    )


def campaign_rests(rows: Rows, campaign_id: int) -> list[Any]:
    """Why the cases of a campaign rest or wait, the commonest first."""
    return list(
        rows.execute(
            text(f"""
                SELECT COALESCE(c.rest, d.rule, 'wait_not_due') AS why, c.state, count(*) AS n
                  FROM "case" c
                  LEFT JOIN {ANSWER} ON true
                 WHERE c.campaign_id = :id GROUP BY 1, 2 ORDER BY n DESC, why
            """),
            {"id": campaign_id},
        )
    )


def candidates(rows: Rows, campaign_id: int, *, left_out: bool, limit: int = 300) -> list[Any]:
    """Who is in (the largest arrears first) or left out (by reason)."""
    return list(
        rows.execute(
            text("""
                SELECT k.debtor_id, d.name AS debtor, k.sequence, k.left_out, k.remark, k.charges, k.arrears, k.oldest_due, c.id AS case_id,
                       (SELECT array_agg(DISTINCT u.label ORDER BY u.label) FROM account a JOIN unit u ON u.id = a.unit_id
                         WHERE a.debtor_id = k.debtor_id AND u.community_id = g.community_id) AS units
                  FROM candidate k
                  JOIN campaign g ON g.id = k.campaign_id
                  JOIN debtor d ON d.id = k.debtor_id
                  LEFT JOIN "case" c ON c.campaign_id = k.campaign_id AND c.debtor_id = k.debtor_id
                 WHERE k.campaign_id = :id AND (k.left_out IS NOT NULL) = :out
                 ORDER BY k.left_out NULLS FIRST, k.arrears DESC, k.debtor_id LIMIT :limit
            """),
            {"id": campaign_id, "out": left_out, "limit": limit},
        )
    )
