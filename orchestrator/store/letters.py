"""One letter on its way: found by what is printed on it, numbered, posted, returned; and the post's record of it as it was fetched."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text

from channels.receipts import Delivery, ErrorClass
from orchestrator.evidence.leaves import canonical
from orchestrator.store import Rows, log
from orchestrator.store.casefiles import CaseKey, NoSuchThing
from orchestrator.store.hearing import Heard
from orchestrator.store.log import Entry
from policies.post_days import QUERY_ENDS_AFTER_DAYS, SNAPSHOT_DAYS

LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Posted:
    """A letter as whoever carries it is heard about."""

    attempt_id: int
    case: CaseKey
    batch_id: int | None
    batch_state: str | None
    provider: str
    provider_id: str
    state: str
    registered: bool
    waybill: str | None
    posted_at: datetime | None
    withdrawn_at: datetime | None
    sent_at: datetime
    timezone: str
    recipients: Sequence[str] = field(hash=False)

    def word(
        self,
        status: str,
        delivery: Delivery,
        outcome: str | None,
        at: datetime | None,
        detail: Mapping[str, Any],
        error_class: ErrorClass | None = None,
    ) -> Heard:
        """What became of it, by whatever way it was learned, as a receipt."""
        said = dict(detail)
        return Heard(
            kind="delivery",
            provider=self.provider,
            provider_id=self.provider_id,
            attempt_id=self.attempt_id,
            status=status,
            delivery=delivery,
            outcome=outcome,
            error_class=error_class,
            detail=said,
            said_at=at,
            raw=canonical(said),
        )

    def mailed(self, at: datetime, detail: Mapping[str, Any]) -> Heard:
        return self.word("mailed", "sent", "mailed", at, detail)

    def not_printed(self, reason: str) -> Heard:
        return replace(
            self.word("not printed", "failed", "failed", None, {"reason": reason}), error_class="permanent", error_code="not_printed"
        )


def number_in(prefix: str, code: str) -> int | None:
    """The number of `XL00000041` after its prefix; None where the code is something else."""
    found = re.fullmatch(rf"{prefix}(\d{{1,18}})", code)
    return int(found[1]) if found else None


def by_code(rows: Rows, code: str, scope: int | None) -> Posted | None:
    """The letter with this reference (`XL…` an attempt's, `XLC…` a case's: its newest letter) or this number of the post."""
    values = {"attempt": number_in("XL", code), "case": number_in("XLC", code), "waybill": code, "scope": scope}
    found = rows.execute(_BY_CODE, values).first()
    return _posted(found) if found else None


def of_batch(rows: Rows, batch_id: int) -> list[Posted]:
    """The letters that a closed batch still holds, in order."""
    return [_posted(row) for row in rows.execute(_OF_BATCH, {"id": batch_id})]


def by_waybill(rows: Rows, waybills: Sequence[str], scope: int | None = None) -> dict[str, Posted]:
    """The letters with these numbers, of one community or of all."""
    found = rows.execute(_BY_WAYBILL, {"numbers": list(waybills), "scope": scope})
    return {row.waybill: _posted(row) for row in found}


def lock(rows: Rows, attempt_id: int) -> Posted:
    """A letter with its case locked, as the log requires. Raises NoSuchThing."""
    rows.execute(_LOCK_CASE, {"id": attempt_id})
    found = rows.execute(text(f"{_POSTED} WHERE l.attempt_id = :id FOR NO KEY UPDATE OF l"), {"id": attempt_id}).one_or_none()
    if found is None:
        raise NoSuchThing(f"没有这封信 / there is no letter {attempt_id}")
    return _posted(found)


_LOCK_CASE = text('SELECT c.id FROM "case" c JOIN attempt a ON a.case_id = c.id WHERE a.id = :id FOR NO KEY UPDATE OF c')

_POSTED = """
    SELECT l.attempt_id, a.case_id, a.community_id, a.debtor_id, l.batch_id, b.state AS batch_state, a.provider, a.provider_id, a.state,
           g.registered, l.waybill, l.posted_at, l.withdrawn_at, a.sent_at, m.timezone,
           (SELECT array_agg(p.name) FROM debtor_party dp JOIN party p ON p.id = dp.party_id WHERE dp.debtor_id = a.debtor_id) AS recipients
      FROM letter l JOIN attempt a ON a.id = l.attempt_id JOIN message g ON g.attempt_id = l.attempt_id
      JOIN community m ON m.id = a.community_id LEFT JOIN letter_batch b ON b.id = l.batch_id
"""

_BY_WAYBILL = text(f"{_POSTED} WHERE l.waybill = ANY(:numbers) AND (CAST(:scope AS bigint) IS NULL OR a.community_id = :scope)")

_BY_CODE = text(f"""
    {_POSTED}
     WHERE (l.attempt_id = :attempt OR a.case_id = :case OR l.waybill = :waybill) AND l.withdrawn_at IS NULL
       AND (CAST(:scope AS bigint) IS NULL OR a.community_id = :scope)
     ORDER BY l.attempt_id DESC LIMIT 1
