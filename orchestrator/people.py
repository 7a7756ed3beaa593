"""Who works with the program: passwords, keys, and what each role may do.

A password is kept as an Argon2id hash. The billing system's key is 256 random bits, so a plain digest of it is enough and is checked on
every request in microseconds.
"""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

import phonenumbers
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from orchestrator.models.people import ROLES
from orchestrator.runtime import Runtime
from orchestrator.store import users
from orchestrator.store.users import Account

Act = Literal[
    "approve_campaign",
    "approve_route",
    "decide_approval",
    "report_task",
    "answer_alarm",
    "hold_case",
    "receive_cash",
    "read_evidence",
    "take_bundle",
    "prepare_suit",
    "keep_originals",
    "see_operations",
]

MAY: Final[dict[Act, frozenset[str]]] = {
    "approve_campaign": frozenset({"administrator", "supervisor"}),
    "decide_approval": frozenset({"administrator", "supervisor", "counsel"}),
    "report_task": frozenset({"administrator", "supervisor", "collector"}),
    "answer_alarm": frozenset({"administrator", "supervisor", "counsel"}),
    "hold_case": frozenset({"administrator", "supervisor", "collector", "counsel"}),
    "read_evidence": frozenset({"administrator", "supervisor", "counsel", "auditor"}),
    "take_bundle": frozenset({"administrator", "counsel"}),
    "prepare_suit": frozenset({"administrator", "counsel"}),
    "keep_originals": frozenset({"administrator", "supervisor", "counsel"}),
    "see_operations": frozenset({"administrator"}),
    "approve_route": frozenset({"administrator", "supervisor"}),
    "receive_cash": frozenset({"administrator", "supervisor"}),
}
"""Reading is everybody's on the console; the auditor does nothing else, the integration never logs in."""

INTEGRATION = "integration"

_hasher = PasswordHasher()
_NOBODY: Final = _hasher.hash(secrets.token_urlsafe(16))
"""Verified against where the name is unknown, so that the time taken does not tell."""


class NameTaken(ValueError):
    """Somebody is called so already."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is logged in. `seal` changes with the password, and ends the sessions begun before."""

    id: int
    name: str
    role: str
    community_id: int | None
    language: str
    seal: str

    def may(self, act: Act) -> bool:
        return self.role in MAY[act]


def add(runtime: Runtime, name: str, role: str, *, community: str | None = None) -> str:
    """Create a user and return their random password, or the integration's key: shown once, kept nowhere.

    Without a community: all of them. Raises NameTaken, or ValueError for an unknown role or community.
    """
    if role not in ROLES:
        raise ValueError(f"{role} is no role: choose one of {', '.join(ROLES)}")
    if not name.strip() or "." in name:
        raise ValueError("a name is not empty and has no full stop")
    secret = secrets.token_urlsafe(32 if role == INTEGRATION else 12)
    with runtime.store.begin() as rows:
        community_id = users.community_id(rows, community) if community is not None else None
        if community is not None and community_id is None:
            raise ValueError(f"no community is called {community}")
        if not users.insert(rows, name, role, community_id, _hash(role, secret)):
            raise NameTaken(f"{name} exists already")
    return f"{name}.{secret}" if role == INTEGRATION else secret


def reset(runtime: Runtime, name: str) -> str:
    """A new random password or key; sessions begun with the old one end. Raises LookupError."""
    with runtime.store.begin() as rows:
        account = users.named(rows, name)
        if account is None:
            raise LookupError(f"nobody is called {name}")
        secret = secrets.token_urlsafe(32 if account.role == INTEGRATION else 12)
        users.set_hash(rows, account.id, _hash(account.role, secret))
    return f"{name}.{secret}" if account.role == INTEGRATION else secret


def set_phone(runtime: Runtime, name: str, phone: str) -> None:
    """Their own number, where a call that is put through rings first; an empty one takes it away. Raises LookupError, ValueError."""
    sealed = runtime.store.vault.seal(_dialled(phone)) if phone else None
    with runtime.store.begin() as rows:
        if not users.set_phone(rows, name, sealed):
            raise LookupError(f"nobody is called {name}")


def _dialled(phone: str) -> str:
    """In E.164. Raises ValueError, and does not repeat the number."""
    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValueError("this is no number that can be dialled: write it with its country code, as +8613800000000")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def verify(runtime: Runtime, name: str, password: str) -> Person | None:
    """The person of this name and password, if they are active staff. Takes as long for a name nobody has."""
    with runtime.store.begin() as rows:
        account = users.named(rows, name)
    known = account is not None and account.active and account.role != INTEGRATION
    try:
        _hasher.verify(account.password_hash if account is not None and known else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return _person(account) if account is not None and known else None


def recall(runtime: Runtime, user_id: int, seal: str) -> Person | None:
    """Who a session belongs to, as long as they are active and their password is the one they logged in with."""
    with runtime.store.begin() as rows:
        account = users.of_id(rows, user_id)
    if account is None or not account.active or account.role == INTEGRATION:
        return None
    person = _person(account)
    return person if hmac.compare_digest(person.seal, seal) else None


def role_of(runtime: Runtime, name: str) -> str | None:
    """The role of an active member of staff; None where nobody is called so."""
    with runtime.store.begin() as rows:
        account = users.named(rows, name)
    return account.role if account is not None and account.active else None


def holder(runtime: Runtime, key: str) -> Person | None:
    """Whose API key this is."""
    name, _, secret = key.partition(".")
    with runtime.store.begin() as rows:
        account = users.named(rows, name)
    if account is None or not account.active or account.role != INTEGRATION:
        return None
    return _person(account) if hmac.compare_digest(account.password_hash, _hash(INTEGRATION, secret)) else None


def _hash(role: str, secret: str) -> str:
    return f"sha256:{sha256(secret.encode()).hexdigest()}" if role == INTEGRATION else _hasher.hash(secret)


def _person(account: Account) -> Person:
    seal = sha256(account.password_hash.encode()).hexdigest()[:16]
    return Person(account.id, account.name, account.role, account.community_id, account.language, seal)
