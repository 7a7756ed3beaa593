"""What is answered to a debtor's text by itself: planned once per text, judged again at the moment of sending."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text

from orchestrator.store import Rows
from orchestrator.store.site_days import OF_COMMUNITY

CONFIRMS_A_STOP = frozenset({"answer-stop", "answer-stop-all"})
"""The last word that a number hears: all others are for who may still be written to."""


def plan(rows: Rows, receipt_id: int, step: str, now: datetime) -> None:
    """Plan the answer to a text that answers an attempt of ours; however often it is heard, once."""
    rows.execute(_PLAN, {"receipt": receipt_id, "step": step, "now": now})


_PLAN = text("""
    INSERT INTO attempt (community_id, debtor_id, purpose, step, round, occasion, channel, contact_point_id, state, planned_at)
    SELECT a.community_id, a.debtor_id, 'answer', :step, 1, CAST(r.id AS text), 'sms', a.contact_point_id, 'planned', :now
      FROM receipt r JOIN attempt a ON a.id = r.attempt_id
     WHERE r.id = :receipt AND a.contact_point_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM attempt x WHERE x.community_id = a.community_id AND x.debtor_id = a.debtor_id
                                               AND x.purpose = 'answer' AND x.occasion = CAST(r.id AS text))
    ON CONFLICT (community_id, debtor_id, purpose, occasion) WHERE case_id IS NULL AND state <> 'cancelled' DO NOTHING
""")


@dataclass(frozen=True, slots=True)
class Answer:
    """A claimed answer: when what it answers was said, by which pack and place it is judged, and what its number was answered that day.

    `of_kind` and `of_all` count the answers that left to the number on the local day, or are just leaving, without those judged with it.
    """

    attempt_id: int
    number: int
    step: str
    said_at: datetime
    pack: str
    country: str
    timezone: str
    commercial: bool
    site_days: Sequence[date]
    opted_out: bool
    of_kind: int
    of_all: int


def judge(rows: Rows, attempt_ids: Sequence[int], now: datetime) -> list[Answer]:
    """The claimed answers among these attempts, in id order. Whoever claimed them holds their numbers' locks."""
    return [Answer(*row) for row in rows.execute(_JUDGE, {"ids": list(attempt_ids), "now": now})]


_JUDGE = text(f"""
    SELECT a.id, cp.id, a.step, COALESCE(r.said_at, r.received_at), m.pack, cp.country, zone.name,
           EXISTS (SELECT FROM account ac JOIN unit u ON u.id = ac.unit_id
                    WHERE ac.debtor_id = a.debtor_id AND u.community_id = a.community_id AND u.use = 'commercial'),
           {OF_COMMUNITY},
           EXISTS (SELECT FROM opt_out o WHERE o.contact_point_id = cp.id AND o.channel = 'sms'),
           before.of_kind, before.of_all
      FROM attempt a
      JOIN receipt r ON r.id = CASE a.purpose WHEN 'answer' THEN CAST(a.occasion AS bigint) END
      JOIN community m ON m.id = a.community_id
      JOIN contact_point cp ON cp.id = a.contact_point_id
      CROSS JOIN LATERAL (SELECT COALESCE(cp.timezone, m.timezone) AS name) AS zone
      CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE x.step = a.step) AS of_kind, count(*) AS of_all
            FROM attempt x
           WHERE x.contact_point_id = cp.id AND x.purpose = 'answer' AND x.id <> ALL(:ids)
             AND (x.state = 'claimed'
                  OR x.state <> 'cancelled'
                     AND x.sent_at >= date_trunc('day', CAST(:now AS timestamptz) AT TIME ZONE zone.name) AT TIME ZONE zone.name)) AS before
     WHERE a.id = ANY(:ids) AND a.purpose = 'answer'
     ORDER BY a.id
""")


def promised(rows: Rows, attempt_ids: Sequence[int]) -> dict[int, date]:
    """The day that the text promised which an answer confirms, by attempt."""
    found = rows.execute(
        text("""
            SELECT a.id, p."on"
              FROM attempt a
              JOIN receipt r ON r.id = CASE a.purpose WHEN 'answer' THEN CAST(a.occasion AS bigint) END
              JOIN LATERAL (SELECT "on" FROM promise
                             WHERE community_id = a.community_id AND debtor_id = a.debtor_id
                               AND made_at = COALESCE(r.said_at, r.received_at) ORDER BY id DESC LIMIT 1) AS p ON true
             WHERE a.id = ANY(:ids) AND a.step = 'answer-promise'
        """),
        {"ids": list(attempt_ids)},
    )
    return {row.id: row.on for row in found}
