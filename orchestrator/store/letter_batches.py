"""Letters -> the batch of their working day, from the first letter laid into it until whoever carries it has answered for each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, log, writing
from orchestrator.store.log import Entry
from policies.post_days import PostDay


@dataclass(frozen=True, slots=True)
class Loose:
    """A letter that was taken and lies in no batch yet, and how its community's days of posting are counted."""

    attempt_id: int
    community_id: int
    sent_at: datetime
    pack: str
    timezone: str
    cut_off: str


def loose(rows: Rows, limit: int = 1_000) -> list[Loose]:
    return [Loose(*row) for row in rows.execute(_LOOSE, {"limit": limit})]


_LOOSE = text("""
    SELECT a.id, a.community_id, a.sent_at, m.pack, m.timezone, m.post_cut_off
      FROM attempt a JOIN message g ON g.attempt_id = a.id AND g.document IS NOT NULL JOIN community m ON m.id = a.community_id
     WHERE a.channel = 'letter' AND a.state IN ('accepted', 'sent', 'delivered', 'undelivered')
       AND NOT EXISTS (SELECT FROM letter l WHERE l.attempt_id = a.id)
     ORDER BY a.id LIMIT :limit
""")


def lay_into(rows: Rows, community_id: int, day: PostDay, attempt_ids: Sequence[int], now: datetime) -> bool:
    """Lay letters into the batch of a community's day; False where that batch is closed already. Laid twice is laid once.

    What the post's desk took has been posted, under the desk's own number.
    """
    values = {"community": community_id, "day": day.day, "cut_off": day.cut_off_at, "known": day.known, "now": now}
    rows.execute(_OPEN, values)
    batch_id = rows.execute(_LOCK_OPEN_OF, values).scalar()
    if batch_id is None:
        return False
    rows.execute(_LAY, {"batch": batch_id, "ids": list(attempt_ids), "now": now})
    return True


_OPEN = text("""
    INSERT INTO letter_batch (community_id, day, cut_off_at, day_known, state, opened_at)
    VALUES (:community, :day, :cut_off, :known, 'open', :now) ON CONFLICT (community_id, day) DO NOTHING
""")
_LOCK_OPEN_OF = text("SELECT id FROM letter_batch WHERE community_id = :community AND day = :day AND state = 'open' FOR NO KEY UPDATE")
_LAY = text("""
    INSERT INTO letter (attempt_id, batch_id, waybill, waybill_at, waybill_by, posted_at)
    SELECT id, :batch, CASE provider WHEN 'post' THEN provider_id END, CASE provider WHEN 'post' THEN CAST(:now AS timestamptz) END,
           CASE provider WHEN 'post' THEN 'post' END, CASE provider WHEN 'post' THEN sent_at END
      FROM attempt WHERE id = ANY(:ids)
    ON CONFLICT (attempt_id) DO NOTHING
""")


def past_cut_off(rows: Rows, now: datetime) -> list[int]:
    """Open batches whose cut-off has come."""
    found = rows.execute(text("SELECT id FROM letter_batch WHERE state = 'open' AND cut_off_at <= :now ORDER BY id"), {"now": now})
    return list(found.scalars())


def lock_cases(rows: Rows, batch_id: int) -> set[int]:
    """Lock the cases of a batch's letters in id order, before anything of the batch: whoever pulls or numbers a letter holds its case."""
    found = rows.execute(
        text("""
            SELECT c.id FROM "case" c
             WHERE c.id IN (SELECT a.case_id FROM letter l JOIN attempt a ON a.id = l.attempt_id WHERE l.batch_id = :id)
             ORDER BY c.id FOR NO KEY UPDATE
        """),
        {"id": batch_id},
    )
    return set(found.scalars())


def lock_open(rows: Rows, batch_id: int) -> bool:
    """Lock an open batch after the cases of its letters. False where it is closed, or got a letter of another case meanwhile."""
    cases = lock_cases(rows, batch_id)
    if rows.execute(_LOCK_OPEN, {"id": batch_id}).scalar() is None:
        return False
    return cases == lock_cases(rows, batch_id)


_LOCK_OPEN = text("SELECT id FROM letter_batch WHERE id = :id AND state = 'open' FOR NO KEY UPDATE")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter that has not left the house. `stale`: what it says is owed is not owed any more, or not so much."""

    attempt_id: int
    case_id: int | None
    case_state: str | None
    rest: str | None
    stale: bool


def waiting(rows: Rows, batch_id: int) -> list[Waiting]:
    """The letters of a batch that have not left. Their cases are locked."""
    return [Waiting(*row) for row in rows.execute(_WAITING, {"batch": batch_id})]


_WAITING = text("""
    SELECT a.id, a.case_id, c.state, c.rest,
           EXISTS (SELECT FROM named_charge n JOIN charge ch ON ch.id = n.charge_id
                    WHERE n.attempt_id = a.id
                      AND (ch.voided_at IS NOT NULL OR ch.cleared_at IS NOT NULL OR ch.disputed_until > a.sent_at
                           OR n.unpaid <> GREATEST(ch.amount - ch.paid - ch.provisional, 0)))
      FROM letter l JOIN attempt a ON a.id = l.attempt_id AND a.state = 'accepted' LEFT JOIN "case" c ON c.id = a.case_id
     WHERE l.batch_id = :batch AND l.posted_at IS NULL AND l.withdrawn_at IS NULL AND l.pull_asked_at IS NULL
     ORDER BY a.id
