"""The Merkle tree of RFC 6962 over the leaves of the log, kept in tiles: proofs read a few rows, however long the log is.

A node is named by (level, index): the hash over the 2**level leaves from index * 2**level. Nodes of complete subtrees never change, so
they are kept, 256 of one level side by side in a tile; what stands over an incomplete subtree is folded anew from complete ones.

    tile (0, 0)   the first 256 leaves             its root is the node (8, 0)
    tile (1, 0)   the roots of tiles (0, 0..255)   its root is the node (16, 0)
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256

Node = tuple[int, int]
"""(level, index) of a complete subtree."""

HASH_BYTES = 32
TILE_LEVELS = 8
TILE = 1 << TILE_LEVELS

EMPTY_ROOT = sha256(b"").digest()
"""RFC 6962 section 2.1: the hash of an empty list."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right), RFC 6962 section 2.1."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of a list of leaf hashes (or of nodes of one level).

    >>> root_of([]).hex()[:16]
    'e3b0c44298fc1c14'
    """
    level = list(hashes)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        paired = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def covering(first: int, end: int) -> list[Node]:
    """The complete subtrees whose leaves are first to end - 1, from left to right. `first` is where one of such a size may begin.

    >>> covering(0, 7)
    [(2, 0), (1, 2), (0, 6)]
    """
    nodes = []
    while first < end:
        level = (end - first).bit_length() - 1
        nodes.append((level, first >> level))
        first += 1 << level
    return nodes


def inclusion(index: int, size: int) -> list[tuple[int, int]]:
    """The ranges [first, end) whose hashes prove that leaf `index` is in the tree of `size` leaves: PATH(m, D[n]), RFC 6962 2.1.1."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + _half(high - low)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return path[::-1]


def consistency(old: int, new: int) -> list[tuple[int, int]]:
    """The ranges whose hashes prove that the tree of `new` leaves only adds to that of `old`: PROOF(m, D[n]), RFC 6962 2.1.2."""
    if not 0 < old <= new:
        raise ValueError(f"a tree of {new} leaves cannot follow one of {old}")
    path, low, high, whole = [], 0, new, True
    while old != high:
        middle = low + _half(high - low)
        if old <= middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low, whole = middle, False
    return ([] if whole else [(low, high)]) + path[::-1]


def _half(leaves: int) -> int:
    """The largest power of two below `leaves`, which are two or more."""
    return 1 << ((leaves - 1).bit_length() - 1)


def fold(ranges: Sequence[tuple[int, int]], hash_of: Mapping[Node, bytes]) -> list[bytes]:
    """The hash of each range, from those of the complete subtrees that cover it."""
    return [_folded([hash_of[node] for node in covering(first, end)]) for first, end in ranges]


def _folded(hashes: Sequence[bytes]) -> bytes:
    whole = hashes[-1]
    for left in reversed(hashes[:-1]):
        whole = node_hash(left, whole)
    return whole


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to. Raises ValueError where the proof is not as long as it must be."""
    turns = inclusion(index, size)
    if len(turns) != len(path):
        raise ValueError(f"the proof has {len(path)} hashes, {len(turns)} are needed")
    whole = leaf
    for (first, _), beside in zip(turns, path, strict=True):
        whole = node_hash(beside, whole) if first <= index else node_hash(whole, beside)
    return whole


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether a consistency proof holds between two roots (RFC 9162 section 2.1.4.2)."""
    ranges = consistency(old, new)
    if len(ranges) != len(path):
        return False
    known = dict(zip(ranges, path, strict=True))
    if old == new or old & (old - 1) == 0:
        known[(0, old)] = old_root
    try:
        return _rebuilt(0, old, known) == old_root and _rebuilt(0, new, known) == new_root
    except KeyError:
        return False


def _rebuilt(first: int, end: int, known: Mapping[tuple[int, int], bytes]) -> bytes:
    if (first, end) in known:
        return known[first, end]
    if end - first < 2:
        raise KeyError((first, end))
    middle = first + _half(end - first)
    return node_hash(_rebuilt(first, middle, known), _rebuilt(middle, end, known))


class Frontier:
    """The right edge of a growing tree: enough to add leaves and know the root at any size on the way, in memory of O(log n)."""

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        """`edge` holds the hashes of `covering(0, size)`."""
        self.size = size
        self._edge = list(edge)

    def add(self, leaf: bytes) -> None:
        whole, position = leaf, self.size
        while position & 1:
            whole, position = node_hash(self._edge.pop(), whole), position >> 1
        self._edge.append(whole)
        self.size += 1

    @property
    def root(self) -> bytes:
        return _folded(self._edge) if self._edge else EMPTY_ROOT


Tile = tuple[int, int]
"""(level, index) of a tile: its hashes are the nodes of tree level 8 * level from index * 256 on."""


def tile_of(node: Node) -> Tile:
    """The tile in which a node's hash stands, or from whose hashes it is folded."""
    level, index = node
    tile = level // TILE_LEVELS
    return tile, (index << (level % TILE_LEVELS)) >> TILE_LEVELS


def in_tile(node: Node, hashes: Sequence[bytes]) -> bytes:
    """The hash of a node from the hashes of its tile."""
    level, index = node
    height = level % TILE_LEVELS
    first = (index << height) % TILE
    return root_of(hashes[first : first + (1 << height)])


def completed(old: int, new: int) -> Iterator[Tile]:
    """The tiles that became complete while the log grew from `old` to `new` leaves, lower levels first."""
    level = 0
    while (new >> (TILE_LEVELS * (level + 1))) > 0:
        shift = TILE_LEVELS * (level + 1)
        yield from ((level, index) for index in range(old >> shift, new >> shift))
        level += 1


def split(hashes: bytes) -> list[bytes]:
    """The hashes that stand side by side in a tile."""
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


Read = Callable[[Sequence[Node]], Mapping[Node, bytes]]
"""Reads the hashes of complete subtrees."""


def proof(ranges: Sequence[tuple[int, int]], read: Read) -> list[bytes]:
    """The hashes of a proof whose ranges were named by `inclusion` or `consistency`."""
    return fold(ranges, read([node for first, end in ranges for node in covering(first, end)]))
