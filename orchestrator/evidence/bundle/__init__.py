"""The court bundle: what is proven of one case, in a folder that explains and verifies itself (BagIt, RFC 8493).

    bagit.txt bag-info.txt manifest-sha256.txt        the bag; every payload file with its digest
    tagmanifest-sha256.txt tagmanifest-sha256.txt.sig the list of all lists, signed by the key of the log
    verify.sh verify-zh.txt                           the check, and how an expert does it
    data/entries/00001.header.json                    the case's chain of entries, from its first to its last
    data/entries/00001.payload.json 00001.salt        what happened, where it is for the court
    data/proofs/log-key.pem inclusion.txt             the path of each entry to the root of the first stamped checkpoint after it
    data/proofs/consistency.txt                       that each tree only adds to the one before it
    data/proofs/checkpoints/<size>.checkpoint         the signed roots
    data/proofs/stamps/<size>.<n>.tsr                 an authority's word on each, with chain and root
    data/exhibits/01-….pdf                            what a court reads
    data/raw/…                                        bytes as they came and went

Pure: files in, files out. The same content gives the same bytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from orchestrator.evidence.checkpoints import LogKey, VerifyingKey
from orchestrator.evidence.leaves import Header

Files = Mapping[str, bytes]
"""Content by path within the bundle; paths are ASCII, without blanks."""

MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
SIGNATURE = f"{TAG_MANIFEST}.sig"
_BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """One entry of the case with its place in the tree and its path to the root at `size`.

    `payload` and `salt` are None where it is not for the court, or was deleted by law: its header still holds the chain together.
    """

    header: Header
    payload: bytes | None
    salt: bytes | None
    index: int
    size: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ProvenCheckpoint:
    """A signed root. `key` is who signed it, where that is not the log's newest key; `consistency` the proof from the one before it."""

    size: int
    note: bytes
    key: VerifyingKey | None
    consistency: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ProvenStamp:
    """An authority's word on a checkpoint. `certificates` are PEM, the signer's first and the root last."""

    number: int
    size: int
    authority: str
    response: bytes
    certificates: tuple[bytes, ...]
    revocation: bytes | None


@dataclass(frozen=True, slots=True)
class Proofs:
    entries: Sequence[ProvenEntry]
    checkpoints: Sequence[ProvenCheckpoint]
    stamps: Sequence[ProvenStamp]


def bundle(info: Mapping[str, str], proofs: Proofs, content: Files, key: LogKey) -> dict[str, bytes]:
    """All files of a bundle. `info` goes into bag-info.txt, in its order; `content` under data/."""
    payload = {f"data/{path}": data for path, data in {**content, **_entries(proofs.entries), **_proofs(proofs, key.verifying)}.items()}
    oxum = f"{sum(map(len, payload.values()))}.{len(payload)}"
    tags = {
        "bagit.txt": _BAGIT,
        "bag-info.txt": "".join(f"{name}: {value}\n" for name, value in {**info, "Payload-Oxum": oxum}.items()).encode(),
        "verify.sh": _asset("verify.sh"),
        "verify-zh.txt": _asset("verify-zh.txt"),
        MANIFEST: _listed(payload),
    }
    listed = _listed(tags)
    return {**payload, **tags, TAG_MANIFEST: listed, SIGNATURE: key.signature(listed)}


def _entries(entries: Sequence[ProvenEntry]) -> dict[str, bytes]:
    named = {}
    for number, entry in enumerate(entries, 1):
        named[f"entries/{number:05d}.header.json"] = entry.header.encoded
        if entry.payload is not None and entry.salt is not None:
            named[f"entries/{number:05d}.payload.json"] = entry.payload
            named[f"entries/{number:05d}.salt"] = entry.salt
    return named


def _proofs(proofs: Proofs, key: VerifyingKey) -> dict[str, bytes]:
    named = {"proofs/log-key.pem": key.pem, "proofs/log-key.vkey": f"{key.vkey}\n".encode()}
    named["proofs/inclusion.txt"] = _lines(
        [f"{number:05d} {each.index} {each.size}", *(step.hex() for step in each.path)] for number, each in enumerate(proofs.entries, 1)
    )
    sizes = [each.size for each in proofs.checkpoints]
    named["proofs/consistency.txt"] = _lines(
        [f"{before} {each.size}", *(step.hex() for step in each.consistency)]
        for before, each in zip(sizes[:-1], proofs.checkpoints[1:], strict=True)
    )
    for each in proofs.checkpoints:
        named[f"proofs/checkpoints/{each.size}.checkpoint"] = each.note
        if each.key is not None:
            named[f"proofs/checkpoints/{each.size}.key.pem"] = each.key.pem
    for stamp in proofs.stamps:
        path = f"proofs/stamps/{stamp.size}.{stamp.number}"
        named[f"{path}.tsr"] = stamp.response
        named[f"{path}.chain.pem"] = b"".join(stamp.certificates)
        named[f"{path}.root.pem"] = stamp.certificates[-1]
        if stamp.revocation:
            named[f"{path}.crl.pem"] = stamp.revocation
    return named


def _lines(lines: Iterable[Iterable[str]]) -> bytes:
    return "".join(f"{' '.join(words)}\n" for words in lines).encode()


def _listed(content: Files) -> bytes:
    return "".join(f"{sha256(data).hexdigest()}  {path}\n" for path, data in sorted(content.items())).encode()


def _asset(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()
