"""Text messages through Twilio: what it is asked, what its words mean, and how a lost answer is looked up.

A callback carries our attempt in its path, so a message whose answer was lost is recognised by its first callback.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from channels.contract import (
    Accepted,
    Capabilities,
    ErrorMeaning,
    Handover,
    Health,
    InboundMessage,
    Message,
    Received,
    SignedRequest,
    Sought,
    Wish,
)
from channels.receipts import Delivery, Receipt
from channels.twilio_line import PROVIDER, ErrorTable, TwilioAccount, digits, error_class, instant, meaning, nearest
from channels.twilio_senders import Sender

LONGEST_VALIDITY = 36_000
"""Seconds; Twilio's own default and maximum for ValidityPeriod."""

MAX_LENGTH = 1600
"""Characters of one message (Twilio error 21617)."""

LIST_PRICES = {"US": ("0.0083", "USD")}
"""Country -> price of one segment, before what carriers add. Source: https://www.twilio.com/en-us/sms/pricing/us, 2026. Of other countries
it is not known here."""

SANDBOX_PRICE = ("0.05", "CNY")

NAMELESS = frozenset({"US", "CA", "PR"})
"""Countries to which no message goes under a name: the sender must be a number there. Source: error 21401, and
https://help.twilio.com/hc/en-us/articles/223133767-International-support-for-Alphanumeric-Sender-ID"""

ERRORS: ErrorTable = {
    "14107": ("transient", "message rate exceeded"),
    "21401": ("config", "'From' is neither an SMS-enabled number nor a sender id that may be used there"),
    "21408": ("config", "no permission to send to this region"),
    "21601": ("config", "'From' is not a valid SMS-capable number"),
    "21602": ("permanent", "message body is required"),
    "21603": ("config", "'From' is required"),
    "21604": ("contact_bad", "'To' is required"),
    "21606": ("config", "'From' cannot send to this destination"),
    "21608": ("config", "a trial account may not message this number"),
    "21609": ("config", "invalid 'StatusCallback' URL"),
    "21610": ("opted_out", "recipient has unsubscribed"),
    "21611": ("transient", "this 'From' number has too many messages queued"),
    "21612": ("config", "'To' cannot be reached from this 'From': restrictions of the sender id, or the sender's own reach"),
    "21614": ("contact_bad", "'To' is not a mobile number"),
    "21617": ("permanent", "message body exceeds 1600 characters"),
    "21619": ("permanent", "a body, media or content is required"),
    "21635": ("contact_bad", "'To' cannot be a landline"),
    "21657": ("config", "the sender id is not supported in the destination"),
    "21659": ("config", "'From' is not a Twilio number, or a short code of another country"),
    "21660": ("config", "'From' is not of this account"),
    "21701": ("config", "messaging service does not exist"),
    "21703": ("config", "messaging service has no phone numbers"),
    "21704": ("config", "messaging service has no number for this destination"),
    "21705": ("config", "invalid messaging service sid"),
    "30001": ("transient", "queue overflow"),
    "30002": ("config", "account suspended"),
    "30003": ("unreachable", "unreachable destination handset"),
    "30004": ("opted_out", "message blocked: the destination is blocked, opted out or on a do-not-disturb register"),
    "30005": ("contact_bad", "unknown destination handset"),
    "30006": ("contact_bad", "landline or unreachable carrier"),
    "30007": ("blocked", "message filtered"),
    "30008": ("unreachable", "unknown error"),
    "30009": ("permanent", "missing inbound segment"),
    "30010": ("config", "message price exceeds max price"),
    "30022": ("transient", "rate limits of the sender exceeded"),
    "30023": ("transient", "daily cap of the sender reached"),
    "30024": ("config", "numeric sender id not provisioned on the carrier"),
    "30032": ("config", "toll-free number has not been verified"),
    "30034": ("config", "message from an unregistered number"),
    "30036": ("transient", "validity period expired"),
    "30042": ("config", "sender id blocked as generic or with special characters"),
    "30410": ("transient", "provider timeout"),
}

