"""The time-stamping authorities of this installation, and how they are asked: RFC 3161 over HTTP (section 3.4)."""

from collections.abc import Sequence
from typing import Protocol

import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from orchestrator.clock import Now
from orchestrator.evidence import timestamps
from orchestrator.evidence.authority import SandboxAuthority
from orchestrator.evidence.timestamps import Algorithm, Stamp, StampRefused
from orchestrator.settings import Settings

CONNECT_SECONDS, READ_SECONDS = 3.05, 15.0
LONGEST_ANSWER = 262_144
"""Bytes. A token with its certificates has some 2 to 8 kB, a revocation list seldom more than a hundred."""
SM3 = "sm3+"
"""Before a URL in XIANLI_TSA_URLS: this authority is asked for a stamp by SM3."""


class Authority(Protocol):
    """Somebody who says when they saw a hash."""

    @property
    def name(self) -> str:
        """As it is written beside its stamps: its URL, or `sandbox`."""
        ...

    def answer(self, request: bytes) -> bytes:
        """The DER answer to a DER request. Raises StampRefused where none came."""
        ...


class HttpAuthority:
    """An authority at a URL."""

    def __init__(self, url: str) -> None:
        self.name = url
        self._url = url.removeprefix(SM3)

    def answer(self, request: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        return _fetched("POST", self._url, data=request, headers=headers)


def authorities_of(settings: Settings, now: Now) -> tuple[Authority, ...]:
    """In the order they are configured; a sandbox without any has its own, which stamps on the sandbox's clock."""
    if settings.sandbox and not settings.tsa_urls:
        return (SandboxAuthority(settings.state_dir / "sandbox-time.p12", settings.secret_key, now),)
    return tuple(HttpAuthority(url) for url in settings.tsa_urls)


def algorithm_of(authority: Authority) -> Algorithm:
    return "sm3" if authority.name.startswith(SM3) else "sha256"


def stamp(authority: Authority, data: bytes) -> Stamp:
    """The authority's word on when it saw `data`, once its signature holds. Raises StampRefused."""
    question = timestamps.ask(data, algorithm_of(authority))
    stamped = timestamps.read(question, authority.answer(question.request))
    timestamps.believe(stamped, data)
    return stamped


def revocation_lists(stamped: Stamp) -> tuple[bytes | None, str]:
    """The revocation lists of today that the stamp's certificates name (PEM), and what could not be had.

    Years later nobody serves them any more. An authority that names none, as a sandbox's, has none.
    """
    lists, lacking = [], []
    for url in _distribution_points(stamped.certificates):
        try:
            lists.append(_as_pem(_fetched("GET", url)))
        except (StampRefused, ValueError) as missed:
            lacking.append(str(missed))
    return b"".join(lists) or None, "; ".join(lacking)


def _fetched(method: str, url: str, **parts: object) -> bytes:
    try:
        with requests.request(
            method,
            url,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
            **parts,  # type: ignore[arg-type]
        ) as answered:
            body = answered.raw.read(LONGEST_ANSWER + 1, decode_content=True)
    except (requests.RequestException, OSError) as failed:
        raise StampRefused(f"{url} does not answer ({type(failed).__name__})") from failed
    if answered.status_code != requests.codes.ok:
        raise StampRefused(f"{url} answered HTTP {answered.status_code}")
    if len(body) > LONGEST_ANSWER:
        raise StampRefused(f"{url} answered more than {LONGEST_ANSWER} bytes")
    return bytes(body)


def _distribution_points(certificates: Sequence[bytes]) -> list[str]:
    """Web addresses only, each once, in the order of the chain."""
    found: list[str] = []
    for pem in certificates:
        try:
            points = x509.load_pem_x509_certificate(pem).extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        except x509.ExtensionNotFound:
            continue
        found += [name.value for point in points for name in point.full_name or () if isinstance(name, x509.UniformResourceIdentifier)]
    return [url for url in dict.fromkeys(found) if url.startswith(("http://", "https://"))]


def _as_pem(crl: bytes) -> bytes:
    read = x509.load_pem_x509_crl(crl) if crl.startswith(b"-----") else x509.load_der_x509_crl(crl)
    return read.public_bytes(Encoding.PEM)
