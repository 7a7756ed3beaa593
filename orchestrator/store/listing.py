"""What the command line lists: cases, attempts, one case from its opening to its next question."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows

PAGE = 1_000


def cases(rows: Rows, today: date, state: str | None = None) -> Iterator[dict[str, Any]]:
    """One line per case; `state` open, stopped, closed, or the reason it is at rest for (settled, disputed …)."""
    for row in rows.execution_options(yield_per=PAGE).execute(_CASES, {"state": state, "today": today}):
        yield dict(row._mapping)


_CASES = text("""
    SELECT c.id, d.name AS debtor, home.units, c.state, c.rest, c.sequence, c.cursor,
           (SELECT count(*) FROM attempt a WHERE a.case_id = c.id AND a.sent_at IS NOT NULL) AS attempts,
           (SELECT COALESCE(sum(ch.amount - ch.paid - ch.provisional), 0)
              FROM charge ch JOIN account a ON a.id = ch.account_id JOIN unit u ON u.id = a.unit_id AND u.community_id = c.community_id
             WHERE ch.debtor_id = c.debtor_id AND ch.due_on < :today AND ch.voided_at IS NULL AND ch.cleared_at IS NULL
               AND ch.amount > ch.paid + ch.provisional) AS arrears,
           c.ask_at AS asks_again_at, c.parked
      FROM "case" c
      JOIN debtor d ON d.id = c.debtor_id
      CROSS JOIN LATERAL (SELECT array_agg(u.label ORDER BY u.label) AS units FROM account a JOIN unit u ON u.id = a.unit_id
                           WHERE a.debtor_id = c.debtor_id AND u.community_id = c.community_id) AS home
     WHERE CAST(:state AS text) IS NULL OR c.state = :state OR c.rest = :state
     ORDER BY c.id
""")


def attempts(rows: Rows, since: datetime | None = None, case_id: int | None = None) -> Iterator[dict[str, Any]]:
    """One line per attempt, oldest first."""
    for row in rows.execution_options(yield_per=PAGE).execute(_ATTEMPTS, {"since": since, "case": case_id}):
        yield dict(row._mapping)


_ATTEMPTS = text("""
    SELECT id, case_id AS "case", purpose, step, round, channel, state, outcome, provider, provider_id,
           planned_at AS planned, sent_at AS sent, concluded_at AS concluded, error_code
      FROM attempt
     WHERE (CAST(:since AS timestamptz) IS NULL OR planned_at >= :since) AND (CAST(:case AS bigint) IS NULL OR case_id = :case)
     ORDER BY id
""")


def exists(rows: Rows, case_id: int) -> bool:
    return bool(rows.execute(text("""SELECT EXISTS (SELECT FROM "case" WHERE id = :id)"""), {"id": case_id}).scalar())


def timeline(rows: Rows, case_id: int) -> list[dict[str, Any]]:
    """What happened in a case, oldest first: decisions, attempts, what debtor and staff said. Repeated waits are told once."""
    return [dict(row._mapping) for row in rows.execute(_TIMELINE, {"case": case_id})]


_TIMELINE = text("""
    WITH whose AS (SELECT community_id, debtor_id FROM "case" WHERE id = :case), told AS (
        SELECT asked_at AS at, 'decision' AS kind, concat_ws(' ', action, step, channel, reason) AS what, rule AS detail, until, id,
               lag(rule) OVER (ORDER BY id) = rule AND lag(until) OVER (ORDER BY id) IS NOT DISTINCT FROM until AS again
          FROM decision WHERE case_id = :case
    )
    SELECT at, kind, what, detail, until FROM told WHERE again IS NOT TRUE
    UNION ALL SELECT COALESCE(sent_at, planned_at), 'attempt', concat_ws(' ', step, channel, state, outcome), error_code, NULL
      FROM attempt WHERE case_id = :case
    UNION ALL SELECT h.since, 'hold', h.reason, h.by, h.until FROM hold h JOIN whose USING (community_id, debtor_id)
    UNION ALL SELECT p.made_at, 'promise', concat_ws(' ', p.amount, p."on"), p.by, NULL
      FROM promise p JOIN whose USING (community_id, debtor_id)
    UNION ALL SELECT s.since, 'state', s.state, s.by, s.ended_at FROM stop_state s JOIN whose USING (community_id, debtor_id)
    UNION ALL SELECT y.at, 'payment', concat_ws(' ', '#' || y.id, y.amount), y.matched_by, NULL
      FROM payment y JOIN whose USING (community_id, debtor_id) WHERE y.state = 'matched'
    UNION ALL SELECT requested_at, 'approval', concat_ws(' ', step, state), decided_by, expires_at FROM approval WHERE case_id = :case
    ORDER BY at
""")
