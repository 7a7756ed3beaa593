"""The check of a bundle in words: the same as verify.sh, and that each tree only adds to the one before it.

Reads a folder that anybody may have made: what does not fit is said, and nothing in it is trusted before it is checked.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from orchestrator.evidence import merkle, timestamps
from orchestrator.evidence.bundle import MANIFEST, SIGNATURE, TAG_MANIFEST
from orchestrator.evidence.checkpoints import Checkpoint, NotACheckpoint, VerifyingKey
from orchestrator.evidence.leaves import LEAF_PREFIX, payload_digest
from orchestrator.evidence.timestamps import StampRefused

ENTRIES, CHECKPOINTS, STAMPS = "data/entries", "data/proofs/checkpoints", "data/proofs/stamps"

_COUNTED = ("Xianli-Case", "Xianli-Entries")
_TIME, _WHOLE = r'"[-+.:0-9T]*"', "[0-9nul]*"
_HEADER = re.compile(
    rf'{{"at":{_TIME},"attempt":{_WHOLE},"case":(?P<case>{_WHOLE}),"payload":"(?P<payload>[0-9a-f]*)",'
    rf'"previous":(?P<previous>null|"[0-9a-f]*"),"wall":{_TIME}}}'
)
"""A header is read in this form alone (canonical JSON, each name once), so that no two readers can take it differently."""
_NOTE = re.compile(rb"[^\n]*\n[^\n]*\n[^\n]*\n\n[^\n]*\n")
_PATH = re.compile(r"[0-9]+ [0-9]+ [0-9]+( [0-9a-f]+)*")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: how much of each, between which times, and each place that does not hold."""

    files: int
    entries: int
    open_entries: int
    checkpoints: int
    stamps: int
    first: datetime | None
    last: datetime | None
    sandbox: bool
    faults: tuple[str, ...]

    @property
    def verified(self) -> bool:
        return not self.faults


def verify(folder: Path, log_key: bytes | None = None, roots: Sequence[bytes] = ()) -> Verdict:
    """Judge a bundle. By whom it was made is shown with `log_key` (PEM) and `roots` (PEM) from another source; without, that it is of one
    piece.
    """
    it = _Bundle(folder, log_key, roots)
    faults = [
        *it.of_files(),
        *it.of_signature(),
        *it.of_entries(),
        *it.of_checkpoints(),
        *it.of_paths(),
        *it.of_consistency(),
        *it.of_stamps(),
    ]
    times = sorted(it.times)
    return Verdict(
        files=len(it.found),
        entries=len(it.headers),
        open_entries=sum(path.startswith(f"{ENTRIES}/") and path.endswith(".payload.json") for path in it.found),
        checkpoints=len(it.roots),
        stamps=len(times),
        first=times[0] if times else None,
        last=times[-1] if times else None,
        sandbox=b"\nXianli-Sandbox: yes\n" in it.read("bag-info.txt"),
        faults=tuple(each.encode("utf-8", "backslashreplace").decode() for each in faults),
    )


