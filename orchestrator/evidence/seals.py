"""The company's seal on its letters: a certificate with its key from a PKCS#12 file (or a token, see `tokens`), looked at before
anything is signed with it.

A sandbox makes a seal of its own, and every letter that bears it says so.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs12
from cryptography.x509.oid import NameOID

from orchestrator.evidence import sandbox_certificates
from orchestrator.evidence.sandbox_certificates import SANDBOX
from orchestrator.evidence.timestamps import TokenFor

if TYPE_CHECKING:
    from orchestrator.evidence.pades import Signer

SANDBOX_MARK = "先礼沙盒签名，无法律效力 / Sandbox signature, of no legal effect"
SHORTEST_RSA = 2048
"""Bits: below it no authority issues a certificate any more (CA/Browser Forum, Code Signing Baseline Requirements 6.1.5)."""


class SealError(ValueError):
    """Nothing can be signed with what is configured; says why, and the cure."""


class Seal:
    """A certificate that may sign letters, what signs with its key (P-256, P-384, P-521 or RSA; by SHA-256), and who issued it.

    `name` is whose it is, `expires` an aware time in UTC, `mark` what every signature says beside it: that it is a sandbox's.
    """

    def __init__(self, sign: Callable[[bytes], bytes], certificate: x509.Certificate, chain: Sequence[x509.Certificate]) -> None:
        self._sign, self._certificate, self._chain = sign, certificate, chain
        self.name = _name(certificate)
        self.expires = certificate.not_valid_after_utc
        self.mark = SANDBOX_MARK if SANDBOX in _values(certificate.issuer, NameOID.ORGANIZATION_NAME) else None

    def sign(self, pdf: bytes, at: datetime, stamp: TokenFor | None = None) -> bytes:
        """The document signed at that time, PAdES B-B, or B-T with a `stamp`. What was there is kept byte for byte, the signature stands
        behind it."""
        _check_in_force(self._certificate, at)
        return self._signer.sign(pdf, at, stamp)

    @cached_property
    def _signer(self) -> "Signer":
        """Imported when the first letter is signed: it takes half a second, which a command that signs nothing does not pay."""
        from orchestrator.evidence.pades import Signer

        return Signer(self._sign, self._certificate, self._chain, self.name, self.mark)


def load(path: Path, password: str, at: datetime) -> Seal:
    """The seal in a PKCS#12 file. Raises SealError where it could not sign at that time."""
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(path.read_bytes(), password.encode())
    except OSError as unread:
        raise SealError(f"XIANLI_SIGNING_P12: {path} cannot be read ({unread.strerror})") from None
    except UnsupportedAlgorithm as unknown:
        raise SealError(f"XIANLI_SIGNING_P12: the key in {path} is of a kind that cannot sign here: use P-256 or RSA") from unknown
    except ValueError:
        raise SealError(f"XIANLI_SIGNING_P12: {path} is no PKCS#12 file, or XIANLI_SIGNING_PASSWORD is not its password") from None
    if key is None or certificate is None:
        lacking = "private key" if key is None else "certificate that belongs to its key"
        raise SealError(f"XIANLI_SIGNING_P12: {path} has no {lacking}: export it again with both")
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise SealError(f"XIANLI_SIGNING_P12: the key in {path} is of a kind that cannot sign here: use P-256 or RSA")
    if _public(key) != _public(certificate):
        raise SealError(f"XIANLI_SIGNING_P12: the key in {path} is not that of its certificate")
    check(certificate, f"XIANLI_SIGNING_P12: in {path}", at)
    return Seal(_signing(key), certificate, chain)


def check(certificate: x509.Certificate, where: str, at: datetime) -> None:
    """Raises SealError where nobody should sign letters with this certificate at that time."""
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise SealError(f"{where} the key is of a kind that cannot sign here: use P-256 or RSA")
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < SHORTEST_RSA:
        raise SealError(f"{where} the RSA key has {key.key_size} bits, {SHORTEST_RSA} are the least")
    if not _may_sign(certificate):
        raise SealError(f"{where} the certificate is not for signing (its key usage says so): ask for one that is")
    _check_in_force(certificate, at)


def _signing(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    if isinstance(key, rsa.RSAPrivateKey):
        return lambda attributes: key.sign(attributes, padding.PKCS1v15(), hashes.SHA256())
    return lambda attributes: key.sign(attributes, ec.ECDSA(hashes.SHA256()))


def make_sandbox_seal(path: Path, password: str) -> None:
    """A seal of its own for a sandbox."""
    key = ec.generate_private_key(ec.SECP256R1())
    sandbox_certificates.make(path, password, key, root="Xianli Sandbox Root", name="先礼沙盒物业")


def _check_in_force(certificate: x509.Certificate, at: datetime) -> None:
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at < since:
        raise SealError(f"the signing certificate of {_name(certificate)} is valid from {since.isoformat()} only")
    if at > until:
        raise SealError(
            f"the signing certificate of {_name(certificate)} expired at {until.isoformat()}: "
            "put a new one into XIANLI_SIGNING_P12, or onto the token, and start again"
        )


def _may_sign(certificate: x509.Certificate) -> bool:
    """RFC 5280 4.2.1.3; a certificate that says nothing of its usage may be used for anything."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment


def _public(holder: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | x509.Certificate) -> bytes:
    return holder.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _name(certificate: x509.Certificate) -> str:
    subject = certificate.subject
    names = [*_values(subject, NameOID.COMMON_NAME), *_values(subject, NameOID.ORGANIZATION_NAME)]
    return names[0] if names else subject.rfc4514_string()


def _values(name: x509.Name, attribute: x509.ObjectIdentifier) -> list[str]:
    return [str(each.value) for each in name.get_attributes_for_oid(attribute)]
