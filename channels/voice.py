"""Automated calls through Twilio: placing one, following it to its end, and what its words mean. What is said: channels.dialogue."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

from channels.contract import Accepted, Capabilities, Handover, Message, SignedRequest, Sought
from channels.dialogue import KeyPressed, stage_of
from channels.receipts import Delivery, ErrorClass, Receipt
from channels.twilio_line import PROVIDER, ErrorTable, TwilioAccount, TwilioSettings, error_class, nearest

RING_SECONDS = 30
LONGEST_CALL_SECONDS = 300

ERRORS: ErrorTable = {
    "10004": ("transient", "call concurrency limit exceeded"),
    "13223": ("contact_bad", "invalid phone number format"),
    "13224": ("contact_bad", "number not supported or invalid"),
    "13225": ("blocked", "call blocked by Twilio"),
    "13227": ("config", "no international permission"),
    "21201": ("contact_bad", "no 'To' number specified"),
    "21205": ("config", "invalid URL"),
    "21210": ("config", "'From' number not verified"),
    "21213": ("config", "'From' number is required"),
    "21215": ("config", "no permission to call this region"),
    "21216": ("config", "account not allowed to call this number"),
    "21219": ("config", "'To' number not verified"),
    "21220": ("permanent", "invalid call state"),
}

_ENDINGS: dict[str, tuple[Delivery, str | None]] = {
    "queued": ("accepted", None),
    "initiated": ("accepted", None),
    "ringing": ("sent", None),
    "in-progress": ("sent", None),
    "completed": ("delivered", "answered"),
    "no-answer": ("undelivered", "no_answer"),
    "busy": ("undelivered", "busy"),
    "failed": ("failed", "failed"),
    "canceled": ("failed", "failed"),
}
"""CallStatus -> ours. A completed call reached a person only if no machine took it: see `_receipt`."""


class VoiceChannel:
    channel = "voice"
    provider = PROVIDER

    def __init__(self, settings: TwilioSettings, account: TwilioAccount) -> None:
        if not settings.twilio_from:
            raise ValueError("TWILIO_FROM is needed to place calls: a messaging service has no number to call from")
        self.sender = settings.twilio_from
        self._account = account
        self._from = settings.twilio_from
        self._sandbox = settings.sandbox

    def capabilities(self, country: str) -> Capabilities:
        """`country` is ISO 3166 alpha-2. Twilio places no calls to mainland China since 2023-11-30; the sandbox carrier does."""
        if country == "CN" and not self._sandbox:
            return Capabilities(available=False)
        return Capabilities(available=True, inbound=True, cost="0.15")

    def url(self, attempt_id: int) -> str:
        """Where the call's dialogue is fetched; it names the attempt and nothing of the debtor."""
        return self._account.url(f"voice/{attempt_id}")

    def send(self, message: Message) -> Handover:
        fields = {
            "to": message.to,
            "from_": self._from,
            "url": self.url(message.attempt_id),
            "method": "POST",
            "status_callback": self._account.url(f"status/{message.attempt_id}"),
            "status_callback_method": "POST",
            "status_callback_event": ["initiated", "ringing", "answered", "completed"],
            "machine_detection": "Enable",
            "timeout": RING_SECONDS,
            "time_limit": LONGEST_CALL_SECONDS,
            "record": True,
        }
        return self._account.hand_over(lambda client: client.calls.create(**fields), ERRORS)

    def find(self, sought: Sought) -> Accepted | None:
        """By both numbers, then real time: Twilio keeps no reference of ours on the call itself."""
        found, exchange = self._account.look_up(lambda client: client.calls.list(to=sought.to, from_=self._from, page_size=100))
        ours = nearest(found, sought)
        if ours is None:
            return None
        return Accepted(PROVIDER, ours.sid, exchange, receipts=(_receipt(ours.sid, sought.attempt_id, ours.status, ours.answered_by),))

    def fetch(self, provider_id: str, attempt_id: int) -> Receipt:
        """The state Twilio's own record shows now, for a call whose callbacks were lost. Raises LookupFailed."""
        (found,), _ = self._account.look_up(lambda client: [client.calls(provider_id).fetch()])
        return _receipt(found.sid, attempt_id, found.status, found.answered_by)

    def parse_receipt(self, request: SignedRequest) -> Sequence[Receipt]:
        form = self._account.verify(request)
        code = form.get("ErrorCode") or None
        at = _instant(form.get("Timestamp"))
        return [_receipt(form.get("CallSid", ""), request.path_attempt, form.get("CallStatus", ""), form.get("AnsweredBy"), code, at)]

    def parse_keys(self, request: SignedRequest) -> KeyPressed:
        """A request for the next words of the dialogue: at its start, or with the key the person pressed. Raises ForgedRequest."""
        form = self._account.verify(request)
        return KeyPressed(
            provider=PROVIDER,
            provider_id=form.get("CallSid", ""),
            attempt_id=request.path_attempt,
            stage=stage_of(request.url),
            key=form.get("Digits", ""),
            machine=_is_machine(form.get("AnsweredBy")),
        )

    def error_class(self, code: str) -> ErrorClass:
        return error_class(ERRORS, code) or "permanent"


def _receipt(
    sid: str, attempt_id: int | None, status: str, answered_by: str | None, code: str | None = None, at: datetime | None = None
) -> Receipt:
    delivery, outcome = _ENDINGS.get(status, ("accepted", None))
    if status == "completed" and _is_machine(answered_by):
        delivery, outcome = "undelivered", "machine"
    return Receipt(
        provider=PROVIDER,
        provider_id=sid,
        attempt_id=attempt_id,
        status=status,
        delivery=delivery,
        outcome=outcome,
        error_code=code,
        error_class=error_class(ERRORS, code),
        at=at,
    )


def _is_machine(answered_by: str | None) -> bool:
    """`unknown` may be a person, and is treated as one."""
    return (answered_by or "").startswith(("machine", "fax"))


def _instant(rfc2822: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(rfc2822) if rfc2822 else None
    except ValueError:
        return None
