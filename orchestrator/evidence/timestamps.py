"""Time from outside: what an RFC 3161 authority is asked and answers, and whether the answer may be believed.

An authority signs that it saw a hash at a time. What it signed is checked when it comes: status, nonce, hash, and its signature with the
chain of certificates that it brought along or names. These are kept beside the token, for its certificates end before our claims do.
"""

import asyncio
import secrets
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import new as hash_by_name
from pathlib import Path
from typing import Literal

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

Algorithm = Literal["sha256", "sm3"]

_OIDS: dict[Algorithm, str] = {"sha256": "2.16.840.1.101.3.4.2.1", "sm3": "1.2.156.10197.1.401"}
"""SM3 is the hash of GB/T 32905-2016 (GM/T 0004-2012)."""
TokenFor = Callable[[bytes], bytes]
"""The bytes of a signature -> an authority's token over them (DER ContentInfo). What it raises, signing raises."""
LONGEST_TOKEN = 12_288
"""Bytes kept free for a token in a signed letter: with its certificates it has some 2 to 8 kB."""
_GRANTED = ("granted", "granted_with_mods")


class Answer(core.Sequence):  # type: ignore[misc]
    """TimeStampResp of RFC 3161 section 2.4.2: a refusal has no token, which the library's own class does not allow for."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]


class StampRefused(ValueError):
    """The authority gave no time, or what it gave cannot be believed; says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request as it goes over the wire, and what its answer must hold."""

    request: bytes
    algorithm: Algorithm
    imprint: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """An authority's word: `response` as it came (DER TimeStampResp), the time in it (UTC), and the certificates it came with (PEM,
    the signer's first). `expires` is when the signer's certificate ends: by then something newer must hold it."""

    response: bytes
    algorithm: Algorithm
    at: datetime
    serial: int
    certificates: tuple[bytes, ...]
    expires: datetime


def ask(data: bytes, algorithm: Algorithm = "sha256") -> Question:
    """A request for the time of `data`: with a nonce, so that no old answer can be played again, and for the certificates."""
    imprint, nonce = hash_by_name(algorithm, data).digest(), secrets.randbits(63)
    request = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {"hash_algorithm": {"algorithm": _OIDS[algorithm]}, "hashed_message": imprint},
            "nonce": nonce,
            "cert_req": True,
        }
    )
    return Question(request.dump(), algorithm, imprint, nonce)


def read(question: Question, response: bytes) -> Stamp:
    """The stamp in an answer to our question; its signature is not judged yet (`believe`). Raises StampRefused."""
    try:
        answer = Answer.load(response, strict=True)
        status = answer["status"]["status"].native
        if status not in _GRANTED:
            raise StampRefused(f"the authority answered “{status}”{_why(answer)}")
        info = _info(response)
        imprint, nonce = info["message_imprint"], info["nonce"].native
        if (
            imprint["hash_algorithm"]["algorithm"].dotted != _OIDS[question.algorithm]
            or imprint["hashed_message"].native != question.imprint
        ):
            raise StampRefused("the authority stamped another hash than the one it was given")
        if nonce != question.nonce:
            raise StampRefused("the answer is not to our question: its nonce is another")
        return _stamp(response, question.algorithm)
    except StampRefused:
        raise
    except (ValueError, TypeError, KeyError, IndexError) as garbled:
        raise StampRefused(f"the answer is no RFC 3161 response ({type(garbled).__name__})") from garbled


def _stamp(response: bytes, algorithm: Algorithm) -> Stamp:
    info, certificates = _info(response), _certificates(Answer.load(response)["time_stamp_token"]["content"])
    return Stamp(
        response,
        algorithm,
        info["gen_time"].native,
        info["serial_number"].native,
        tuple(each.public_bytes(Encoding.PEM) for each in certificates),
        certificates[0].not_valid_after_utc,
    )


def time_of(response: bytes, data: bytes, roots: Sequence[bytes]) -> datetime:
    """The time at which an authority saw `data`, by an answer that was kept; judged at that time. Raises StampRefused."""
    try:
        by_oid: dict[str, Algorithm] = {oid: name for name, oid in _OIDS.items()}
        algorithm = by_oid[_info(response)["message_imprint"]["hash_algorithm"]["algorithm"].dotted]
        stamp = _stamp(response, algorithm)
    except (ValueError, TypeError, KeyError, IndexError) as garbled:
        raise StampRefused(f"it is no RFC 3161 response ({type(garbled).__name__})") from garbled
    believe(stamp, data, roots)
    return stamp.at


def imprint(response: bytes) -> tuple[bytes, datetime]:
    """The hash that an answer is about, and the time in it. Raises StampRefused where it is no answer."""
    try:
        info = _info(response)
        return info["message_imprint"]["hashed_message"].native, info["gen_time"].native
    except (ValueError, TypeError, KeyError) as garbled:
        raise StampRefused(f"the answer is no RFC 3161 response ({type(garbled).__name__})") from garbled


def each_pem(together: bytes) -> tuple[bytes, ...]:
    """Certificates that stand one after the other, each by itself."""
    end = b"-----END CERTIFICATE-----\n"
    return tuple(each + end for each in together.replace(b"\r", b"").split(end) if each.strip())


def believe(stamp: Stamp, data: bytes, roots: Sequence[bytes] = ()) -> None:
    """Check the signature over `data` and its chain at the stamp's own time. `roots` are PEM; without any, the last certificate of the
    stamp's own chain stands in for one: then the signature holds, and whose it is must be judged by who checks the bundle.

    Raises StampRefused.
    """
    own = [x509.load_pem_x509_certificate(pem) for pem in stamp.certificates]
    trusted = [x509.load_pem_x509_certificate(pem) for pem in roots] or own[-1:]
    if hash_by_name(stamp.algorithm, data).digest() != imprint(stamp.response)[0]:
        raise StampRefused("the authority stamped other bytes than these")
    if stamp.algorithm == "sm3":
        _believe_by_openssl(stamp, data, trusted)
    else:
        _believe_by_its_chain(stamp, data, own, trusted)


def _believe_by_its_chain(stamp: Stamp, data: bytes, own: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate]) -> None:
    from pyhanko.sign.validation import generic_cms  # takes half a second, which a command that stamps nothing does not pay
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko_certvalidator import ValidationContext

    context = ValidationContext(
        trust_roots=[_as_asn1(each) for each in trusted],
        other_certs=[_as_asn1(each) for each in own],
        moment=stamp.at,
        allow_fetching=False,
    )
    token = Answer.load(stamp.response)["time_stamp_token"]["content"]
    try:
        found = asyncio.run(generic_cms.validate_tst_signed_data(token, context, lambda name: hash_by_name(name, data).digest()))
    except (SignatureValidationError, ValueError) as refused:
        raise StampRefused(f"the authority's signature does not hold: {refused}") from refused
    if not (found["intact"] and found["valid"] and found.get("trust_problem_indic") is None):
        raise StampRefused("the authority's signature does not hold, or its certificate was not issued by who it says")


def _believe_by_openssl(stamp: Stamp, data: bytes, trusted: Sequence[x509.Certificate]) -> None:
    """The library knows no SM3; openssl does."""
    with tempfile.TemporaryDirectory() as folder:
        response, text, roots, chain = (Path(folder) / name for name in ("stamp.tsr", "data", "roots.pem", "chain.pem"))
        response.write_bytes(stamp.response)
        text.write_bytes(data)
        roots.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in trusted))
        chain.write_bytes(b"".join(stamp.certificates))
        at = str(int(stamp.at.timestamp()))
        files = ["-in", str(response), "-data", str(text), "-CAfile", str(roots), "-untrusted", str(chain)]
        command = ["openssl", "ts", "-verify", *files, "-attime", at]
        try:
            said = subprocess.run(command, capture_output=True, timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired) as failed:
            raise StampRefused(f"a stamp by SM3 is checked by openssl, which did not answer ({type(failed).__name__})") from failed
    if said.returncode:
        raise StampRefused("the authority's signature does not hold: openssl ts refuses it")


def _as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _info(response: bytes) -> tsp.TSTInfo:
    """What the authority signed."""
    return Answer.load(response)["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed


def _certificates(signed: cms.SignedData) -> list[x509.Certificate]:
    """The signer's certificate, then its issuer, and so on up, as far as the answer brought them along."""
    held = [x509.load_der_x509_certificate(each.chosen.dump()) for each in signed["certificates"] if each.name == "certificate"]
    named = signed["signer_infos"][0]["sid"].chosen
    chain = [each for each in held if _is_named(each, named)][:1]
    if not chain:
        raise StampRefused("the answer does not hold the certificate it was signed with")
    while chain[-1].issuer != chain[-1].subject and (above := [each for each in held if each.subject == chain[-1].issuer]):
        chain.append(above[0])
    return chain


def _is_named(certificate: x509.Certificate, named: cms.IssuerAndSerialNumber | object) -> bool:
    if isinstance(named, cms.IssuerAndSerialNumber):
        number, issuer = named["serial_number"].native, named["issuer"].dump()
        return bool(certificate.serial_number == number and certificate.issuer.public_bytes() == issuer)
    try:
        identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return False
    return bool(identifier == getattr(named, "native", None))


def _why(answer: Answer) -> str:
    said = [*(answer["status"]["status_string"].native or ()), *sorted(answer["status"]["fail_info"].native or ())]
    return f": {', '.join(said)}" if said else ""
