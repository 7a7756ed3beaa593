"""What Alibaba Cloud shows and pushes of a text or call: its own names, states and codes, and local times without a zone."""

from datetime import datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from channels.carrier.consignments import Consignment

SHANGHAI = ZoneInfo("Asia/Shanghai")

REPORTS = {"30003": "MOBILE_TERMINAL_ERROR", "30005": "INVALID_NUMBER", "30006": "MOBILE_NOT_ON_SERVICE"}
"""What a carrier reports of a person whose texts never arrive, by the code that the same person has at Twilio."""

_CALL_STATES = {"busy": "200002", "no-answer": "200003"}


def sms_report(message: Consignment) -> dict[str, Any]:
    """One entry of an SmsReport, as it is pushed."""
    return {
        "phone_number": message.to.removeprefix("+86"),
        "send_time": _local(message.wall),
        "report_time": _local(message.reported_at),
        "success": message.status == "delivered",
        "err_code": _report_code(message),
        "err_msg": "用户接收成功" if message.status == "delivered" else "发送失败",
        "sms_size": "1",
        "biz_id": biz_id(message),
        "out_id": message.asked["OutId"],
    }


def voice_report(call: Consignment) -> dict[str, Any]:
    """One entry of a VoiceReport."""
    return {
        "call_id": biz_id(call),
        "start_time": _local(call.wall_of("answered")),
        "end_time": _local(call.wall_of("completed")),
        "duration": "30" if call.wall_of("answered") else "0",
        "status_code": _call_state(call),
        "status_msg": "",
        "out_id": call.asked["OutId"],
        "caller": call.sender,
        "callee": call.to.removeprefix("+86"),
        "hangup_direction": "用户",
        "voice_type": "voice",
    }


def sms_detail(message: Consignment) -> dict[str, Any]:
    """A record of QuerySendDetails; there is no BizId in it."""
    reported = message.reported_at is not None
    return {
        "PhoneNum": message.to.removeprefix("+86"),
        "SendStatus": 1 if not reported else 3 if message.status == "delivered" else 2,
        "ErrCode": _report_code(message) if reported else "",
        "TemplateCode": message.asked["TemplateCode"],
        "Content": message.body,
        "SendDate": _local(message.wall),
        "ReceiveDate": _local(message.reported_at),
        "OutId": message.asked["OutId"],
    }


def _report_code(message: Consignment) -> str:
    if message.status == "delivered":
        return "DELIVERED"
    return REPORTS.get(message.error_code or "", message.error_code or "UNKNOWN")


def call_detail(call: Consignment) -> dict[str, Any]:
    """The record of QueryCallDetailByCallId; there is no OutId in it, and no key."""
    return {
        "caller": call.sender,
        "callee": call.to.removeprefix("+86"),
        "gmtCreate": _local(call.wall),
        "startDate": _local(call.wall_of("answered")),
        "endDate": _local(call.wall_of("completed")),
        "state": _call_state(call),
        "stateDesc": _call_state(call),
        "duration": 30 if call.wall_of("answered") else 0,
    }


def _call_state(call: Consignment) -> str:
    """Who pressed a key heard the call to its end; of a machine and of a silent person only the silence is known."""
    if call.status != "completed":
        return _CALL_STATES.get(call.status, "200005")
    return "200000" if call.keys else "200008"


def biz_id(taken: Consignment) -> str:
    number = int(sha256(taken.sid.encode()).hexdigest()[:12], 16)
    return f"{number}^{number % 1000}"


def _local(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if at else ""
