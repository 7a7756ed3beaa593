"""The log as a tree: who stands where, and the hashes of its complete subtrees. Rows are only ever added.

An entry is appended without a place; one sealer gives places in batches, so that no writer waits for another. A trigger queues every entry
for it, whoever inserted it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert, text

from orchestrator.evidence import merkle
from orchestrator.evidence.merkle import TILE, Node, Tile
from orchestrator.models import EvidenceTile
from orchestrator.store import Rows

_SEALER_LOCK = 0x7365616C  # "seal"


def become_sealer(rows: Rows) -> bool:
    """Whether this transaction may give places; another one does, if not."""
    mine: bool = rows.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _SEALER_LOCK}).scalar_one()
    return mine


def give_places(rows: Rows, limit: int) -> int:
    """Places for up to `limit` entries that wait, in the order of their numbers; how many got one. Only the sealer may."""
    old = size(rows)
    given = rows.execute(_GIVE_PLACES, {"first": old, "limit": limit}).rowcount
    if given:
        _complete_tiles(rows, old, old + given)
        rows.execute(_COUNT_KINDS, {"old": old})
    return given


_GIVE_PLACES = text("""
    WITH waiting AS (SELECT entry_id FROM evidence_unsealed ORDER BY entry_id LIMIT :limit),
         taken AS (DELETE FROM evidence_unsealed u USING waiting w WHERE u.entry_id = w.entry_id RETURNING u.entry_id)
    INSERT INTO evidence_position (index, entry_id)
    SELECT :first + row_number() OVER (ORDER BY entry_id) - 1, entry_id FROM taken
""")

_COUNT_KINDS = text("""
    INSERT INTO evidence_kind (kind, entries, last)
    SELECT e.kind, count(*), max(e.at) FROM evidence_position p JOIN evidence_entry e ON e.id = p.entry_id
     WHERE p.index >= :old GROUP BY e.kind
    ON CONFLICT (kind) DO UPDATE SET entries = evidence_kind.entries + excluded.entries, last = GREATEST(evidence_kind.last, excluded.last)
""")


def size(rows: Rows) -> int:
    """How many entries have a place."""
    count: int = rows.execute(text("SELECT COALESCE(max(index) + 1, 0) FROM evidence_position")).scalar_one()
    return count


def waiting(rows: Rows) -> tuple[int, datetime | None]:
    """How many entries wait for a place, and since when in real time."""
    found = rows.execute(
        text("SELECT count(*) AS waiting, min(e.at_wall) AS since FROM evidence_unsealed u JOIN evidence_entry e ON e.id = u.entry_id")
    ).one()
    return found.waiting, found.since


def _complete_tiles(rows: Rows, old: int, new: int) -> None:
    levels: dict[int, list[int]] = {}
    for level, index in merkle.completed(old, new):
        levels.setdefault(level, []).append(index)
    for level, indices in levels.items():
        hashes = _below(rows, level, indices[0] * TILE, (indices[-1] + 1) * TILE)
        tiles = [hashes[at : at + TILE] for at in range(0, len(hashes), TILE)]
        records = [
            {"level": level, "index": index, "hashes": b"".join(tile), "root": merkle.root_of(tile)}
            for index, tile in zip(indices, tiles, strict=True)
        ]
        rows.execute(insert(EvidenceTile), records)


def _below(rows: Rows, level: int, first: int, end: int) -> list[bytes]:
    """The hashes that tiles of a level are made of: leaves at the bottom, roots of the tiles below elsewhere."""
    return list(rows.execute(_LEAVES if level == 0 else _ROOTS, {"below": level - 1, "first": first, "end": end}).scalars())


_LEAVES = text("""
    SELECT e.leaf FROM evidence_position p JOIN evidence_entry e ON e.id = p.entry_id
     WHERE p.index >= :first AND p.index < :end ORDER BY p.index
""")
_ROOTS = text("SELECT root FROM evidence_tile WHERE level = :below AND index >= :first AND index < :end ORDER BY index")


def nodes(rows: Rows, wanted: Sequence[Node]) -> Mapping[Node, bytes]:
    """The hashes of complete subtrees, in one query."""
    tiles = _tiles(rows, {merkle.tile_of(node) for node in wanted})
    return {node: merkle.in_tile(node, tiles[merkle.tile_of(node)]) for node in wanted}


def _tiles(rows: Rows, wanted: Iterable[Tile]) -> dict[Tile, list[bytes]]:
    sought = sorted(wanted)
    values = {"levels": [level for level, _ in sought], "indices": [index for _, index in sought], "tile": TILE}
    return {(level, index): merkle.split(hashes or b"") for level, index, hashes in rows.execute(_TILES, values)}


_TILES = text("""
    SELECT w.level, w.index, COALESCE(
               t.hashes,
               CASE WHEN w.level = 0
                    THEN (SELECT string_agg((SELECT e.leaf FROM evidence_entry e WHERE e.id = p.entry_id), '' ORDER BY p.index)
                            FROM evidence_position p WHERE p.index >= w.index * :tile AND p.index < (w.index + 1) * :tile)
                    ELSE (SELECT string_agg(b.root, '' ORDER BY b.index) FROM evidence_tile b
                           WHERE b.level = w.level - 1 AND b.index >= w.index * :tile AND b.index < (w.index + 1) * :tile)
                END) AS hashes
      FROM unnest(CAST(:levels AS smallint[]), CAST(:indices AS bigint[])) AS w(level, index)
      LEFT JOIN evidence_tile t ON t.level = w.level AND t.index = w.index
""")
"""Whole tiles as they are kept; one that is only begun from what lies below it: leaves at the bottom, roots elsewhere.

Leaves are looked up one by one inside the query: bounds that are not known beforehand make a join read the whole log.
"""


def root(rows: Rows, size: int) -> bytes:
    """The root over the first `size` entries."""
    if size == 0:
        return merkle.EMPTY_ROOT
    (whole,) = merkle.proof([(0, size)], lambda wanted: nodes(rows, wanted))
    return whole


def inclusion(rows: Rows, index: int, size: int) -> list[bytes]:
    """The proof that the entry at `index` is among the first `size`."""
    return merkle.proof(merkle.inclusion(index, size), lambda wanted: nodes(rows, wanted))


def consistency(rows: Rows, old: int, new: int) -> list[bytes]:
    """The proof that the log of `new` entries only adds to that of `old`."""
    return merkle.proof(merkle.consistency(old, new), lambda wanted: nodes(rows, wanted))
