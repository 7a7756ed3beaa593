"""Alibaba Cloud's OpenAPI for texts and calls to mainland China: one address, the action in a header, refusals by code in the body.

    SendSms, QuerySendDetails, QuerySmsSignList     Dysmsapi 2017-05-25
    IvrCall, QueryCallDetailByCallId                Dyvmsapi 2017-05-25

Texts are of templates that were approved beforehand (`/sandbox/alibaba/templates`). What became of a message shows once its carrier has
reported: seconds later, or days. Times carry no zone.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels.carrier.alibaba_gate import AlibabaError, Gate
from channels.carrier.alibaba_reports import SHANGHAI, biz_id, call_detail, sms_detail
from channels.carrier.faults import Faults
from channels.carrier.reset import Reset
from channels.carrier.world import World

LONGEST_VARIABLE = 35
MOST_A_PAGE = 50
MOST_KEYS = 12
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{9,11}")
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_CHANNELS = {"SendSms": "sms", "IvrCall": "voice"}


@dataclass(frozen=True, slots=True)
class Approved:
    """A template of the account: its fixed text with `${blanks}`, and the signature it may be sent under."""

    content: str
    signature: str


@dataclass(slots=True)
class Desk:
    """What the account has been given: its key, its templates, and where it is told of reports."""

    world: World
    faults: Faults
    gate: Gate
    templates: dict[str, Approved] = field(default_factory=dict)

    async def answer(self, request: Request) -> Response:
        """One question of the account."""
        try:
            self.gate.admit(request, await request.body())
            action = request.headers["x-acs-action"]
            if action not in _ACTIONS:
                raise AlibabaError("InvalidAction.NotFound", 404)
            return await self._spoiled(action, request.query_params)
        except AlibabaError as refusal:
            return _said({"Code": refusal.code, "Message": refusal.code}, refusal.status)

    async def _spoiled(self, action: str, asked: QueryParams) -> Response:
        """The answer, or what a fault that waits for this channel makes of it."""
        channel = _CHANNELS.get(action)
        if channel is None:
            return _said(_ACTIONS[action](self, asked))
        match self.faults.take(channel, "reset", "status", "rate_limited", "error"):
            case None:
                pass
            case fault if fault.kind == "reset":
                return Reset()
            case fault if fault.kind == "status":
                return Response("upstream failure", fault.status, media_type="text/plain")
            case fault:
                raise AlibabaError("Throttling.User", 400) if fault.kind == "rate_limited" else AlibabaError(str(fault.code))
        cut_off, late = self.faults.take(channel, "accept_then_reset"), self.faults.take(channel, "slow")
        answer = _said(_ACTIONS[action](self, asked))
        if late is not None:
            await asyncio.sleep(late.seconds)
        return Reset() if cut_off is not None else answer

    async def approve(self, request: Request) -> Response:
        """The sandbox's own door: a person at Alibaba Cloud said yes to this template."""
        given = await request.json()
        self.templates[given["code"]] = Approved(given["content"], given.get("signature", ""))
        return JSONResponse(sorted(self.templates), 201)

    def spoken(self, code: str, params: str) -> str:
        """A template filled. Raises AlibabaError."""
        if code not in self.templates:
            raise AlibabaError("isv.SMS_TEMPLATE_ILLEGAL" if code.startswith("SMS") else "isv.TTS_TEMPLATE_ILLEGAL")
        try:
            values = json.loads(params or "{}")
        except ValueError as garbled:
            raise AlibabaError("isv.INVALID_JSON_PARAM") from garbled
        content = self.templates[code].content
        wanted = re.findall(r"\$\{([^{}]+)\}", content)
        if not set(wanted) <= values.keys() or not all(values[name] for name in wanted):
            raise AlibabaError("isv.TEMPLATE_MISSING_PARAMETERS")
        if any(_LINK.search(values[name]) for name in wanted):
            raise AlibabaError("isv.PARAM_NOT_SUPPORT_URL")
        return re.sub(r"\$\{([^{}]+)\}", lambda blank: str(values[blank[1]]), content)


def routes(desk: Desk) -> list[Route]:
    return [
        Route("/", desk.answer, methods=["GET", "POST"]),
        Route("/sandbox/alibaba/templates", desk.approve, methods=["POST"]),
    ]


