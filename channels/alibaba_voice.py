"""Automated calls to mainland China through Alibaba Cloud (Dyvmsapi 2017-05-25, IvrCall): a question, and an answer for each key.

    greeting: automated, are you the owner? 1 yes, 3 no, 4 have staff call me     (names no debt)
    1 -> the statement, to its end     3, 4 -> a word that names no debt     silence, a machine -> nothing more

All words are of texts approved beforehand, and are handed over with the call: there is no second question, so nobody can say during the
call that they will pay or have paid. Which key was pressed is only ever pushed, unsigned, and no record shows it: it is not believed.
There is no list of calls: one whose answer was lost is found only by its report.
"""

import json
from datetime import datetime
from typing import Any

from alibabacloud_dyvmsapi20170525.client import Client
from alibabacloud_dyvmsapi20170525.models import IvrCallRequest, IvrCallRequestMenuKeyMap, QueryCallDetailByCallIdRequest

from channels.alibaba_line import PROVIDER, AlibabaLine, ErrorTable, Product, instant, meaning, national, not_asked, template_of
from channels.alibaba_template import CALL_KEYS, CALL_PARTS, LONGEST_CALL_VARIABLES
from channels.contract import (
    CLOCK_SKEW,
    Accepted,
    Capabilities,
    ErrorClass,
    ErrorMeaning,
    Handover,
    Health,
    LookupFailed,
    Message,
    Sought,
)
from channels.receipts import Delivery, Receipt

VOICE = Product("dyvmsapi.aliyuncs.com", Client)
IVR = 11000000300005
"""The product that a record of an IvrCall is filed under."""

MILLISECONDS_TO_PRESS = 6_000

ERROR_PAGE = "https://help.aliyun.com/document_detail/112502.html"
STATE_PAGE = "https://help.aliyun.com/document_detail/55085.html"

PRICE = "0.10"
"""List price of a minute in CNY. Source: https://www.aliyun.com/price/product#/vms/detail, 2026."""

ERRORS: ErrorTable = {
    "isv.TTS_TEMPLATE_ILLEGAL": ("config", "文本转语音模板不合法"),
    "isv.TEMPLATE_ILLEGAL": ("config", "模板不存在或未通过审核"),
    "isv.VOICE_FILE_ILLEGAL": ("config", "语音文件不合法"),
    "isv.DISPLAY_NUMBER_ILLEGAL": ("config", "号显不合法：不是该账号的号码"),
    "isv.BILLID_NOT_EXIST": ("config", "计费账号不存在"),
    "isv.COMPLAINT_REJECT": ("blocked", "防骚扰拦截：主叫号码被投诉"),
    "isv.VOICE_ROBOT_NOT_PERIOD": ("transient", "该时段不能外呼"),
    "isv.VOICE_CALL_PERIOD_ERROR": ("transient", "获取外呼时段失败"),
    "isv.VOICE_CALL_FAIL": ("transient", "呼叫发起失败"),
}

_ENDINGS: dict[str, tuple[Delivery, str, ErrorClass | None, str]] = {
    "200000": ("delivered", "answered", None, "用户听完语音"),
    "200001": ("delivered", "answered", None, "用户提前挂机，未完整收听"),
    "200002": ("undelivered", "busy", None, "用户占线"),
    "200003": ("undelivered", "no_answer", None, "用户未接听"),
    "200004": ("failed", "failed", "contact_bad", "用户号码不合法"),
    "200005": ("undelivered", "no_answer", "unreachable", "无法接通"),
    "200006": ("failed", "failed", "config", "语音播放失败：格式有误"),
    "200007": ("undelivered", "no_answer", "unreachable", "不在服务区"),
    "200008": ("undelivered", "machine", None, "获取按键超时：无人按键，也可能是留言机"),
    "200010": ("undelivered", "no_answer", "unreachable", "关机"),
    "200011": ("undelivered", "no_answer", "unreachable", "停机"),
    "200104": ("failed", "failed", "config", "主叫号码受限"),
    "200105": ("failed", "failed", "contact_bad", "被叫号码受限"),
    "200117": ("failed", "failed", "config", "来电显示号码不合法"),
    "200118": ("failed", "failed", "transient", "供应商该时段限制呼出"),
    "200119": ("failed", "failed", "transient", "供应商超频限呼"),
    "200121": ("failed", "failed", "transient", "呼叫超并发"),
    "400": ("failed", "failed", "transient", "网元繁忙"),
    "476": ("failed", "failed", "config", "号码强制回收"),
}
"""State of a call -> ours, once it is over. One that is not known is put before a person as a permanent failure."""

