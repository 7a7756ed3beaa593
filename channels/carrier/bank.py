"""The bank's statement, as a branch exports it: times without zone in Asia/Shanghai, a memo as people write it."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from channels.carrier.personas import share

ZONE = ZoneInfo("Asia/Shanghai")
HEADINGS = ("交易时间", "交易流水号", "对方户名", "对方账号", "收入金额", "摘要", "附言")

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = ("伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "勇", "艳", "杰", "军", "秀英", "建国", "桂英", "志强")


@dataclass(frozen=True, slots=True)
class Transfer:
    at: datetime
    payer: str
    amount: Decimal
    memo: str


def memo(seed: int, unit: str, payer: str | None) -> str:
    """One of the forms people use; about a tenth write nothing."""
    chance = share(seed, unit, "memo")
    if chance < 0.1:
        return ""
    if payer and chance < 0.3:
        return f"{payer} 物业"
    match unit.split("-"):
        case [building, entrance, room] if chance < 0.65:
            return f"{building}栋{entrance}单元{room}"
        case [building, room]:
            return f"{building}幢{room}室 物业费"
    return f"{unit}物业费"


def invented_name(seed: int, key: str) -> str:
    """For a payer whose name the demand did not tell."""
    surname = _SURNAMES[int(share(seed, key, "surname") * len(_SURNAMES))]
    return surname + _GIVEN[int(share(seed, key, "given") * len(_GIVEN))]


def statement(transfers: Iterable[Transfer], since: datetime | None, until: datetime | None) -> str:
    """CSV with a byte order mark; transfers after `since` up to `until`, numbered by their place in the bank's own book."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for number, transfer in enumerate(transfers):
        if (since is None or transfer.at > since) and (until is None or transfer.at <= until):
            writer.writerow(_row(number, transfer))
    return "\ufeff" + text.getvalue()


def _row(number: int, transfer: Transfer) -> tuple[str, ...]:
    local = transfer.at.astimezone(ZONE)
    account = int(share(0, transfer.payer, "account") * 10_000)
    return (
        f"{local:%Y-%m-%d %H:%M:%S}",
        f"{local:%Y%m}1{number:07d}",
        transfer.payer,
        f"6222****{account:04d}",
        f"{transfer.amount:,.2f}",
        "转账",
        transfer.memo,
    )
