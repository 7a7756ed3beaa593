"""The time-stamping authority of a sandbox: RFC 3161 answers on the sandbox's own clock, under certificates that bear the sandbox's name.

What it stamps proves that the machinery works, and nothing to a court: whoever reads its tokens sees whose they are.
"""

from datetime import datetime
from functools import cached_property
from pathlib import Path

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from orchestrator.clock import Now
from orchestrator.evidence import sandbox_certificates
from orchestrator.evidence.timestamps import Answer

_RSA_BITS, _RSA_EXPONENT = 2048, 65537
_SHA256 = "sha256"


class SandboxAuthority:
    """Answers requests at the sandbox's time. Its key is kept in a PKCS#12 file of the state folder, made the first time."""

    name = "sandbox"

    def __init__(self, path: Path, password: str, now: Now) -> None:
        self._path, self._password, self._now = path, password, now

    def answer(self, request: bytes) -> bytes:
        """A TimeStampResp in DER; one that refuses where the request is for another hash than SHA-256, or is none."""
        try:
            asked = tsp.TimeStampReq.load(request, strict=True)
            algorithm = asked["message_imprint"]["hash_algorithm"]["algorithm"].native
        except (ValueError, KeyError, TypeError):
            return _refusal("bad_data_format")
        if algorithm != _SHA256:
            return _refusal("bad_alg")
        return self._stamped(asked, self._now().replace(microsecond=0))

    def _stamped(self, asked: tsp.TimeStampReq, at: datetime) -> bytes:
        from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper  # takes half a second: whoever stamps nothing does not pay

        key, certificate, issuers = self._identity
        stamper = DummyTimeStamper(tsa_cert=certificate, tsa_key=key, certs_to_embed=issuers, fixed_dt=at)  # type: ignore[arg-type]
        stamped: bytes = stamper.request_tsa_response(asked).dump()
        return stamped

    @cached_property
    def _identity(self) -> tuple[keys.PrivateKeyInfo, asn1_x509.Certificate, list[asn1_x509.Certificate]]:
        if not self._path.exists():
            made = rsa.generate_private_key(_RSA_EXPONENT, _RSA_BITS)
            sandbox_certificates.make(
                self._path, self._password, made, root="Xianli Sandbox Time Root", name="先礼沙盒时间戳 Sandbox Time", stamps_time=True
            )
        key, certificate, issuers = pkcs12.load_key_and_certificates(self._path.read_bytes(), self._password.encode())
        assert key is not None
        assert certificate is not None
        plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        chain = [asn1_x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in (certificate, *issuers)]
        return keys.PrivateKeyInfo.load(plain), chain[0], chain[1:]


def _refusal(why: str) -> bytes:
    refused: bytes = Answer({"status": {"status": "rejection", "fail_info": {why}}}).dump()
    return refused