class _Bundle:
    def __init__(self, folder: Path, log_key: bytes | None, trusted: Sequence[bytes]) -> None:
        self._folder, self._trusted = folder, trusted
        self.found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
        self._key = log_key or self.read("data/proofs/log-key.pem")
        self.headers = [name.removesuffix(".header.json") for name in self._names(ENTRIES, ".header.json")]
        self._leaves: dict[str, bytes] = {}
        self.roots: dict[int, bytes] = {}
        self.times: list[datetime] = []

    def read(self, path: str) -> bytes:
        """Empty where it is not there; links are not followed."""
        at = self._folder / path
        return at.read_bytes() if at.is_file() and not at.is_symlink() else b""

    def lines(self, path: str) -> list[str]:
        """As the utilities count them: by line feeds alone."""
        return [line for line in self.read(path).decode("utf-8", "replace").split("\n") if line]

    def _names(self, folder: str, suffix: str) -> list[str]:
        return [path.rpartition("/")[2] for path in self.found if path.rpartition("/")[0] == folder and path.endswith(suffix)]

    def of_files(self) -> Iterator[str]:
        listed = [line.partition("  ") for name in (MANIFEST, TAG_MANIFEST) for line in self.lines(name)]
        digests = {path: digest for digest, _, path in listed}
        if len(digests) != len(listed):
            yield "a file is listed twice"
        for path in self.found:
            if (self._folder / path).is_symlink() or not (self._folder / path).is_file():
                yield f"neither a file nor a folder: {path}"
            elif path not in digests and path not in (TAG_MANIFEST, SIGNATURE):
                yield f"added: {path}"
            elif path in digests and sha256(self.read(path)).hexdigest() != digests[path]:
                yield f"changed: {path}"
        yield from (f"removed: {path}" for path in sorted({*digests, TAG_MANIFEST, SIGNATURE} - set(self.found)))

    def of_signature(self) -> Iterator[str]:
        if not _is_signed(self._key, self.read(TAG_MANIFEST), self.read(SIGNATURE)):
            yield "the list of files is not signed by the key of the log"

    def of_entries(self) -> Iterator[str]:
        cases, counts = (
            [line.partition(": ")[2] for line in self.lines("bag-info.txt") if line.startswith(f"{name}: ")] for name in _COUNTED
        )
        last = "null"
        if not self.headers:
            yield "there are no entries"
        for number in self.headers:
            encoded = self.read(f"{ENTRIES}/{number}.header.json")
            header = _HEADER.fullmatch(encoded.decode("utf-8", "replace"))
            if header is None or not number.isascii() or not number.isdigit():
                yield f"entry {number} has no header that can be read"
                continue
            if [header["case"]] != cases:
                yield f"entry {number} is of another case"
            payload, salt = f"{ENTRIES}/{number}.payload.json", f"{ENTRIES}/{number}.salt"
            if payload in self.found and payload_digest(self.read(payload), self.read(salt)).hex() != header["payload"]:
                yield f"entry {number} has another payload than was logged"
            if header["previous"].strip('"') != last:
                yield f"entry {number} does not follow the entry before it"
            self._leaves[number] = sha256(LEAF_PREFIX + encoded).digest()
            last = self._leaves[number].hex()
        if counts != [str(len(self.headers))]:
            yield f"the case had {' and '.join(counts)} entries at the checkpoint, {len(self.headers)} are here"

    def of_checkpoints(self) -> Iterator[str]:
        for name in self._names(CHECKPOINTS, ".checkpoint"):
            size = name.removesuffix(".checkpoint")
            note = self.read(f"{CHECKPOINTS}/{name}")
            if not _NOTE.fullmatch(note):
                yield f"checkpoint {size} is not five lines: three, an empty one, a signature"
            try:
                stated = _opened(note, self.read(f"{CHECKPOINTS}/{size}.key.pem") or self._key)
            except NotACheckpoint as wrong:
                yield f"checkpoint {size}: {wrong}"
                continue
            if str(stated.size) != size:
                yield f"checkpoint {size} is of another size"
            self.roots[stated.size] = stated.root
        if not self.roots:
            yield "there are no checkpoints"

    def of_paths(self) -> Iterator[str]:
        proven: dict[str, int] = {}
        for line in self.lines("data/proofs/inclusion.txt"):
            if not _PATH.fullmatch(line):
                yield f"entry {line.partition(' ')[0]} has a path that cannot be read"
        for number, index, size, path in self._paths():
            proven[number] = proven.get(number, 0) + 1
            leaf = self._leaves.get(number)
            if leaf is None:
                yield f"entry {number} is proven but not there"
            elif size not in self.roots:
                yield f"entry {number} is said to be in a tree that has no checkpoint here"
            elif not _leads_to(self.roots[size], leaf, index, size, path):
                yield f"entry {number} is not in the tree of checkpoint {size}"
        yield from (f"entry {number} has no path of its own" for number in self.headers if proven.get(number) != 1)

    def of_consistency(self) -> Iterator[str]:
        links = {(old, new): path for _, old, new, path in self._lines("data/proofs/consistency.txt", before=0)}
        sizes = sorted(self.roots)
        for old, new in pairwise(sizes):
            path = links.get((old, new))
            if path is None or not merkle.is_consistent(old, new, self.roots[old], self.roots[new], path):
                yield f"the tree of checkpoint {new} is not shown to add to that of checkpoint {old} only"

    def of_stamps(self) -> Iterator[str]:
        stamped = set()
        for name in self._names(STAMPS, ".tsr"):
            stamp, size = name.removesuffix(".tsr"), name.partition(".")[0]
            try:
                self.times.append(self._time_of(stamp, size))
                stamped.add(size)
            except StampRefused as wrong:
                yield f"stamp {stamp} is not an authority's word on checkpoint {size}: {wrong}"
        yield from (f"checkpoint {size} bears no time" for size in sorted(self.roots) if str(size) not in stamped)

    def _time_of(self, stamp: str, size: str) -> datetime:
        response = self.read(f"{STAMPS}/{stamp}.tsr")
        return timestamps.time_of(
            response, self.read(f"{CHECKPOINTS}/{size}.checkpoint"), self._trusted or [self.read(f"{STAMPS}/{stamp}.root.pem")]
        )

    def _paths(self) -> Iterator[tuple[str, int, int, list[bytes]]]:
        return self._lines("data/proofs/inclusion.txt", before=1)

    def _lines(self, path: str, *, before: int) -> Iterator[tuple[str, int, int, list[bytes]]]:
        """Lines of a name (or none), two whole numbers and hashes; what is not such a line proves nothing and is passed over."""
        for line in self.lines(path):
            words = line.split(" ")
            try:
                yield words[0], int(words[before]), int(words[before + 1]), [bytes.fromhex(word) for word in words[before + 2 :]]
            except (ValueError, IndexError):
                continue


def _is_signed(key: bytes, content: bytes, signature: bytes) -> bool:
    try:
        public = load_pem_public_key(key)
        if not isinstance(public, Ed25519PublicKey):
            return False
        public.verify(signature, content)
    except (ValueError, InvalidSignature):
        return False
    return True


def _opened(note: bytes, key: bytes) -> Checkpoint:
    """The checkpoint in a note that this key (PEM) signed, under whatever name. Raises NotACheckpoint."""
    try:
        public = load_pem_public_key(key)
    except ValueError as garbled:
        raise NotACheckpoint("the key of the log cannot be read") from garbled
    if not isinstance(public, Ed25519PublicKey):
        raise NotACheckpoint("the key of the log is not Ed25519")
    return VerifyingKey(note.partition(b"\n")[0].decode("utf-8", "replace"), public.public_bytes_raw()).open(note)


def _leads_to(root: bytes, leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bool:
    try:
        return merkle.root_by_inclusion(leaf, index, size, path) == root
    except ValueError:
        return False


def in_words(verdict: Verdict) -> Mapping[str, object]:
    """As the command says it."""
    return {
        "verified": verdict.verified,
        "files": verdict.files,
        "entries": verdict.entries,
        "open_entries": verdict.open_entries,
        "checkpoints": verdict.checkpoints,
        "stamps": verdict.stamps,
        "first": verdict.first,
        "last": verdict.last,
        "sandbox": verdict.sandbox,
        "faults": list(verdict.faults),
    }
