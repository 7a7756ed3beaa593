"""What the console's first page and the monitoring show: counts, ages and the sandbox's progress. One query each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts by state, without an id or a name."""

    cases: Mapping[str, int]
    attempts: Mapping[tuple[str, str], int]
    due: int
    backlog_seconds: float
    receipts_waiting: int


def figures(rows: Rows, now: datetime) -> Figures:
    cases = {row.state: row.n for row in rows.execute(text("""SELECT state, count(*) AS n FROM "case" GROUP BY state ORDER BY state"""))}
    attempts = {
        (row.channel, row.state): row.n
        for row in rows.execute(text("SELECT channel, state, count(*) AS n FROM attempt GROUP BY channel, state ORDER BY channel, state"))
    }
    rest = rows.execute(
        text("""
            SELECT count(*) AS due, COALESCE(EXTRACT(EPOCH FROM :now - min(ask_at)), 0) AS backlog,
                   (SELECT count(*) FROM receipt WHERE applied_at IS NULL) AS receipts
              FROM "case" WHERE state = 'open' AND parked IS NULL AND ask_at <= :now
        """),
        {"now": now},
    ).one()
    return Figures(cases, attempts, rest.due, float(rest.backlog), rest.receipts)


def communities(rows: Rows, scope: int | None) -> list[Any]:
    """The communities that a person may see (`scope` None: all), with how old their payment data is."""
    return list(
        rows.execute(
            text("""
                SELECT m.id, m.name, m.timezone, m.currency, m.pack, m.sequence, m.payments_as_of, cr.name AS creditor,
                       EXISTS (SELECT FROM "case" c WHERE c.community_id = m.id) AS worked
                  FROM community m JOIN creditor cr ON cr.id = m.creditor_id
                 WHERE CAST(:scope AS bigint) IS NULL OR m.id = :scope
                 ORDER BY worked DESC, m.id
            """),
            {"scope": scope},
        )
    )


HOME = """LATERAL (
          SELECT array_agg(DISTINCT u.label ORDER BY u.label) AS units, bool_or(u.use = 'commercial') AS commercial
            FROM account a JOIN unit u ON u.id = a.unit_id
           WHERE a.debtor_id = c.debtor_id AND u.community_id = c.community_id) AS home"""
"""The units of a case `c`."""

OWED = """LATERAL (
          SELECT COALESCE(sum(ch.amount - ch.paid - ch.provisional), 0) AS arrears, count(*) AS charges, min(ch.due_on) AS oldest
            FROM charge ch JOIN account a ON a.id = ch.account_id JOIN unit u ON u.id = a.unit_id AND u.community_id = c.community_id
           WHERE ch.debtor_id = c.debtor_id AND ch.due_on < :today AND ch.voided_at IS NULL AND ch.cleared_at IS NULL
             AND ch.amount > ch.paid + ch.provisional) AS owed"""
"""What is overdue and unpaid of a case `c` on the local day `:today`."""

ANSWER = """LATERAL (
          SELECT rule, because FROM decision WHERE case_id = c.id AND attempt_id IS NULL ORDER BY id DESC LIMIT 1) AS d"""
"""The last answer to "what next?" of a case `c`."""

WINDOW_RULES = ("wait_for_window", "wait_for_blackout", "wait_for_cap")


def counters(rows: Rows, scope: int | None, now: datetime) -> Any:
    """Today's counters in one row. Each names a list that a link can show."""
    return rows.execute(_COUNTERS, {"scope": scope, "now": now, "window_rules": list(WINDOW_RULES), "day": now - timedelta(hours=24)}).one()


_COUNTERS = text(f"""
    WITH mine AS (SELECT * FROM "case" WHERE CAST(:scope AS bigint) IS NULL OR community_id = :scope),
    asked AS (
        SELECT c.id, c.ask_at, d.rule FROM mine c
          JOIN {ANSWER} ON true
         WHERE c.state = 'open'
    )
    SELECT count(*) FILTER (WHERE state <> 'closed') AS open,
           count(*) FILTER (WHERE state = 'open' AND parked IS NULL AND ask_at <= :now) AS due,
           (SELECT count(*) FROM asked WHERE rule = ANY(:window_rules) AND ask_at > :now) AS window,
           (SELECT min(ask_at) FROM asked WHERE rule = ANY(:window_rules) AND ask_at > :now) AS window_opens,
           (SELECT count(*) FROM asked WHERE rule = 'wait_for_hold') AS held,
           (SELECT count(*) FROM asked WHERE rule = 'wait_for_promise') AS promised,
           (SELECT count(*) FROM approval p JOIN mine c ON c.id = p.case_id WHERE p.state = 'pending' AND p.expires_at > :now) AS approvals,
           (SELECT count(*) FROM task t WHERE t.state = 'open' AND (CAST(:scope AS bigint) IS NULL OR t.community_id = :scope)) AS tasks,
           min(ask_at) FILTER (WHERE state = 'open' AND parked IS NULL AND ask_at <= :now) AS oldest_due,
           count(*) FILTER (WHERE parked IS NOT NULL) AS parked,
           count(*) FILTER (WHERE parked IS NOT NULL OR state = 'stopped') AS person,
           count(*) FILTER (WHERE rest = 'settled') AS settled,
           (SELECT count(*) FROM attempt a WHERE a.state IN ('planned', 'claimed', 'sending', 'accepted', 'sent', 'unknown')
               AND (CAST(:scope AS bigint) IS NULL OR a.community_id = :scope)
               AND (a.state NOT IN ('accepted', 'sent') OR a.channel IN ('sms', 'voice')
                    OR a.channel = 'letter' AND a.sent_at > CAST(:now AS timestamptz) - interval '15 days')) AS in_flight,
           (SELECT count(*) FROM attempt a WHERE a.state = 'delivered' AND a.concluded_at > :day
               AND (CAST(:scope AS bigint) IS NULL OR a.community_id = :scope)) AS delivered_today
      FROM mine
""")


def sandbox(rows: Rows) -> Any | None:
    """The sandbox's clock, where there is one."""
    return rows.execute(text("SELECT now, began, ends FROM sandbox_clock WHERE id = 1")).one_or_none()


def newest(rows: Rows, scope: int | None, limit: int = 12) -> list[Any]:
    """What happened last: attempts that left or ended, newest first, with the unit they were about."""
    return list(rows.execute(_NEWEST, {"scope": scope, "limit": limit}))


_NEWEST = text("""
    SELECT a.id, a.case_id, a.step, a.channel, a.state, a.outcome, COALESCE(a.concluded_at, a.sent_at) AS at, m.timezone, home.unit
      FROM (SELECT * FROM attempt WHERE sent_at IS NOT NULL AND (CAST(:scope AS bigint) IS NULL OR community_id = :scope)
             ORDER BY COALESCE(concluded_at, sent_at) DESC, id DESC LIMIT :limit) AS a
      JOIN community m ON m.id = a.community_id
      CROSS JOIN LATERAL (SELECT min(u.label) AS unit FROM account ac JOIN unit u ON u.id = ac.unit_id
                           WHERE ac.debtor_id = a.debtor_id AND u.community_id = a.community_id) AS home
     ORDER BY at DESC, a.id DESC
""")
