"""The company's seal in a token or an HSM (PKCS#11): the key never leaves it, each signature is asked of it.

Needs the optional extra `xianli[pkcs11]`. Certificate and key are found on the token by one label; those of who
issued it go along if they lie there too.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple

from cryptography import x509

from orchestrator.evidence.seals import Seal, SealError, check

SETTING = "XIANLI_SIGNING_PKCS11"


class Place(NamedTuple):
    """The module that speaks to the token, the token's label, the label of key and certificate."""

    module: str
    token: str
    label: str


def load(setting: str, pin: str, at: datetime) -> Seal:
    """The seal at `module,token label,key label`. Raises SealError where it could not sign at that time."""
    place = _place(setting)
    with _told(place), _session(place, pin) as session:
        certificates, sign = _certificates(session), _signing(session, place)
        if place.label not in certificates:
            known = ", ".join(certificates) or "none"
            raise SealError(f"{SETTING}: no certificate on {place.token} is labelled {place.label}; there are: {known}")
        certificate = certificates[place.label]
        check(certificate, f"{SETTING}: on {place.token}", at)
    return Seal(sign, certificate, _issuers(certificate, list(certificates.values())))


def _place(setting: str) -> Place:
    parts = [part.strip() for part in setting.split(",")]
    if len(parts) != len(Place._fields) or not all(parts):
        raise SealError(f"{SETTING}: say module, token label and key label, like /usr/lib/softhsm/libsofthsm2.so,xianli,seal")
    return Place(*parts)


@contextmanager
def _session(place: Place, pin: str) -> Iterator[Any]:
    """It stays open for the seal that comes of it, for a token takes long to log in to, and is closed where none does.

    A process is logged in as a whole (PKCS #11 v2.40, 5.6): a second session needs no PIN.
    """
    import pkcs11

    token: Any = pkcs11.lib(place.module).get_token(token_label=place.token)
    try:
        session = token.open(user_pin=pin)
    except pkcs11.UserAlreadyLoggedIn:
        session = token.open()
    try:
        yield session
    except BaseException:
        session.close()
        raise


def _certificates(session: Any) -> dict[str, x509.Certificate]:
    """By label."""
    from pkcs11 import Attribute, ObjectClass

    found = session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
    return {each[Attribute.LABEL]: x509.load_der_x509_certificate(bytes(each[Attribute.VALUE])) for each in found}


def _issuers(certificate: x509.Certificate, known: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Who issued it, who issued that, and so on, as far as the token knows."""
    chain: list[x509.Certificate] = []
    while certificate.issuer != certificate.subject:
        issuers = [each for each in known if each.subject == certificate.issuer and each not in chain]
        if not issuers:
            break
        certificate = issuers[0]
        chain.append(certificate)
    return chain


def _signing(session: Any, place: Place) -> Callable[[bytes], bytes]:
    """What signs with the key of that label; a session serves one at a time."""
    from pkcs11 import KeyType, Mechanism, ObjectClass
    from pkcs11.util.ec import encode_ecdsa_signature

    key: Any = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=place.label)
    one_at_a_time = Lock()

    def sign(attributes: bytes) -> bytes:
        with one_at_a_time, _told(place):
            if key.key_type == KeyType.EC:
                numbers = key.sign(hashlib.sha256(attributes).digest(), mechanism=Mechanism.ECDSA)
                return bytes(encode_ecdsa_signature(numbers))
            return bytes(key.sign(attributes, mechanism=Mechanism.SHA256_RSA_PKCS))

    return sign


@contextmanager
def _told(place: Place) -> Iterator[None]:
    """What a token says, as an error that names what to mend; never the PIN."""
    try:
        import pkcs11
    except ImportError:
        raise SealError(f"{SETTING} needs the extra of that name: install xianli[pkcs11]") from None
    reasons = {
        pkcs11.exceptions.PinIncorrect: "XIANLI_SIGNING_PASSWORD is not its PIN",
        pkcs11.exceptions.PinLocked: "its PIN is locked after too many wrong ones",
        pkcs11.exceptions.NoSuchToken: "no token has this label",
        pkcs11.exceptions.NoSuchKey: f"no private key is labelled {place.label}",
        pkcs11.exceptions.MultipleObjectsReturned: f"more than one private key is labelled {place.label}",
    }
    try:
        yield
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as refused:
        why = next((said for kind, said in reasons.items() if isinstance(refused, kind)), f"it does not answer ({type(refused).__name__})")
        raise SealError(f"{SETTING}: {place.token} at {place.module}: {why}") from None
