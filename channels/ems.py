"""EMS and the letters of China Post: the numbers on their labels, the sheet for posting in bulk, and the words of their tracking.

The words were taken from what the post's query pages and the exports of postal customers show; a word in no row below means nothing here
and goes before staff. Nothing of this was tried against the post's own systems.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from channels.receipts import Delivery, ErrorClass

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula at the start of a cell."""

_S10 = re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}")
_DOMESTIC = re.compile(r"\d{13}")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


class NotAWaybill(ValueError):
    """What was typed or scanned is no number of the post; the message says why, in Chinese and English."""


def waybill(scanned: str) -> str:
    """The number as the post prints it: 13 digits, or two letters, nine digits, two letters (UPU S10). Raises NotAWaybill.

    >>> waybill(" ea473124829cn ")
    'EA473124829CN'
    """
    number = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", scanned)).upper()
    if _DOMESTIC.fullmatch(number):
        return number
    if not _S10.fullmatch(number):
        said = scanned.strip()[:40]
        raise NotAWaybill(f"“{said}”不是邮件号：应为13位数字，或形如EA473124829CN / is no waybill: 13 digits, or like EA473124829CN")
    if _s10_check_digit(number[2:10]) != int(number[10]):
        raise NotAWaybill(f"{number} 校验位不符，请重新扫描 / its check digit does not fit: scan it again")
    return number


def _s10_check_digit(serial: str) -> int:
    rest = 11 - sum(weight * int(digit) for weight, digit in zip(_S10_WEIGHTS, serial, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One registered letter as it is posted in bulk. `content` is the content description (内件品名): it names no person."""

    reference: str
    recipient: str
    phone: str
    address: str
    content: str


POSTING_HEADINGS = ("序号", "商户单号", "收件人", "收件人电话", "收件人地址", "内件品名")


def posting_sheet(lines: Iterable[PostingLine]) -> bytes:
    """The sheet that EMS takes for posting in bulk: CSV, UTF-8 with its mark. No cell is a formula."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(POSTING_HEADINGS)
    for number, line in enumerate(lines, start=1):
        cells = (line.reference, line.recipient, line.phone.removeprefix("+86"), line.address, line.content)
        writer.writerow([number, *(as_text(cell) for cell in cells)])
    return sheet.getvalue().encode("utf-8-sig")


def as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


TRACKING_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "waybill": (
        "邮件号",
        "邮件号码",
        "邮件条码",
        "运单号",
        "运单号码",
        "快递单号",
        "快件单号",
        "物流单号",
        "单号",
        "waybill",
        "tracking number",
    ),
    "status": (
        *("状态", "邮件状态", "快件状态", "物流状态", "最新状态", "投递状态", "投递结果", "最新轨迹", "轨迹", "物流信息", "最新物流"),
        *("处理动态", "处理信息", "最新动态", "跟踪信息", "status", "tracking status", "last event"),
    ),
    "time": ("时间", "处理时间", "状态时间", "最新时间", "操作时间", "更新时间", "投递时间", "签收时间", "time", "event time", "date"),
    "signer": ("签收人", "实际签收人", "代收人", "签收信息", "收件人签名", "signer", "signed by"),
}
"""How the columns of a tracking export are headed."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The post's words in ours. Signed for without saying by whom has no outcome: who signed must be seen on the return.

    The class of what came back says whether the address is wrong or nobody fetched it there.
    """

    delivery: Delivery
    outcome: str | None = None
    signer: str | None = None
    error_class: ErrorClass | None = None


_SIGNED = "妥投|签收|投递成功|已投递|已投至|已领取|已取件|已取走"
_BACK = "退回|退件|退信|退还|返回寄件"

_SIGNERS: Final = (
    ("物业", "own_desk"),
    ("丰巢|速递易|易邮柜|快递柜|包裹柜|智能柜|自提柜|信包箱|格口", "locker"),
    ("驿站|菜鸟|妈妈|代收点|自提点|便利店|超市|服务站", "station"),
    ("门卫|保安|门岗|岗亭", "guard"),
    ("收发|前台|传达室|单位章|单位公章|公司章", "mail_desk"),
    ("家人|家属|亲属|亲友|配偶|丈夫|妻子|父|母|儿子|女儿|同住", "family"),
    ("本人", "self"),
)
"""The weaker hand first: what names a locker as well as the person went into the locker. 物业 is the creditor's own desk."""

_STATUSES: Final[tuple[tuple[str, Meaning], ...]] = (
    ("未妥投|未投妥|投递不成功|投递未成功|投递失败|再次投递|改派|预约投递", Meaning("sent")),
    ("准备签收|等待签收|待签收|派送中|派送途中|派件中|投递中|正在投递|正在派|安排投递|安排派|待投递|待取|请取|等待领取", Meaning("sent")),
    (f"({_BACK}).*拒收|拒收|拒绝签收|拒绝接收", Meaning("undelivered", "returned_refused")),
    (
        f"({_BACK}).*(查无|无此人|不详|错误|欠详|迁|搬)|(查无此人|原址查无|迁移新址不明).*({_BACK})",
        Meaning("undelivered", "returned_unknown", error_class="contact_bad"),
    ),
    (
        f"({_BACK}).*(无人认领|逾期|未领|不领)|(逾期未领|无人认领).*({_BACK})",
        Meaning("undelivered", "returned_unknown", error_class="unreachable"),
    ),
    (_BACK, Meaning("undelivered")),
    *((f"({_SIGNED}).*({who})|({who}).*({_SIGNED})", Meaning("delivered", "handed_over", signer)) for who, signer in _SIGNERS),
    (_SIGNED, Meaning("delivered")),
    ("收寄|揽收|揽件|已收件|已交寄", Meaning("sent", "mailed")),
    ("运输|到达|到件|离开|发往|发出|封发|转运|处理中心|分拣|在途|投递员|查无此人|地址不详|联系不上|电话无人", Meaning("sent")),
)
"""In order, the first that fits. 退回妥投 means delivered back to the SENDER, so what comes back is asked for before what was signed for;
and a try that failed (未妥投) before both."""

_PATTERNS: Final = tuple((re.compile(words), meaning) for words, meaning in _STATUSES)
_HANDS: Final = tuple((re.compile(words), signer) for words, signer in _SIGNERS)


def meaning_of(status: str, signer: str = "", recipients: Iterable[str] = ()) -> Meaning | None:
    """What the post's words mean; None where they are in no row of ours.

    `signer` is the column of who signed, where there is one; `recipients` the names on the envelope: one of them there is the person.

    >>> meaning_of("退回妥投")
    Meaning(delivery='undelivered', outcome=None, signer=None)
    >>> meaning_of("邮件已妥投", "王芳", ["王芳"]).signer
    'self'
    """
    said = re.sub(r"\s", "", unicodedata.normalize("NFKC", status))
    meaning = next((meaning for words, meaning in _PATTERNS if words.search(said)), None)
    if meaning != Meaning("delivered"):
        return meaning
    hand = _hand(re.sub(r"\s", "", unicodedata.normalize("NFKC", signer)), recipients)
    return Meaning("delivered", "handed_over", hand) if hand else meaning


def _hand(signer: str, recipients: Iterable[str]) -> str | None:
    if signer and signer in recipients:
        return "self"
    return next((hand for words, hand in _HANDS if words.search(signer)), None)
