"""Policy versions that cases are pinned to, kept for as long as anybody may ask by which rules a step was taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from orchestrator.evidence.leaves import canonical
from orchestrator.store import Rows, log, writing
from orchestrator.store.log import Entry
from orchestrator.versions import Content, Kind, Pin, digest_of


def keep(rows: Rows, versions: Sequence[tuple[Kind, Content]], now: datetime, wall: datetime) -> None:
    """Keep these versions, each once and for good; the log holds what was new."""
    new = rows.execute(
        text("""
            INSERT INTO policy_version (kind, digest, name, content, kept_at)
            SELECT n.kind, n.digest, n.name, CAST(n.content AS jsonb), :now
              FROM unnest(CAST(:kinds AS text[]), CAST(:digests AS text[]), CAST(:names AS text[]), CAST(:contents AS text[]))
                   AS n(kind, digest, name, content)
            ON CONFLICT (kind, digest) DO NOTHING RETURNING kind, name, digest
        """),
        {
            "kinds": [kind for kind, _ in versions],
            "digests": [digest_of(content) for _, content in versions],
            "names": [content["name"] for _, content in versions],
            "contents": [canonical(content).decode() for _, content in versions],
            "now": now,
        },
    )
    told = [Entry("policy version", {"what": kind, "name": name, "digest": digest}) for kind, name, digest in new]
    log.append(rows, told, now, wall)


def find(rows: Rows, kind: Kind, digest: str) -> Content | None:
    """The content kept under a digest; None where there is none, or where it is no longer what was kept."""
    found: Content | None = rows.execute(
        text("SELECT content FROM policy_version WHERE kind = :kind AND digest = :digest"), {"kind": kind, "digest": digest}
    ).scalar()
    return found if found is not None and digest_of(found) == digest else None


@dataclass(frozen=True, slots=True)
class PinnedCase:
    """A case that is not closed, the versions it is worked under, and the steps it has behind it."""

    id: int
    pack: Pin
    sequence: Pin
    cursor: int
    done: frozenset[str]


@dataclass(frozen=True, slots=True)
class Renewal:
    """The versions a case is worked under from now on, and where it goes on."""

    case_id: int
    pack: Pin
    sequence: Pin
    cursor: int


def pinned(rows: Rows, community: str) -> list[PinnedCase]:
    """The cases of a community that are not closed, locked in id order."""
    found = rows.execute(
        text("""
            SELECT c.id, c.pack, c.pack_digest, c.sequence, c.sequence_digest, c.cursor,
                   (SELECT array_agg(DISTINCT a.step) FROM attempt a
                     WHERE a.case_id = c.id AND a.state NOT IN ('planned', 'claimed', 'cancelled', 'failed')) AS done
              FROM "case" c JOIN community m ON m.id = c.community_id
             WHERE m.name = :community AND c.state <> 'closed' ORDER BY c.id FOR NO KEY UPDATE OF c
        """),
        {"community": community},
    )
    return [
        PinnedCase(row.id, Pin(row.pack, row.pack_digest), Pin(row.sequence, row.sequence_digest), row.cursor, frozenset(row.done or ()))
        for row in found
    ]


def renew(rows: Rows, renewals: Sequence[Renewal], by: str, now: datetime, wall: datetime) -> None:
    """Pin these cases to other versions, as a member of staff wants it, and ask them anew."""
    if not renewals:
        return
    rows.execute(
        text("""
            UPDATE "case" c SET pack_digest = n.pack, sequence_digest = n.sequence, cursor = n.cursor
              FROM unnest(CAST(:ids AS bigint[]), CAST(:packs AS text[]), CAST(:sequences AS text[]), CAST(:cursors AS int[]))
                   AS n(id, pack, sequence, cursor)
             WHERE c.id = n.id
        """),
        {
            "ids": [each.case_id for each in renewals],
            "packs": [each.pack.digest for each in renewals],
            "sequences": [each.sequence.digest for each in renewals],
            "cursors": [each.cursor for each in renewals],
        },
    )
    told = [
        Entry("renewed", {"pack": str(each.pack), "sequence": str(each.sequence), "cursor": each.cursor, "by": by}, case_id=each.case_id)
        for each in renewals
    ]
    log.append(rows, told, now, wall)
    writing.touch(rows, [each.case_id for each in renewals], now)
