"""Certificates of a company, good and bad ones, as its PKCS#12 file has them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
PASSWORD = "印章 of the company"
COMPANY = "杭州云栖物业服务有限公司"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def issued(
    key: Key,
    *,
    since: datetime = NOW - timedelta(days=300),
    until: datetime = NOW + timedelta(days=60),
    signs: bool = True,
) -> x509.Certificate:
    """The company's certificate, issued by itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, COMPANY)])
    usage = dict.fromkeys(("data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False)
    usage |= {"digital_signature": signs, "content_commitment": signs, "key_encipherment": not signs}
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    )


def p12(folder: Path, key: Key | None, certificate: x509.Certificate | None) -> Path:
    path = folder / "seal.p12"
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, BestAvailableEncryption(PASSWORD.encode())))
    return path


def time_p12(path: Path, password: str, until: datetime) -> Path:
    """A time-stamping authority as `SandboxAuthority` keeps it: its certificate ends at `until`, that of its root in a hundred years."""
    key, root_key = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    name, root_name = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in ("Time", "Time Root"))
    began = until - timedelta(days=365)
    root = _of_time(root_name, root_key.public_key(), root_name, began, began + timedelta(days=36_500), issuing=True)
    signer = _of_time(name, key.public_key(), root_name, began, until, issuing=False)
    signer = signer.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    issuer = root.sign(root_key, hashes.SHA256())
    sealed = BestAvailableEncryption(password.encode())
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"time", key, signer.sign(root_key, hashes.SHA256()), [issuer], sealed))
    return path


def _of_time(
    name: x509.Name, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, by: x509.Name, since: datetime, until: datetime, *, issuing: bool
) -> x509.CertificateBuilder:
    usage = dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False)
    usage |= dict.fromkeys(("digital_signature", "content_commitment"), not issuing) | dict.fromkeys(("key_cert_sign", "crl_sign"), issuing)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(by)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=issuing, path_length=0 if issuing else None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
    )
