"""The sandbox's clock, what it still waits for, and what its staff see: one query each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows
from orchestrator.store.site_days import OF_COMMUNITY


@dataclass(frozen=True, slots=True)
class Clock:
    """The sandbox's time: where it stands, when it began, where it ends."""

    now: datetime
    began: datetime
    ends: datetime
    community_id: int | None


def clock(rows: Rows) -> Clock | None:
    found = rows.execute(text("SELECT now, began, ends, community_id FROM sandbox_clock WHERE id = 1")).one_or_none()
    return Clock(*found) if found else None


def begin(rows: Rows, now: datetime, ends: datetime) -> None:
    rows.execute(
        text(
            "INSERT INTO sandbox_clock (id, now, began, ends) VALUES (1, :now, :now, :ends)"
            " ON CONFLICT (id) DO UPDATE SET ends = GREATEST(sandbox_clock.ends, excluded.ends)"
        ),
        {"now": now, "ends": ends},
    )


def settle_in(rows: Rows, community_id: int) -> None:
    """The community whose cycle is lived is set up: from here on the days pass."""
    rows.execute(text("UPDATE sandbox_clock SET community_id = :community WHERE id = 1"), {"community": community_id})


def jump(rows: Rows, now: datetime) -> None:
    rows.execute(text("UPDATE sandbox_clock SET now = GREATEST(now, :now) WHERE id = 1"), {"now": now})


def busy(rows: Rows, now: datetime, sent_after: datetime) -> int:
    """How much is due or in flight at `now`: while there is any, the clock stands still.

    Messages handed over after `sent_after` (real time) whose end is not known count too: a carrier with a clock of its own is given time.
    """
    count: int = rows.execute(
        text("""
            SELECT (SELECT count(*) FROM "case" WHERE state = 'open' AND parked IS NULL AND ask_at <= :now)
                 + (SELECT count(*) FROM attempt WHERE state = 'planned' AND planned_at <= :now)
                 + (SELECT count(*) FROM attempt WHERE state IN ('claimed', 'sending', 'unknown'))
                 + (SELECT count(*) FROM attempt WHERE state IN ('accepted', 'sent') AND channel IN ('sms', 'voice')
                                                   AND sent_at_wall > :sent_after)
                 + (SELECT count(*) FROM receipt WHERE applied_at IS NULL)
        """),
        {"now": now, "sent_after": sent_after},
    ).scalar_one()
    return count


def next_due(rows: Rows) -> datetime | None:
    """The next instant at which a case is to be asked or an attempt to leave."""
    found: datetime | None = rows.execute(
        text("""
            SELECT LEAST((SELECT min(ask_at) FROM "case" WHERE state = 'open' AND parked IS NULL),
                         (SELECT min(planned_at) FROM attempt WHERE state = 'planned'))
        """)
    ).scalar()
    return found


@dataclass(frozen=True, slots=True)
class Errand:
    """An open task as sandbox staff see it: what about, at which unit, whom to ring."""

    id: int
    kind: str
    about: str
    case_id: int | None
    case_state: str | None
    due_at: datetime
    unit: str
    name: str
    sealed: bytes | None
    pack: str
    timezone: str
    commercial: bool
    arrears: Decimal
    dispute_since: datetime | None
    site_days: Sequence[date]
    community_id: int


def errands(rows: Rows, now: datetime) -> list[Errand]:
    """Every open task that is due, oldest first."""
    found = rows.execute(_ERRANDS, {"now": now})
    return [Errand(*row) for row in found]


_ERRANDS = text(f"""
    SELECT t.id, t.kind, t.about, t.case_id, c.state, t.due_at, home.label, d.name, number.value, c.pack, m.timezone,
           home.commercial, owed.arrears,
           (SELECT min(s.since) FROM stop_state s
             WHERE s.debtor_id = c.debtor_id AND s.community_id = c.community_id AND s.state = 'disputed' AND s.ended_at IS NULL),
           {OF_COMMUNITY}, t.community_id
      FROM task t
      JOIN community m ON m.id = t.community_id
      JOIN "case" c ON c.id = t.case_id
      JOIN debtor d ON d.id = c.debtor_id
      CROSS JOIN LATERAL (SELECT min(u.label) AS label, bool_or(u.use = 'commercial') AS commercial
                            FROM account a JOIN unit u ON u.id = a.unit_id AND u.community_id = c.community_id
                           WHERE a.debtor_id = c.debtor_id) AS home
      LEFT JOIN LATERAL (SELECT cp.value FROM debtor_party dp JOIN party_contact pc ON pc.party_id = dp.party_id
                           JOIN contact_point cp ON cp.id = pc.contact_point_id AND cp.kind IN ('mobile', 'landline')
                          WHERE dp.debtor_id = c.debtor_id ORDER BY pc.rank, cp.id LIMIT 1) AS number ON true
      CROSS JOIN LATERAL (SELECT COALESCE(sum(ch.amount - ch.paid - ch.provisional), 0) AS arrears
                            FROM charge ch WHERE ch.debtor_id = c.debtor_id AND ch.due_on < CAST(:now AS date)
                             AND ch.voided_at IS NULL AND ch.cleared_at IS NULL AND ch.amount > ch.paid + ch.provisional) AS owed
     WHERE t.state = 'open' AND t.due_at <= :now
     ORDER BY t.due_at, t.id
""")


