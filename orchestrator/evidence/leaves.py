"""A fact as canonical bytes, and the salted hash that stands for it in the log.

The salt keeps a deleted payload from being guessed back from its leaf (PIPL 47): what stays proves that something was, not what.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

import rfc8785

LEAF_PREFIX = b"\x00"
"""RFC 6962 section 2.1: leaves and nodes are hashed apart."""
SALT_BYTES = 16

_NOT_PROVABLE = "evidence holds text, whole numbers, truth values, lists and mappings; money and times go in as text, floats never"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A payload, its salt and the 32-byte hash that represents both."""

    payload: bytes
    salt: bytes
    digest: bytes


def canonical(fact: Mapping[str, object]) -> bytes:
    """RFC 8785 bytes of a fact. Decimals and times become text; a float raises TypeError.

    >>> canonical({"b": Decimal("2628.00"), "a": 1})
    b'{"a":1,"b":"2628.00"}'
    """
    return rfc8785.dumps(_plain(fact))


def leaf(fact: Mapping[str, object], salt: bytes) -> Leaf:
    """The leaf of a fact under a salt of 16 bytes."""
    payload = canonical(fact)
    return Leaf(payload, salt, leaf_digest(payload, salt))


def leaf_digest(payload: bytes, salt: bytes) -> bytes:
    """SHA-256(0x00 || salt || payload)."""
    return sha256(LEAF_PREFIX + salt + payload).digest()


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
