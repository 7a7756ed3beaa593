"""Speaking with Alibaba Cloud, or with any server that speaks its OpenAPI: what texts and calls to mainland China have in common.

Requests, models and signatures (ACS3-HMAC-SHA256) are its SDK's own. The SDK's transport is not used: it keeps one session per host for
the whole process, follows HTTP_PROXY even to this machine, and tells of a connection that failed only in words. Ours keeps the bytes,
waits with a limit, sends once, and knows what never left.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.request import DaraRequest
from darabonba.runtime import RuntimeOptions
from requests import Response, Session
from requests.exceptions import RequestException

from channels.contract import (
    Accepted,
    ErrorClass,
    ErrorMeaning,
    Exchange,
    ForgedRequest,
    Handover,
    Health,
    Hint,
    LookupFailed,
    Message,
    Refused,
    SignedRequest,
    Template,
    Unknown,
)
from channels.receipts import Receipt
from channels.wire import PAUSE_SECONDS, Recorder, Wire, never_left, retry_after

PROVIDER = "alibaba"

ALGORITHM = "ACS3-HMAC-SHA256"

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""Its times carry no zone; they are these."""

ErrorTable = Mapping[str, tuple[ErrorClass, str]]
"""A code -> our class, and what Alibaba Cloud or the carrier says it means."""

COMMON_ERRORS: ErrorTable = {
    "Throttling": ("transient", "请求被流控"),
    "Throttling.User": ("transient", "用户的请求被流控"),
    "Throttling.Api": ("transient", "该接口的请求被流控"),
    "ServiceUnavailable": ("transient", "服务暂不可用"),
    "InternalError": ("transient", "内部错误"),
    "isp.SYSTEM_ERROR": ("transient", "系统错误"),
    "isp.GATEWAY_ERROR": ("transient", "网关错误"),
    "InvalidAccessKeyId.NotFound": ("config", "AccessKey不存在"),
    "InvalidAccessKeyId.Inactive": ("config", "AccessKey已停用"),
    "SignatureDoesNotMatch": ("config", "请求签名不符：AccessKey Secret有误"),
    "IncompleteSignature": ("config", "请求签名不完整"),
    "SignatureNonceUsed": ("config", "签名随机数已用过"),
    "InvalidTimeStamp.Expired": ("config", "请求时间已过期：本机时钟有误"),
    "Forbidden": ("config", "没有权限"),
    "Forbidden.RAM": ("config", "RAM用户没有权限"),
    "NoPermission": ("config", "没有权限"),
    "isp.RAM_PERMISSION_DENY": ("config", "RAM权限不足"),
    "isv.OUT_OF_SERVICE": ("config", "业务停机：余额不足"),
    "isv.AMOUNT_NOT_ENOUGH": ("config", "账户余额不足"),
    "isv.ACCOUNT_NOT_EXISTS": ("config", "账户不存在"),
    "isv.ACCOUNT_ABNORMAL": ("config", "账户异常"),
    "isv.PRODUCT_UN_SUBSCRIPT": ("config", "未开通云通信产品"),
    "isv.PRODUCT_UNSUBSCRIBE": ("config", "产品未开通"),
    "isv.DENY_IP_RANGE": ("config", "源IP地址所在的地区被禁用"),
    "isv.MOBILE_NUMBER_ILLEGAL": ("contact_bad", "手机号码格式错误"),
    "isv.BUSINESS_LIMIT_CONTROL": ("transient", "触发业务流控：同一号码发送过于频繁"),
    "isv.BLACK_KEY_CONTROL_LIMIT": ("permanent", "变量内容含有限制发送的关键字"),
    "isv.INVALID_PARAMETERS": ("permanent", "参数格式不正确"),
    "isv.TEMPLATE_MISSING_PARAMETERS": ("permanent", "模板变量缺少参数"),
    "isv.TEMPLATE_PARAMS_ILLEGAL": ("permanent", "变量内容与申请模板时选择的属性不符"),
    "isv.PARAM_LENGTH_LIMIT": ("permanent", "变量长度超过限制"),
    "isv.PARAM_NOT_SUPPORT_URL": ("permanent", "变量不支持传入URL"),
}
"""Of both products, and of the OpenAPI gateway before them."""

