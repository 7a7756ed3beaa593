"""A small bundle made without a house: a log of eleven entries, of which four are of case 7, under two stamped checkpoints."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from orchestrator.evidence import merkle, timestamps
from orchestrator.evidence.authority import SandboxAuthority
from orchestrator.evidence.bundle import (
    MANIFEST,
    SIGNATURE,
    TAG_MANIFEST,
    Proofs,
    ProvenCheckpoint,
    ProvenEntry,
    ProvenStamp,
    _listed,
    bundle,
)
from orchestrator.evidence.checkpoints import LogKey
from orchestrator.evidence.leaves import Header, payload_digest, payload_of

CASE, SALT = 7, b"s" * 16
BEGAN = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
KEY = LogKey.derived("public.example/evidence", "the secret of the house")
FORGER = LogKey.derived("public.example/evidence", "the secret of somebody else")
_OURS = {1: 5, 2: 5, 6: 11, 9: 11}
"""By place in the log, the size of the checkpoint that proves it."""


def write(folder: Path, authority: Callable[[bytes], bytes], count: int = 0) -> Path:
    """`count` more entries of the case follow the four."""
    places = _OURS | dict.fromkeys(range(11, 11 + count), 11 + count) | ({6: 11 + count, 9: 11 + count} if count else {})
    leaves, ours, last = [], [], None
    for place in range(11 + count):
        payload = payload_of("receipt", {"raw": f"{place:02x}"})
        case = CASE if place in places else 8
        at = BEGAN + timedelta(minutes=place)
        header = Header(case, None, at, at, last if case == CASE else None, payload_digest(payload, SALT))
        leaves.append(header.leaf)
        if case == CASE:
            last = header.leaf
            ours.append((place, header, payload))
    roots = {size: merkle.root_of(leaves[:size]) for size in sorted(set(places.values()))}
    proofs = Proofs(
        [
            ProvenEntry(header, payload, SALT, place, size := places[place], tuple(_hashes(leaves, merkle.inclusion(place, size))))
            for place, header, payload in ours
        ],
        [
            ProvenCheckpoint(size, KEY.sign(size, roots[size]), None, tuple(_hashes(leaves, merkle.consistency(old, size)) if old else ()))
            for old, size in pairwise([0, *roots])
        ],
        [_stamp(size, KEY.sign(size, root), authority) for size, root in roots.items()],
    )
    info = {"Xianli-Case": str(CASE), "Xianli-Entries": str(len(ours)), "Xianli-Sandbox": "yes"}
    for path, content in bundle(info, proofs, {"letters/1.pdf": b"%PDF-", "letters/2.pdf": b"%PDF-2"}, KEY).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def _hashes(leaves: list[bytes], ranges: list[tuple[int, int]]) -> list[bytes]:
    return [merkle.root_of(leaves[first:end]) for first, end in ranges]


def _stamp(size: int, note: bytes, answer: Callable[[bytes], bytes]) -> ProvenStamp:
    question = timestamps.ask(note)
    stamp = timestamps.read(question, answer(question.request))
    return ProvenStamp(1, size, "sandbox", stamp.response, stamp.certificates, None)


def sandbox(folder: Path) -> Callable[[bytes], bytes]:
    return SandboxAuthority(folder / "time.p12", "p" * 32, lambda: BEGAN + timedelta(hours=1)).answer


def relist(folder: Path, key: LogKey) -> None:
    """All lists computed anew and signed by a key: the log's own, as the house itself could, or another's."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    payload = _listed({path: content for path, content in files.items() if path.startswith("data/")})
    (folder / MANIFEST).write_bytes(payload)
    tags = {path: content for path, content in files.items() if "/" not in path and path not in (TAG_MANIFEST, SIGNATURE)}
    listed = _listed(tags | {MANIFEST: payload})
    (folder / TAG_MANIFEST).write_bytes(listed)
    (folder / SIGNATURE).write_bytes(key.signature(listed))
