"""The evidence log: appended in the transaction of the fact it proves, never changed, verified as a whole.

Each entry carries the leaf before it of the same case, so an entry cannot be lost from a case without leaving a broken link.
The case row is locked by whoever appends for it; entries without a case form a chain of their own under an advisory lock.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, text

from orchestrator.evidence.leaves import SALT_BYTES, leaf, leaf_digest
from orchestrator.models import EvidenceEntry, EvidencePayload
from orchestrator.store import Rows

_CASELESS_CHAIN_LOCK = 0x7869616E  # "xian"
_AUDIT_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact worth proving: its kind, what it is about, and the fact itself (text, whole numbers, money, times; no floats)."""

    kind: str
    fact: Mapping[str, object] = field(hash=False)
    case_id: int | None = None
    attempt_id: int | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """What re-computing the whole log found: how many entries, and each place that does not fit."""

    entries: int
    faults: tuple[str, ...]

    @property
    def verified(self) -> bool:
        return not self.faults


def append(rows: Rows, entries: Sequence[Entry], now: datetime, wall: datetime) -> None:
    """Append facts in order, each linked to the one before it of its case."""
    if not entries:
        return
    previous = _last_leaves(rows, entries)
    leaves, records = [], []
    for entry in entries:
        made = leaf(
            {"kind": entry.kind, "case": entry.case_id, "attempt": entry.attempt_id, "at": now, **entry.fact}, os.urandom(SALT_BYTES)
        )
        leaves.append(made)
        records.append(
            {
                "kind": entry.kind,
                "case_id": entry.case_id,
                "attempt_id": entry.attempt_id,
                "at": now,
                "at_wall": wall,
                "leaf": made.digest,
                "previous": previous.get(entry.case_id),
            }
        )
        previous[entry.case_id] = made.digest
    ids = rows.execute(insert(EvidenceEntry).returning(EvidenceEntry.id, sort_by_parameter_order=True), records).scalars().all()  # type: ignore[call-overload]
    payloads = [{"entry_id": entry_id, "salt": made.salt, "payload": made.payload} for entry_id, made in zip(ids, leaves, strict=True)]
    rows.execute(insert(EvidencePayload), payloads)


def _last_leaves(rows: Rows, entries: Sequence[Entry]) -> dict[int | None, bytes]:
    cases = sorted({entry.case_id for entry in entries if entry.case_id is not None})
    last_of_each = rows.execute(
        text(
            "SELECT c.id, e.leaf FROM unnest(CAST(:cases AS bigint[])) AS c(id),"
            " LATERAL (SELECT leaf FROM evidence_entry WHERE case_id = c.id ORDER BY id DESC LIMIT 1) AS e"
        ),
        {"cases": cases},
    )
    found: dict[int | None, bytes] = {row.id: row.leaf for row in last_of_each}
    if any(entry.case_id is None for entry in entries):
        rows.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CASELESS_CHAIN_LOCK})
        last = rows.execute(text("SELECT leaf FROM evidence_entry WHERE case_id IS NULL ORDER BY id DESC LIMIT 1")).scalar()
        if last is not None:
            found[None] = last
    return found


def audit(rows: Rows) -> Audit:
    """Re-compute every leaf and every link of the log. A deleted payload is a hole, not a fault; a wrong one is named by its entry."""
    entries, faults = 0, []
    last: dict[int | None, bytes] = {}
    for entry_id, case_id, digest, previous, salt, payload in _all_entries(rows):
        entries += 1
        if payload is not None and salt is not None and leaf_digest(payload, salt) != digest:
            faults.append(f"entry {entry_id}: its payload is not what was logged")
        if previous != last.get(case_id):
            faults.append(
                f"entry {entry_id}: the entry before it in {'case ' + str(case_id) if case_id else 'the log'} is missing or changed"
            )
        last[case_id] = digest
    return Audit(entries, tuple(faults))


def _all_entries(rows: Rows) -> Iterator[tuple[int, int | None, bytes, bytes | None, bytes | None, bytes | None]]:
    found = rows.execution_options(yield_per=_AUDIT_BATCH).execute(
        text(
            "SELECT e.id, e.case_id, e.leaf, e.previous, p.salt, p.payload"
            " FROM evidence_entry e LEFT JOIN evidence_payload p ON p.entry_id = e.id ORDER BY e.id"
        )
    )
    for row in found:
        yield tuple(row)