def held(rows: Rows, now: datetime) -> list[tuple[int, int]]:
    """(community, debtor) of everybody who is held at `now`."""
    found = rows.execute(
        text("SELECT DISTINCT community_id, debtor_id FROM hold WHERE lifted_at IS NULL AND until > :now ORDER BY 1, 2"), {"now": now}
    )
    return [(row.community_id, row.debtor_id) for row in found]


def pending_approvals(rows: Rows, asked_before: datetime) -> list[Any]:
    """Approvals that have waited since before this instant, oldest first."""
    return list(
        rows.execute(
            text("SELECT id, case_id, step FROM approval WHERE state = 'pending' AND requested_at < :before ORDER BY id"),
            {"before": asked_before},
        )
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """What a finished sandbox shows, counted from the database."""

    cases: int
    settled: int
    escalated: int
    attempts: dict[str, dict[str, int]]


def figures(rows: Rows) -> Figures:
    """Cases opened and settled, cases that reached the request for a lawyer letter, attempts of cases by channel and state."""
    cases, settled, escalated = rows.execute(
        text("""
            SELECT (SELECT count(*) FROM "case"), (SELECT count(*) FROM "case" WHERE rest = 'settled'),
                   (SELECT count(DISTINCT case_id) FROM approval WHERE step = 'lawyer-letter')
        """)
    ).one()
    attempts: dict[str, dict[str, int]] = {
        channel: {"delivered": 0, "undelivered": 0, "unknown": 0} for channel in ("sms", "voice", "letter", "visit", "call")
    }
    for row in rows.execute(text("SELECT channel, state, count(*) AS n FROM attempt GROUP BY channel, state ORDER BY channel, state")):
        attempts[row.channel][row.state] = row.n
    return Figures(cases, settled, escalated, attempts)


@dataclass(frozen=True, slots=True)
class Judged:
    """By what a contact is judged afterwards: the pack, sequence, zone, use and site days of its own case, and whose it was."""

    attempt_id: int
    case_id: int | None
    purpose: str
    step: str
    channel: str
    pack: str
    sequence: str
    timezone: str
    commercial: bool
    site_days: tuple[Any, ...]
    parties: tuple[int, ...]
    contact_point_id: int | None
    done_at: datetime | None
    outcome: str | None


def judged(rows: Rows) -> list[Judged]:
    """Every attempt that was handed over, with the law of its own case."""
    found = rows.execute(_JUDGED)
    return [
        Judged(
            row.id,
            row.case_id,
            row.purpose,
            row.step,
            row.channel,
            row.pack,
            row.sequence,
            row.timezone,
            row.commercial,
            tuple(row.site_days),
            tuple(row.parties or ()),
            row.contact_point_id,
            row.done_at,
            row.outcome,
        )
        for row in found
    ]


_JUDGED = text(f"""
    SELECT a.id, a.case_id, a.purpose, a.step, a.channel, COALESCE(c.pack, m.pack) AS pack, COALESCE(c.sequence, m.sequence) AS sequence,
           COALESCE(cp.timezone, m.timezone) AS timezone, cp.id AS contact_point_id,
           EXISTS (SELECT FROM account ac JOIN unit u ON u.id = ac.unit_id AND u.use = 'commercial' AND u.community_id = a.community_id
                    WHERE ac.debtor_id = a.debtor_id) AS commercial,
           {OF_COMMUNITY} AS site_days,
           (SELECT array_agg(dp.party_id ORDER BY dp.party_id) FROM debtor_party dp WHERE dp.debtor_id = a.debtor_id) AS parties,
           t.done_at, a.outcome
      FROM attempt a
      JOIN community m ON m.id = a.community_id
      LEFT JOIN "case" c ON c.id = a.case_id
      LEFT JOIN contact_point cp ON cp.id = a.contact_point_id AND cp.kind <> 'address'
      LEFT JOIN task t ON t.attempt_id = a.id AND t.state = 'done'
     WHERE a.provider_id IS NOT NULL
     ORDER BY a.id
""")
