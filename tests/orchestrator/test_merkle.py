"""The tree of RFC 6962: the vectors of its published test suite, and every proof of small trees against a tree folded by hand."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.evidence import merkle
from orchestrator.evidence.merkle import Frontier

# The reference test data of Certificate Transparency (RFC 6962, certificate-transparency/go/merkletree).
INPUTS = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [sha256(b"\x00" + each).digest() for each in INPUTS]


def by_hand(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 section 2.1 writes it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + by_hand(leaves[:half]) + by_hand(leaves[half:])).digest()


def leaves(count: int) -> list[bytes]:
    return [sha256(b"\x00" + bytes([each % 256, each // 256])).digest() for each in range(count)]


def read(all_leaves: list[bytes]) -> merkle.Read:
    return lambda nodes: {(level, at): by_hand(all_leaves[at << level : (at + 1) << level]) for level, at in nodes}


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_the_published_test_data(size: int) -> None:
    assert merkle.root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (
            0,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            3,
            ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
        ),
    ],
)
def test_the_proofs_of_inclusion_are_those_of_the_published_test_data(index: int, size: int, path: list[str]) -> None:
    assert [each.hex() for each in merkle.proof(merkle.inclusion(index, size), read(LEAVES))] == path


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (1, 1, []),
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_the_proofs_of_consistency_are_those_of_the_published_test_data(old: int, new: int, path: list[str]) -> None:
    assert [each.hex() for each in merkle.proof(merkle.consistency(old, new), read(LEAVES))] == path


@given(st.integers(0, 700))
def test_a_tree_grown_leaf_by_leaf_has_the_root_of_one_folded_by_hand(count: int) -> None:
    tree = Frontier()
    for each in leaves(count):
        tree.add(each)
    assert tree.root == merkle.root_of(leaves(count)) == by_hand(leaves(count))


@given(st.integers(1, 600), st.data())
def test_every_leaf_is_proven_by_its_path_and_by_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    all_leaves = leaves(size)
    path = merkle.proof(merkle.inclusion(index, size), read(all_leaves))
    assert merkle.root_by_inclusion(all_leaves[index], index, size, path) == by_hand(all_leaves)
    another = data.draw(st.integers(0, size - 1).filter(lambda other: other != index)) if size > 1 else None
    if another is not None:
        assert merkle.root_by_inclusion(all_leaves[another], index, size, path) != by_hand(all_leaves)


@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 399))
def test_a_log_that_only_grew_is_consistent_and_one_that_was_rewritten_is_not(one: int, two: int, touched: int) -> None:
    old, new = sorted((one, two))
    before = leaves(new)
    path = merkle.proof(merkle.consistency(old, new), read(before))
    assert merkle.is_consistent(old, new, by_hand(before[:old]), by_hand(before), path)

    rewritten = list(before)
    rewritten[touched % old] = sha256(b"another").digest()
    forged = merkle.proof(merkle.consistency(old, new), read(rewritten))
    assert not merkle.is_consistent(old, new, by_hand(before[:old]), by_hand(rewritten), forged)


@given(st.integers(1, 7), st.data())
def test_a_node_is_folded_from_the_hashes_of_its_tile(level: int, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, (merkle.TILE >> level) - 1))
    tile = [sha256(bytes([each])).digest() for each in range(merkle.TILE)]
    assert merkle.in_tile((level, at), tile) == by_hand(tile[at << level : (at + 1) << level])
    assert merkle.tile_of((level, at)) == (0, 0)
    assert merkle.tile_of((8 + level, 300)) == (1, (300 << level) // 256)


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_tiles_are_completed_once_while_the_log_grows(one: int, two: int) -> None:
    old, new = sorted((one, two))
    assert sorted([*merkle.completed(0, old), *merkle.completed(old, new)]) == sorted(merkle.completed(0, new))
