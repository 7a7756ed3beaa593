"""The words of the console in Chinese and English: what the program calls by one name is called one thing here."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

from orchestrator.web.console.words_calls import ABOUT_CALLS, OF_CALLS
from orchestrator.web.console.words_evidence import CUSTODY, ENTRIES, ORIGINALS
from orchestrator.web.console.words_files import JOB_KINDS, JOB_STATES
from orchestrator.web.console.words_letters import ABOUT_LETTERS, BATCH_STATES, RETURNS, WITHDRAWN
from orchestrator.web.console.words_proof import MEANS, PROOFS
from orchestrator.web.console.words_visits import CHECKS, EXHIBITS, SHOTS, SIGNERS
from policies.actions import Sentence
from policies.limitation import ALARM_DAYS

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")

Pair = tuple[str, str]

CHANNELS: Final[Mapping[str, Pair]] = {
    "sms": ("短信", "SMS"),
    "voice": ("语音电话", "Automated call"),
    "call": ("人工电话", "Phone call"),
    "letter": ("信函", "Letter"),
    "visit": ("上门", "Visit"),
}

STEPS: Final[Mapping[str, Pair]] = {
    "courtesy-call": ("礼貌提醒", "Courtesy call"),
    "notice-sms": ("短信通知", "Text notice"),
    "warm-letter": ("温情信函", "Warm letter"),
    "second-call": ("第二次电话", "Second call"),
    "visit": ("上门拜访", "Visit"),
    "formal-demand": ("书面催缴函", "Formal demand"),
    "settlement-offer": ("协商方案", "Settlement offer"),
    "lawyer-letter": ("律师函", "Lawyer letter"),
    "suit": ("起诉", "Suit"),
    "plan-offer": ("分期方案", "Plan offer"),
    "notice-letter": ("书面通知", "Notice letter"),
    "transfer-letter": ("过户通知函", "Transfer letter"),
    "listening-call": ("倾听电话", "Listening call"),
    "answer-letter": ("书面答复", "Answer letter"),
    "repair-visit": ("维修回访", "Repair visit"),
    "first-statement": ("第一次对账单", "First statement"),
    "second-statement": ("第二次对账单", "Second statement"),
    "recap": ("通话回顾", "Recap"),
    "bill-notice": ("账单提醒", "Bill notice"),
    "bill_notice": ("账单提醒", "Bill notice"),
    "promise-reminder": ("承诺提醒", "Promise reminder"),
    "promise_reminder": ("承诺提醒", "Promise reminder"),
    "thank-you": ("感谢信息", "Thank-you"),
    "thank_you": ("感谢信息", "Thank-you"),
    "answer-help": ("自动答复：帮助", "Answer: help"),
    "answer-stop": ("自动答复：已退订", "Answer: opted out"),
    "answer-stop-all": ("自动答复：不再联系", "Answer: no more contact"),
    "answer-start": ("自动答复：已恢复", "Answer: texts are on again"),
    "answer-paid": ("自动答复：核对缴费", "Answer: checking the payment"),
    "answer-promise": ("自动答复：已记录承诺", "Answer: promise noted"),
    "answer-dispute": ("自动答复：已收到异议", "Answer: objection received"),
}

SEQUENCES: Final[Mapping[str, Pair]] = {
    "standard": ("标准流程", "Standard"),
    "commercial": ("商铺", "Commercial units"),
    "absent-owner": ("异地业主", "Absent owner"),
    "service-dispute": ("服务争议", "Service dispute"),
    "hardship": ("经济困难", "Hardship"),
    "chronic": ("屡次失约", "Broken promises"),
    "developer-units": ("开发商房屋", "Developer's units"),
    "ownership-change": ("产权变更", "Change of owner"),
}

ATTEMPT_STATES: Final[Mapping[str, Pair]] = {
    "planned": ("已计划", "Planned"),
    "claimed": ("准备发送", "Claimed"),
    "sending": ("发送中", "Sending"),
    "accepted": ("已受理", "Accepted"),
    "sent": ("已发出", "Sent"),
    "delivered": ("已送达", "Delivered"),
    "undelivered": ("未送达", "Not delivered"),
    "failed": ("失败", "Failed"),
    "unknown": ("结果不明", "Unknown"),
    "cancelled": ("已取消", "Cancelled"),
}

OUTCOMES: Final[Mapping[str, Pair]] = {
    "delivered": ("已送达", "delivered"),
    "undelivered": ("未送达", "not delivered"),
    "failed": ("失败", "failed"),
    "sent": ("已发出", "sent"),
    "answered": ("已接听", "answered"),
    "heard": ("确认身份并听完", "identity confirmed and heard"),
    "machine": ("语音信箱", "voicemail"),
    "no_answer": ("无人应答", "no answer"),
    "busy": ("忙线", "busy"),
    "conversation": ("已通话", "spoke with the debtor"),
    "handed_over": ("签收", "signed for"),
    "affixed": ("张贴于门上", "affixed to the door"),
    "refused_to_take": ("拒绝收取", "refused to take it"),
    "unexplained": ("服务商拒绝，原因不明或无法重试：请查看错误码", "Failed for good, or by a code nobody knows: look at it"),
    "moved_away": ("已搬走", "moved away"),
    "not_this_person": ("非本人", "not this person"),
    "mailed": ("已寄出", "mailed"),
    "returned_refused": ("拒收退回", "returned, refused"),
    "returned_unknown": ("查无此人退回", "returned, unknown"),
    "checked": ("已核对", "checked"),
}

CASE_STATES: Final[Mapping[str, Pair]] = {"open": ("进行中", "Open"), "stopped": ("已停止", "Stopped"), "closed": ("已结案", "Closed")}

RESTS: Final[Mapping[str, Pair]] = {
    "settled": ("已结清", "Settled"),
    "disputed": ("有争议", "Disputed"),
    "no_contact": ("禁止联系", "No contact"),
    "deceased": ("业主去世", "Deceased"),
    "incapacity": ("无行为能力", "Incapacity"),
    "insolvent": ("破产", "Insolvent"),
    "represented": ("律师代理", "Represented"),
    "wrong_person": ("联系人有误", "Wrong person"),
    "transferred": ("已过户", "Transferred"),
    "refused": ("审批未通过", "Approval refused"),
    "ready_for_suit": ("可以起诉", "Ready for suit"),
    "file_or_mediate": ("时效将满：起诉或调解", "File or mediate now"),
    "exhausted": ("步骤已尽", "Steps exhausted"),
}

RULES: Final[Mapping[str, Pair]] = {
    "wait_in_flight": ("等待上一步的结果", "Waiting for an outcome"),
    "limitation_first": ("时效优先", "Limitation comes first"),
    "wait_for_hold": ("暂缓中", "On hold"),
    "wait_for_promise": ("等待承诺缴费", "Promised to pay"),
    "wait_for_gap": ("两步之间的间隔", "Time to answer"),
    "too_young": ("欠费时间尚短", "Too recent for this step"),
    "gate_demand_missing": ("缺少合格催告", "A demand is missing"),
    "gate_period_running": ("合理期限未满", "The period still runs"),
    "ask_approval": ("请求审批", "Asks approval"),
    "wait_for_approval": ("等待审批", "Waiting for approval"),
    "wait_for_cap": ("已达联系上限", "Contact cap reached"),
    "wait_for_blackout": ("静默日", "Day of silence"),
    "wait_for_window": ("等待可联系时段", "Waiting for the window"),
    "wait_not_due": ("尚未到期", "Not due yet"),
    "wait_for_payment_data": ("收款数据过时", "Payment data is stale"),
    "send": ("可以进行", "Goes out"),
    "stop_settled": ("已结清", "Settled"),
    "stop_refused": ("审批未通过", "Approval refused"),
    "stop_exhausted": ("步骤已尽", "Steps exhausted"),
    "stop_ready_for_suit": ("可以起诉", "Ready for suit"),
    "stop_file_or_mediate": ("时效将满：起诉或调解", "File or mediate now"),
    "wording": ("文本不合规或内容不全", "May not be said, or lacks something"),
    "window_closed": ("时段已过", "The window had closed"),
    "no_line": ("没有可用线路", "No line serves it"),
    "not_called_for": ("已不需要", "No longer called for"),
    "asked_again": ("再次判断后取消", "Called off when asked again"),
    "case_at_rest": ("案件已停止", "The case is at rest"),
    "claim_lapsed": ("发送前中断", "Interrupted before sending"),
    "opted_out": ("已退订", "Opted out"),
    "answered_enough": ("当日已自动答复", "Answered enough that day"),
    "too_late": ("已过时限", "Too late to say"),
    "put_off": ("服务商要求稍后再发，已改期", "Put off: the provider asked to wait"),
    "overtaken": ("发送前情况有变", "Overtaken before sending"),
    **{f"stop_{state}": pair for state, pair in RESTS.items() if state not in ("settled", "refused", "exhausted", "ready_for_suit")},
}

LEFT_OUT: Final[Mapping[str, Pair]] = {
    "nothing_overdue": ("没有逾期费用", "Nothing overdue"),
    "already_worked": ("已有进行中的案件", "Already being worked"),
    "below_minimum": ("低于最低金额", "Below the minimum"),
    "stop_state": ("处于停止状态", "In a stop state"),
    "hold": ("暂缓中", "On hold"),
    "no_lawful_contact": ("没有合法联系方式", "No lawful contact"),
}

CAMPAIGN_STATES: Final[Mapping[str, Pair]] = {
    "proposed": ("待批准", "Proposed"),
    "approved": ("进行中", "Running"),
    "cancelled": ("已取消", "Cancelled"),
}

REPLIES: Final[Mapping[str, Pair]] = {
    "stop": ("退订", "wants no texts"),
    "start": ("恢复接收", "texts are welcome again"),
    "help": ("求助", "asks for help"),
    "paid": ("称已缴费", "says it is paid"),
    "promise": ("承诺缴费", "promises to pay"),
    "dispute": ("提出异议", "disputes it"),
    "wrong_person": ("称非本人", "says it is not them"),
    "question": ("有疑问或困难", "asks, or cannot pay"),
    "other": ("需人工阅读", "for a person to read"),
}

CONSENT_SOURCES: Final[Mapping[str, Pair]] = {
    "reply": ("回信", "by reply"),
    "key": ("通话按键", "by a key in the call"),
    "page": ("业主页面", "on the debtor's page"),
    "staff": ("员工记录", "noted by staff"),
    "contract": ("合同约定", "by contract"),
    "carrier": ("运营商告知", "told by the carrier"),
}

CAUSES: Final[Mapping[str, Pair]] = {
    "service": ("对服务不满", "Unhappy with the service"),
    "vacancy": ("房屋空置，业主在外", "Home stands empty, owner elsewhere"),
    "dispute": ("对账目有异议", "Disputes the account"),
    "cash": ("一时困难", "Short of money"),
    "ownership_change": ("房屋过户", "Change of owner"),
    "unreachable": ("联系不上", "Cannot be reached"),
    "refuses": ("拒绝缴费", "Refuses to pay"),
    "developer": ("未售或未交付（建设单位）", "Unsold or undelivered (developer)"),
}

TASKS: Final[Mapping[str, Pair]] = {
    "visit": ("上门", "Visit"),
    "call": ("电话", "Call"),
    "check": ("核对", "Check"),
    "alarm": ("时效", "Limitation"),
}

ABOUT: Final[Mapping[str, Pair]] = {
    "paid_already": ("业主称已缴费，请核对", "Says it is paid: check the books"),
    "dispute": ("业主提出异议，请书面答复", "Disputes the debt: answer in writing"),
    "disputed": ("业主提出异议，请书面答复", "Disputes the debt: answer in writing"),
    "wrong_person": ("联系人有误，请更正", "Wrong person: correct the contact"),
    "absent": ("服务商查无此信息，可能已发出：请决定", "The provider does not have it, it may have gone out: decide"),
    "moved_away": ("业主已搬走，请更新地址", "Moved away: find the new address"),
    "not_this_person": ("住址有误，请更正", "Not this person's home: correct the address"),
    "reply": ("业主来信，请阅后处理", "Wrote back: read it and act"),
    "whose_reply": ("一号多户，业主来信不知属于哪一户，请阅后处理", "A number of several debtors wrote back: tell whose it is"),
    "promise_past": ("承诺的日期已过，请核实", "The promised day is past already: ask again"),
    "call_back": ("业主请工作人员回电", "Asks to be called back"),
    "wording": ("群发消息未发出：文本不合规或内容不全", "A campaign message did not go out: mend its text"),
    **ABOUT_LETTERS,
    **ABOUT_CALLS,
    **{f"limitation-{days}": (f"诉讼时效只剩{days}天或更少", f"{days} days of limitation left, or fewer") for days in ALARM_DAYS},
    **STEPS,
}

REASONS: Final[Mapping[str, Pair]] = {
    "paid_already": ("业主称已缴费", "says it is paid"),
    "repair": ("报修未完成", "open repair"),
    "complaint": ("投诉处理中", "open complaint"),
    "appointment": ("已有预约", "an appointment is made"),
    "review": ("待复核", "under review"),
    "dispute": ("争议处理中", "dispute"),
    "unit": ("按房号匹配", "matched by unit"),
    "payer_and_amount": ("按付款人和金额匹配", "matched by payer and amount"),
    "policy": ("系统", "policy"),
    "debtor": ("业主", "debtor"),
    "xianli": ("先礼", "Xianli"),
    "contact_bad": ("号码不可用", "not reachable"),
    "returned": ("寄此地址的信被退回", "a letter to it came back"),
    **RESTS,
}

ROLES: Final[Mapping[str, Pair]] = {
    "administrator": ("管理员", "Administrator"),
    "supervisor": ("主管", "Supervisor"),
    "collector": ("催缴专员", "Collector"),
    "counsel": ("法务", "Counsel"),
    "auditor": ("审计", "Auditor"),
}

TABLES: Final[Mapping[str, Mapping[str, Pair]]] = {
    "channel": CHANNELS,
    "step": STEPS,
    "sequence": SEQUENCES,
    "attempt": ATTEMPT_STATES,
    "outcome": OUTCOMES,
    "signer": SIGNERS,
    "case": CASE_STATES,
    "rest": RESTS,
    "rule": RULES,
    "left_out": LEFT_OUT,
    "campaign": CAMPAIGN_STATES,
    "task": TASKS,
    "about": ABOUT,
    "proof": PROOFS,
    "means": MEANS,
    "reason": REASONS,
    "cause": CAUSES,
    "reply": REPLIES,
    "consent": CONSENT_SOURCES,
    "role": ROLES,
    "entry": ENTRIES,
    "original": ORIGINALS,
    "custody": CUSTODY,
    "batch": BATCH_STATES,
    "withdrawn": {**WITHDRAWN, **RULES, **RESTS},
    "returned": RETURNS,
    "shot": SHOTS,
    "exhibit": EXHIBITS,
    "check": CHECKS,
    "job": JOB_STATES,
    "job_kind": JOB_KINDS,
    **OF_CALLS,
}

_CURRENCIES = {"CNY": "¥", "USD": "$", "GBP": "£", "EUR": "€", "HKD": "HK$"}
_WEEKDAYS: Final[Mapping[Language, tuple[str, ...]]] = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


def word(table: str, value: str | None, language: Language) -> str:
    """What a value of the program is called; a name of someone's own (a company's step) is shown as it is."""
    if not value:
        return ""
    pair = TABLES[table].get(value)
    return pair[LANGUAGES.index(language)] if pair else value


_NAMES = re.compile("|".join(sorted((*STEPS, *CHANNELS), key=len, reverse=True)))


def sentence(said: Sentence | Mapping[str, str], language: Language) -> str:
    """A reason as the rules gave it, or as a row keeps it; in Chinese their names of steps and channels become the words used here."""
    zh, en = (said.zh, said.en) if isinstance(said, Sentence) else (said["zh"], said["en"])
    if language == "en":
        return en
    return _NAMES.sub(lambda name: word("step" if name[0] in STEPS else "channel", name[0], language), zh)


def money(amount: Decimal | None, currency: str = "CNY") -> str:
    return "" if amount is None else f"{_CURRENCIES.get(currency, currency + ' ')}{amount:,.2f}"


def moment(at: datetime | None, timezone: str, language: Language) -> str:
    """Minute, month and day in the zone of the community."""
    if at is None:
        return "—"
    local = at.astimezone(ZoneInfo(timezone))
    weekday = _WEEKDAYS[language][local.weekday()]
    return f"{local.month}月{local.day}日 {weekday} {local:%H:%M}" if language == "zh" else f"{weekday} {local:%d %b %H:%M}"


def dated(at: datetime | None, timezone: str, language: Language) -> str:
    """Minute and day with its year, in the zone of the community: what is looked at years later."""
    if at is None:
        return "—"
    local = at.astimezone(ZoneInfo(timezone))
    return f"{day(local.date(), language)} {local:%H:%M}"


def day(on: date | None, language: Language) -> str:
    if on is None:
        return "—"
    return f"{on.year}年{on.month}月{on.day}日" if language == "zh" else f"{on:%d %b %Y}"


def masked(value: str) -> str:
    """Enough of a number to recognise it, not enough to ring it."""
    digits = value.removeprefix("+86")
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 9 else f"{value[:2]}****"