_UNDER_WAY: dict[str, str] = {
    "": "还没有状态",
    "200100": "呼叫结束，尚无结果",
    "200101": "开始呼叫",
    "200102": "被叫接听",
    "200103": "呼叫建立，正在通话",
    "200201": "被叫响铃",
    "300000": "按键消息",
}
"""States of a call on its way: they claim nothing, and it is asked about again. The record has its end some minutes after the call. Source:
https://help.aliyun.com/document_detail/112804.html"""


class AlibabaVoiceChannel(AlibabaLine):
    channel = "voice"
    named_by = "call_id"

    def capabilities(self, country: str) -> Capabilities:
        """`country` is ISO 3166 alpha-2. Keys reach us only by a push nobody signed, so no answer counts as one."""
        if country != "CN":
            return Capabilities(available=False)
        return Capabilities(available=True, cost=PRICE, template_only=True, evidence_level="C")

    def send(self, message: Message) -> Handover:
        """The template's id names the texts of the call (alibaba_template.CALL_PARTS) with / between; its signature is the number shown."""
        template = template_of(message)
        if template is None or len(parts := template.id.split("/")) != CALL_PARTS:
            return not_asked("no_template")
        if sum(map(len, template.variables.values())) >= LONGEST_CALL_VARIABLES:
            return not_asked("isv.PARAM_LENGTH_LIMIT")
        params = json.dumps(dict(template.variables), ensure_ascii=False)
        start, *answers, last = parts
        request = IvrCallRequest(
            called_number=national(message.to),
            called_show_number=template.signature,
            start_code=start,
            start_tts_params=params,
            menu_key_map=[IvrCallRequestMenuKeyMap(code, key, params) for key, code in zip(CALL_KEYS, answers, strict=True)],
            bye_code=last,
            bye_tts_params=params,
            play_times=1,
            timeout=MILLISECONDS_TO_PRESS,
            out_id=str(message.attempt_id),
        )
        return self._account.hand_over(VOICE, lambda client: client.ivr_call(request), None, ERRORS)

    def find(self, sought: Sought) -> Accepted | None:
        """Never: there is no list of calls. Its report finds it; else, after a day, a person decides."""
        return None

    def recall(self, provider_id: str, sought: Sought) -> Accepted:
        """What its record says of a call, if it was one to that number at that time. Raises LookupFailed."""
        request = QueryCallDetailByCallIdRequest(
            call_id=provider_id, prod_id=IVR, query_date=int((sought.handed_over_at - CLOCK_SKEW).timestamp() * 1000)
        )
        body, exchange = self._account.look_up(VOICE, lambda client: client.query_call_detail_by_call_id(request))
        record = _record(body.data)
        if record.get("callee") != national(sought.to) or not sought.is_about_then(instant(record.get("gmtCreate"))):
            raise LookupFailed("Alibaba Cloud has no record of such a call yet")
        return Accepted(PROVIDER, provider_id, exchange, receipts=(_receipt(provider_id, sought.attempt_id, record),))

    def explain(self, code: str) -> ErrorMeaning:
        if code in _ENDINGS:
            _, _, error_class, says = _ENDINGS[code]
            return ErrorMeaning(error_class or "unreachable", says, STATE_PAGE)
        return meaning(ERRORS, code, ERROR_PAGE)

    def check(self) -> Health:
        """By asking after a call that never was, which reaches nobody."""
        request = QueryCallDetailByCallIdRequest(call_id="0^0", prod_id=IVR, query_date=int(_A_PAST_DAY.timestamp() * 1000))
        lack, _ = self._account.health(VOICE, lambda client: client.query_call_detail_by_call_id(request), ERRORS)
        return lack or Health("ok", "the account answers")


_A_PAST_DAY = datetime.fromisoformat("2026-01-01T00:00:00+08:00")


def _record(data: str | None) -> dict[str, Any]:
    try:
        record = json.loads(data or "{}")
    except ValueError as garbled:
        raise LookupFailed("the record of a call is not understood") from garbled
    return record if isinstance(record, dict) else {}


def _receipt(call_id: str, attempt_id: int, record: dict[str, Any]) -> Receipt:
    state = str(record.get("state") or "")
    if state in _UNDER_WAY:
        return Receipt(PROVIDER, call_id, attempt_id, state or "no state", "accepted")
    delivery, outcome, error_class, _ = _ENDINGS.get(state, ("failed", "failed", "permanent", ""))
    return Receipt(
        provider=PROVIDER,
        provider_id=call_id,
        attempt_id=attempt_id,
        status=state,
        delivery=delivery,
        outcome=outcome,
        error_code=state if error_class else None,
        error_class=error_class,
        at=instant(record.get("endDate")) or instant(record.get("gmtCreate")),
    )
