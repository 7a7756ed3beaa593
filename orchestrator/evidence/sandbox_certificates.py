"""The certificates that a sandbox makes for itself: each bears the sandbox's name, and the key of its root is thrown away at once."""

import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

SANDBOX = "Xianli Sandbox 先礼沙盒"
"""The organisation in the name of a sandbox's certificates."""
_FIRST_DAY, _LAST_DAY = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""A sandbox lives on a clock of its own, which may stand years away."""
InForce = tuple[datetime, datetime]
"""From when and until when a certificate may sign."""


def make(
    path: Path, password: str, key: Key, *, root: str, name: str, stamps_time: bool = False, in_force: InForce = (_FIRST_DAY, _LAST_DAY)
) -> None:
    """Issue a certificate for a key by a root of its own, and keep both in a PKCS#12 file. Whoever comes second finds it made."""
    if path.exists():
        return
    root_key = ec.generate_private_key(ec.SECP256R1())
    root_name = _named(root)
    issuer = _issue(root_name, root_key, root_name, root_key, (_FIRST_DAY, _LAST_DAY), issuing=True)
    certificate = _issue(_named(name), key, root_name, root_key, in_force, issuing=False, stamps_time=stamps_time)
    sealed = pkcs12.serialize_key_and_certificates(b"xianli", key, certificate, [issuer], BestAvailableEncryption(password.encode()))
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
    with suppress(FileExistsError):
        path.hardlink_to(unfinished)
    Path(unfinished).unlink()


def _issue(
    subject: x509.Name,
    key: Key,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    in_force: InForce,
    *,
    issuing: bool,
    stamps_time: bool = False,
) -> x509.Certificate:
    usage = dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False)
    usage |= dict.fromkeys(("digital_signature", "content_commitment"), not issuing) | dict.fromkeys(("key_cert_sign", "crl_sign"), issuing)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(in_force[0])
        .not_valid_after(in_force[1])
        .add_extension(x509.BasicConstraints(ca=issuing, path_length=0 if issuing else None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if stamps_time:  # RFC 3161 section 2.3: this purpose alone, and critical
        certificate = certificate.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return certificate.sign(issuer_key, hashes.SHA256())


def _named(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, SANDBOX), x509.NameAttribute(NameOID.COMMON_NAME, common)])
