"""Text messages to mainland China through Alibaba Cloud (Dysmsapi 2017-05-25): an approved template and what fills it, never free text.

Its record of a message shows our own OutId but not the BizId it answered with, so a message is known by its OutId: the attempt. What
became of it is asked for by number and day.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import QuerySendDetailsRequest, QuerySmsSignListRequest, SendSmsRequest

from channels.alibaba_line import (
    PROVIDER,
    SHANGHAI,
    AlibabaLine,
    ErrorTable,
    Product,
    instant,
    meaning,
    national,
    not_asked,
    template_of,
)
from channels.alibaba_template import LONGEST_TEXT
from channels.contract import (
    CLOCK_SKEW,
    Accepted,
    Capabilities,
    ErrorMeaning,
    Exchange,
    Handover,
    Health,
    LookupFailed,
    Message,
    Sought,
)
from channels.receipts import Delivery, Receipt

SMS = Product("dysmsapi.aliyuncs.com", Client)

PAGE_SIZE = 50
"""As many records as it gives at once."""

ERROR_PAGE = "https://help.aliyun.com/document_detail/101346.html"
REPORT_PAGE = "https://help.aliyun.com/document_detail/101347.html"
"""Read 2026-11: what the API refuses by, and what carriers report."""

PRICE = "0.045"
"""List price of one segment in CNY, in small packages. Source: https://www.aliyun.com/price/product#/sms/detail, 2026."""

ERRORS: ErrorTable = {
    "isv.SMS_TEMPLATE_ILLEGAL": ("config", "短信模板不合法：不存在、未通过审核，或不属于该账号"),
    "isv.SMS_SIGNATURE_ILLEGAL": ("config", "短信签名不合法：不存在或未通过审核"),
    "isv.SMS_SIGN_ILLEGAL": ("config", "签名禁止使用"),
    "isv.SIGN_STATE_ILLEGAL": ("config", "签名状态为不可用"),
    "isv.SIGN_NAME_ILLEGAL": ("config", "签名名称不符合规范"),
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": ("config", "签名和模板类型不一致"),
    "isv.EXTEND_CODE_ERROR": ("config", "扩展码使用错误"),
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": ("config", "国际/港澳台消息模板不支持发送境内号码"),
    "isv.DAY_LIMIT_CONTROL": ("transient", "触发日发送限额"),
    "isv.MONTH_LIMIT_CONTROL": ("config", "触发月发送限额"),
    "isv.SMS_CONTENT_ILLEGAL": ("blocked", "短信内容包含禁止发送内容"),
    "isv.MOBILE_COUNT_OVER_LIMIT": ("permanent", "手机号码数量超过限制"),
    "isv.INVALID_JSON_PARAM": ("permanent", "参数格式错误：不是JSON字符串"),
}

REPORTS: ErrorTable = {
    "UNDELIV": ("unreachable", "用户停机、关机或暂停服务，无法接收"),
    "EXPIRED": ("unreachable", "用户长时间关机或不在服务区，短信超过有效期"),
    "REJECTD": ("blocked", "短信被运营商拒绝"),
    "MOBILE_NOT_ON_SERVICE": ("contact_bad", "停机、空号或暂停服务的号码"),
    "INVALID_NUMBER": ("contact_bad", "号码状态异常"),
    "MOBILE_ACCOUNT_ABNORMAL": ("unreachable", "用户账户异常，如携号转网、欠费"),
    "MOBILE_TERMINAL_ERROR": ("unreachable", "手机终端问题：关机、不在服务区、内存已满"),
    "MOBILE_SEND_LIMIT": ("transient", "单个号码日或月发送上限，或频繁发送超限"),
    "MOBILE_IN_BLACK": ("opted_out", "手机号在黑名单中：用户退订或投诉过"),
    "USER_REJECT": ("opted_out", "接收用户已退订"),
    "MBBLACK": ("opted_out", "号码在黑名单中：用户退订或投诉过"),
    "BLACK": ("opted_out", "号码在黑名单中"),
    "W-BLACK": ("opted_out", "号码在黑名单中"),
    "CONTENT_KEYWORD": ("blocked", "内容含有被拦截的关键字"),
    "CONTENT_ERROR": ("blocked", "推送的内容违反运营商规则"),
    "SIGNATURE_BLACKLIST": ("blocked", "签名被投诉，已被运营商拦截"),
    "SP_NOT_BY_INTER_SMS": ("contact_bad", "收件人未开通国际短信接收功能"),
    "SP_UNKNOWN_ERROR": ("unreachable", "运营商未知错误"),
    "NO_ROUTE": ("transient", "没有可用的通道"),
    "UNKNOWN": ("unreachable", "运营商没有给出原因"),
    "MK:0000": ("unreachable", "关机或不在服务区"),
    "MK:0001": ("contact_bad", "空号"),
    "MK:0005": ("unreachable", "无法接通"),
    "MK:0012": ("unreachable", "停机"),
    "MI:0013": ("unreachable", "停机、关机或暂停服务"),
    "MN:0001": ("contact_bad", "空号"),
    "MA:0001": ("opted_out", "全局黑名单号码"),
    "MA:0002": ("blocked", "内容非法"),
    "DB:0101": ("contact_bad", "手机号码错误"),
    "DB:0102": ("unreachable", "用户停机"),
    "IB:0008": ("transient", "流量控制错误"),
    "ID:0076": ("blocked", "运营商关键词拦截"),
}
"""Carriers' words. Those with a colon are of China Mobile's gateway, and a few of very many."""

