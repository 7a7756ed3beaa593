"""Letters: to the post's desk where one is connected, else to the company's own print room.

The desk knows letters by our attempt: the same attempt handed in twice is one letter with one waybill. Its tracking comes as callbacks
signed by HMAC, and it answers when it is asked. Without a desk a letter waits for its batch to be printed and posted, by staff or by a
print house (channels.print_house), and the post's numbers are scanned in.
"""

import hashlib
import hmac
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from requests import Response, Session
from requests.exceptions import RequestException

from channels.contract import (
    Accepted,
    Capabilities,
    ErrorMeaning,
    Exchange,
    ForgedRequest,
    Handover,
    Health,
    LookupFailed,
    Message,
    Refused,
    SignedRequest,
    Sought,
    Unknown,
)
from channels.print_house import PrintHouse, PrintHouseSettings
from channels.receipts import Delivery, ErrorClass, Receipt
from channels.wire import Wire, never_left

SIGNATURE_HEADER = "X-Post-Signature"

_DESK = "the post's desk as the sandbox speaks it, channels/carrier/post.py"

ERRORS: Mapping[str, ErrorMeaning] = {
    "address_incomplete": ErrorMeaning("contact_bad", "the address lacks a part", _DESK),
    "address_unknown": ErrorMeaning("contact_bad", "there is no such address", _DESK),
    "no_service": ErrorMeaning("unreachable", "the post does not go there", _DESK),
    "unauthorized": ErrorMeaning("config", "the token is not the desk's", _DESK),
    "too_many_requests": ErrorMeaning("transient", "too many letters at once", _DESK),
    "closed": ErrorMeaning("transient", "the desk is closed", _DESK),
}
"""The desk's refusals. Unknown ones are permanent."""

_TRACKING: dict[str, tuple[Delivery, str | None, str | None]] = {
    "collected": ("sent", "mailed", None),
    "in_transit": ("sent", None, None),
    "out_for_delivery": ("sent", None, None),
    "signed_self": ("delivered", "handed_over", "self"),
    "signed_family": ("delivered", "handed_over", "family"),
    "signed_mail_desk": ("delivered", "handed_over", "mail_desk"),
    "signed_locker": ("delivered", "handed_over", "locker"),
    "signed_station": ("delivered", "handed_over", "station"),
    "signed_guard": ("delivered", "handed_over", "guard"),
    "returned_refused": ("undelivered", "returned_refused", None),
    "returned_unknown": ("undelivered", "returned_unknown", None),
    "return_delivered": ("undelivered", None, None),
}
"""The desk's words -> delivery, outcome, who signed. `return_delivered` (退回妥投) means delivered back to the SENDER."""


