"""The words of the page of a call."""

from collections.abc import Mapping
from typing import Final

CALL_OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "conversation": ("已通话", "Spoke with the debtor"),
    "no_answer": ("无人接听", "No answer"),
    "busy": ("忙线", "Busy"),
    "not_this_person": ("对方不是业主", "Wrong person"),
}

SAID: Final[Mapping[str, tuple[str, str]]] = {
    "promise": ("承诺缴费", "Will pay"),
    "paid": ("称已缴费", "Says it is paid"),
    "dispute": ("有异议", "Disputes it"),
}

WAYS: Final[Mapping[str, tuple[str, str]]] = {
    "qr": ("扫码", "QR code"),
    "card": ("刷卡", "Card"),
    "cash": ("现金", "Cash"),
    "desk": ("到服务中心", "At the desk"),
    "home": ("上门收取", "Collect at home"),
}

HINDRANCES: Final[Mapping[str, tuple[str, str]]] = {
    "unusable": ("号码不可用", "this number is not usable"),
    "opted_out": ("业主不接受电话", "the debtor wants no calls"),
    "window": ("不在可联系时段", "outside its contact window"),
}

OF_CALLS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "call_outcome": CALL_OUTCOMES,
    "said": SAID,
    "way": WAYS,
    "hindrance": HINDRANCES,
}

ABOUT_CALLS: Final[Mapping[str, tuple[str, str]]] = {
    "appointment": ("与业主约定的时间", "Appointment with the debtor"),
}
