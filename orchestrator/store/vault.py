"""Personal data at rest: encrypted with AES-256-GCM; contact values are found again by a keyed digest.

All keys are derived from `XIANLI_ENCRYPTION_KEY`, so that losing the database alone gives away no number.
"""

import hmac
import os
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12


class Vault:
    """Seals, opens and indexes personal data with one key."""

    def __init__(self, encryption_key: str) -> None:
        self._cipher = AESGCM(_derive(encryption_key, b"xianli contact values"))
        self._index = _derive(encryption_key, b"xianli contact digests")
        self._payloads = AESGCM(_derive(encryption_key, b"xianli evidence payloads"))

    def seal(self, value: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, value.encode(), None)

    def open(self, sealed: bytes) -> str:
        """Raises cryptography's InvalidTag where the key is not the one it was sealed with."""
        return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()

    def digest(self, value: str) -> bytes:
        """32 bytes, the same for the same value: what look-ups and unique keys use."""
        return hmac.new(self._index, value.encode(), sha256).digest()

    def seal_payload(self, payload: bytes, leaf: bytes) -> bytes:
        """What a leaf of the log stands for, bound to it: under another leaf it does not open."""
        nonce = os.urandom(_NONCE)
        return nonce + self._payloads.encrypt(nonce, payload, leaf)

    def open_payload(self, sealed: bytes, leaf: bytes) -> bytes:
        """Raises cryptography's InvalidTag where the bytes, the leaf or the key are not those it was sealed with."""
        return self._payloads.decrypt(sealed[:_NONCE], sealed[_NONCE:], leaf)


def _derive(key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key.encode())
