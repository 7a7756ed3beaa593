"""Answered calls of which no recording is kept yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from orchestrator.store import Rows

SOUGHT_FOR = timedelta(days=7)
"""A recording that its provider does not have by then will not come."""
LIMIT = 200


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """An answered call, and the line it left by."""

    attempt_id: int | None
    case_id: int | None
    task_id: int | None
    provider: str
    sender: str | None
    provider_id: str


def wanting(rows: Rows, now: datetime, call: str | None = None) -> list[Unrecorded]:
    """Automated calls of the last days that somebody took, and those of staff that were put through; the newest first.

    Of these only `call` where it is given: that somebody took it may just have been told, and not yet been folded in.
    """
    found = rows.execute(_WANTING, {"since": now - SOUGHT_FOR, "limit": LIMIT, "call": call})
    return [Unrecorded(*row[:-1]) for row in found]


_WANTING = text("""
    SELECT a.id, a.case_id, CAST(NULL AS bigint) AS task_id, a.provider, a.sender, a.provider_id, a.concluded_at AS ended_at
      FROM attempt a
     WHERE a.channel = 'voice' AND a.provider_id IS NOT NULL
       AND CASE WHEN CAST(:call AS text) IS NULL
                THEN a.outcome IN ('answered', 'heard') AND a.concluded_at > :since AND a.state = 'delivered'
                ELSE a.provider_id = :call AND EXISTS (SELECT FROM receipt r WHERE r.attempt_id = a.id AND r.outcome = 'answered') END
       AND NOT EXISTS (SELECT FROM exhibit x WHERE x.attempt_id = a.id AND x.kind = 'recording')
     UNION ALL
    SELECT t.attempt_id, t.case_id, t.id, b.provider, b.sender, b.provider_id, b.ended_at
      FROM bridge b JOIN task t ON t.id = b.task_id
     WHERE b.state = 'ended' AND b.outcome = 'answered' AND b.ended_at > :since AND b.provider_id IS NOT NULL
       AND (CAST(:call AS text) IS NULL OR b.provider_id = :call)
       AND NOT EXISTS (SELECT FROM exhibit x WHERE x.task_id = t.id AND x.kind = 'recording')
     ORDER BY ended_at DESC, id LIMIT :limit
""")