""")


_OF_BATCH = text(f"{_POSTED} WHERE l.batch_id = :id AND l.place IS NOT NULL AND l.withdrawn_at IS NULL ORDER BY l.place")


def _posted(row: Any) -> Posted:
    values = dict(row._mapping)
    case = CaseKey(values.pop("case_id"), values.pop("community_id"), values.pop("debtor_id"))
    return Posted(**(values | {"case": case, "recipients": tuple(row.recipients or ())}))


def posted(rows: Rows, times: Mapping[int, datetime]) -> None:
    """These letters went to the post then; what is known already stays."""
    rows.execute(
        text("""
            UPDATE letter l SET posted_at = n.at FROM unnest(CAST(:ids AS bigint[]), CAST(:times AS timestamptz[])) AS n(id, at)
             WHERE l.attempt_id = n.id AND l.posted_at IS NULL AND l.withdrawn_at IS NULL
        """),
        {"ids": list(times), "times": list(times.values())},
    )


def number(rows: Rows, numbers: Mapping[int, str], by: str, now: datetime, wall: datetime) -> None:
    """The post's numbers of these letters, where they have none. One that another letter has is left out: a number is one letter's."""
    given = rows.execute(_NUMBER, {"ids": list(numbers), "numbers": list(numbers.values()), "by": by, "now": now}).all()
    log.append(rows, [Entry("waybill", {"waybill": row.waybill, "by": by}, row.case_id, row.attempt_id) for row in given], now, wall)


_NUMBER = text("""
    UPDATE letter l SET waybill = n.waybill, waybill_at = :now, waybill_by = :by
      FROM unnest(CAST(:ids AS bigint[]), CAST(:numbers AS text[])) AS n(id, waybill) JOIN attempt a ON a.id = n.id
     WHERE l.attempt_id = n.id AND l.waybill IS NULL AND NOT EXISTS (SELECT FROM letter o WHERE o.waybill = n.waybill)
 RETURNING l.attempt_id, l.waybill, a.case_id
""")


def unnumber(rows: Rows, letter: Posted, by: str, now: datetime, wall: datetime) -> None:
    """A number was scanned onto the wrong letter: taken back, and kept in the log."""
    rows.execute(_UNNUMBER, {"id": letter.attempt_id})
    log.append(rows, [Entry("waybill taken back", {"waybill": letter.waybill, "by": by}, letter.case.id, letter.attempt_id)], now, wall)


_UNNUMBER = text("UPDATE letter SET waybill = NULL, waybill_at = NULL, waybill_by = NULL WHERE attempt_id = :id")


def last_numbered(rows: Rows, batch_id: int, by: str) -> int | None:
    """The letter of a batch that this person numbered last."""
    found: int | None = rows.execute(
        text("""
            SELECT attempt_id FROM letter WHERE batch_id = :batch AND waybill_by = :by ORDER BY waybill_at DESC, attempt_id DESC LIMIT 1
        """),
        {"batch": batch_id, "by": by},
    ).scalar()
    return found


def rejected(rows: Rows, reasons: Mapping[int, str]) -> None:
    """What the print house would not print."""
    rows.execute(
        text("""
            UPDATE letter l SET rejected_because = n.why FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS n(id, why)
             WHERE l.attempt_id = n.id AND l.rejected_because IS NULL
        """),
        {"ids": list(reasons), "reasons": list(reasons.values())},
    )


def pull(rows: Rows, attempt_ids: Sequence[int], now: datetime) -> None:
    """Staff are asked to pull these out of the post."""
    rows.execute(text("UPDATE letter SET pull_asked_at = :now WHERE attempt_id = ANY(:ids)"), {"ids": list(attempt_ids), "now": now})


def returned(rows: Rows, attempt_id: int, because: str) -> None:
    rows.execute(text("UPDATE letter SET returned_because = :why WHERE attempt_id = :id"), {"id": attempt_id, "why": because})


def return_signed(rows: Rows, attempt_id: int, now: datetime) -> None:
    rows.execute(text("UPDATE letter SET signed_return_at = :now WHERE attempt_id = :id"), {"id": attempt_id, "now": now})


def heard_from_the_house(rows: Rows, file: str, raw: bytes, now: datetime, wall: datetime) -> None:
    """An answer of the print house, byte for byte."""
    log.append(rows, [Entry("print house answer", {"file": file, "raw": raw})], now, wall)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The post's record of one letter as it was fetched. `proof` goes into the log: raw bytes, or where they are kept."""

    letter: Posted
    source: str
    status: str
    said_at: datetime | None
    signer: str
    sha256: bytes
    proof: Mapping[str, object] = field(hash=False)

    def entry(self) -> Entry:
        fact = {"source": self.source, "said": self.status, "said_at": self.said_at, "signer": self.signer, **self.proof}
        return Entry("tracking snapshot", fact, self.letter.case.id, self.letter.attempt_id)


