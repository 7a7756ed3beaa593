"""A checkpoint: the size and root of the log at a moment, signed. The format is C2SP's (tlog-checkpoint, signed-note), the key Ed25519.

    collect.example.com/xianli          who keeps the log
    5435                                how many entries
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2…   the root of their tree, in base64
                                        an empty line, then a signature
    — collect.example.com/xianli Az3grl…

Anybody with the log's public key can check it, with openssl alone: the signature covers everything above the empty line.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from orchestrator.evidence.merkle import HASH_BYTES

_ED25519 = b"\x01"
"""The signature type of Ed25519 in a signed note (C2SP signed-note, "Signature types")."""
_KEY_HASH_BYTES = 4


class NotACheckpoint(ValueError):
    """The bytes are no signed checkpoint, or not one of this key; says what does not fit."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is signed: whose log, how many entries, and the root over them (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> bytes:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n".encode()

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Raises NotACheckpoint. Lines after the third are extensions and are left alone, as the format asks."""
        try:
            origin, size, root = text.decode().split("\n")[:3]
            checkpoint = cls(origin, int(size), base64.b64decode(root, validate=True))
        except (ValueError, binascii.Error) as garbled:
            raise NotACheckpoint("no checkpoint: three lines are needed, with origin, size and root") from garbled
        if not origin or str(checkpoint.size) != size or checkpoint.size < 0 or len(checkpoint.root) != HASH_BYTES:
            raise NotACheckpoint("no checkpoint: its size or its root is not written as the format asks")
        return checkpoint


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """The public half of a log's key. `name` is the origin it signs for."""

    name: str
    public: bytes

    @property
    def hash(self) -> bytes:
        """The first four bytes of SHA-256(name || 0x0A || type || public key): which key a signature line is by."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_KEY_HASH_BYTES]

    @property
    def vkey(self) -> str:
        """As witnesses and tools of the format take it: name+hash+key."""
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    @property
    def pem(self) -> bytes:
        """As openssl takes it."""
        key = Ed25519PublicKey.from_public_bytes(self.public)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def open(self, note: bytes) -> Checkpoint:
        """The checkpoint in a signed note, once its signature by this key holds. Raises NotACheckpoint."""
        return Checkpoint.parse(self.read(note))

    def read(self, note: bytes) -> bytes:
        """The text of any note signed by this key, once its signature holds. Raises NotACheckpoint."""
        text, signature = self.split(note)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            raise NotACheckpoint("the signature does not hold: the note is not what the key signed") from None
        return text

    def split(self, note: bytes) -> tuple[bytes, bytes]:
        """What is signed, and the 64 bytes of this key's signature. Raises NotACheckpoint."""
        text, empty, signatures = note.rpartition(b"\n\n")
        if not empty:
            raise NotACheckpoint("no signed note: an empty line between text and signatures is needed")
        for line in signatures.decode("utf-8", "replace").splitlines():
            found = re.fullmatch(r"— (\S+) ([A-Za-z0-9+/]+=*)", line)
            if found is None or found[1] != self.name:
                continue
            try:
                blob = base64.b64decode(found[2], validate=True)
            except binascii.Error:
                continue
            if blob[:_KEY_HASH_BYTES] == self.hash:
                return text + b"\n", blob[_KEY_HASH_BYTES:]
        raise NotACheckpoint(f"no signature by {self.name}")


class LogKey:
    """The key that signs checkpoints; it never leaves the process."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        """`name` may hold neither spaces nor a plus sign (signed-note, "Format")."""
        self._private = private
        self.verifying = VerifyingKey(re.sub(r"[\s+]", "-", name), private.public_key().public_bytes_raw())

    @classmethod
    def derived(cls, name: str, secret: str) -> Self:
        """The key that follows from the program's secret by HKDF: another secret is another key, and the log says so when it changes."""
        seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"xianli evidence log, ed25519").derive(secret.encode())
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, size: int, root: bytes) -> bytes:
        """The signed note."""
        return self.signed(Checkpoint(self.verifying.name, size, root).text)

    def signature(self, content: bytes) -> bytes:
        """64 bytes over any content: what `openssl pkeyutl -verify -rawin` takes."""
        return self._private.sign(content)

    def signed(self, text: bytes) -> bytes:
        """Any text as a signed note; it ends with a newline."""
        signature = base64.b64encode(self.verifying.hash + self.signature(text)).decode()
        return text + b"\n" + f"— {self.verifying.name} {signature}\n".encode()
