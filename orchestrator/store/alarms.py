"""Limitation alarms: a task for counsel when a charge's court-safe clock has 180, 90 or 30 days left.

A stop state ends contact, never the clock: cases at rest and debtors without a case ring like any other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text

from orchestrator.store import Rows, proofs, steering
from policies.limitation import ALARM_DAYS, YEARS, alarms, expiry
from policies.localtime import local_day

AGED = timedelta(days=YEARS * 365 - max(ALARM_DAYS))
"""A charge that fell due later has more days left than any alarm speaks of."""


@dataclass(frozen=True, slots=True)
class Ringing:
    """A charge that has passed a threshold: at most so many days are left until its last day to file."""

    debtor_id: int
    charge_id: int
    days_left: int
    last_day: date


def not_rung(rows: Rows, days: Mapping[int, date]) -> set[int]:
    """The communities among these whose tasks of this local day are not raised yet."""
    return set(rows.execute(_NOT_RUNG, {"communities": list(days), "days": list(days.values())}).scalars())


def ring(rows: Rows, community_id: int, timezone: str, now: datetime) -> int:
    """Raise the tasks of this local day and keep its number to steer by, once a day; how many tasks.

    A charge rings once for each threshold and last day, also where days were missed, and then for the nearest threshold alone. What rings
    for one debtor at one threshold is one task, which grows while it is open.
    """
    today = local_day(now, timezone)
    if not rows.execute(_CLAIM, {"community": community_id, "today": today}).rowcount:
        return 0
    steering.keep(rows, community_id, today, steering.count(rows, now, community_id))
    ringing = list(_ringing(rows, community_id, timezone, today))
    values = {
        "community": community_id,
        "debtors": [each.debtor_id for each in ringing],
        "charges": [each.charge_id for each in ringing],
        "thresholds": [each.days_left for each in ringing],
        "ends": [each.last_day for each in ringing],
        "now": now,
    }
    raised = rows.execute(_RAISE, values).rowcount
    rows.execute(_KEEP, values)
    return raised


def _ringing(rows: Rows, community_id: int, timezone: str, today: date) -> Iterator[Ringing]:
    aged = rows.execute(_AGED, {"community": community_id, "aged": today - AGED}).all()
    charge_ids = [row.id for row in aged]
    demands, acknowledgements = proofs.demands(rows, charge_ids), proofs.acknowledgements(rows, charge_ids)
    for row in aged:
        charge = proofs.charge_of(row, demands.get(row.id, ()), acknowledgements.get(row.id, ()))
        last_day = expiry(charge, timezone).court_safe
        passed = alarms(last_day, date.min, today) if last_day >= today else ()
        if passed:
            yield Ringing(row.debtor_id, row.id, passed[-1].days_left, last_day)


_NOT_RUNG = text("""
    SELECT m.id FROM unnest(CAST(:communities AS bigint[]), CAST(:days AS date[])) AS asked(community_id, today)
      JOIN community m ON m.id = asked.community_id WHERE m.clocks_seen_on IS DISTINCT FROM asked.today
""")

_CLAIM = text("UPDATE community SET clocks_seen_on = :today WHERE id = :community AND clocks_seen_on IS DISTINCT FROM :today")

_AGED = text(f"""
    SELECT {proofs.CHARGE}, ch.debtor_id
      FROM charge ch JOIN account a ON a.id = ch.account_id JOIN unit u ON u.id = a.unit_id AND u.community_id = :community
     WHERE ch.due_on <= :aged AND ch.voided_at IS NULL AND ch.cleared_at IS NULL AND ch.amount > ch.paid + ch.provisional
     ORDER BY ch.id
""")

_RINGING = """
    unnest(CAST(:debtors AS bigint[]), CAST(:charges AS bigint[]), CAST(:thresholds AS int[]), CAST(:ends AS date[]))
        AS n(debtor_id, charge_id, days_left, last_day)
"""

_RAISE = text(f"""
    INSERT INTO task (kind, state, community_id, debtor_id, case_id, due_at, about)
    SELECT DISTINCT 'alarm', 'open', CAST(:community AS bigint), n.debtor_id, c.id, CAST(:now AS timestamptz), 'limitation-' || n.days_left
      FROM {_RINGING}
      LEFT JOIN "case" c ON c.debtor_id = n.debtor_id AND c.community_id = :community AND c.state <> 'closed'
     WHERE NOT EXISTS (SELECT FROM limitation_alarm a
                        WHERE a.charge_id = n.charge_id AND a.days_left = n.days_left AND a.last_day = n.last_day)
    ON CONFLICT (community_id, debtor_id, about) WHERE kind = 'alarm' AND state = 'open' DO NOTHING
""")

_KEEP = text(f"""
    INSERT INTO limitation_alarm (charge_id, days_left, last_day, task_id, rung_at)
    SELECT n.charge_id, n.days_left, n.last_day, t.id, :now
      FROM {_RINGING}
      JOIN task t ON t.community_id = :community AND t.debtor_id = n.debtor_id AND t.about = 'limitation-' || n.days_left
                 AND t.kind = 'alarm' AND t.state = 'open'
    ON CONFLICT (charge_id, days_left, last_day) DO NOTHING
""")
