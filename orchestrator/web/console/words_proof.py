"""How far a charge is proven, what would raise the grade of a demand, and the page on which that is done."""

from collections.abc import Mapping
from typing import Final

from policies.arrival import Means

PROOFS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("未催告", "Not demanded"),
    "under_way": ("已催告，证据不足", "Demanded, not proven"),
    "running": ("已举证，期限未满", "Proven, period runs"),
    "proven": ("已举证", "Proven"),
    "barred": ("已过时效", "Time-barred"),
    "not_due": ("未到期", "Not due"),
    "paid": ("已缴清", "Paid"),
}

MEANS: Final[Mapping[str, tuple[str, str]]] = {
    "arrival": ("服务商的送达回执", "the provider's word that it arrived"),
    "designation": ("合同约定该号码或地址用于送达", "the contract names this number or address for notices"),
    "answer": ("业主回复这条短信或就此付款", "the debtor answers the message about the debt, or pays on it"),
    "recap": ("通话后十分钟内的短信确认", "a text message within ten minutes that says the call again"),
    "signed_return": ("有权签收人签名的邮件回执", "the post's receipt, signed by who may receive it"),
    "deemed_service": ("合同载明寄至约定地址即视为送达", "a clause that post to the agreed address counts as served"),
    "counterpart": ("签收的回证（屏幕签名或扫描件）", "the signed counterpart, on the screen or scanned"),
    "photos": ("经他人核看的照片：门牌、通知、当日码", "photos that somebody else looked at: door, notice, code of the day"),
    "second_person": ("两人同往", "a second person"),
    "neutral_witness": ("中立见证人", "a neutral witness"),
    "post_same_day": ("同日挂号寄送", "the same demand by registered post that day"),
}

PLACES: Final[Mapping[Means, str]] = {
    "designation": "#points",
    "signed_return": "/letters",
    "counterpart": "/visits",
    "photos": "/visits/photos",
    "second_person": "/visits",
    "neutral_witness": "/visits",
    "post_same_day": "/letters",
}
"""Where each is seen to; the rest comes by itself or is a term of the community."""