SELF_ANSWERED_PREFIX = "+1"
SELF_ANSWERED = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke", "start", "yes", "unstop"})
"""Words that Twilio confirms by itself where carriers want it; once more from us would be twice, and after a stop it takes nothing from us.
What it says to HELP names nobody, so that one is ours. A service with Advanced Opt-Out says what it answered by `OptOutType`. Source:
https://help.twilio.com/articles/223134027 and https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out"""

_WISHES: dict[str, Wish] = {"STOP": "stop", "START": "start", "HELP": "help"}
"""OptOutType -> ours: the text was one of the keywords of Advanced Opt-Out (ARRET, PARAR), and after STOP Twilio blocks the number. Source:
https://help.twilio.com/articles/31560110671259"""

_DELIVERY: dict[str, Delivery] = {
    "scheduled": "accepted",
    "accepted": "accepted",
    "queued": "accepted",
    "sending": "accepted",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
}
"""MessageStatus -> ours. A word Twilio may add later claims nothing: it reads as accepted."""


class SmsChannel:
    channel = "sms"
    provider = PROVIDER

    def __init__(self, sender: Sender, account: TwilioAccount, now: Callable[[], datetime], *, sandbox: bool) -> None:
        self.sender = sender.name
        self._account = account
        self._now = now
        self._is_service = sender.is_service
        self._is_name = sender.is_name
        self._sandbox = sandbox

    def capabilities(self, country: str) -> Capabilities:
        """`country` is ISO 3166 alpha-2. Twilio takes only registered templates to mainland China, one way and without links, and no
        finance wording: a notice that names a debt cannot go there. Nobody can answer a name. The sandbox carrier serves every country.
        """
        if not self._sandbox and (country == "CN" or (self._is_name and country in NAMELESS)):
            return Capabilities(available=False)
        cost, currency = SANDBOX_PRICE if self._sandbox else LIST_PRICES.get(country, (None, "USD"))
        return Capabilities(
            available=True,
            inbound=not self._is_name,
            links=True,
            max_length=MAX_LENGTH,
            cost=cost,
            currency=currency,
            evidence_level="B",
        )

    def send(self, message: Message) -> Handover:
        fields = {
            "to": message.to,
            "body": message.body,
            "status_callback": self._account.url(f"status/{message.attempt_id}"),
            "validity_period": self._validity(message.valid_until),
            **self._from(),
        }
        return self._account.hand_over(lambda client: client.messages.create(**fields), ERRORS)

    def find(self, sought: Sought) -> Accepted | None:
        """By recipient, then body and real time: Twilio keeps no reference of ours on the message itself."""
        sender = {} if self._is_service else {"from_": self.sender}
        found, exchange = self._account.look_up(lambda client: client.messages.list(to=sought.to, page_size=100, **sender))
        ours = nearest([each for each in found if self._may_be_ours(each) and _same_text(each.body, sought.body)], sought)
        if ours is None:
            return None
        return Accepted(PROVIDER, ours.sid, exchange, receipts=(_receipt(ours.sid, sought.attempt_id, ours.status, ours.error_code),))

    def fetch(self, provider_id: str, attempt_id: int) -> Accepted:
        """The state Twilio's own record shows now, for a message whose callbacks were lost. Raises LookupFailed."""
        (found,), exchange = self._account.look_up(lambda client: [client.messages(provider_id).fetch()])
        return Accepted(PROVIDER, found.sid, exchange, receipts=(_receipt(found.sid, attempt_id, found.status, found.error_code),))

    def parse_receipt(self, request: SignedRequest) -> Sequence[Receipt]:
        form = self._account.verify(request)
        status = form.get("MessageStatus") or form.get("SmsStatus") or ""
        return [_receipt(form.get("MessageSid") or form.get("SmsSid") or "", request.path_attempt, status, form.get("ErrorCode"))]

    def parse_inbound(self, request: SignedRequest) -> InboundMessage:
        """A text written to our number. Raises ForgedRequest."""
        form = self._account.verify(request)
        return InboundMessage(
            provider_id=form.get("MessageSid") or form.get("SmsSid") or "",
            sender=form.get("From", ""),
            recipient=form.get("To", ""),
            body=form.get("Body", ""),
            said_at=instant(form.get("DateSent") or form.get("DateCreated")),
            answered=bool(form.get("OptOutType")) or _answers_itself(form.get("From", ""), form.get("Body", "")),
            wish=_WISHES.get(form.get("OptOutType", "").upper()),
        )

    def written_at(self, provider_id: str) -> datetime | None:
        """When a text reached Twilio, which its request to us does not say, by the end of that second. Raises LookupFailed."""
        (found,), _ = self._account.look_up(lambda client: [client.messages(provider_id).fetch()])
        return _written_at(found)

    def received(self, since: datetime) -> Sequence[Received]:
        """What Twilio's list has of texts to this number, or to those of this service. Raises LookupFailed."""
        found, _ = self._account.look_up(lambda client: self._written_to_us(client, since))
        return [_received(each) for each in found]

    def _written_to_us(self, client: Any, since: datetime) -> Iterator[Any]:
        """Number and direction are compared here too: a server need not heed every filter."""
        if self._is_name:
            return
        numbers = [self.sender]
        if self._is_service:
            numbers = [each.phone_number for each in client.messaging.v1.services(self.sender).phone_numbers.list()]
        for number in numbers:
            for each in client.messages.list(to=number, date_sent_after=since, page_size=1000):
                if each.direction == "inbound" and digits(each.to) == digits(number):
                    yield each

    def explain(self, code: str) -> ErrorMeaning:
        return meaning(ERRORS, code)

    def check(self) -> Health:
        return self._account.health(self._lacking)

    def _lacking(self, client: Any) -> str | None:
        if self._is_service:
            numbers = client.messaging.v1.services(self.sender).phone_numbers.list(limit=1)
            return None if numbers else "the messaging service has no numbers: add one in Twilio's console"
        if self._is_name:
            return None
        numbers = client.incoming_phone_numbers.list(phone_number=self.sender, limit=1)
        if not numbers:
            return "it is none of the account's numbers: buy or port it, or set TWILIO_FROM to one that is"
        return None if (numbers[0].capabilities or {}).get("sms") else "this number cannot send texts: set TWILIO_FROM to one that can"

    def _from(self) -> dict[str, str]:
        return {"messaging_service_sid": self.sender} if self._is_service else {"from_": self.sender}

    def _may_be_ours(self, resource: Any) -> bool:
        """Not what they wrote, nor what the same number sent for a messaging service."""
        service = resource.messaging_service_sid or None
        return resource.direction != "inbound" and (service is None or (self._is_service and service == self.sender))

    def _validity(self, valid_until: datetime) -> int:
        """Whole seconds until the contact window closes, within what Twilio takes: nothing leaves its queue after that."""
        seconds = int((valid_until - self._now()).total_seconds())
        return min(max(seconds, 1), LONGEST_VALIDITY)


