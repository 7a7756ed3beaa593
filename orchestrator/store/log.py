"""The evidence log: appended in the transaction of the fact it proves, and never changed.

Each entry's leaf holds the leaf before it of the same case, so an entry cannot be lost from a case without leaving a broken link.
The case row is locked by whoever appends for it; entries without a case form a chain of their own under an advisory lock. Where an entry
stands in the tree is decided later (store.tree), so that no writer waits for another's case.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, text

from orchestrator.evidence.leaves import SALT_BYTES, Header, payload_digest, payload_of
from orchestrator.models import EvidenceEntry, EvidencePayload
from orchestrator.store import Rows, vault_of

_CASELESS_CHAIN_LOCK = 0x7869616E  # "xian"

FORGOTTEN = "forgotten"
"""The kind of entry that says whose payload was deleted."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact worth proving: its kind, what it is about, and the fact itself (text, whole numbers, money, times; no floats)."""

    kind: str
    fact: Mapping[str, object] = field(hash=False)
    case_id: int | None = None
    attempt_id: int | None = None


def append(rows: Rows, entries: Sequence[Entry], now: datetime, wall: datetime) -> None:
    """Append facts in order, each linked to the one before it of its case. Their payloads are encrypted at rest."""
    if not entries:
        return
    previous, vault = _last_leaves(rows, entries), vault_of(rows)
    records, payloads = [], []
    for entry in entries:
        payload, salt = payload_of(entry.kind, entry.fact), os.urandom(SALT_BYTES)
        header = Header(
            case=entry.case_id,
            attempt=entry.attempt_id,
            at=now,
            wall=wall,
            previous=previous.get(entry.case_id),
            payload=payload_digest(payload, salt),
        )
        leaf = header.leaf
        records.append(
            {
                "kind": entry.kind,
                "case_id": header.case,
                "attempt_id": header.attempt,
                "at": header.at,
                "at_wall": header.wall,
                "leaf": leaf,
                "previous": header.previous,
                "payload_digest": header.payload,
            }
        )
        payloads.append({"salt": salt, "payload": vault.seal_payload(payload, leaf)})
        previous[entry.case_id] = leaf
    ids = rows.execute(insert(EvidenceEntry).returning(EvidenceEntry.id, sort_by_parameter_order=True), records).scalars().all()  # type: ignore[call-overload]
    rows.execute(insert(EvidencePayload), [{"entry_id": entry_id, **each} for entry_id, each in zip(ids, payloads, strict=True)])


def forget(rows: Rows, entry_id: int, reason: str, by: str, now: datetime, wall: datetime) -> None:
    """Delete the payload and salt of an entry for good (PIPL 47). Its header stays in tree and bundles; a new entry of the same case says
    who deleted it and why, and nothing of what it said. Raises LookupError where nothing is left to delete.
    """
    found = rows.execute(text("SELECT case_id, attempt_id FROM evidence_entry WHERE id = :id"), {"id": entry_id}).one_or_none()
    if found is None:
        raise LookupError(f"there is no entry {entry_id}")
    if found.case_id is not None:
        rows.execute(text('SELECT id FROM "case" WHERE id = :id FOR UPDATE'), {"id": found.case_id})
    if not rows.execute(text("DELETE FROM evidence_payload WHERE entry_id = :id"), {"id": entry_id}).rowcount:
        raise LookupError(f"what entry {entry_id} said was deleted before")
    append(rows, [Entry(FORGOTTEN, {"entry": entry_id, "reason": reason, "by": by}, found.case_id, found.attempt_id)], now, wall)


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
