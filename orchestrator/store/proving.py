"""A case's entries with all that proves them: their places, their paths, the first stamped checkpoint after each, and its stamps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import text

from orchestrator.evidence import merkle
from orchestrator.evidence.bundle import Proofs, ProvenCheckpoint, ProvenEntry, ProvenStamp
from orchestrator.evidence.checkpoints import Checkpoint, VerifyingKey
from orchestrator.evidence.leaves import Header
from orchestrator.evidence.timestamps import each_pem
from orchestrator.store import Rows, tree, vault_of


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry of a case as the log has it; `payload` is None where it was deleted by law. `step` is of its attempt."""

    id: int
    kind: str
    attempt_id: int | None
    channel: str | None
    step: str | None
    header: Header
    payload: bytes | None
    salt: bytes | None
    index: int
    size: int
    """Of the first stamped checkpoint whose tree holds it."""


class NotYetProven(ValueError):
    """Something of the case is in no stamped tree yet; says what is lacking and the cure."""


def entries(rows: Rows, case_id: int, up_to: int) -> list[Logged]:
    """The chain of a case, oldest first, as far as the tree of `up_to` entries holds it. Raises NotYetProven."""
    found = rows.execute(_ENTRIES, {"case": case_id, "size": up_to}).all()
    if any(row.payload_digest is None for row in found):
        raise NotYetProven(f"case {case_id} has entries from before headers were hashed: those have no proof of their own")
    vault = vault_of(rows)
    return [
        Logged(
            id=row.id,
            kind=row.kind,
            attempt_id=row.attempt_id,
            channel=row.channel,
            step=row.step,
            header=Header(case_id, row.attempt_id, row.at, row.at_wall, row.previous, row.payload_digest),
            payload=vault.open_payload(row.payload, row.leaf) if row.payload is not None else None,
            salt=row.salt,
            index=row.place,
            size=row.size,
        )
        for row in found
    ]


_ENTRIES = text("""
    SELECT e.id, e.kind, e.attempt_id, e.at, e.at_wall, e.leaf, e.previous, e.payload_digest, p.salt, p.payload, o.index AS place, c.size,
           a.channel, a.step
      FROM evidence_entry e
      JOIN evidence_position o ON o.entry_id = e.id AND o.index < :size
      LEFT JOIN evidence_payload p ON p.entry_id = e.id
      LEFT JOIN attempt a ON a.id = e.attempt_id
      CROSS JOIN LATERAL (SELECT k.size FROM evidence_checkpoint k
                           WHERE k.size > o.index AND k.size <= :size AND EXISTS (SELECT FROM evidence_stamp s WHERE s.size = k.size)
                           ORDER BY k.size LIMIT 1) AS c
     WHERE e.case_id = :case
     ORDER BY e.id
""")


def newest_stamped(rows: Rows) -> int:
    """The size of the newest checkpoint that an authority has seen. Raises NotYetProven."""
    size: int | None = rows.execute(
        text("SELECT max(c.size) FROM evidence_checkpoint c WHERE EXISTS (SELECT FROM evidence_stamp s WHERE s.size = c.size)")
    ).scalar()
    if size is None:
        raise NotYetProven("no time-stamping authority has seen the log yet: set XIANLI_TSA_URLS, and look at `xianli doctor`")
    return size


def unproven(rows: Rows, case_id: int, size: int) -> int:
    """How many entries of a case the tree of `size` entries does not hold."""
    count: int = rows.execute(
        text("""
            SELECT count(*) FROM evidence_entry e LEFT JOIN evidence_position o ON o.entry_id = e.id
             WHERE e.case_id = :case AND (o.index IS NULL OR o.index >= :size)
        """),
        {"case": case_id, "size": size},
    ).scalar_one()
    return count


def proofs(rows: Rows, logged: Sequence[Logged], shown: frozenset[int], newest_key: bytes) -> Proofs:
    """All that proves these entries; the payloads of those whose ids are in `shown` come along. One query for all hashes of all paths."""
    sizes = sorted({each.size for each in logged})
    steps = list(pairwise(sizes))
    paths = [merkle.inclusion(each.index, each.size) for each in logged]
    links = [merkle.consistency(old, new) for old, new in steps]
    hashes = tree.nodes(rows, sorted({node for path in (*paths, *links) for first, end in path for node in merkle.covering(first, end)}))
    proven = [
        ProvenEntry(
            header=each.header,
            payload=each.payload if each.id in shown else None,
            salt=each.salt if each.id in shown and each.payload is not None else None,
            index=each.index,
            size=each.size,
            path=tuple(merkle.fold(path, hashes)),
        )
        for each, path in zip(logged, paths, strict=True)
    ]
    consistency = {new: tuple(merkle.fold(link, hashes)) for (_, new), link in zip(steps, links, strict=True)}
    signed = _checkpoints(rows, sizes, consistency, newest_key)
    _leads_to_what_was_signed(proven, signed)
    return Proofs(proven, signed, _stamps(rows, sizes))


def _leads_to_what_was_signed(proven: Sequence[ProvenEntry], signed: Sequence[ProvenCheckpoint]) -> None:
    """No bundle leaves the house that its own check would refuse. Raises ValueError."""
    roots = {each.size: Checkpoint.parse(each.note).root for each in signed}
    for number, each in enumerate(proven, 1):
        if merkle.root_by_inclusion(each.header.leaf, each.index, each.size, each.path) != roots.get(each.size):
            raise ValueError(f"entry {number} of the case is not in the tree that was signed at {each.size}: run `xianli evidence audit`")


def _checkpoints(rows: Rows, sizes: Sequence[int], consistency: dict[int, tuple[bytes, ...]], newest_key: bytes) -> list[ProvenCheckpoint]:
    found = rows.execute(
        text("""
            SELECT c.size, c.note, k.public, k.name FROM evidence_checkpoint c JOIN evidence_key k ON k.public = c.public
             WHERE c.size = ANY(:sizes) ORDER BY c.size
        """),
        {"sizes": list(sizes)},
    )
    return [
        ProvenCheckpoint(size, note, VerifyingKey(name, public) if public != newest_key else None, consistency.get(size, ()))
        for size, note, public, name in found
    ]


def _stamps(rows: Rows, sizes: Sequence[int]) -> list[ProvenStamp]:
    """Numbered anew for each checkpoint, in the order they came."""
    found = rows.execute(
        text("""
            SELECT row_number() OVER (PARTITION BY size ORDER BY id) AS number, size, authority, response, certificates, revocation
              FROM evidence_stamp WHERE size = ANY(:sizes) ORDER BY size, id
        """),
        {"sizes": list(sizes)},
    )
    return [ProvenStamp(row.number, row.size, row.authority, row.response, each_pem(row.certificates), row.revocation) for row in found]


def documents(rows: Rows, attempt_ids: Sequence[int]) -> dict[int, bytes]:
    """The signed letters of these attempts, as they left."""
    found = rows.execute(
        text("SELECT attempt_id, document FROM message WHERE attempt_id = ANY(:ids) AND document IS NOT NULL ORDER BY attempt_id"),
        {"ids": list(attempt_ids)},
    )
    return {row.attempt_id: row.document for row in found}


def began(rows: Rows, case_id: int) -> tuple[str, datetime]:
    """The community of a case and when it entered. Raises LookupError."""
    found = rows.execute(
        text('SELECT m.name, c.entered_at FROM "case" c JOIN community m ON m.id = c.community_id WHERE c.id = :id'), {"id": case_id}
    ).one_or_none()
    if found is None:
        raise LookupError(f"there is no case {case_id}")
    return found.name, found.entered_at
