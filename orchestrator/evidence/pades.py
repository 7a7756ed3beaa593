"""One document signed: PAdES B-B or B-T (ETSI EN 319 142-1, clause 6), an author's signature after which nothing may be changed.

All that stays the same from letter to letter is made once. Of the signature's container (CMS, RFC 5652) that is everything but the digest
of the document and the signature itself; so a letter costs 3 ms and not 20.
"""

import asyncio
import io
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

from asn1crypto import cms
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import ExternalSigner
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko_certvalidator.registry import SimpleCertificateStore

from orchestrator.evidence.timestamps import LONGEST_TOKEN, TokenFor

FIELD = "Seal"
DIGEST = "sha256"
_BLANK = bytes(range(0xA0, 0xC0))
"""Stands in the container where the digest of a document will."""


class Signer:
    """Signs with one key: `sign` takes the bytes to be signed and hashes them by SHA-256 itself. `mark` is said in the signature as its
    reason. Safe to share between threads."""

    def __init__(
        self,
        sign: Callable[[bytes], bytes],
        certificate: x509.Certificate,
        chain: Sequence[x509.Certificate],
        name: str,
        mark: str | None,
    ) -> None:
        self._signature, self._name, self._mark = sign, name, mark
        self._container = _container(certificate, chain)

    def sign(self, pdf: bytes, at: datetime, stamp: TokenFor | None) -> bytes:
        """The document with its signature appended. Its length depends on nothing but the document's, the certificate's, and on whether
        there is a `stamp`: its token is not known before the signature is, which covers the place kept for both."""
        placeholder = SignatureObject(
            timestamp=at,
            subfilter=SigSeedSubFilter.PADES,
            name=self._name,
            reason=self._mark,
            bytes_reserved=2 * (len(self._container) + (LONGEST_TOKEN if stamp else 0)),
        )
        closed = SigMDPSetup(md_algorithm=DIGEST, certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
        embedding = PdfCMSEmbedder(SigFieldSpec(FIELD)).write_cms(FIELD, _Appending(io.BytesIO(pdf)))
        next(embedding)
        embedding.send(SigObjSetup(placeholder, closed))
        prepared, signed = embedding.send(SigIOSetup(DIGEST))
        embedding.send(self._filled(prepared.document_digest, stamp))
        return cast("bytes", signed.getvalue())

    def _filled(self, digest: bytes, stamp: TokenFor | None) -> bytes:
        container = cms.ContentInfo.load(self._container.replace(_BLANK, digest))
        info = container["content"]["signer_infos"][0]
        info["signature"] = signature = self._signature(info["signed_attrs"].untag().dump())
        if stamp is not None:
            info["unsigned_attrs"] = [{"type": "signature_time_stamp_token", "values": [cms.ContentInfo.load(stamp(signature))]}]
        return cast("bytes", container.dump())


class _Appending(IncrementalPdfFileWriter):
    """Leaves the document's metadata as they are: its dates are those of the letter, in both of the places that PDF/A wants alike."""

    def _update_meta(self) -> None:
        pass


def _container(certificate: x509.Certificate, chain: Sequence[x509.Certificate]) -> bytes:
    """The container of a signature over nothing, as long as the longest this certificate's key makes."""
    issuers = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    issuers.register_multiple([_asn1(each) for each in chain])
    signer = ExternalSigner(_asn1(certificate), issuers, _longest_signature(certificate.public_key()))
    container: Any = asyncio.run(signer.async_sign(_BLANK, DIGEST, use_pades=True))
    return cast("bytes", container.dump())


def _longest_signature(key: object) -> int:
    """Bytes. An ECDSA signature is two numbers in DER (RFC 3279, 2.2.3), each as long as the key and with a sign."""
    assert isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
    size = (key.key_size + 7) // 8
    return size if isinstance(key, rsa.RSAPublicKey) else 2 * (size + 3) + 3


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