def _receipt(sid: str, attempt_id: int | None, status: str, code: Any) -> Receipt:
    """Twilio writes the code as a number, as text, as 0 or not at all."""
    error_code = str(code) if code and str(code) != "0" else None
    return Receipt(
        provider=PROVIDER,
        provider_id=sid,
        attempt_id=attempt_id,
        status=status,
        delivery=_DELIVERY.get(status, "accepted"),
        outcome=None,
        error_code=error_code,
        error_class=error_class(ERRORS, error_code),
    )


def _written_at(resource: Any) -> datetime | None:
    """By the end of the second that Twilio names."""
    at: datetime | None = resource.date_sent or resource.date_created
    return at + timedelta(seconds=1) if at is not None else None


def _received(resource: Any) -> Received:
    """As the callback has it; the raw bytes are what the list said of this one text. A service's own words to opt-outs are not in it."""
    said_at = _written_at(resource)
    told = {"Sid": resource.sid, "From": resource.from_, "To": resource.to, "Body": resource.body, "DateSent": resource.date_sent}
    return Received(
        InboundMessage(
            provider_id=resource.sid,
            sender=resource.from_ or "",
            recipient=resource.to or "",
            body=resource.body or "",
            said_at=said_at,
            answered=_answers_itself(resource.from_ or "", resource.body or ""),
        ),
        json.dumps(told, ensure_ascii=False, default=str).encode(),
    )


def _answers_itself(number: str, body: str) -> bool:
    return number.startswith(SELF_ANSWERED_PREFIX) and body.strip().casefold() in SELF_ANSWERED


def _same_text(theirs: str | None, ours: str) -> bool:
    return (theirs or "").split() == ours.split()
