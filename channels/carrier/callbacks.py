"""The carrier calls us: signed form posts as Twilio sends them, signed JSON as the post sends it."""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import aiohttp
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from yarl import URL

from channels.carrier.alibaba_reports import sms_report, voice_report
from channels.carrier.consignments import Consignment
from channels.carrier.faults import OF_A_CALLBACK, Fault, FaultKind, Faults
from channels.letter import SIGNATURE_HEADER, tracking_signature

log = logging.getLogger(__name__)

API_VERSION = "2010-04-01"
_PAUSES = (0.2, 1.0)
"""Seconds before a callback that failed is tried again, by both providers; then it is lost."""

MORE_TO_COME = frozenset({"queued", "sent", "initiated", "ringing", "in-progress", "collected", "in_transit", "out_for_delivery"})
GUESSED = "a token that somebody guessed"
ANOTHER_ACCOUNT = "AC" + "f" * 32


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the carrier knows: the Twilio account with its token, the post's customer by theirs, the Alibaba Cloud account by its key."""

    account_sid: str
    auth_token: str
    post_token: str
    alibaba_key_id: str = ""
    alibaba_key_secret: str = ""
    alibaba_push: str = ""
    """Where Alibaba Cloud was told to push reports to, with `{channel}` in it; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class Callback:
    """One request to us, as its bytes and signature stand."""

    url: str
    headers: Mapping[str, str]
    data: bytes | Mapping[str, str]
    said: str


@dataclass(frozen=True, slots=True)
class Told:
    """A callback and what came of it: the HTTP status of the answer, or why there was none; `fault` if it was spoiled."""

    said: str
    answer: str
    fault: FaultKind | None = None


class Callbacks:
    def __init__(self, identity: Identity, faults: Faults) -> None:
        self._identity = identity
        self._faults = faults
        self._session: aiohttp.ClientSession | None = None
        self._held: dict[str, Callback] = {}
        self._again: list[tuple[datetime, str, Callback]] = []
        self.told: defaultdict[str, list[Told]] = defaultdict(list)
        """By consignment, in the order they were brought."""

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def status(self, consignment: Consignment, fields: Mapping[str, str]) -> None:
        """One word about a text or a call, unless faults spoil it."""
        if (url := consignment.callback) is None:
            return
        lie = {**fields, **_lie(fields)}
        forged = self._signed(url, lie, token=GUESSED)
        of_another = self._signed(url, {**lie, "AccountSid": ANOTHER_ACCOUNT})
        await self._bring(consignment, self._signed(url, fields), forged, of_another)

    async def first_word(self, taken: Consignment, wall: datetime) -> None:
        """That it was taken, told before whoever asked has the answer."""
        match taken.kind:
            case "sms":
                await self.status(taken, message_fields(taken))
            case "voice":
                await self.status(taken, call_fields(taken, wall, sequence=0))
            case "letter":
                await self.tracking(taken, taken.status, taken.at)

    async def twilio(self, url: str, fields: Mapping[str, str]) -> str:
        """The body of the answer; empty if none came."""
        return (await self._post(self._signed(url, fields)))[1]

    async def tracking(self, consignment: Consignment, status: str, at: datetime) -> None:
        url = consignment.asked.get("callback")
        if not url:
            return
        own, lie = self._identity.post_token, "returned_unknown" if status.startswith("signed") else "signed_self"
        forged, of_another = (_tracked(consignment, url, lie, at, token) for token in (GUESSED, "the token of another customer"))
        await self._bring(consignment, _tracked(consignment, url, status, at, own), forged, of_another)

    async def report(self, consignment: Consignment) -> None:
        """Alibaba Cloud's report, which nobody signs."""
        if not self._identity.alibaba_push:
            return
        entry = sms_report(consignment) if consignment.kind == "sms" else voice_report(consignment)
        body = json.dumps([entry], ensure_ascii=False).encode()
        url = self._identity.alibaba_push.format(channel=consignment.kind)
        await self._bring(consignment, Callback(url, {"Content-Type": "application/json;charset=UTF-8"}, body, "report"))

    async def again(self, now: datetime) -> None:
        """What is replayed by now."""
        due, self._again = [each for each in self._again if each[0] <= now], [each for each in self._again if each[0] > now]
        for _, sid, callback in due:
            await self._tell(sid, callback, "callback_replayed")

    async def _bring(
        self, consignment: Consignment, genuine: Callback, forged: Callback | None = None, of_another: Callback | None = None
    ) -> None:
        """The genuine callback, and what the faults make of it. One that is held back comes after the next."""
        channel, to, sid = consignment.kind, consignment.to, consignment.sid
        held = self._held.pop(sid, None)
        if held is None and consignment.status in MORE_TO_COME and (late := self._faults.take(channel, "callback_reordered", to=to)):
            self._faults.note(late, channel, to, sid)
            self._held[sid] = genuine
            return
        fault = self._faults.take(channel, *OF_A_CALLBACK, to=to)
        self._faults.note(fault, channel, to, sid)
        match fault:
            case Fault(kind="callback_lost"):
                self.told[sid].append(Told(genuine.said, "", "callback_lost"))
            case Fault(kind="callback_doubled"):
                await self._tell(sid, genuine)
                await self._tell(sid, genuine, "callback_doubled")
            case Fault(kind="callback_replayed", seconds=seconds):
                at = consignment.events[-1][0] if consignment.events else consignment.at
                self._again.append((at + timedelta(seconds=seconds), sid, genuine))
                await self._tell(sid, genuine)
            case Fault(kind="callback_forged" | "callback_wrong_account" as kind):
                if false := forged if kind == "callback_forged" else of_another:
                    await self._tell(sid, false, kind)
                await self._tell(sid, genuine)
            case _:
                await self._tell(sid, genuine)
        if held is not None:
            await self._tell(sid, held, "callback_reordered")

    async def _tell(self, sid: str, callback: Callback, fault: FaultKind | None = None) -> None:
        answer, _ = await self._post(callback)
        self.told[sid].append(Told(callback.said, answer, fault))

    def _signed(self, url: str, fields: Mapping[str, str], token: str | None = None) -> Callback:
        form = {"AccountSid": self._identity.account_sid, "ApiVersion": API_VERSION, **fields}
        signature = RequestValidator(token or self._identity.auth_token).compute_signature(url, form)
        headers = {"X-Twilio-Signature": signature, "User-Agent": "TwilioProxy/1.1"}
        return Callback(url, headers, form, fields.get("MessageStatus") or fields.get("CallStatus") or "")

    async def _post(self, callback: Callback) -> tuple[str, str]:
        """The status of the answer, or why there was none, and its body."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15))
        url = URL(callback.url, encoded=True)
        for pause in (*_PAUSES, None):
            try:
                async with self._session.post(url, data=callback.data, headers=dict(callback.headers)) as answer:
                    text = await answer.text()
                    if answer.status < 400:
                        return str(answer.status), text
                    why = str(answer.status)
                    if answer.status < 500:
                        break
            except (aiohttp.ClientError, TimeoutError) as error:
                why = type(error).__name__
            if pause is not None:
                await asyncio.sleep(pause)
        log.warning("a callback was not taken: %s (%s)", url.path, why)
        return why, ""


def _lie(fields: Mapping[str, str]) -> dict[str, str]:
    """The same callback with another end."""
    if "CallStatus" in fields:
        return {"CallStatus": "failed" if fields["CallStatus"] == "completed" else "completed"}
    status = "failed" if fields["MessageStatus"] == "delivered" else "delivered"
    return {"MessageStatus": status, "SmsStatus": status}


def _tracked(letter: Consignment, url: str, status: str, at: datetime, token: str) -> Callback:
    body = json.dumps({"waybill": letter.sid, "status": status, "at": at.isoformat()}).encode()
    headers = {SIGNATURE_HEADER: tracking_signature(token.encode(), url, body), "Content-Type": "application/json"}
    return Callback(url, headers, body, status)


def message_fields(message: Consignment) -> dict[str, str]:
    fields = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": message.status,
        "SmsStatus": message.status,
        "To": message.to,
        "From": message.sender,
    }
    return {**fields, "ErrorCode": message.error_code} if message.error_code else fields


def inbound_fields(message: Consignment) -> dict[str, str]:
    return {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "SmsStatus": "received",
        "To": message.to,
        "From": message.sender,
        "Body": message.body,
        "NumMedia": "0",
        "NumSegments": "1",
    }


def call_fields(call: Consignment, wall: datetime, sequence: int | None = None) -> dict[str, str]:
    """Of a request for TwiML, or with its place in the sequence of a status callback."""
    fields = {
        "CallSid": call.sid,
        "CallStatus": "initiated" if call.status == "queued" else call.status,
        "To": call.to,
        "Called": call.to,
        "From": call.sender,
        "Caller": call.sender,
        "Direction": "outbound-api",
    }
    if call.answered_by:
        fields["AnsweredBy"] = call.answered_by
    if call.error_code:
        fields["ErrorCode"] = call.error_code
    if sequence is not None:
        fields |= {"SequenceNumber": str(sequence), "CallbackSource": "call-progress-events", "Timestamp": format_datetime(wall)}
    return fields


def recording_fields(call: Consignment, recording: str) -> dict[str, str]:
    return {"CallSid": call.sid, "RecordingSid": recording, "RecordingStatus": "completed", "RecordingSource": "OutboundAPI"}


def wanted_events(asked: Mapping[str, Any]) -> Sequence[str]:
    """Of a call: only the end, unless more was asked for."""
    return asked.get("StatusCallbackEvent") or ("completed",)