class LetterSettings(PrintHouseSettings, Protocol):
    @property
    def exhibits(self) -> Path: ...

    @property
    def public_url(self) -> str: ...

    @property
    def post_url(self) -> str | None: ...

    @property
    def post_token(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Tracked:
    """The post's record of one letter when it was asked for, and the raw bytes of the asking."""

    receipt: Receipt
    exchange: Exchange


class LetterChannel:
    channel = "letter"

    def __init__(self, settings: LetterSettings) -> None:
        if settings.post_url and not settings.post_token:
            raise ValueError("a post desk is configured without its token: tracking callbacks could not be verified")
        self.provider = "post" if settings.post_url else "print"
        self.sender = self.provider
        self._folder = settings.exhibits
        self._public_url = settings.public_url.rstrip("/")
        self._desk = PostDesk(settings.post_url, settings.post_token) if settings.post_url and settings.post_token else None
        self._house = PrintHouse.of(settings)
        self._token = (settings.post_token or "").encode()

    def capabilities(self, country: str) -> Capabilities:
        """The post serves every country; the price is that of a registered letter at home. Mailed supports no more: arrival proves."""
        return Capabilities(available=True, cost="12.00", evidence_level="C", can_cancel=self._desk is None)

    def send(self, message: Message) -> Handover:
        if message.document is None:
            raise ValueError(f"attempt {message.attempt_id} is a letter without its document")
        if self._desk is None:
            return _in_the_print_room(message.attempt_id)
        return self._desk.hand_in(
            {
                "attempt": message.attempt_id,
                "registered": message.registered,
                "to": message.to,
                "content": message.summary,
                "callback": f"{self._public_url}/webhooks/post/tracking/{message.attempt_id}",
                "sha256": hashlib.sha256(message.document).hexdigest(),
            }
        )

    def find(self, sought: Sought) -> Accepted | None:
        """At the desk by our attempt. The print room is our own: what was composed waits there."""
        if self._desk is None:
            return _in_the_print_room(sought.attempt_id)
        letter, exchange = self._desk.look_up(sought.attempt_id)
        return Accepted("post", letter["waybill"], exchange) if letter is not None else None

    def fetch(self, provider_id: str, attempt_id: int) -> Accepted:
        """What the desk's own record says now. Raises LookupFailed."""
        tracked = self.track(provider_id, attempt_id)
        return Accepted("post", tracked.receipt.provider_id, tracked.exchange, receipts=(tracked.receipt,))

    def track(self, provider_id: str, attempt_id: int) -> Tracked:
        """The desk's record of a letter as it stands, to be kept. Raises LookupFailed, also where there is no desk to ask."""
        if self._desk is None:
            raise LookupFailed("no desk is connected: fetch the tracking from the post's own pages and import it")
        letter, exchange = self._desk.look_up(attempt_id)
        if letter is None or letter["waybill"] != provider_id:
            raise LookupFailed(f"the post's desk does not know the letter of attempt {attempt_id} as {provider_id}")
        said_at = letter.get("status_at")
        return Tracked(
            _receipt(letter["waybill"], attempt_id, letter["status"], datetime.fromisoformat(said_at) if said_at else None), exchange
        )

    def explain(self, code: str) -> ErrorMeaning:
        return ERRORS.get(code, ErrorMeaning("permanent", "not in the table of the desk's codes", _DESK))

    def check(self) -> Health:
        """The worst of what a letter needs: the folder its batch is made in, the desk, the print house."""
        return max(self._examined(), key=lambda health: ("ok", "warning", "down").index(health.state))

    def _examined(self) -> Iterator[Health]:
        yield Health("ok", "letters wait in the print room for their batch: see the console's page Letters")
        yield _writable(self._folder)
        if self._house is not None:
            yield self._house.check()
        if self._desk is not None:
            yield self._desk.check()

    def parse_receipt(self, request: SignedRequest) -> Sequence[Receipt]:
        """Tracking of one letter: JSON {waybill, status, at}. The signature covers the URL and the body."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        expected = tracking_signature(self._token, request.url, request.raw_body)
        if not self._token or not hmac.compare_digest(headers.get(SIGNATURE_HEADER.lower(), ""), expected):
            raise ForgedRequest("the signature of a tracking callback does not verify")
        event = json.loads(request.raw_body)
        return [_receipt(event["waybill"], request.path_attempt, event["status"], datetime.fromisoformat(event["at"]))]


def _in_the_print_room(attempt_id: int) -> Accepted:
    return Accepted("print", f"print-{attempt_id}", Exchange(b"", b""))


def _receipt(waybill: str, attempt_id: int | None, status: str, at: datetime | None) -> Receipt:
    delivery, outcome, signer = _TRACKING.get(status, ("accepted", None, None))
    error_class: ErrorClass | None = "contact_bad" if outcome == "returned_unknown" else None
    return Receipt("post", waybill, attempt_id, status, delivery, outcome=outcome, at=at, signer=signer, error_class=error_class)


def _writable(folder: Path) -> Health:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            return Health("ok", f"{folder} can be written to")
    except OSError as refused:
        return Health("down", f"{folder} cannot be written to ({refused.strerror}): no batch can be made; look at XIANLI_EXHIBITS")


class PostDesk:
    """The post's desk over HTTP: letters are handed in and looked up as JSON, under a bearer token."""

    def __init__(self, url: str, token: str) -> None:
        self._letters = f"{url.rstrip('/')}/post/letters"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._wire = Wire()

    def hand_in(self, letter: dict[str, Any]) -> Handover:
        try:
            answer, exchange = self._ask("POST", json=letter)
        except _Unanswered as unanswered:
            if unanswered.left:
                return Unknown("post", str(unanswered), unanswered.exchange)
            return Refused("post", "transient", "connect", unanswered.exchange)
        if answer.status_code in (200, 201):
            return _waybill(answer, exchange)
        if 400 <= answer.status_code < 500 and (code := _error(answer)):
            return Refused("post", ERRORS[code].error_class if code in ERRORS else "permanent", code, exchange)
        return Unknown("post", f"HTTP {answer.status_code}", exchange)

    def look_up(self, attempt_id: int) -> tuple[dict[str, Any] | None, Exchange]:
        """The letter as the desk recorded it. Raises LookupFailed."""
        try:
            answer, exchange = self._ask("GET", params={"attempt": attempt_id})
            if answer.status_code != 200:
                raise LookupFailed(f"the post's desk answered HTTP {answer.status_code}")
            letters = answer.json()["letters"]
        except (_Unanswered, ValueError, KeyError) as error:
            raise LookupFailed(f"the post's desk could not be asked: {error}") from error
        return (letters[0] if letters else None), exchange

    def check(self) -> Health:
        """Whether it answers under our token; the letter asked for is nobody's."""
        try:
            answer, _ = self._ask("GET", params={"attempt": 0})
        except _Unanswered as unanswered:
            return Health("down", f"the post's desk does not answer ({unanswered}): look at XIANLI_POST_URL; letters wait meanwhile")
        if answer.status_code != 200:
            return Health("down", f"the post's desk answers HTTP {answer.status_code}: look at XIANLI_POST_TOKEN")
        return Health("ok", "the post's desk answers")

    def _ask(self, method: str, **parts: Any) -> tuple[Response, Exchange]:
        recorder = self._wire.recorder()
        session = Session()
        recorder.mount_on(session, self._letters)
        try:
            answer = session.request(method, self._letters, headers=self._headers, **parts)
        except RequestException as error:
            raise _Unanswered(type(error).__name__, left=not never_left(error), exchange=recorder.exchange) from error
        return answer, recorder.exchange


class _Unanswered(Exception):
    def __init__(self, detail: str, *, left: bool, exchange: Exchange) -> None:
        super().__init__(detail)
        self.left = left
        self.exchange = exchange


def tracking_signature(token: bytes, url: str, body: bytes) -> str:
    return "sha256=" + hmac.new(token, url.encode() + b"\n" + body, hashlib.sha256).hexdigest()


def _waybill(answer: Response, exchange: Exchange) -> Handover:
    try:
        return Accepted("post", str(answer.json()["waybill"]), exchange)
    except (ValueError, KeyError, TypeError):
        return Unknown("post", "answer names no waybill", exchange)


def _error(answer: Response) -> str | None:
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return None