_STATES: dict[int, Delivery] = {1: "sent", 2: "undelivered", 3: "delivered"}
"""SendStatus -> ours: waiting for the carrier's report, failed, received. One it may add later claims nothing."""


class AlibabaSmsChannel(AlibabaLine):
    channel = "sms"
    named_by = "out_id"

    def capabilities(self, country: str) -> Capabilities:
        """`country` is ISO 3166 alpha-2. Nobody can answer, and a link may only stand in the fixed part of a template.

        SendSms takes no time after which a text is not to be delivered any more.
        """
        if country != "CN":
            return Capabilities(available=False)
        return Capabilities(available=True, max_length=LONGEST_TEXT, cost=PRICE, template_only=True, evidence_level="B", expires=False)

    def send(self, message: Message) -> Handover:
        template = template_of(message)
        if template is None:
            return not_asked("no_template")
        if len(message.body) > LONGEST_TEXT:
            return not_asked("isv.PARAM_LENGTH_LIMIT")
        request = SendSmsRequest(
            phone_numbers=national(message.to),
            sign_name=template.signature,
            template_code=template.id,
            template_param=json.dumps(dict(template.variables), ensure_ascii=False),
            out_id=str(message.attempt_id),
        )
        return self._account.hand_over(SMS, lambda client: client.send_sms(request), str(message.attempt_id), ERRORS)

    def find(self, sought: Sought) -> Accepted | None:
        """By number and day, then our OutId and the time: a database taken back from a backup may have used a number before."""
        for record, exchange in self._records(sought.to, sought.handed_over_at):
            if record.out_id == str(sought.attempt_id) and sought.is_about_then(instant(record.send_date)):
                return Accepted(PROVIDER, str(sought.attempt_id), exchange, receipts=(_receipt(record, sought.attempt_id),))
        return None

    def recall(self, provider_id: str, sought: Sought) -> Accepted:
        """What its record says now of a message that it took. Raises LookupFailed."""
        found = self.find(sought)
        if found is None:
            raise LookupFailed("Alibaba Cloud has no record of it")
        return found

    def explain(self, code: str) -> ErrorMeaning:
        if code in REPORTS:
            return meaning(REPORTS, code, REPORT_PAGE)
        return meaning(ERRORS, code, ERROR_PAGE)

    def check(self) -> Health:
        """By the list of signatures, which costs nothing and reaches nobody."""
        request = QuerySmsSignListRequest(page_index=1, page_size=50)
        lack, signatures = self._account.health(SMS, lambda client: client.query_sms_sign_list(request), ERRORS)
        if lack is not None:
            return lack
        if not any(each.audit_status == "AUDIT_STATE_PASS" for each in signatures.sms_sign_list or ()):
            return Health("warning", "the account has no approved signature: apply for one in Alibaba Cloud's console")
        return Health("ok", "the account answers and has an approved signature")

    def _records(self, number: str, handed_over_at: datetime) -> Iterator[tuple[Any, Exchange]]:
        """Its records of a number, of the day of sending; at midnight, of both. Raises LookupFailed."""
        instants = (handed_over_at - CLOCK_SKEW, handed_over_at + CLOCK_SKEW)
        for day in dict.fromkeys(f"{at.astimezone(SHANGHAI):%Y%m%d}" for at in instants):
            page, total = 1, 1
            while (page - 1) * PAGE_SIZE < total:
                records, total, exchange = self._page(number, day, page)
                for record in records:
                    yield record, exchange
                page += 1

    def _page(self, number: str, day: str, page: int) -> tuple[Sequence[Any], int, Exchange]:
        """Some records, and how many there are."""
        request = QuerySendDetailsRequest(phone_number=national(number), send_date=day, page_size=PAGE_SIZE, current_page=page)
        answered, exchange = self._account.look_up(SMS, lambda client: client.query_send_details(request))
        try:
            listed = answered.sms_send_detail_dtos
            return (listed.sms_send_detail_dto if listed else None) or (), int(answered.total_count or 0), exchange
        except (ValueError, AttributeError) as garbled:
            raise LookupFailed("Alibaba Cloud's records are not understood") from garbled


def _receipt(record: Any, attempt_id: int) -> Receipt:
    delivery = _STATES.get(record.send_status, "accepted")
    code = record.err_code if delivery == "undelivered" else None
    return Receipt(
        provider=PROVIDER,
        provider_id=str(attempt_id),
        attempt_id=attempt_id,
        status=f"{record.send_status} {record.err_code or ''}".strip(),
        delivery=delivery,
        error_code=code,
        error_class=meaning(REPORTS, code).error_class if code else None,
        at=instant(record.receive_date),
    )
