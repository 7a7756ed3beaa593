"""The whole log computed anew: every payload, header, link, place and tile, and the roots on the way."""

import json
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import text

from orchestrator.evidence import merkle
from orchestrator.evidence.leaves import LEAF_PREFIX, Header, payload_digest
from orchestrator.evidence.merkle import TILE, Frontier
from orchestrator.store import Rows, vault_of
from orchestrator.store.checkpoints import OF_STAMPS
from orchestrator.store.log import FORGOTTEN
from orchestrator.store.vault import Vault

_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Recomputed:
    """`entries` in the log, `placed` of them in the tree; `roots` at the sizes asked for; `faults` name each place that does not fit."""

    entries: int
    placed: int
    roots: Mapping[int, bytes]
    faults: tuple[str, ...]


def recompute(rows: Rows, sizes: Collection[int] = ()) -> Recomputed:
    """Reads every entry once in the order of their numbers and once in that of their places. A payload deleted by law is a hole, not a
    fault."""
    faults: list[str] = []
    entries = _entries(rows, faults)
    placed, roots = _tree(rows, frozenset(sizes), faults)
    faults.extend(_deleted_by_nobody(rows))
    if entries > placed:
        faults.extend(_without_a_place(rows))
    return Recomputed(entries, placed, roots, tuple(faults))


def _entries(rows: Rows, faults: list[str]) -> int:
    vault, count = vault_of(rows), 0
    last: dict[int | None, bytes] = {}
    for row in _stream(rows, _ENTRIES):
        count += 1
        if fault := _fault_of(row, vault):
            faults.append(f"entry {row.id}: {fault}")
        if row.previous != last.get(row.case_id):
            chain = f"case {row.case_id}" if row.case_id else "the log"
            faults.append(f"entry {row.id}: the entry before it in {chain} is missing or changed")
        last[row.case_id] = row.leaf
    return count


_ENTRIES = """
    SELECT e.id, e.kind, e.case_id, e.attempt_id, e.at, e.at_wall, e.leaf, e.previous, e.payload_digest, p.salt, p.payload
      FROM evidence_entry e LEFT JOIN evidence_payload p ON p.entry_id = e.id ORDER BY e.id
"""


def _fault_of(row: Any, vault: Vault) -> str | None:
    if row.payload_digest is None:
        return _fault_before_headers(row)
    header = Header(row.case_id, row.attempt_id, row.at, row.at_wall, row.previous, row.payload_digest)
    if header.leaf != row.leaf:
        return "what it says of itself is not what was logged"
    if row.payload is None:
        return None
    try:
        payload = vault.open_payload(row.payload, row.leaf)
    except InvalidTag:
        return "its payload is not what was logged"
    if payload_digest(payload, row.salt) != row.payload_digest:
        return "its payload is not what was logged"
    return None if json.loads(payload)["kind"] == row.kind else "it is filed as another kind than was logged"


def _fault_before_headers(row: Any) -> str | None:
    """The leaf of an entry from before headers were hashed is SHA-256(0x00 || salt || payload), the payload in the clear."""
    if row.payload is None or sha256(LEAF_PREFIX + row.salt + row.payload).digest() == row.leaf:
        return None
    return "its payload is not what was logged"


def _tree(rows: Rows, sizes: frozenset[int], faults: list[str]) -> tuple[int, dict[int, bytes]]:
    grown, tiles, roots = Frontier(), _Tiles(rows), {0: merkle.EMPTY_ROOT}
    with closing(_stream(rows, _PLACES)) as places:
        for row in places:
            if row.index != grown.size:
                faults.append(f"place {grown.size} of the tree is empty: entry {row.entry_id} stands at {row.index}")
                break
            grown.add(row.leaf)
            tiles.add(row.leaf)
            if grown.size in sizes:
                roots[grown.size] = grown.root
    faults.extend(tiles.faults)
    return grown.size, roots


_PLACES = """
    SELECT p.index, p.entry_id, e.leaf FROM evidence_position p JOIN evidence_entry e ON e.id = p.entry_id ORDER BY p.index
"""


class _Tiles:
    """Compares each tile, as soon as its leaves have passed, with the one that is kept."""

    def __init__(self, rows: Rows) -> None:
        kept = _stream(rows, "SELECT level, index, hashes, root FROM evidence_tile")
        self._kept = {(level, index): (hashes, root) for level, index, hashes, root in kept}
        self._growing: list[list[bytes]] = []
        self._counts: list[int] = []
        self.faults: list[str] = []

    def add(self, leaf: bytes, level: int = 0) -> None:
        if level == len(self._growing):
            self._growing.append([])
            self._counts.append(0)
        hashes = self._growing[level]
        hashes.append(leaf)
        if len(hashes) < TILE:
            return
        index, root = self._counts[level], merkle.root_of(hashes)
        if self._kept.get((level, index)) != (b"".join(hashes), root):
            held = TILE ** (level + 1)
            places = f"{index * held} to {(index + 1) * held - 1}"
            self.faults.append(f"tile {level}/{index} over places {places} of the tree is missing or changed")
        self._counts[level] += 1
        hashes.clear()
        self.add(root, level + 1)


def _without_a_place(rows: Rows) -> Iterator[str]:
    """Entries that neither stand in the tree nor wait for it: somebody took them out of the queue."""
    lost = rows.execute(
        text("""
            SELECT e.id FROM evidence_entry e
             WHERE NOT EXISTS (SELECT FROM evidence_position p WHERE p.entry_id = e.id)
               AND NOT EXISTS (SELECT FROM evidence_unsealed u WHERE u.entry_id = e.id) ORDER BY e.id
        """)
    )
    for entry_id in lost.scalars():
        yield f"entry {entry_id} has no place in the tree and waits for none"


def stamps_logged(rows: Rows) -> dict[tuple[str, int], str]:
    """By authority and size of the checkpoint, the SHA-256 (hex) of the answer that was logged."""
    return {(fact["authority"], fact["size"]): fact["response_sha256"] for fact in _facts(rows, OF_STAMPS)}


def _deleted_by_nobody(rows: Rows) -> Iterator[str]:
    """Entries whose payload is gone though no entry says who deleted it: the law orders deletion, and deletion is logged."""
    told = {fact["entry"] for fact in _facts(rows, FORGOTTEN)}
    holes = rows.execute(
        text("SELECT id FROM evidence_entry e WHERE NOT EXISTS (SELECT FROM evidence_payload p WHERE p.entry_id = e.id) ORDER BY id")
    )
    yield from (
        f"entry {entry_id}: its payload was deleted, and nothing logged says by whom"
        for entry_id in holes.scalars()
        if entry_id not in told
    )


def _facts(rows: Rows, kind: str) -> Iterator[dict[str, Any]]:
    """What the entries of a kind say; one that cannot be read is named elsewhere."""
    vault = vault_of(rows)
    logged = rows.execute(
        text("SELECT e.leaf, p.payload FROM evidence_entry e JOIN evidence_payload p ON p.entry_id = e.id WHERE e.kind = :kind"),
        {"kind": kind},
    )
    for row in logged:
        with suppress(InvalidTag, ValueError):
            yield json.loads(vault.open_payload(row.payload, row.leaf))["fact"]


def _stream(rows: Rows, query: str) -> Generator[Any]:
    with rows.execution_options(yield_per=_BATCH).execute(text(query)) as found:
        yield from found
