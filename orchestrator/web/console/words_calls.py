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

BRIDGE_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "placing": ("正在呼叫", "Being placed"),
    "ringing": ("您的电话正在响铃，接听后按1", "Your phone is ringing: answer it and press 1"),
    "dialling": ("正在接通业主", "Connecting with the debtor"),
    "ended": ("呼叫已结束", "The call has ended"),
    "not_connected": ("您没有按1，业主未被呼叫", "Nobody pressed 1: the debtor was not dialled"),
    "refused": ("运营商未接受", "The provider refused it"),
    "unknown": ("不知是否已呼叫，不会自动重拨", "Not known whether it was placed; it is not placed again by itself"),
    "given_up": ("已作废", "Given up"),
}

ENDINGS: Final[Mapping[str, tuple[str, str]]] = {
    "answered": ("业主已接听", "the debtor answered"),
    "busy": ("忙线", "busy"),
    "no_answer": ("无人接听", "no answer"),
    "failed": ("无法接通", "could not be reached"),
}

OF_CALLS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "call_outcome": CALL_OUTCOMES,
    "said": SAID,
    "way": WAYS,
    "hindrance": HINDRANCES,
    "bridge": BRIDGE_STATES,
    "bridged": ENDINGS,
}

ABOUT_CALLS: Final[Mapping[str, tuple[str, str]]] = {
    "appointment": ("与业主约定的时间", "Appointment with the debtor"),
}
