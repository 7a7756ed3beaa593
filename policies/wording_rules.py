"""What a wording may never say, and what a demand must say. Asked when a wording is saved, and again of the rendered text before it leaves.

Chinese is read without spaces, punctuation and full-width tricks (停 水, 停*水, ＳＴＯＰ), English without case. A word is forbidden even
where it is denied: a text that says "we do not cut the water" has brought the water up.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from policies.actions import Sentence

Kind = Literal["demand", "reminder", "offer", "community", "note"]
"""demand: asks for payment and must prove it later. reminder, offer: courteous, without prejudice. community: a poster or group text that
names nobody. note: what a member of staff writes down; it is discoverable."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a text. `excerpt` is what was found, empty where something is missing."""

    rule: str
    excerpt: str
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Forbidden:
    rule: str
    zh: re.Pattern[str]
    en: re.Pattern[str]
    reason: Sentence
    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class Mandatory:
    """Present as rendered words, or as the blank that will hold them."""

    rule: str
    present: re.Pattern[str]
    reason: Sentence


def lint(text: str, kind: Kind) -> tuple[Finding, ...]:
    """Everything wrong with a text of that kind; empty means it may be said."""
    return (*forbidden(text, kind), *(_missing(text) if kind == "demand" else ()))


def forbidden(text: str, kind: Kind) -> tuple[Finding, ...]:
    """What may never be said. For rendered texts: that nothing mandatory lacks is known of them by their parts."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    joined = re.sub(r"[\W_]+", "", plain)
    found = []
    for rule in FORBIDDEN:
        hit = (rule.zh.search(joined) or rule.en.search(plain)) if kind in rule.kinds else None
        if hit is not None:
            found.append(Finding(rule.rule, hit.group(), rule.reason))
    return tuple(found)


def _missing(text: str) -> tuple[Finding, ...]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return tuple(Finding(rule.rule, "", rule.reason) for rule in MANDATORY if not rule.present.search(plain))


EVERYWHERE: frozenset[Kind] = frozenset({"demand", "reminder", "offer", "community", "note"})
SPOKEN_TO_THE_DEBTOR: frozenset[Kind] = frozenset({"demand", "reminder", "offer", "community"})
BEFORE_ANY_DEMAND: frozenset[Kind] = frozenset({"reminder", "offer", "community"})


def _never(rule: str, zh: str, en: str, reason: Sentence, kinds: frozenset[Kind] = EVERYWHERE) -> Forbidden:
    return Forbidden(rule, re.compile(zh), re.compile(en), reason, kinds)


FORBIDDEN: tuple[Forbidden, ...] = (
    _never(
        "utilities",
        r"[停断限掐]了?您?的?[水电气暖热]|(停止|中断|切断|暂停|限制)(供应|供|您家的?)?[水电气暖热]|停供",
        r"\b(cut|shut|turn|switch|disconnect|stop|suspend|restrict)\w*\b[^.;]{0,24}\b(water|power|electricity|heat(ing)?|gas|utilit(y|ies))\b",
        Sentence(
            "不得以停水、停电、停热、停燃气催交（民法典944条3款）。",
            "Cutting water, power, heat or gas is never threatened (Civil Code 944(3)).",
        ),
        SPOKEN_TO_THE_DEBTOR,
    ),
    _never(
        "access",
        r"(禁止|限制|不准|不许|不让|拒绝)您?的?(出入|进出|进入|通行|入内|停车|使用电梯|乘坐电梯)"
        r"|(停用|注销|取消|锁定|限制|关闭)您?的?(门禁|门卡|电梯|梯控|车位|车牌|停车)|锁车|拖车",
        r"\b(block|deny|disable|revoke|restrict|lock)\w*\b[^.;]{0,24}\b(access|entry|lifts?|elevators?|parking|gates?|key ?cards?)\b"
        r"|\btow(ed|ing)?\b",
        Sentence("不得限制进出、电梯或停车。", "Access, lifts and parking are never made conditional on payment."),
        SPOKEN_TO_THE_DEBTOR,
    ),
    _never(
        "service-condition",
        r"(停止|暂停|拒绝|取消)(一切|提供|为您)?(物业)?(服务|维修|报修)|不(交|缴)费?就?不(予)?(维修|服务|办理)",
        r"\b(refuse|withhold|suspend|stop)\w*\b[^.;]{0,16}\b(services?|repairs?|maintenance)\b",
        Sentence("服务不得以缴费为条件。", "Service is never a condition of payment."),
        SPOKEN_TO_THE_DEBTOR,
    ),
    _never(
        "public-naming",
        r"(公示|公布|曝光|张贴|通报|公开)(您|你|欠费|名单|姓名|房号|信息)|(欠费|黑|失信)名单|点名(批评|通报)|全小区都?(知道|通报)",
        r"\b(publish|post|expose|display|announce)\w*\b[^.;]{0,24}\b(names?|list|debtors?|you)\b|\bblack ?list|\bname and shame",
        Sentence(
            "不得公开欠费人的姓名或名单（个人信息保护法25条，民法典1032条）。", "No debtor is named in public (PIPL 25; Civil Code 1032)."
        ),
        SPOKEN_TO_THE_DEBTOR,
    ),
    _never(
        "third-parties",
        r"(通知|告知|告诉|联系|找|走访)到?(您|你|其|他|她)的?(工作)?"
        r"(单位|公司|雇主|老板|领导|同事|亲属|亲戚|家人|家属|父母|子女|孩子|学校|邻居|村)",
        r"\b(tell|inform|contact|notify|call|visit)\w*\b[^.;]{0,16}"
        r"\b(employer|boss|colleagues?|famil(y|ies)|relatives?|parents?|children|school|neighbou?rs?)\b",
        Sentence("不得将欠费告知单位、亲属或邻居（个人信息保护法23条）。", "Employers, relatives and neighbours are never told (PIPL 23)."),
    ),
    _never(
        "false-authority",
        r"公安|派出所|警察|警方|报警|逮捕|拘留|坐牢|判刑|刑事|法院(传票|已|执行局)|强制执行|征信|失信被执行|限制高消费|纪委",
        r"\b(police|arrest\w*|jail|prison|criminal\w*|warrant|bailiffs?|sheriff|court order|credit (score|record|bureau|rating))\b",
        Sentence(
            "不得冒充或假借公权力，不得以征信、拘留相告。", "No authority is posed as: no police, arrest, credit record or court order."
        ),
        SPOKEN_TO_THE_DEBTOR,
    ),
    _never(
        "threat",
        r"后果自负|不客气|等着瞧|走着瞧|要你好看|收拾你|堵(你|您)?(家)?门|天天(上门|打电话)|没完没了|小心(点|你|您)",
        r"\bor else\b|\byou('| wi)ll (regret|be sorry)\b|\bwatch out\b|\bwe know where you\b|\bevery day until you pay\b",
        Sentence("不得威胁（治安管理处罚法）。", "No threats: pestering and threatening are offences."),
    ),
    _never(
        "insult",
        r"老赖|无赖|赖皮|赖账|不要脸|厚颜|无耻|骗子|缺德|没素质|丢人|人品",
        r"\b(deadbeat|scum|shameless|liar|thief|crook|disgrace(ful)?|freeloader)\b",
        Sentence("不得侮辱或评价人格。", "No insults, and no word about anyone's character."),
    ),
    _never(
        "false-urgency",
        r"最后(一次)?(通牒|机会|警告)|(24|48|二十四|四十八)小时内|今(天|日)之?内必须|过时不候",
        r"\b(final|last) (chance|warning|ultimatum)\b|\bwithin 24 hours\b|\bact now\b",
        Sentence("不得制造虚假的紧迫感。", "No false urgency: the date that counts is the pay-by date."),
        SPOKEN_TO_THE_DEBTOR,
    ),
    _never(
        "too-grave",
        r"起诉|诉讼(?!时效)|律师|法院|仲裁",
        r"\b(sue|lawsuit|litigation|lawyers?|attorneys?|legal action)\b"
        r"|\b(a|at|before|by|in|into|the|to) courts?\b|\bcourt (action|case|claim|costs?|fees?|proceedings)\b",
        Sentence("提醒和协商中不提诉讼。", "A reminder or an offer does not speak of suits."),
        BEFORE_ANY_DEMAND,
    ),
    _never(
        "names-a-home",
        r"(?!)",
        r"\d+\s*[-—#栋幢号楼]\s*\d+\s*[-—单元]+\s*\d+",
        Sentence("面向全体的通知不得出现房号。", "A notice to everyone names no home."),
        frozenset({"community"}),
    ),
)

MANDATORY: tuple[Mandatory, ...] = (
    Mandatory(
        "unit",
        re.compile(r"\{(units?|lines|charges|address|home)\b|(?<!\d)\d{1,3}\s*[-栋幢号#]\s*\d{1,4}(?!\d)|\d+室|\bunit\b"),
        Sentence("缺少房屋。", "It names no unit."),
    ),
    Mandatory(
        "periods",
        re.compile(r"\{(periods?|lines|charges)\b|(19|20)\d{2}\s*年|(?<!\d)(19|20)\d{2}(?!\d)"),
        Sentence("缺少账期。", "It names no billing period."),
    ),
    Mandatory(
        "amount",
        re.compile(r"\{(amount|total|unpaid|sum|lines|charges)\w*\b|[¥€£$]\s*\d|\d\s*元|\b(cny|rmb|usd|gbp)\s*\d|\d\s*(cny|rmb|yuan)\b"),
        Sentence("缺少金额。", "It names no amount."),
    ),
    Mandatory(
        "pay-by",
        re.compile(r"\{pay_by\b|日\s*(\(含(当日)?\))?\s*(之)?(以)?前|截止|\b(by|before|until|no later than)\b"),
        Sentence("缺少付款期限。", "It names no pay-by date."),
    ),
    Mandatory(
        "how-to-pay",
        re.compile(
            r"\{(how_to_pay|payee\w*|pay_url|qr\w*)\b|账户|账号|扫码|缴费方式|支付方式|缴费渠道|缴纳|转账|\b(pay|account|transfer|qr)\b"
        ),
        Sentence("缺少缴费方式。", "It does not say how to pay."),
    ),
    Mandatory(
        "how-to-object",
        re.compile(r"\{how_to_object\b|异议|疑问|核对|申诉|\b(object|objection|dispute|query|queries|questions?)\b"),
        Sentence("缺少异议途径。", "It does not say how to object."),
    ),
)
