"""Whom a text from a number answers: what was written to it, by which line, before it was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from orchestrator.store import Rows


@dataclass(frozen=True, slots=True)
class WrittenTo:
    """The last text that went to a number about one debtor in one community, and the zone its reader lives in."""

    attempt_id: int
    case_id: int | None
    timezone: str
    sent_at: datetime


def written_to(rows: Rows, digest: bytes, ours: str, said: datetime) -> list[WrittenTo]:
    """What a text from a number to `ours` may answer, the latest first: of each debtor the last that left before `said` (real time).

    A text that left by another of our numbers is not what they answer; one that left under a name or by a service may have come from any.
    What we answered by ourselves is no subject of its own.
    """
    values = {"digest": digest, "ours": ours, "said": said}
    return sorted(
        (WrittenTo(*row) for row in rows.execute(_WRITTEN, values)), key=lambda each: (each.sent_at, each.attempt_id), reverse=True
    )


_WRITTEN = text("""
    SELECT DISTINCT ON (a.community_id, a.debtor_id) a.id, a.case_id, COALESCE(cp.timezone, m.timezone), a.sent_at
      FROM contact_point cp
      JOIN attempt a ON a.contact_point_id = cp.id AND a.channel = 'sms'
      JOIN community m ON m.id = a.community_id
     WHERE cp.digest = :digest AND a.sent_at_wall <= :said AND a.state NOT IN ('cancelled', 'failed') AND a.purpose <> 'answer'
       AND (a.sender IS NULL OR a.sender !~ '^[+]?[0-9]+$' OR a.sender = :ours)
     ORDER BY a.community_id, a.debtor_id, a.sent_at DESC, a.id DESC
""")


def points(rows: Rows, digest: bytes) -> list[int]:
    """Every contact point that is this number, whichever creditor's."""
    return list(rows.execute(text("SELECT id FROM contact_point WHERE digest = :digest ORDER BY id"), {"digest": digest}).scalars())


def open_cases(rows: Rows, point_ids: Sequence[int]) -> list[int]:
    """The cases not closed of whoever can be reached at these numbers."""
    found = rows.execute(
        text("""
            SELECT DISTINCT c.id FROM party_contact pc
              JOIN debtor_party dp ON dp.party_id = pc.party_id
              JOIN "case" c ON c.debtor_id = dp.debtor_id AND c.state <> 'closed'
             WHERE pc.contact_point_id = ANY(:points) ORDER BY c.id
        """),
        {"points": list(point_ids)},
    )
    return list(found.scalars())
