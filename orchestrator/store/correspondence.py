"""Whom a text from a number answers: what was written to it, by which line, before it was said."""

from collections import defaultdict
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


@dataclass(frozen=True, slots=True)
class Text:
    """A text that came in: the digest of whose number it is from, which of ours it is to, when it was said (real time)."""

    digest: bytes
    ours: str
    said: datetime


def written_to(rows: Rows, texts: Sequence[Text]) -> list[list[WrittenTo]]:
    """What each of these texts may answer, the latest first: of each debtor the last that left before it was said.

    A text that left by another of our numbers is not what they answer; one that left under a name or by a service may have come from any.
    What we answered by ourselves is no subject of its own.
    """
    values = {"digests": [each.digest for each in texts], "ours": [each.ours for each in texts], "said": [each.said for each in texts]}
    found: list[list[WrittenTo]] = [[] for _ in texts]
    for place, *written in rows.execute(_WRITTEN, values):
        found[place - 1].append(WrittenTo(*written))
    return [sorted(each, key=lambda written: (written.sent_at, written.attempt_id), reverse=True) for each in found]


_WRITTEN = text("""
    SELECT DISTINCT ON (n.place, a.community_id, a.debtor_id) n.place, a.id, a.case_id, COALESCE(cp.timezone, m.timezone), a.sent_at
      FROM unnest(CAST(:digests AS bytea[]), CAST(:ours AS text[]), CAST(:said AS timestamptz[]))
           WITH ORDINALITY AS n(digest, ours, said, place)
      JOIN contact_point cp ON cp.digest = n.digest
      JOIN attempt a ON a.contact_point_id = cp.id AND a.channel = 'sms'
      JOIN community m ON m.id = a.community_id
     WHERE a.sent_at_wall <= n.said AND a.state NOT IN ('cancelled', 'failed') AND a.purpose <> 'answer'
       AND (a.sender IS NULL OR a.sender !~ '^[+]?[0-9]+$' OR a.sender = n.ours)
     ORDER BY n.place, a.community_id, a.debtor_id, a.sent_at DESC, a.id DESC
""")


def points(rows: Rows, digests: Sequence[bytes]) -> dict[bytes, list[int]]:
    """By number, every contact point that is it, whichever creditor's."""
    found: defaultdict[bytes, list[int]] = defaultdict(list)
    for row in rows.execute(text("SELECT digest, id FROM contact_point WHERE digest = ANY(:digests) ORDER BY id"), {"digests": digests}):
        found[bytes(row.digest)].append(row.id)
    return found


def open_cases(rows: Rows, point_ids: Sequence[int]) -> dict[int, list[int]]:
    """By number, the cases not closed of whoever can be reached at it."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows.execute(
        text("""
            SELECT DISTINCT pc.contact_point_id AS point, c.id FROM party_contact pc
              JOIN debtor_party dp ON dp.party_id = pc.party_id
              JOIN "case" c ON c.debtor_id = dp.debtor_id AND c.state <> 'closed'
             WHERE pc.contact_point_id = ANY(:points) ORDER BY c.id
        """),
        {"points": list(point_ids)},
    ):
        found[row.point].append(row.id)
    return found
