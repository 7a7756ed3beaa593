"""The carrier calls us: signed form posts as Twilio sends them, signed JSON as the post sends it."""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

import aiohttp
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from yarl import URL

from channels.carrier.alibaba_reports import sms_report, voice_report
from channels.carrier.consignments import Consignment
from channels.carrier.faults import Faults
from channels.letter import SIGNATURE_HEADER, tracking_signature

log = logging.getLogger(__name__)

API_VERSION = "2010-04-01"
_PAUSES = (0.2, 1.0)
"""Seconds before a callback that failed is tried again, by both providers; then it is lost."""


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


class Callbacks:
    def __init__(self, identity: Identity, faults: Faults) -> None:
        self._identity = identity
        self._faults = faults
        self._validator = RequestValidator(identity.auth_token)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def status(self, consignment: Consignment, fields: Mapping[str, str]) -> None:
        """One word about a text or a call, unless a fault loses or doubles it."""
        if consignment.callback is None:
            return
        for _ in range(self._faults.copies_of_callback(consignment.kind)):
            await self.twilio(consignment.callback, fields)

    async def twilio(self, url: str, fields: Mapping[str, str]) -> str:
        """The body of the answer; empty if none came."""
        form = {"AccountSid": self._identity.account_sid, "ApiVersion": API_VERSION, **fields}
        headers = {"X-Twilio-Signature": self._validator.compute_signature(url, form), "User-Agent": "TwilioProxy/1.1"}
        return await self._post(url, headers, data=form)

    async def tracking(self, consignment: Consignment, status: str, at: datetime) -> None:
        url = consignment.asked.get("callback")
        if not url:
            return
        body = json.dumps({"waybill": consignment.sid, "status": status, "at": at.isoformat()}).encode()
        signature = tracking_signature(self._identity.post_token.encode(), url, body)
        headers = {SIGNATURE_HEADER: signature, "Content-Type": "application/json"}
        for _ in range(self._faults.copies_of_callback("letter")):
            await self._post(url, headers, data=body)

    async def report(self, consignment: Consignment) -> None:
        """Alibaba Cloud's report, which nobody signs."""
        if not self._identity.alibaba_push:
            return
        entry = sms_report(consignment) if consignment.kind == "sms" else voice_report(consignment)
        body = json.dumps([entry], ensure_ascii=False).encode()
        url = self._identity.alibaba_push.format(channel=consignment.kind)
        for _ in range(self._faults.copies_of_callback(consignment.kind)):
            await self._post(url, {"Content-Type": "application/json;charset=UTF-8"}, data=body)

    async def _post(self, url: str, headers: Mapping[str, str], data: Any) -> str:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15))
        for pause in (*_PAUSES, None):
            try:
                async with self._session.post(URL(url, encoded=True), data=data, headers=dict(headers)) as answer:
                    text = await answer.text()
                    if answer.status < 400:
                        return text
                    why = f"HTTP {answer.status}"
                    if answer.status < 500:
                        break
            except (aiohttp.ClientError, TimeoutError) as error:
                why = type(error).__name__
            if pause is not None:
                await asyncio.sleep(pause)
        log.warning("a callback was not taken: %s (%s)", URL(url).path, why)
        return ""


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
    if sequence is not None:
        fields |= {"SequenceNumber": str(sequence), "CallbackSource": "call-progress-events", "Timestamp": format_datetime(wall)}
    return fields


def wanted_events(asked: Mapping[str, Any]) -> Sequence[str]:
    """Of a call: only the end, unless more was asked for."""
    return asked.get("StatusCallbackEvent") or ("completed",)