""")


def withdraw(rows: Rows, because: Mapping[int, str], now: datetime, wall: datetime, by: str = "policy") -> None:
    """These letters are not posted: their attempts are off, for the reason given, and their cases asked again. Their cases are locked."""
    if not because:
        return
    values = {"ids": list(because), "reasons": list(because.values()), "now": now}
    gone = rows.execute(_WITHDRAW, values).all()
    rows.execute(_CALL_OFF, values)
    facts = [Entry("letter withdrawn", {"why": because[row.attempt_id], "by": by}, row.case_id, row.attempt_id) for row in gone]
    log.append(rows, facts, now, wall)
    writing.touch(rows, sorted({row.case_id for row in gone if row.case_id is not None}), now)


_WITHDRAW = text("""
    UPDATE letter l SET withdrawn_at = :now, withdrawn_because = n.why
      FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS n(id, why) JOIN attempt a ON a.id = n.id
     WHERE l.attempt_id = n.id AND l.withdrawn_at IS NULL
 RETURNING l.attempt_id, a.case_id
""")
_CALL_OFF = text("""
    UPDATE attempt a SET state = 'cancelled', outcome = n.why, concluded_at = :now
      FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS n(id, why)
     WHERE a.id = n.id AND a.state IN ('accepted', 'sent')
""")


def close(rows: Rows, batch_id: int, now: datetime) -> None:
    """From here on the batch stays as it is: each letter in it has its place."""
    values = {"id": batch_id, "now": now}
    rows.execute(_PLACES, values)
    rows.execute(text("UPDATE letter_batch SET state = 'closed', closed_at = :now WHERE id = :id AND state = 'open'"), values)


_PLACES = text("""
    UPDATE letter l SET place = n.place
      FROM (SELECT attempt_id, row_number() OVER (ORDER BY attempt_id) AS place
              FROM letter WHERE batch_id = :id AND withdrawn_at IS NULL) AS n
     WHERE l.attempt_id = n.attempt_id
""")


def unmade(rows: Rows) -> list[int]:
    """Closed batches whose files were not made yet."""
    return list(rows.execute(text("SELECT id FROM letter_batch WHERE state = 'closed' AND manifest IS NULL ORDER BY id")).scalars())


@dataclass(frozen=True, slots=True)
class Batch:
    id: int
    community_id: int
    community: str
    day: date
    state: str
    closed_at: datetime | None
    manifest: Any
    uncertain_since: datetime | None


def read(rows: Rows, batch_id: int) -> Batch | None:
    found = rows.execute(
        text("""
            SELECT b.id, b.community_id, m.name, b.day, b.state, b.closed_at, b.manifest, b.uncertain_since
              FROM letter_batch b JOIN community m ON m.id = b.community_id WHERE b.id = :id
        """),
        {"id": batch_id},
    ).one_or_none()
    return Batch(*found) if found else None


@dataclass(frozen=True, slots=True)
class Placed:
    """A letter in a closed batch. `sealed` is the debtor's number, as it is kept."""

    place: int
    attempt_id: int
    digest: bytes
    registered: bool
    summary: str
    sealed: bytes | None


def placed(rows: Rows, batch_id: int) -> list[Placed]:
    """In the order in which they lie; what was pulled out leaves its place empty."""
    return [Placed(*row) for row in rows.execute(_PLACED, {"id": batch_id})]


_PLACED = text("""
    SELECT l.place, l.attempt_id, g.digest, g.registered, g.summary, number.value
      FROM letter l JOIN message g ON g.attempt_id = l.attempt_id JOIN attempt a ON a.id = l.attempt_id
      LEFT JOIN LATERAL (SELECT cp.value FROM debtor_party dp JOIN party_contact pc ON pc.party_id = dp.party_id
                           JOIN contact_point cp ON cp.id = pc.contact_point_id AND cp.kind IN ('mobile', 'landline')
                          WHERE dp.debtor_id = a.debtor_id AND cp.unusable_reason IS NULL
                          ORDER BY pc.rank, cp.id LIMIT 1) AS number ON true
     WHERE l.batch_id = :id AND l.place IS NOT NULL AND l.withdrawn_at IS NULL ORDER BY l.place
""")


