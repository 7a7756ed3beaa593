"""Campaign messages: bill notices before the due date, thanks after payment, a word on the day before a promised one.

No steps, no demands, outside the caps, never at night.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import TextClause, text

from orchestrator.store import Rows
from orchestrator.store.site_days import OF_COMMUNITY

NOTICE_AHEAD = timedelta(days=7)
"""A bill notice goes out seven days before the due date (domain section 3)."""
THANKS_WITHIN = timedelta(days=3)
"""Thanks that come later than this are better left unsaid."""


def plan(rows: Rows, days: Mapping[int, date], now: datetime) -> int:
    """Plan what is due in these communities, each on its own local day; how many messages.

    One notice per debtor and due date that lies at most seven days ahead; one thank-you per payment after which nothing overdue is left;
    one reminder on the day before a promised day, if anything overdue is still owed.
    """
    values = {"communities": list(days), "days": list(days.values()), "ahead": NOTICE_AHEAD, "since": now - THANKS_WITHIN, "now": now}
    return sum(rows.execute(query, values).rowcount for query in (_BILL_NOTICES, _THANK_YOUS, _PROMISE_REMINDERS))


_ASKED = "unnest(CAST(:communities AS bigint[]), CAST(:days AS date[])) AS asked(community_id, today)"
_FIRST_MOBILE = """
    LATERAL (SELECT cp.id FROM debtor_party dp
               JOIN party_contact pc ON pc.party_id = dp.party_id
               JOIN contact_point cp ON cp.id = pc.contact_point_id AND cp.kind = 'mobile'
              WHERE dp.debtor_id = d.id AND (cp.unusable_reason IS NULL OR cp.unusable_until <= :now)
                AND NOT EXISTS (SELECT FROM opt_out o WHERE o.contact_point_id = cp.id AND o.channel = 'sms')
              ORDER BY pc.rank, cp.id LIMIT 1) AS mobile
"""


def _plan(purpose: str, wording: str, called_for: str, said_before: str) -> TextClause:
    """`called_for` selects community_id, debtor_id and occasion; `said_before` tells a message `x` of this purpose that was planned for it
    already."""
    return text(f"""
        INSERT INTO attempt (community_id, debtor_id, purpose, step, round, occasion, channel, contact_point_id, state, planned_at)
        SELECT called.community_id, d.id, '{purpose}', '{wording}', 1, called.occasion, 'sms', mobile.id, 'planned', :now
          FROM ({called_for}) AS called
          JOIN debtor d ON d.id = called.debtor_id, {_FIRST_MOBILE}
         WHERE NOT EXISTS (SELECT FROM stop_state s
                            WHERE s.debtor_id = d.id AND s.community_id = called.community_id AND s.ended_at IS NULL)
           AND NOT EXISTS (SELECT FROM attempt x WHERE x.debtor_id = d.id AND x.community_id = called.community_id
                              AND x.purpose = '{purpose}' AND {said_before})
        ON CONFLICT (community_id, debtor_id, purpose, occasion) WHERE case_id IS NULL AND state <> 'cancelled' DO NOTHING
    """)


_BILL_NOTICES = _plan(
    "bill_notice",
    "bill-notice",
    f"""
        SELECT DISTINCT asked.community_id, ch.debtor_id, CAST(ch.due_on AS text) AS occasion
          FROM {_ASKED}
          JOIN unit u ON u.community_id = asked.community_id JOIN account a ON a.unit_id = u.id JOIN charge ch ON ch.account_id = a.id
         WHERE ch.due_on > asked.today AND ch.due_on <= CAST(asked.today + CAST(:ahead AS interval) AS date)
           AND ch.amount > ch.paid + ch.provisional AND ch.voided_at IS NULL AND ch.cleared_at IS NULL
    """,
    "x.occasion = called.occasion",
)

_THANK_YOUS = _plan(
    "thank_you",
    "thank-you",
    f"""
        SELECT asked.community_id, p.debtor_id, CAST(max(p.id) AS text) AS occasion
          FROM {_ASKED} JOIN payment p ON p.community_id = asked.community_id
         WHERE p.state = 'matched' AND p.created_at > :since
           AND NOT EXISTS (SELECT FROM charge ch WHERE ch.debtor_id = p.debtor_id AND ch.due_on < asked.today
                              AND ch.amount > ch.paid + ch.provisional AND ch.voided_at IS NULL AND ch.cleared_at IS NULL)
         GROUP BY asked.community_id, p.debtor_id
    """,
    "x.planned_at > :since",
)

_STILL_EXPECTED = """
    NOT EXISTS (SELECT FROM promise later
                 WHERE later.community_id = pr.community_id AND later.debtor_id = pr.debtor_id AND later.id > pr.id)
    AND NOT EXISTS (SELECT FROM hold h
                     WHERE h.community_id = pr.community_id AND h.debtor_id = pr.debtor_id AND h.lifted_at IS NULL AND h.until > :now)