def snap(rows: Rows, snapshots: Sequence[Snapshot], now: datetime, wall: datetime) -> int:
    """Keep these; how many are new: a file imported twice is one snapshot of each letter. Locks the cases in id order."""
    if not snapshots:
        return 0
    cases = sorted({each.letter.case.id for each in snapshots if each.letter.case.id is not None})
    rows.execute(text('SELECT id FROM "case" WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE'), {"ids": cases})
    kept = set(
        rows.execute(
            _SNAP,
            {
                "ids": [each.letter.attempt_id for each in snapshots],
                "sources": [each.source for each in snapshots],
                "statuses": [each.status for each in snapshots],
                "times": [each.said_at for each in snapshots],
                "signers": [each.signer for each in snapshots],
                "digests": [each.sha256 for each in snapshots],
                "now": now,
            },
        ).scalars()
    )
    new = [each for each in snapshots if each.letter.attempt_id in kept]
    log.append(rows, [each.entry() for each in new], now, wall)
    return len(new)


_SNAP = text("""
    INSERT INTO letter_snapshot (attempt_id, taken_at, source, status, said_at, signer, sha256)
    SELECT n.id, :now, n.source, n.status, n.said_at, n.signer, n.sha256
      FROM unnest(CAST(:ids AS bigint[]), CAST(:sources AS text[]), CAST(:statuses AS text[]), CAST(:times AS timestamptz[]),
                  CAST(:signers AS text[]), CAST(:digests AS bytea[])) AS n(id, source, status, said_at, signer, sha256)
    ON CONFLICT (attempt_id, sha256) WHERE source = 'import' DO NOTHING
 RETURNING attempt_id
""")


@dataclass(frozen=True, slots=True)
class Due:
    """A registered letter whose tracking is to be fetched: the day of SNAPSHOT_DAYS that has come, and how old the letter is."""

    attempt_id: int
    waybill: str
    community_id: int
    community: str
    provider: str
    age: int
    day: int


def due_snapshots(rows: Rows, now: datetime, scope: int | None = None, limit: int = 1_000) -> list[Due]:
    """Those with no snapshot since the last of the days that has come, the oldest letter first."""
    values = {"now": now, "days": list(SNAPSHOT_DAYS), "ends": QUERY_ENDS_AFTER_DAYS, "scope": scope, "limit": limit}
    return [Due(*row) for row in rows.execute(_DUE_SNAPSHOTS, values)]


_DUE_SNAPSHOTS = text("""
    WITH followed AS (
        SELECT l.attempt_id, l.waybill, a.community_id, m.name AS community, a.provider,
               CAST(CAST(:now AS timestamptz) AT TIME ZONE m.timezone AS date) AS today,
               CAST(l.posted_at AT TIME ZONE m.timezone AS date) AS posted_on,
               (SELECT CAST(max(s.taken_at) AT TIME ZONE m.timezone AS date)
                  FROM letter_snapshot s WHERE s.attempt_id = l.attempt_id) AS seen_on
          FROM letter l JOIN attempt a ON a.id = l.attempt_id JOIN message g ON g.attempt_id = l.attempt_id AND g.registered
          JOIN community m ON m.id = a.community_id
         WHERE l.posted_at > CAST(:now AS timestamptz) - make_interval(days => :ends + 1)
           AND l.waybill IS NOT NULL AND l.withdrawn_at IS NULL AND (CAST(:scope AS bigint) IS NULL OR a.community_id = :scope)
    ), due AS (
        SELECT *, today - posted_on AS age, (SELECT max(d) FROM unnest(CAST(:days AS int[])) AS d WHERE d <= today - posted_on) AS day
          FROM followed
    )
    SELECT attempt_id, waybill, community_id, community, provider, age, day FROM due
     WHERE age <= :ends AND day IS NOT NULL AND (seen_on IS NULL OR seen_on < posted_on + day)
     ORDER BY age DESC, attempt_id LIMIT :limit
""")


def settle_tracking_tasks(rows: Rows, still_due: Sequence[int], by: str | None, now: datetime) -> None:
    """One task a community while letters of it are due (`still_due`); done by whoever fetched them, or gone by itself."""
    rows.execute(
        text("""
            UPDATE task SET state = CASE WHEN CAST(:by AS text) IS NULL THEN 'cancelled' ELSE 'done' END, done_by = :by,
                            done_at = CASE WHEN CAST(:by AS text) IS NULL THEN NULL ELSE CAST(:now AS timestamptz) END
             WHERE kind = 'check' AND about = 'tracking' AND state = 'open' AND community_id <> ALL(CAST(:due AS bigint[]))
        """),
        {"by": by, "due": list(still_due), "now": now},
    )