def documents(rows: Rows, attempt_ids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """The letters themselves, in the order asked for."""
    found = rows.execute(
        text("""
            SELECT g.attempt_id, g.document FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY AS n(id, place)
              JOIN message g ON g.attempt_id = n.id ORDER BY n.place
        """),
        {"ids": list(attempt_ids)},
    )
    return ((row.attempt_id, bytes(row.document)) for row in found)


def made(rows: Rows, batch_id: int, manifest: str, pages: Mapping[int, int], now: datetime, wall: datetime, digest: bytes) -> bool:
    """The files of a closed batch lie there: `manifest` (JSON) names them, `digest` is its SHA-256.

    False where they were made before, or a letter in them was pulled out meanwhile. Locks the cases first.
    """
    lock_cases(rows, batch_id)
    found = rows.execute(_MADE, {"id": batch_id, "manifest": manifest, "letters": list(pages)}).scalar()
    if found is None:
        return False
    rows.execute(
        text("""
            UPDATE letter l SET pages = n.pages
              FROM unnest(CAST(:ids AS bigint[]), CAST(:pages AS int[])) AS n(id, pages) WHERE l.attempt_id = n.id
        """),
        {"ids": list(pages), "pages": list(pages.values())},
    )
    log.append(rows, [Entry("batch closed", {"batch": batch_id, "letters": len(pages), "manifest_sha256": digest})], now, wall)
    acknowledge_if_whole(rows, batch_id, now)
    return True


_MADE = text("""
    UPDATE letter_batch SET manifest = CAST(:manifest AS jsonb)
     WHERE id = :id AND state = 'closed' AND manifest IS NULL
       AND NOT EXISTS (SELECT FROM letter WHERE attempt_id = ANY(CAST(:letters AS bigint[])) AND withdrawn_at IS NOT NULL)
 RETURNING id
""")


def make_anew(rows: Rows, batch_id: int) -> bool:
    """The files of a closed batch no longer hold what it holds. False where somebody may have them already."""
    found = rows.execute(
        text("UPDATE letter_batch SET manifest = NULL WHERE id = :id AND state = 'closed' AND uncertain_since IS NULL RETURNING id"),
        {"id": batch_id},
    )
    return found.scalar() is not None


def handed_over(rows: Rows, batch_id: int, by: str, fact: Mapping[str, object], now: datetime, wall: datetime) -> bool:
    """The batch has gone to the post or to the print house. False where it had gone before."""
    found = rows.execute(
        text("""
            UPDATE letter_batch SET state = 'handed_over', handed_over_at = :now, handed_over_by = :by, uncertain_since = NULL
             WHERE id = :id AND state = 'closed' AND manifest IS NOT NULL RETURNING id
        """),
        {"id": batch_id, "by": by, "now": now},
    ).scalar()
    if found is None:
        return False
    log.append(rows, [Entry("batch handed over", {"batch": batch_id, "by": by, **fact})], now, wall)
    return True


def uncertain(rows: Rows, batch_id: int, wall: datetime) -> bool:
    """From here on the print house may have it, until it is known that it has or has not. False where it is not to be brought any more."""
    found = rows.execute(
        text("""
            UPDATE letter_batch SET uncertain_since = COALESCE(uncertain_since, :wall)
             WHERE id = :id AND state = 'closed' AND manifest IS NOT NULL RETURNING id
        """),
        {"id": batch_id, "wall": wall},
    )
    return found.scalar() is not None


def not_brought(rows: Rows, batch_id: int) -> None:
    """The print house certainly does not have it."""
    rows.execute(text("UPDATE letter_batch SET uncertain_since = NULL WHERE id = :id AND state = 'closed'"), {"id": batch_id})


def for_the_house(rows: Rows) -> list[int]:
    """Made, not handed over, and not carried by the post's own desk."""
    return list(rows.execute(text("SELECT id FROM letter_batch WHERE state = 'closed' AND manifest IS NOT NULL ORDER BY id")).scalars())


def with_letters_on_the_way_out(rows: Rows) -> list[int]:
    """Closed batches of which some letter may still be pulled."""
    found = rows.execute(
        text("""
            SELECT b.id FROM letter_batch b
             WHERE b.state IN ('closed', 'handed_over') AND EXISTS (
                   SELECT FROM letter l
                    WHERE l.batch_id = b.id AND l.posted_at IS NULL AND l.withdrawn_at IS NULL AND l.pull_asked_at IS NULL)
             ORDER BY b.id
        """)
    )
    return list(found.scalars())


def acknowledge_if_whole(rows: Rows, batch_id: int, now: datetime) -> bool:
    """Whoever carries it has answered for each letter: it is posted, and numbered where it is registered; or it was rejected or pulled."""
    found = rows.execute(_ACKNOWLEDGE, {"id": batch_id, "now": now}).scalar()
    return found is not None


_ACKNOWLEDGE = text("""
    UPDATE letter_batch b
       SET state = 'acknowledged', acknowledged_at = :now,
           handed_over_at = COALESCE(handed_over_at, CAST(:now AS timestamptz)), handed_over_by = COALESCE(handed_over_by, 'post')
     WHERE b.id = :id AND b.manifest IS NOT NULL AND b.state IN ('closed', 'handed_over')
       AND NOT EXISTS (SELECT FROM letter l JOIN message g ON g.attempt_id = l.attempt_id
                        WHERE l.batch_id = b.id AND l.place IS NOT NULL AND l.withdrawn_at IS NULL AND l.rejected_because IS NULL
                          AND (l.posted_at IS NULL OR g.registered AND l.waybill IS NULL))
 RETURNING b.id
""")
