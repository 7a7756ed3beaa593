"""Consent as it is said: who may be reached at which number on which channel. Each word is a row and an entry in the log, never changed.

The view `opt_out` holds the numbers whose last word on a channel was no.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import text

from orchestrator.store import Rows, log
from orchestrator.store.log import Entry

Source = Literal["reply", "key", "page", "staff", "contract", "carrier"]


@dataclass(frozen=True, slots=True)
class Word:
    """How it was said. `by` is a member of staff, `receipt_id` what it came in, `proof` its raw bytes."""

    source: Source
    receipt_id: int | None = None
    proof: bytes | None = None
    by: str = ""


def withdraw(rows: Rows, points: Sequence[int], channels: Sequence[str], word: Word, now: datetime, wall: datetime) -> int:
    """These numbers are not to be reached on these channels any more; how many words were new. Said again, it is said already."""
    return _say(rows, points, channels, False, word, now, wall)


def give(
    rows: Rows, points: Sequence[int], channels: Sequence[str], word: Word, now: datetime, wall: datetime, *, anew: bool = False
) -> int:
    """These numbers may be reached on these channels again; how many words were new: none where none was withdrawn.

    With `anew` also that they may be reached at all, as a contract or its party says, once.
    """
    return _say(rows, points, channels, True, word, now, wall, anew=anew)


def _say(
    rows: Rows,
    points: Sequence[int],
    channels: Sequence[str],
    given: bool,
    word: Word,
    now: datetime,
    wall: datetime,
    *,
    anew: bool = False,
) -> int:
    said = rows.execute(
        _SAY,
        {
            "points": sorted(points),
            "channels": sorted(channels),
            "given": given,
            "anew": anew,
            "source": word.source,
            "by": word.by,
            "receipt": word.receipt_id,
            "proof": word.proof if word.receipt_id is None else None,
            "now": now,
            "wall": wall,
        },
    ).all()
    facts = [
        {
            "number": each.contact_point_id,
            "channel": each.channel,
            "given": given,
            "source": word.source,
            "by": word.by,
            "raw": word.proof or b"",
        }
        for each in said
    ]
    log.append(rows, [Entry("consent", fact) for fact in facts], now, wall)
    return len(said)


_SAY = text("""
    INSERT INTO consent (contact_point_id, channel, given, source, by, at, at_wall, receipt_id, proof)
    SELECT p.id, c.channel, :given, :source, :by, :now, :wall, :receipt, :proof
      FROM unnest(CAST(:points AS bigint[])) AS p(id) CROSS JOIN unnest(CAST(:channels AS text[])) AS c(channel)
     WHERE :given = EXISTS (SELECT FROM opt_out o WHERE o.contact_point_id = p.id AND o.channel = c.channel)
        OR :anew AND NOT EXISTS (SELECT FROM consent k WHERE k.contact_point_id = p.id AND k.channel = c.channel)
     ORDER BY p.id, c.channel
 RETURNING contact_point_id, channel
""")


def is_theirs(rows: Rows, case_id: int, point_id: int) -> bool:
    """Whether a number is one of a case's debtor."""
    found = rows.execute(
        text("""
            SELECT EXISTS (SELECT FROM "case" c JOIN debtor_party dp ON dp.debtor_id = c.debtor_id
                             JOIN party_contact pc ON pc.party_id = dp.party_id AND pc.contact_point_id = :point
                            WHERE c.id = :case)
        """),
        {"case": case_id, "point": point_id},
    )
    return bool(found.scalar())


def story(rows: Rows, case_id: int) -> list[Any]:
    """What was said about the numbers of a case's debtor, oldest first; the number sealed."""
    return list(rows.execute(_STORY, {"id": case_id}))


_STORY = text("""
    SELECT DISTINCT k.id, k.at, k.channel, k.given, k.source, k.by, cp.value
      FROM "case" c
      JOIN debtor_party dp ON dp.debtor_id = c.debtor_id
      JOIN party_contact pc ON pc.party_id = dp.party_id
      JOIN contact_point cp ON cp.id = pc.contact_point_id
      JOIN consent k ON k.contact_point_id = cp.id
     WHERE c.id = :id ORDER BY k.id
""")
