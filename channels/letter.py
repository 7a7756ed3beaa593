"""Letters: into the day's print batch, and to the post's desk where one is connected.

The desk knows letters by our attempt: the same attempt handed in twice is one letter with one waybill. Its tracking comes as callbacks
signed by HMAC. Without a desk the batch is posted by hand and waybills are scanned in by staff.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from requests import Response, Session
from requests.exceptions import RequestException

from channels.contract import (
    Accepted,
    Capabilities,
    Exchange,
    ForgedRequest,
    Handover,
    LookupFailed,
    Message,
    Refused,
    SignedRequest,
    Sought,
    Unknown,
)
from channels.print_room import ManifestRow, PrintRoom
from channels.receipts import Delivery, ErrorClass, Receipt
from channels.wire import Wire, never_left

SIGNATURE_HEADER = "X-Post-Signature"

ERRORS: dict[str, ErrorClass] = {
    "address_incomplete": "contact_bad",
    "address_unknown": "contact_bad",
    "no_service": "unreachable",
    "unauthorized": "config",
    "too_many_requests": "transient",
    "closed": "transient",
}
"""The desk's refusals (sandbox post, channels/carrier/post.py). Unknown ones are permanent."""

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
"""The post's words -> delivery, outcome, who signed. `return_delivered` (退回妥投) means delivered back to the SENDER."""


class LetterSettings(Protocol):
    @property
    def exhibits(self) -> Path: ...

    @property
    def home_timezone(self) -> str: ...

    @property
    def public_url(self) -> str: ...

    @property
    def post_url(self) -> str | None: ...

    @property
    def post_token(self) -> str | None: ...


class LetterChannel:
    channel = "letter"

    def __init__(self, settings: LetterSettings, now: Callable[[], datetime]) -> None:
        if settings.post_url and not settings.post_token:
            raise ValueError("a post desk is configured without its token: tracking callbacks could not be verified")
        self.provider = "post" if settings.post_url else "print"
        self.sender = self.provider
        self._room = PrintRoom(settings.exhibits)
        self._zone = ZoneInfo(settings.home_timezone)
        self._public_url = settings.public_url.rstrip("/")
        self._desk = PostDesk(settings.post_url, settings.post_token) if settings.post_url and settings.post_token else None
        self._token = (settings.post_token or "").encode()
        self._now = now

    def capabilities(self, country: str) -> Capabilities:
        """The post serves every country; the price is that of a registered letter at home."""
        return Capabilities(available=True, cost="12.00")

    def send(self, message: Message) -> Handover:
        if message.document is None:
            raise ValueError(f"attempt {message.attempt_id} is a letter without its document")
        batch = self._now().astimezone(self._zone).date().isoformat()
        sha256 = self._room.lay_down(batch, message.attempt_id, message.document)
        handover = self._hand_in(message, sha256)
        match handover:
            case Accepted(provider_id=waybill):
                row = ManifestRow(
                    message.attempt_id, f"{message.attempt_id}.pdf", sha256, message.registered, message.to, message.summary, waybill
                )
                self._room.list_for_posting(batch, row)
            case Refused():
                self._room.take_back(batch, message.attempt_id)
        return handover

    def find(self, sought: Sought) -> Accepted | None:
        """At the desk by our attempt; in the print batch by the letter itself. A letter found is listed for posting, if it was not yet."""
        batch = self._room.batch_of(sought.attempt_id)
        if self._desk is None:
            return Accepted("print", f"print-{sought.attempt_id}", Exchange(b"", b"")) if batch else None
        letter, exchange = self._desk.look_up(sought.attempt_id)
        if letter is None:
            return None
        if batch:
            row = ManifestRow(
                sought.attempt_id,
                f"{sought.attempt_id}.pdf",
                letter["sha256"],
                letter["registered"],
                letter["to"],
                letter["content"],
                letter["waybill"],
            )
            self._room.list_for_posting(batch, row)
        return Accepted("post", letter["waybill"], exchange)

    def parse_receipt(self, request: SignedRequest) -> Sequence[Receipt]:
        """Tracking of one letter: JSON {waybill, status, at}. The signature covers the URL and the body."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        expected = tracking_signature(self._token, request.url, request.raw_body)
        if not self._token or not hmac.compare_digest(headers.get(SIGNATURE_HEADER.lower(), ""), expected):
            raise ForgedRequest("the signature of a tracking callback does not verify")
        event = json.loads(request.raw_body)
        delivery, outcome, signer = _TRACKING.get(event["status"], ("accepted", None, None))
        return [
            Receipt(
                provider="post",
                provider_id=event["waybill"],
                attempt_id=request.path_attempt,
                status=event["status"],
                delivery=delivery,
                outcome=outcome,
                at=datetime.fromisoformat(event["at"]),
                signer=signer,
            )
        ]

    def _hand_in(self, message: Message, sha256: str) -> Handover:
        if self._desk is None:
            return Accepted("print", f"print-{message.attempt_id}", Exchange(b"", b""))
        return self._desk.hand_in(
            {
                "attempt": message.attempt_id,
                "registered": message.registered,
                "to": message.to,
                "content": message.summary,
                "callback": f"{self._public_url}/webhooks/post/tracking/{message.attempt_id}",
                "sha256": sha256,
            }
        )


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
            return Refused("post", ERRORS.get(code, "permanent"), code, exchange)
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
