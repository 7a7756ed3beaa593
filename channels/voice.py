"""Automated calls through Twilio: placing one, following it to its end, and what its words mean. What is said: channels.dialogue."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from channels.bridge import ENDINGS, LONGEST_SECONDS, Invitation, Word
from channels.bridge import stage_named as bridge_stage
from channels.call_links import CallLinks, followed, link_secret
from channels.contract import Accepted, Capabilities, ErrorMeaning, Handover, Health, Message, SignedRequest, Sought
from channels.dialogue import LONGEST_AT_THE_DESK, KeyPressed, stage_named
from channels.receipts import Delivery, Receipt
from channels.twilio_line import PROVIDER, ErrorTable, TwilioAccount, TwilioSettings, error_class, instant, meaning, nearest
from channels.twilio_senders import Sender

RECORDED = "recording"
"""Where Twilio tells that a recording is there, under our doors for it."""
RING_SECONDS = 30
LONGEST_CALL_SECONDS = 300 + LONGEST_AT_THE_DESK
"""Twilio ends the whole call then: the dialogue has its five minutes, and who is put through to staff theirs."""

ERRORS: ErrorTable = {
    "10004": ("transient", "call concurrency limit exceeded"),
    "10005": ("config", "voice calling has been disabled for this account"),
    "13223": ("contact_bad", "invalid phone number format"),
    "13224": ("contact_bad", "number not supported or invalid"),
    "13225": ("blocked", "call blocked by Twilio"),
    "13214": ("config", "invalid caller id"),
    "13227": ("config", "no international permission"),
    "21201": ("contact_bad", "no 'To' number specified"),
    "21202": ("contact_bad", "'To' number is a premium number"),
    "21203": ("config", "international calling not enabled"),
    "21205": ("config", "invalid URL"),
    "21210": ("config", "'From' number not verified"),
    "21213": ("config", "'From' number is required"),
    "21215": ("config", "no permission to call this region"),
    "21216": ("config", "account not allowed to call this number"),
    "21219": ("config", "'To' number not verified"),
    "21220": ("permanent", "invalid call state"),
}

LIST_PRICES = {"US": ("0.0140", "USD")}
"""Country -> price of a minute begun. Source: https://www.twilio.com/en-us/voice/pricing/us, 2026. Of other countries it is not known
here."""

SANDBOX_PRICE = ("0.15", "CNY")

SPOKEN = frozenset({"zh", "en"})
"""The languages of the dialogue."""

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

    def __init__(self, sender: Sender, account: TwilioAccount, settings: TwilioSettings, now: Callable[[], datetime]) -> None:
        self.sender = sender.name
        self._account = account
        self._sandbox = settings.sandbox
        self._secret = link_secret(settings.secret_key)
        self._now = now

    def capabilities(self, country: str) -> Capabilities:
        """`country` is ISO 3166 alpha-2. Twilio places no calls to mainland China since 2023-11-30; the sandbox carrier does.

        An answered call alone supports only (C); what its listener confirmed and heard to the end counts for more.
        """
        if country == "CN" and not self._sandbox:
            return Capabilities(available=False)
        cost, currency = SANDBOX_PRICE if self._sandbox else LIST_PRICES.get(country, (None, "USD"))
        return Capabilities(available=True, inbound=True, languages=SPOKEN, cost=cost, currency=currency, evidence_level="C")

    def links(self, attempt_id: int, language: str) -> CallLinks:
        """Where the dialogue of a call is fetched."""
        return CallLinks(self._account.url(f"voice/{attempt_id}"), self._secret, self._now, language)

    def send(self, message: Message) -> Handover:
        links = self.links(message.attempt_id, message.language)
        fields = {
            "to": message.to,
            "from_": self.sender,
            "url": links.start(message.valid_until),
            "method": "POST",
            "fallback_url": links.apology(),
            "fallback_method": "POST",
            "status_callback": self._account.url(f"status/{message.attempt_id}"),
            "status_callback_method": "POST",
            "status_callback_event": ["initiated", "ringing", "answered", "completed"],
            "machine_detection": "DetectMessageEnd",
            "timeout": RING_SECONDS,
            "time_limit": LONGEST_CALL_SECONDS,
            "record": True,
            "recording_status_callback": self._account.url(RECORDED),
            "recording_status_callback_method": "POST",
            "recording_status_callback_event": ["completed"],
        }
        return self._account.hand_over(lambda client: client.calls.create(**fields), ERRORS)

    def bridge(self, invitation: Invitation) -> Handover:
        """Ring a member of staff, who will be connected with the debtor once they pressed 1."""
        address = self._account.url(f"bridge/{invitation.bridge_id}")
        links = CallLinks(address, self._secret, self._now, invitation.language)
        fields = {
            "to": invitation.agent,
            "from_": self.sender,
            "url": links.start(invitation.valid_until),
            "method": "POST",
            "status_callback": f"{address}/agent",
            "status_callback_method": "POST",
            "status_callback_event": ["completed"],
            "timeout": RING_SECONDS,
            "time_limit": LONGEST_SECONDS,
        }
        return self._account.hand_over(lambda client: client.calls.create(**fields), ERRORS)

    def parse_bridge(self, request: SignedRequest) -> tuple[Word, CallLinks]:
        """A request for the next words of a bridge. Raises ForgedRequest, as `parse_keys` does."""
        form = self._account.verify(request)
        carried = followed(request.url, self._secret, self._now())
        word = Word(
            provider_id=form.get("CallSid", ""),
            stage=bridge_stage(carried.get("stage")),
            key=form.get("Digits", ""),
            ending=ENDINGS.get(form.get("DialCallStatus", "")),
            seconds=_whole(form.get("DialCallDuration")),
        )
        return word, CallLinks.following(request.url.partition("?")[0], self._secret, self._now, carried)

    def parse_leg(self, request: SignedRequest) -> Word:
        """What became of one leg of a bridge. Raises ForgedRequest."""
        form = self._account.verify(request)
        ending = ENDINGS.get(form.get("CallStatus", ""))
        return Word(form.get("CallSid", ""), "done", ending=ending, seconds=_whole(form.get("CallDuration")))

    def find(self, sought: Sought) -> Accepted | None:
        """By both numbers, then real time: Twilio keeps no reference of ours on the call itself."""
        found, exchange = self._account.look_up(lambda client: client.calls.list(to=sought.to, from_=self.sender, page_size=100))
        ours = nearest(found, sought)
        if ours is None:
            return None
        return Accepted(PROVIDER, ours.sid, exchange, receipts=(_receipt(ours.sid, sought.attempt_id, ours.status, ours.answered_by),))

    def fetch(self, provider_id: str, attempt_id: int) -> Accepted:
        """The state Twilio's own record shows now, for a call whose callbacks were lost. Raises LookupFailed."""
        (found,), exchange = self._account.look_up(lambda client: [client.calls(provider_id).fetch()])
        return Accepted(PROVIDER, found.sid, exchange, receipts=(_receipt(found.sid, attempt_id, found.status, found.answered_by),))

    def recordings(self, provider_id: str) -> Sequence[bytes]:
        """What Twilio recorded of one call and has finished, as WAV. Raises LookupFailed."""
        found, _ = self._account.look_up(lambda client: client.calls(provider_id).recordings.list(page_size=50))
        return [self._account.media(f"Recordings/{each.sid}.wav") for each in found if each.status in ("completed", None)]

    def parse_recording(self, request: SignedRequest) -> str | None:
        """The call whose recording can be fetched from now on; None where none came of it. Raises ForgedRequest."""
        form = self._account.verify(request)
        return form.get("CallSid") if form.get("RecordingStatus") == "completed" else None

    def parse_receipt(self, request: SignedRequest) -> Sequence[Receipt]:
        form = self._account.verify(request)
        code = form.get("ErrorCode") or None
        at = instant(form.get("Timestamp"))
        return [_receipt(form.get("CallSid", ""), request.path_attempt, form.get("CallStatus", ""), form.get("AnsweredBy"), code, at)]

    def parse_keys(self, request: SignedRequest) -> tuple[KeyPressed, CallLinks]:
        """A request for the next words of the dialogue, with the key the person pressed, and the links that lead on from there.

        Raises ForgedRequest where Twilio did not sign it, or the link is not ours or no longer good.
        """
        form = self._account.verify(request)
        carried = followed(request.url, self._secret, self._now())
        pressed = KeyPressed(
            provider=PROVIDER,
            provider_id=form.get("CallSid", ""),
            attempt_id=request.path_attempt,
            stage=stage_named(carried.get("stage")),
            key=form.get("Digits") or carried.get("key", ""),
            machine=_is_machine(form.get("AnsweredBy")),
            asked_again="again" in carried,
            on=date.fromisoformat(carried["on"]) if "on" in carried else None,
            dialled=form.get("DialCallStatus") or carried.get("dialled", ""),
            waits=int(carried.get("waits", 0)),
        )
        return pressed, CallLinks.following(request.url.partition("?")[0], self._secret, self._now, carried)

    def explain(self, code: str) -> ErrorMeaning:
        return meaning(ERRORS, code)

    def check(self) -> Health:
        return self._account.health(self._lacking)

    def _lacking(self, client: Any) -> str | None:
        numbers = client.incoming_phone_numbers.list(phone_number=self.sender, limit=1)
        if not numbers:
            return "TWILIO_FROM is none of the account's numbers: buy or port it, or set one that is"
        return None if (numbers[0].capabilities or {}).get("voice") else "the number of TWILIO_FROM cannot place calls: set one that can"


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


def _whole(seconds: str | None) -> int | None:
    return int(seconds) if seconds and seconds.isdigit() else None
