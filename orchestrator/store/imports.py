"""The files taken in: one at a time, each remembered with what it stated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text

from orchestrator.store import Rows

_ONE_AT_A_TIME = 0x696D706F  # "impo"


@dataclass(frozen=True, slots=True)
class Run:
    """A file about to be applied. `community_id` only where it is about one community."""

    kind: str
    file_name: str
    file_digest: bytes
    snapshot: bool
    community_id: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """What a file states: rows = accepted + rejected + duplicates; total is what is unpaid, or for a statement what came in."""

    rows: int
    accepted: int
    rejected: int
    duplicates: int
    charges: int = 0
    accounts: int = 0
    total: Decimal = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class PastRun:
    """A file taken in before."""

    id: int
    kind: str
    undone_at: datetime | None


def one_at_a_time(rows: Rows) -> None:
    """Wait until no other import is under way; held to the end of the transaction."""
    rows.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ONE_AT_A_TIME})


def begin(rows: Rows, run: Run, counts: Counts, now: datetime) -> int:
    """Remember a file; its number."""
    import_id: int = rows.execute(
        text("""
            INSERT INTO import_run (kind, community_id, file_name, file_digest, snapshot, at,
                                    rows, accepted, rejected, duplicates, charges, accounts, total)
            VALUES (:kind, :community, :name, :digest, :snapshot, :now,
                    :rows, :accepted, :rejected, :duplicates, :charges, :accounts, :total)
            RETURNING id
        """),
        {
            "kind": run.kind,
            "community": run.community_id,
            "name": run.file_name,
            "digest": run.file_digest,
            "snapshot": run.snapshot,
            "now": now,
            "rows": counts.rows,
            "accepted": counts.accepted,
            "rejected": counts.rejected,
            "duplicates": counts.duplicates,
            "charges": counts.charges,
            "accounts": counts.accounts,
            "total": counts.total,
        },
    ).scalar_one()
    return import_id


def seen_before(rows: Rows, file_digest: bytes) -> bool:
    """Whether this very file was taken in before and stands."""
    found: bool = rows.execute(
        text("SELECT EXISTS (SELECT FROM import_run WHERE file_digest = :digest AND undone_at IS NULL)"), {"digest": file_digest}
    ).scalar_one()
    return found


def heard_of_payments(rows: Rows, community_ids: Sequence[int], as_of: datetime) -> None:
    """Up to when payments are known."""
    rows.execute(
        text("UPDATE community SET payments_as_of = GREATEST(COALESCE(payments_as_of, :at), :at) WHERE id = ANY(:ids)"),
        {"at": as_of, "ids": list(community_ids)},
    )
    rows.execute(_ASK_WHO_WAITED, {"at": as_of, "ids": list(community_ids)})


_ASK_WHO_WAITED = text("""
    UPDATE "case" c SET ask_at = LEAST(c.ask_at, :at), offered_until = NULL
     WHERE c.community_id = ANY(:ids) AND c.state = 'open'
       AND (SELECT d.rule FROM decision d WHERE d.case_id = c.id ORDER BY d.id DESC LIMIT 1) = 'wait_for_payment_data'
""")


def find(rows: Rows, import_id: int) -> PastRun | None:
    """A file taken in before, locked."""
    found = rows.execute(text("SELECT id, kind, undone_at FROM import_run WHERE id = :id FOR UPDATE"), {"id": import_id}).one_or_none()
    return PastRun(*found) if found else None


def mark_undone(rows: Rows, import_id: int, now: datetime) -> None:
    rows.execute(text("UPDATE import_run SET undone_at = :now WHERE id = :id"), {"id": import_id, "now": now})
