"""The whole log computed anew: every payload, header, link, place and tile, and the roots on the way."""

import json
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import text

from orchestrator.evidence import merkle
from orchestrator.evidence.leaves import LEAF_PREFIX, Header, is_of, payload_digest
from orchestrator.evidence.merkle import TILE, Frontier
from orchestrator.store import Rows, vault_of
from orchestrator.store.checkpoints import OF_STAMPS
from orchestrator.store.log import FORGOTTEN
from orchestrator.store.vault import Vault

_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Recomputed:
    """`entries` in the log, `placed` of them in the tree; `roots` at the sizes asked for; `faults` name each place that does not fit.

    `stamps` are those that were logged: by authority and size of the checkpoint, the SHA-256 (hex) of the answer.
    """

    entries: int
    placed: int
    roots: Mapping[int, bytes]
    stamps: Mapping[tuple[str, int], str]
    faults: tuple[str, ...]


def recompute(rows: Rows, sizes: Collection[int] = ()) -> Recomputed:
    """Reads every entry once in the order of their numbers and once in that of their places. A payload deleted by law is a hole, not a
    fault."""
    read = _Entries(rows)
    faults = list(read.faults)
    placed, roots = _tree(rows, frozenset(sizes), faults)
    faults.extend(read.deleted_by_nobody())
    if read.count > placed:
        faults.extend(_without_a_place(rows))
    return Recomputed(read.count, placed, roots, read.stamps, tuple(faults))


class _Entries:
    """Every payload, header and link, each read once; only what stamps and deletions say is parsed."""

    def __init__(self, rows: Rows) -> None:
        self.count = 0
        self.faults: list[str] = []
        self.stamps: dict[tuple[str, int], str] = {}
        self._holes: list[int] = []
        self._forgotten: set[int] = set()
        vault = vault_of(rows)
        last: dict[int | None, bytes] = {}
        for row in _stream(rows, _ENTRIES):
            self.count += 1
            self._check(row, vault)
            if row.previous != last.get(row.case_id):
                chain = f"case {row.case_id}" if row.case_id else "the log"
                self.faults.append(f"entry {row.id}: the entry before it in {chain} is missing or changed")
            last[row.case_id] = row.leaf

    def deleted_by_nobody(self) -> Iterator[str]:
        """Entries whose payload is gone though no entry says who deleted it: the law orders deletion, and deletion is logged."""
        yield from (
            f"entry {each}: its payload was deleted, and nothing logged says by whom" for each in self._holes if each not in self._forgotten
        )

    def _check(self, row: Any, vault: Vault) -> None:
        if row.payload is None:
            self._holes.append(row.id)
        try:
            payload = _payload_of(row, vault)
        except _Fault as fault:
            self.faults.append(f"entry {row.id}: {fault}")
            return
        if payload is None:
            return
        if row.kind == OF_STAMPS:
            fact = json.loads(payload)["fact"]
            self.stamps[fact["authority"], fact["size"]] = fact["response_sha256"]
        elif row.kind == FORGOTTEN:
            self._forgotten.add(json.loads(payload)["fact"]["entry"])


class _Fault(Exception):
    """Says what of an entry does not fit."""


_ENTRIES = """
    SELECT e.id, e.kind, e.case_id, e.attempt_id, e.at, e.at_wall, e.leaf, e.previous, e.payload_digest, p.salt, p.payload
      FROM evidence_entry e LEFT JOIN evidence_payload p ON p.entry_id = e.id ORDER BY e.id
"""


def _payload_of(row: Any, vault: Vault) -> bytes | None:
    """What was logged; None where it was deleted, or is from before headers were hashed. Raises _Fault."""
    if row.payload_digest is None:
        _check_before_headers(row)
        return None
    header = Header(row.case_id, row.attempt_id, row.at, row.at_wall, row.previous, row.payload_digest)
    if header.leaf != row.leaf:
        raise _Fault("what it says of itself is not what was logged")
    if row.payload is None:
        return None
    try:
        payload = vault.open_payload(row.payload, row.leaf)
    except InvalidTag:
        raise _Fault("its payload is not what was logged") from None
    if payload_digest(payload, row.salt) != row.payload_digest:
        raise _Fault("its payload is not what was logged")
    if not is_of(row.kind, payload):
        raise _Fault("it is filed as another kind than was logged")
    return payload


def _check_before_headers(row: Any) -> None:
    """The leaf of an entry from before headers were hashed is SHA-256(0x00 || salt || payload), the payload in the clear."""
    if row.payload is not None and sha256(LEAF_PREFIX + row.salt + row.payload).digest() != row.leaf:
        raise _Fault("its payload is not what was logged")


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


def last_audited(rows: Rows) -> datetime | None:
    """When the log was last computed anew, by the real clock."""
    return rows.execute(text("SELECT at_wall FROM evidence_entry WHERE kind = 'audit' ORDER BY id DESC LIMIT 1")).scalar()


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


def _stream(rows: Rows, query: str) -> Generator[Any]:
    with rows.execution_options(yield_per=_BATCH).execute(text(query)) as found:
        yield from found
