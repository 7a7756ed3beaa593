"""The number the company steers by: collectable charges with a demand that a court will believe and more than 180 days left to file.

It is counted from the grades and clocks of each charge, so counting takes its time: it is done once a day for each community, as its clocks
are looked at, and kept; pages read what was kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text

from orchestrator.store import Rows, proofs
from policies.arrival import GRADES
from policies.facts import BELIEVED, Grade
from policies.limitation import ALARM_DAYS, days_left, expiry
from policies.localtime import local_day

MORE_THAN_DAYS = max(ALARM_DAYS)
TREND_DAYS = 60


@dataclass(frozen=True, slots=True)
class Safe:
    """A charge that can still be collected in court. `grade` is the best of its demands, `last_day` the court-safe last day to file."""

    community: str
    charge_id: int
    case_id: int | None
    unit: str
    item: str
    period: str
    unpaid: Decimal
    grade: Grade
    last_day: date
    days_left: int


@dataclass(frozen=True, slots=True)
class Kept:
    """The number of one local day, over the communities that were counted by then."""

    day: date
    charges: int
    amount: Decimal


def count(rows: Rows, now: datetime, community_id: int | None = None) -> list[Safe]:
    """The charges that count now, of one community or of all, in three queries: by community and unit, oldest first.

    Looked at are unpaid overdue charges that a demand named which has arrived; no other can count.
    """
    charges = rows.execute(_DEMANDED, {"community": community_id, "now": now}).all()
    charge_ids = [row.id for row in charges]
    demands, acknowledgements = proofs.demands(rows, charge_ids), proofs.acknowledgements(rows, charge_ids)
    found = []
    for row in charges:
        believed = [each for each in demands.get(row.id, ()) if each.arrived_at is not None and each.grade in BELIEVED]
        if not believed:
            continue
        charge = proofs.charge_of(row, demands[row.id], acknowledgements.get(row.id, ()))
        last_day = expiry(charge, row.timezone).court_safe
        left = days_left(last_day, local_day(now, row.timezone))
        if left > MORE_THAN_DAYS:
            grade = min((each.grade for each in believed), key=GRADES.index)
            found.append(Safe(row.community, row.id, row.case_id, row.unit, row.item, row.period, row.unpaid, grade, last_day, left))
    return found


_DEMANDED = text(f"""
    SELECT {proofs.CHARGE}, m.name AS community, m.timezone,
           ch.amount - ch.paid - ch.provisional AS unpaid,
           (SELECT max(c.id) FROM "case" c WHERE c.debtor_id = ch.debtor_id AND c.community_id = m.id) AS case_id
      FROM charge ch
      JOIN account a ON a.id = ch.account_id
      JOIN unit u ON u.id = a.unit_id
      JOIN community m ON m.id = u.community_id
     WHERE (CAST(:community AS bigint) IS NULL OR m.id = :community)
       AND ch.voided_at IS NULL AND ch.cleared_at IS NULL AND ch.amount > ch.paid + ch.provisional
       AND ch.due_on < CAST(CAST(:now AS timestamptz) AT TIME ZONE m.timezone AS date)
       AND EXISTS (SELECT FROM named_charge n JOIN attempt t ON t.id = n.attempt_id
                    WHERE n.charge_id = ch.id AND t.purpose = 'demand' AND t.concluded_at IS NOT NULL)
     ORDER BY m.name, u.label, ch.item, ch.period_start, ch.id
""")


def keep(rows: Rows, community_id: int, day: date, safe: Sequence[Safe]) -> None:
    """Write down the number of a community's local day; counted again that day it is the newer one."""
    amount = sum((each.unpaid for each in safe), Decimal("0.00"))
    rows.execute(_KEEP, {"community": community_id, "day": day, "charges": len(safe), "amount": amount})


_KEEP = text("""
    INSERT INTO steering_day (community_id, day, charges, amount) VALUES (:community, :day, :charges, :amount)
    ON CONFLICT (community_id, day) DO UPDATE SET charges = excluded.charges, amount = excluded.amount
""")


def kept(rows: Rows, scope: int | None) -> list[Kept]:
    """The last days of the communities a person may see (`scope` None: all), oldest first; empty before anything was counted."""
    return [Kept(*row) for row in rows.execute(_KEPT, {"scope": scope, "days": TREND_DAYS})]


_KEPT = text("""
    SELECT day, charges, amount
      FROM (SELECT day, CAST(sum(charges) AS bigint) AS charges, sum(amount) AS amount FROM steering_day
             WHERE CAST(:scope AS bigint) IS NULL OR community_id = :scope
             GROUP BY day ORDER BY day DESC LIMIT :days) AS newest
     ORDER BY day
""")
