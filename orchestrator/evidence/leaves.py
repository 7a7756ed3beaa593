"""A fact as canonical bytes, and the hashes that stand for it in the log.

    leaf = SHA-256(0x00 || header)      header: canonical JSON with the hash of the payload and the leaf before it
    payload hash = SHA-256(salt || payload)

The salt keeps a deleted payload from being guessed back from its hash (PIPL 47): what stays proves that something was, not what. The leaf
holds the one before it of the same case, so an entry taken out cannot be glued over, before the first checkpoint either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256

import rfc8785

LEAF_PREFIX = b"\x00"
"""RFC 6962 section 2.1: leaves and nodes are hashed apart."""
SALT_BYTES = 16

_NOT_PROVABLE = "evidence holds text, whole numbers, truth values, lists and mappings; money and times go in as text, floats never"


@dataclass(frozen=True, slots=True)
class Header:
    """What an entry says of itself for good. It names nobody and tells nothing of what happened, so it stays when its payload is deleted by
    law (PIPL 47), and may stand in a bundle in the place of what is not for the other side.

    `case` and `attempt` are numbers of ours, `at` and `wall` the program's and the real time, `previous` the leaf before it of the same
    case, `payload` the SHA-256 of salt and payload.
    """

    case: int | None
    attempt: int | None
    at: datetime
    wall: datetime
    previous: bytes | None
    payload: bytes

    @property
    def encoded(self) -> bytes:
        """Canonical JSON, times in UTC: as it stands in a bundle."""
        return canonical(
            {
                "case": self.case,
                "attempt": self.attempt,
                "at": self.at.astimezone(UTC),
                "wall": self.wall.astimezone(UTC),
                "previous": self.previous,
                "payload": self.payload,
            }
        )

    @property
    def leaf(self) -> bytes:
        """SHA-256(0x00 || header): what the tree holds (RFC 6962 section 2.1)."""
        return sha256(LEAF_PREFIX + self.encoded).digest()


def payload_of(kind: str, fact: Mapping[str, object]) -> bytes:
    """What happened, as canonical JSON."""
    return canonical({"kind": kind, "fact": fact})


def is_of(kind: str, payload: bytes) -> bool:
    """Whether a payload says that it is of a kind. Canonical JSON is in order, so it ends with it and need not be parsed.

    >>> is_of("receipt", payload_of("receipt", {"kind": "promise"}))
    True
    """
    return payload.endswith(b"," + _kind(kind))


@cache
def _kind(kind: str) -> bytes:
    return canonical({"kind": kind})[1:]


def payload_digest(payload: bytes, salt: bytes) -> bytes:
    """SHA-256(salt || payload)."""
    return sha256(salt + payload).digest()


def canonical(fact: Mapping[str, object]) -> bytes:
    """RFC 8785 bytes of a fact. Decimals and times become text, bytes become hex; a float raises TypeError.

    >>> canonical({"b": Decimal("2628.00"), "a": 1})
    b'{"a":1,"b":"2628.00"}'
    """
    return rfc8785.dumps(_plain(fact))


def _plain(value: object) -> rfc8785._impl._Value:
    if isinstance(value, float):
        raise TypeError(_NOT_PROVABLE)
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    raise TypeError(f"{_NOT_PROVABLE} (got {type(value).__name__})")
