"""What became of past contacts, as counts: what a forecast learns from."""

from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy import text

from orchestrator.store import Rows
from policies.facts import Outcome
from policies.forecast import Past
from policies.forecast.behaviour import ORDINALS

REMEMBERED = timedelta(days=365)
PAYS_WITHIN = timedelta(days=6)
"""A payment is owed to the last contact before it, if that was no longer ago."""


def past(rows: Rows, creditor_id: int, now: datetime) -> Past:
    """The last year of one creditor, as far as its fate is known by now."""
    values = {
        "creditor": creditor_id,
        "since": now - REMEMBERED,
        "known": now - PAYS_WITHIN,
        "within": PAYS_WITHIN,
        "ordinals": ORDINALS,
        "outcomes": list(get_args(Outcome)),
    }
    outcomes = rows.execute(_OUTCOMES, values).all()
    heard = rows.execute(_HEARD, values).all()
    return Past(
        outcomes={(row.channel, row.outcome): row.n for row in outcomes if row.channel != "letter"},
        heard={(row.channel, row.ordinal): row.heard for row in heard},
        paid={(row.channel, row.ordinal): row.paid for row in heard},
        mailed=sum(row.n for row in outcomes if row.channel == "letter"),
        arrived=sum(row.arrived for row in outcomes if row.channel == "letter"),
    )


def collectors(rows: Rows, community_id: int) -> int:
    """How many active collectors work for this community."""
    found: int = rows.execute(
        text("""
            SELECT count(*) FROM "user"
             WHERE active AND role = 'collector' AND (community_id IS NULL OR community_id = :community)
        """),
        {"community": community_id},
    ).scalar_one()
    return found


_TRIED = """
    SELECT a.id, a.case_id, a.debtor_id, a.community_id, a.channel, a.state, a.sent_at,
           CASE a.outcome WHEN 'heard' THEN 'answered' ELSE a.outcome END AS outcome
      FROM attempt a JOIN community m ON m.id = a.community_id
     WHERE m.creditor_id = :creditor AND a.case_id IS NOT NULL AND a.purpose <> 'recap' AND a.sent_at > :since
"""

_OUTCOMES = text(f"""
    SELECT channel, CASE WHEN channel <> 'letter' THEN outcome END AS outcome, count(*) AS n,
           count(*) FILTER (WHERE state = 'delivered') AS arrived
      FROM ({_TRIED}) AS tried
     WHERE state IN ('delivered', 'undelivered', 'failed') AND outcome = ANY(:outcomes) AND channel <> 'letter'
        OR state IN ('delivered', 'undelivered') AND channel = 'letter'
     GROUP BY 1, 2 ORDER BY 1, 2
""")

_HEARD = text(f"""
    WITH heard AS (
        SELECT tried.*, least(row_number() OVER of_case, :ordinals) AS ordinal, lead(sent_at) OVER of_case AS next_at
          FROM ({_TRIED}) AS tried WHERE state IN ('sent', 'delivered') AND outcome IS DISTINCT FROM 'machine'
        WINDOW of_case AS (PARTITION BY case_id ORDER BY sent_at, id)
    )
    SELECT channel, CAST(ordinal AS int) AS ordinal, count(*) AS heard,
           count(*) FILTER (WHERE EXISTS (
                SELECT FROM payment p
                 WHERE p.debtor_id = heard.debtor_id AND p.community_id = heard.community_id AND p.state = 'matched'
                   AND p.at >= sent_at AND p.at < least(COALESCE(next_at, 'infinity'), sent_at + :within))) AS paid
      FROM heard WHERE sent_at < :known GROUP BY channel, ordinal ORDER BY channel, ordinal
""")