UNSURE = frozenset({"isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "ServiceUnavailable", "InternalError"})
"""Said by whoever lost the thread: the message may be out all the same, so it is looked up."""


class AlibabaSettings(Protocol):
    @property
    def alibaba_cloud_access_key_id(self) -> str | None: ...

    @property
    def alibaba_cloud_access_key_secret(self) -> str | None: ...

    @property
    def alibaba_cloud_api_url(self) -> str | None: ...


TOO_MUCH_FOR_ONE_NUMBER = frozenset({"isv.BUSINESS_LIMIT_CONTROL"})
PAUSES = {"isv.DAY_LIMIT_CONTROL": 3600.0}
"""Seconds for which a code is left alone; others for a moment. The account's limit of a day may also be raised before the day is over."""


class AlibabaAccount:
    """One account at Alibaba Cloud. Safe to use from many threads; each conversation has a client of its own over one pool."""

    def __init__(self, settings: AlibabaSettings) -> None:
        if not settings.alibaba_cloud_access_key_id or not settings.alibaba_cloud_access_key_secret:
            raise ValueError("ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are both needed for mainland China")
        self._key = settings.alibaba_cloud_access_key_id
        self._secret = settings.alibaba_cloud_access_key_secret
        self._api_url = settings.alibaba_cloud_api_url
        self._wire = Wire()

    def hand_over(self, product: "Product", ask: Callable[[Any], Any], named: str | None, errors: ErrorTable) -> Handover:
        """Let `ask` hand over one message through the SDK's client, and say honestly what came of it.

        `named` is the name it will be known by; None: the call id in the answer.
        """
        recorder = self._wire.recorder()
        try:
            body = ask(self._client(product, recorder)).body
        except RequestException as error:
            if never_left(error):
                return Refused(PROVIDER, "transient", "connect", recorder.exchange, PAUSE_SECONDS)
            return Unknown(PROVIDER, type(error).__name__, recorder.exchange)
        except _Garbled as garbled:
            return Unknown(PROVIDER, str(garbled), recorder.exchange)
        if body.code == "OK":
            name = named or body.call_id
            return Accepted(PROVIDER, name, recorder.exchange) if name else Unknown(PROVIDER, "answer names no call", recorder.exchange)
        if body.code in UNSURE:
            return Unknown(PROVIDER, body.code, recorder.exchange)
        meant = meaning(errors, body.code).error_class
        return Refused(PROVIDER, meant, body.code, recorder.exchange, _pause(body.code, recorder.headers) if meant == "transient" else None)

    def look_up(self, product: "Product", ask: Callable[[Any], Any]) -> tuple[Any, Exchange]:
        """The body of an answer to a question. Raises LookupFailed."""
        recorder = self._wire.recorder()
        try:
            body = ask(self._client(product, recorder)).body
        except (RequestException, _Garbled) as error:
            raise LookupFailed(f"Alibaba Cloud could not be asked: {type(error).__name__}") from error
        if body.code != "OK":
            raise LookupFailed(f"Alibaba Cloud did not answer the question: {body.code}")
        return body, recorder.exchange

    def health(self, product: "Product", ask: Callable[[Any], Any], errors: ErrorTable) -> tuple[Health | None, Any]:
        """What keeps a harmless question from being answered, or its answer."""
        try:
            body = ask(self._client(product, self._wire.recorder())).body
        except (RequestException, _Garbled) as error:
            return Health("down", f"Alibaba Cloud does not answer ({type(error).__name__})"), None
        if body.code == "OK":
            return None, body
        meant = meaning(errors, body.code)
        cure = "look at ALIBABA_CLOUD_ACCESS_KEY_ID, its secret and what the account may do"
        return Health("down" if meant.error_class == "config" else "warning", f"{body.code}: {meant.says}; {cure}"), None

    def _client(self, product: "Product", recorder: Recorder) -> Any:
        base = self._api_url or f"https://{product.endpoint}"
        client = product.client(Config(access_key_id=self._key, access_key_secret=self._secret, endpoint=urlsplit(base).netloc))
        client.call_api = _Conversation(base.rstrip("/"), self._key, self._secret, recorder).call_api
        return client


class AlibabaLine:
    """What its texts and its calls have in common. Nothing that it pushes is signed: a push is a hint, and no receipt."""

    provider = PROVIDER
    sender = PROVIDER
    named_by: str
    """What holds the provider's name for a message in an entry of a push."""

    def __init__(self, account: AlibabaAccount) -> None:
        self._account = account

    def parse_receipt(self, request: SignedRequest) -> Sequence[Receipt]:
        raise ForgedRequest("Alibaba Cloud signs nothing: what it pushes is a reason to ask (`hints`)")

    def hints(self, body: bytes) -> tuple[Hint, ...]:
        """Of a report: a JSON array with our OutId, and the provider's name, in each of its entries."""
        reports = json.loads(body)
        if not isinstance(reports, list):
            raise ValueError("a report is a JSON array")
        named = [(str(each.get("out_id", "")), str(each.get(self.named_by, ""))) for each in reports if isinstance(each, dict)]
        return tuple(Hint(int(out_id), name) for out_id, name in named if is_ours(out_id) and name)


def template_of(message: Message) -> Template | None:
    """Its template, where it is one of this provider's."""
    return message.template if message.template is not None and message.template.provider == PROVIDER else None


def not_asked(code: str) -> Refused:
    """A refusal of our own, of what Alibaba Cloud would refuse too, and be paid for."""
    return Refused(PROVIDER, "permanent", code, Exchange(b"", b""))


@dataclass(frozen=True, slots=True)
class Product:
    """One product of Alibaba Cloud: where it is, and the SDK's client for it."""

    endpoint: str
    client: Callable[[Config], Any]


class _Garbled(Exception):
    """Something answered, but not in Alibaba Cloud's words."""


@dataclass(frozen=True, slots=True)
class _Conversation:
    """Where the SDK's client sends: once, within limits of time, its bytes recorded."""

    base: str
    key: str
    secret: str
    recorder: Recorder

    def call_api(self, params: Params, request: OpenApiRequest, runtime: RuntimeOptions) -> Mapping[str, Any]:
        """Raises RequestException, or _Garbled."""
        query = dict(request.query or {})
        with Session() as session:
            self.recorder.mount_on(session, self.base)
            url = f"{self.base}{params.pathname}?{urlencode(query, quote_via=quote)}"
            answer = session.request(params.method, url, headers=self._headers(params, query), allow_redirects=False)
        return {"statusCode": answer.status_code, "headers": dict(answer.headers), "body": _body(answer)}

    def _headers(self, params: Params, query: Mapping[str, str]) -> Mapping[str, str]:
        signed = DaraRequest()
        signed.method, signed.pathname, signed.query = params.method, urlsplit(self.base).path + params.pathname, query
        empty = Utils.hash(b"", ALGORITHM).hex()  # all that is asked stands in the query, as the SDK writes it
        signed.headers = {
            "host": urlsplit(self.base).netloc,
            "x-acs-version": params.version,
            "x-acs-action": params.action,
            "x-acs-date": Utils.get_timestamp(),
            "x-acs-signature-nonce": Utils.get_nonce(),
            "x-acs-content-sha256": empty,
            "accept": "application/json",
        }
        authorization = Utils.get_authorization(signed, ALGORITHM, empty, self.key, self.secret)
        return {**signed.headers, "Authorization": authorization}


def _body(answer: Response) -> Mapping[str, Any]:
    """What it says, which always has a code. A 5xx says nothing that can be relied on."""
    if answer.status_code >= 500:
        raise _Garbled(f"HTTP {answer.status_code}")
    try:
        said = json.loads(answer.content)
    except ValueError as garbled:
        raise _Garbled(f"HTTP {answer.status_code}, answer not understood") from garbled
    if not isinstance(said, dict) or not isinstance(said.get("Code"), str):
        raise _Garbled(f"HTTP {answer.status_code}, answer without a code")
    return said


def meaning(errors: ErrorTable, code: str, source: str = "") -> ErrorMeaning:
    """What a code means; one in no table is permanent, so that a person looks at it before anything is tried again."""
    error_class, says = errors.get(code) or COMMON_ERRORS.get(code) or ("permanent", "not in our table")
    return ErrorMeaning(error_class, says, source)


def national(number: str) -> str:
    """A mainland number as its carriers write it: +8613900000000 -> 13900000000."""
    return number.removeprefix("+86")


def is_ours(out_id: str) -> bool:
    """Whether an OutId can be one of our attempts: a number that a row may have."""
    return out_id.isdecimal() and len(out_id) <= 18


def instant(local: str | None) -> datetime | None:
    """A time without zone: 2026-11-24 10:00:00 is in Shanghai."""
    try:
        return datetime.fromisoformat(local).replace(tzinfo=SHANGHAI) if local else None
    except ValueError:
        return None


def _pause(code: str, headers: Mapping[str, str]) -> float | None:
    """For how long the account takes nothing more. What was too much for one number says nothing of the next."""
    if code in TOO_MUCH_FOR_ONE_NUMBER:
        return None
    named = headers.get("x-acs-retry-after") or ""
    said = float(named) if named.isascii() and named.isdigit() else retry_after(headers)
    return PAUSES.get(code, PAUSE_SECONDS) if said is None else said
