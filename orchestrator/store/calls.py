"""Call tasks: whose hands one is in, and what somebody reads before they dial."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows
from policies.decide import FIRST_PROMISE_DAYS, LATER_PROMISE_DAYS
from policies.segments import KEPT_WITHIN_DAYS

CLAIM = timedelta(minutes=15)
"""Real time for which a call stays in the hands of who took it up."""


def claim(rows: Rows, task_id: int, by: str, wall: datetime) -> bool:
    """Take a call up, or keep it for another quarter of an hour. False where it is not open, or another has it in hand."""
    taken = rows.execute(
        text("""
            UPDATE task SET claimed_by = :by, claimed_until = :until
             WHERE id = :id AND kind = 'call' AND state = 'open' AND (claimed_by IS NULL OR claimed_by = :by OR claimed_until <= :wall)
        """),
        {"id": task_id, "by": by, "until": wall + CLAIM, "wall": wall},
    )
    return bool(taken.rowcount)


def give_back(rows: Rows, task_id: int, by: str) -> None:
    """Anybody may take it up again. Who does not have it in hand gives nothing back."""
    rows.execute(
        text("UPDATE task SET claimed_by = NULL, claimed_until = NULL WHERE id = :id AND claimed_by = :by AND state = 'open'"),
        {"id": task_id, "by": by},
    )


def is_in_hand(rows: Rows, task_id: int, by: str, wall: datetime) -> bool:
    """Whether this person has it in hand now."""
    return bool(
        rows.execute(
            text("SELECT EXISTS (SELECT FROM task WHERE id = :id AND state = 'open' AND claimed_by = :by AND claimed_until > :wall)"),
            {"id": task_id, "by": by, "wall": wall},
        ).scalar()
    )


@dataclass(frozen=True, slots=True)
class Given:
    """A promise. `kept` is None while its day, and the days a payment takes, are not over."""

    on: date
    amount: Decimal
    kept: bool | None


@dataclass(frozen=True, slots=True)
class Background:
    """What is known of the debtor of a call. `ordinal`: which contact this is; `promise_days`: how far ahead a day may be promised.

    `owed`: unit, item, period, due_on, unpaid. `contacts`: channel, step, state, outcome, at. `issues`: reason, comment, since, until.
    """

    ordinal: int
    company: bool
    promise_days: int
    owed: tuple[Any, ...]
    promise: Given | None
    contacts: tuple[Any, ...]
    issues: tuple[Any, ...]

    @property
    def arrears(self) -> Decimal:
        return sum((each.unpaid for each in self.owed), Decimal(0))


def background(rows: Rows, task_id: int, now: datetime, today: date) -> Background:
    """`today` is the community's local day."""
    values = {"task": task_id, "now": now, "today": today, "kept_within": KEPT_WITHIN_DAYS}
    about = rows.execute(_ABOUT, values).one()
    promises = rows.execute(_PROMISE, values).all()
    return Background(
        ordinal=about.ordinal,
        company=about.company,
        promise_days=LATER_PROMISE_DAYS if promises else FIRST_PROMISE_DAYS,
        owed=tuple(rows.execute(_OWED, values)),
        promise=Given(*promises[0]) if promises else None,
        contacts=tuple(rows.execute(_CONTACTS, values)),
        issues=tuple(rows.execute(_ISSUES, values)),
    )


_OF_TASK = """(SELECT t.id, t.case_id, t.attempt_id, t.community_id, COALESCE(c.debtor_id, t.debtor_id) AS debtor_id
                 FROM task t LEFT JOIN "case" c ON c.id = t.case_id WHERE t.id = :task) AS t"""

_ABOUT = text(f"""
    SELECT (SELECT count(*) + 1 FROM attempt b WHERE b.case_id = t.case_id AND b.purpose <> 'recap' AND b.sent_at IS NOT NULL
               AND b.id IS DISTINCT FROM t.attempt_id) AS ordinal,
           EXISTS (SELECT FROM debtor_party dp JOIN party p ON p.id = dp.party_id AND p.kind = 'company'
                    WHERE dp.debtor_id = t.debtor_id) AS company
      FROM {_OF_TASK}
""")

_OWED = text(f"""
    SELECT u.label AS unit, ch.item, ch.period, ch.due_on, ch.amount - ch.paid - ch.provisional AS unpaid
      FROM {_OF_TASK}
      JOIN charge ch ON ch.debtor_id = t.debtor_id AND ch.due_on < :today AND ch.voided_at IS NULL AND ch.cleared_at IS NULL
       AND ch.amount > ch.paid + ch.provisional
      JOIN account a ON a.id = ch.account_id JOIN unit u ON u.id = a.unit_id AND u.community_id = t.community_id
     ORDER BY u.label, ch.period_start, ch.item
""")

_PROMISE = text(f"""
    SELECT p."on", p.amount,
           CASE WHEN paid.total >= p.amount THEN true
                WHEN p."on" + CAST(:kept_within AS int) < :today THEN false END AS kept
      FROM {_OF_TASK}
      JOIN promise p ON p.debtor_id = t.debtor_id AND p.community_id = t.community_id
      CROSS JOIN LATERAL (SELECT COALESCE(sum(y.amount), 0) AS total FROM payment y
                           WHERE y.community_id = p.community_id AND y.debtor_id = p.debtor_id AND y.state = 'matched'
                             AND y.at >= p.made_at AND y.at < p."on" + 1 + CAST(:kept_within AS int)) AS paid
     ORDER BY p.id DESC LIMIT 1
""")

_CONTACTS = text(f"""
    SELECT b.channel, b.step, b.state, b.outcome, b.sent_at AS at
      FROM {_OF_TASK}
      JOIN attempt b ON b.debtor_id = t.debtor_id AND b.community_id = t.community_id AND b.sent_at IS NOT NULL
       AND b.state <> 'cancelled' AND b.id IS DISTINCT FROM t.attempt_id
     ORDER BY b.sent_at DESC, b.id DESC LIMIT 5
""")

_ISSUES = text(f"""
    SELECT h.reason, h.comment, h.since, h.until
      FROM {_OF_TASK}
      JOIN hold h ON h.debtor_id = t.debtor_id AND h.community_id = t.community_id AND h.issue IS NOT NULL
       AND h.lifted_at IS NULL AND h.until > :now
     ORDER BY h.since, h.id
""")


def numbers(rows: Rows, task_id: int, now: datetime) -> list[Any]:
    """The numbers of the debtor of a call, the one it is meant for first: sealed value, country, zone, and whether it may be rung."""
    return list(rows.execute(_NUMBERS, {"task": task_id, "now": now}))


_NUMBERS = text(f"""
    SELECT cp.id, cp.value AS sealed, cp.kind, cp.country, cp.timezone,
           cp.unusable_reason IS NOT NULL AND (cp.unusable_until IS NULL OR cp.unusable_until > :now) AS unusable,
           EXISTS (SELECT FROM opt_out o WHERE o.contact_point_id = cp.id AND o.channel = 'call') AS opted_out
      FROM {_OF_TASK}
      LEFT JOIN attempt a ON a.id = t.attempt_id
      CROSS JOIN LATERAL (SELECT pc.contact_point_id AS id, min(pc.rank) AS rank
                            FROM debtor_party dp JOIN party_contact pc ON pc.party_id = dp.party_id
                           WHERE dp.debtor_id = t.debtor_id GROUP BY pc.contact_point_id) AS theirs
      JOIN contact_point cp ON cp.id = theirs.id AND cp.kind IN ('mobile', 'landline')
     ORDER BY cp.id IS DISTINCT FROM a.contact_point_id, theirs.rank, cp.id
""")