"""
"""Whether a promise `pr` is the debtor's last word: no later one took its place, and nobody says meanwhile that they have paid."""

_PROMISE_REMINDERS = _plan(
    "promise_reminder",
    "promise-reminder",
    f"""
        SELECT pr.community_id, pr.debtor_id, CAST(pr.id AS text) AS occasion
          FROM {_ASKED} JOIN community m ON m.id = asked.community_id JOIN promise pr ON pr.community_id = m.id
         WHERE pr."on" = asked.today + 1 AND CAST(pr.made_at AT TIME ZONE m.timezone AS date) < asked.today
           AND {_STILL_EXPECTED}
           AND EXISTS (SELECT FROM charge ch JOIN account a ON a.id = ch.account_id JOIN unit u ON u.id = a.unit_id
                        WHERE ch.debtor_id = pr.debtor_id AND u.community_id = pr.community_id AND ch.due_on < pr."on"
                          AND ch.amount > ch.paid + ch.provisional AND ch.voided_at IS NULL AND ch.cleared_at IS NULL)
    """,
    "x.occasion = called.occasion",
)


@dataclass(frozen=True, slots=True)
class Announced:
    """A claimed campaign message: by which pack, zone and days of silence it is judged, and whether it is still called for."""

    attempt_id: int
    pack: str
    timezone: str
    commercial: bool
    site_days: Sequence[date]
    called_for: bool


def judge(rows: Rows, attempt_ids: Sequence[int], now: datetime) -> dict[int, Announced]:
    """Whether these claimed messages are still true and welcome: the bill or what was promised unpaid and still expected, its day still
    the right one, the number not opted out, no stop state entered."""
    return {row.id: Announced(*row) for row in rows.execute(_JUDGE, {"ids": list(attempt_ids), "now": now})}


_JUDGE = text(f"""
    SELECT a.id, m.pack, COALESCE(cp.timezone, m.timezone),
           EXISTS (SELECT FROM account ac JOIN unit u ON u.id = ac.unit_id
                    WHERE ac.debtor_id = a.debtor_id AND u.community_id = a.community_id AND u.use = 'commercial'),
           {OF_COMMUNITY},
           NOT EXISTS (SELECT FROM stop_state s WHERE s.debtor_id = a.debtor_id AND s.community_id = a.community_id AND s.ended_at IS NULL)
           AND NOT EXISTS (SELECT FROM opt_out o WHERE o.contact_point_id = a.contact_point_id AND o.channel = 'sms')
           AND (a.purpose <> 'bill_notice' OR EXISTS (
                SELECT FROM charge ch WHERE ch.debtor_id = a.debtor_id AND CAST(ch.due_on AS text) = a.occasion
                   AND ch.amount > ch.paid + ch.provisional AND ch.voided_at IS NULL AND ch.cleared_at IS NULL))
           AND (a.purpose <> 'promise_reminder' OR EXISTS (
                SELECT FROM promise pr JOIN charge ch ON ch.debtor_id = pr.debtor_id AND ch.due_on < pr."on"
                  JOIN account ac ON ac.id = ch.account_id JOIN unit u ON u.id = ac.unit_id
                 WHERE CAST(pr.id AS text) = a.occasion AND u.community_id = a.community_id
                   AND pr."on" = CAST(:now AT TIME ZONE m.timezone AS date) + 1
                   AND {_STILL_EXPECTED}
                   AND ch.amount > ch.paid + ch.provisional AND ch.voided_at IS NULL AND ch.cleared_at IS NULL))
      FROM attempt a JOIN community m ON m.id = a.community_id LEFT JOIN contact_point cp ON cp.id = a.contact_point_id
     WHERE a.id = ANY(:ids) AND a.case_id IS NULL
""")


def postpone(rows: Rows, until: Mapping[int, datetime]) -> None:
    """Not now: planned again for when the window opens, each for its own."""
    if not until:
        return
    rows.execute(
        text("""
            UPDATE attempt a SET state = 'planned', planned_at = n.until, claimed_at = NULL, claimed_until = NULL, offered_until = NULL
              FROM unnest(CAST(:ids AS bigint[]), CAST(:times AS timestamptz[])) AS n(id, until)
             WHERE a.id = n.id AND a.state = 'claimed'
        """),
        {"ids": list(until), "times": list(until.values())},
    )