def _send_sms(desk: Desk, asked: QueryParams) -> dict[str, Any]:
    number = re.sub(r"^(\+86|0086|86)", "", asked.get("PhoneNumbers", ""))
    if not _MOBILE.fullmatch(number):
        raise AlibabaError("isv.MOBILE_NUMBER_ILLEGAL")
    params = asked.get("TemplateParam", "")
    text = desk.spoken(asked.get("TemplateCode", ""), params)
    if any(len(str(value)) > LONGEST_VARIABLE for value in json.loads(params or "{}").values()):
        raise AlibabaError("isv.PARAM_LENGTH_LIMIT")
    signature = asked.get("SignName", "")
    if signature != desk.templates[asked["TemplateCode"]].signature:
        raise AlibabaError("isv.SMS_SIGNATURE_ILLEGAL")
    taken = desk.world.take("sms", to=f"+86{number}", sender=signature, body=f"【{signature}】{text}", asked=dict(asked))
    return {"Code": "OK", "Message": "OK", "BizId": biz_id(taken)}


def _query_send_details(desk: Desk, asked: QueryParams) -> dict[str, Any]:
    size, page = int(asked.get("PageSize", 10)), int(asked.get("CurrentPage", 1))
    if not 1 <= size <= MOST_A_PAGE or not re.fullmatch(r"\d{8}", asked.get("SendDate", "")):
        raise AlibabaError("isv.INVALID_PARAMETERS")
    found = [
        each
        for each in reversed(desk.world.consignments.values())
        if each.kind == "sms"
        and "OutId" in each.asked
        and each.to == f"+86{asked.get('PhoneNumber')}"
        and each.wall.astimezone(SHANGHAI).strftime("%Y%m%d") == asked["SendDate"]
        and asked.get("BizId", biz_id(each)) == biz_id(each)
    ]
    shown = [sms_detail(each) for each in found[(page - 1) * size : page * size]]
    return {"Code": "OK", "Message": "OK", "TotalCount": str(len(found)), "SmsSendDetailDTOs": {"SmsSendDetailDTO": shown}}


def _query_sms_sign_list(desk: Desk, asked: QueryParams) -> dict[str, Any]:
    signatures = sorted({each.signature for each in desk.templates.values() if each.signature})
    listed = [{"SignName": each, "AuditStatus": "AUDIT_STATE_PASS", "CreateDate": "2026-01-01 00:00:00"} for each in signatures]
    return {"Code": "OK", "Message": "OK", "TotalCount": len(listed), "SmsSignList": listed}


def _ivr_call(desk: Desk, asked: QueryParams) -> dict[str, Any]:
    number = asked.get("CalledNumber", "")
    if not _MOBILE.fullmatch(number) and not _LANDLINE.fullmatch(number):
        raise AlibabaError("isv.MOBILE_NUMBER_ILLEGAL")
    if not asked.get("CalledShowNumber"):
        raise AlibabaError("isv.DISPLAY_NUMBER_ILLEGAL")
    script = {
        "start": desk.spoken(asked.get("StartCode", ""), asked.get("StartTtsParams", "")),
        "keys": dict(_menu(desk, asked)),
        "bye": desk.spoken(asked["ByeCode"], asked.get("ByeTtsParams", "")) if asked.get("ByeCode") else "",
    }
    to = f"+86{number}" if _MOBILE.fullmatch(number) else f"+86{number.removeprefix('0')}"
    sender = asked["CalledShowNumber"]
    taken = desk.world.take("voice", to=to, sender=sender, body="", asked={"OutId": asked.get("OutId", ""), "ivr": script})
    return {"Code": "OK", "Message": "OK", "CallId": biz_id(taken)}


def _menu(desk: Desk, asked: QueryParams) -> Iterator[tuple[str, str]]:
    """What is said to whoever presses a key, by key."""
    for place in range(1, MOST_KEYS + 1):
        if key := asked.get(f"MenuKeyMap.{place}.Key"):
            yield key, desk.spoken(asked.get(f"MenuKeyMap.{place}.Code", ""), asked.get(f"MenuKeyMap.{place}.TtsParams", ""))


def _query_call(desk: Desk, asked: QueryParams) -> dict[str, Any]:
    call = next((each for each in desk.world.consignments.values() if "ivr" in each.asked and biz_id(each) == asked.get("CallId")), None)
    if call is None or call.reported_at is None:
        return {"Code": "OK", "Message": "OK", "Data": ""}
    return {"Code": "OK", "Message": "OK", "Data": json.dumps(call_detail(call), ensure_ascii=False)}


_ACTIONS: Mapping[str, Callable[[Desk, QueryParams], dict[str, Any]]] = {
    "SendSms": _send_sms,
    "QuerySendDetails": _query_send_details,
    "QuerySmsSignList": _query_sms_sign_list,
    "IvrCall": _ivr_call,
    "QueryCallDetailByCallId": _query_call,
}


def _said(body: dict[str, Any], status: int = 200) -> Response:
    request_id = sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32].upper()
    return JSONResponse({**body, "RequestId": request_id}, status)
