"""06 notices and arrivals: each demand as it left, what the provider or the post said, when it arrived, how far that carries."""

from datetime import datetime

from orchestrator.reports.court import Brief, sheet
from orchestrator.reports.sheets import Block, Column, Sheet, facts, figure, heading, note, paragraph, quote, saying, table
from orchestrator.store.court import Notice
from orchestrator.wordings import periods
from policies.actions import Sentence
from policies.names import CHANNELS

OUTCOMES = {
    "sent": Sentence("已发出", "sent"),
    "accepted": Sentence("已受理", "accepted"),
    "delivered": Sentence("已送达", "delivered"),
    "undelivered": Sentence("未送达", "not delivered"),
    "answered": Sentence("已接听", "answered"),
    "heard": Sentence("确认身份并听完", "identity confirmed, heard to the end"),
    "machine": Sentence("语音信箱", "a machine answered"),
    "no_answer": Sentence("未接听", "no answer"),
    "conversation": Sentence("已通话", "spoken with"),
    "mailed": Sentence("已交寄", "mailed"),
    "handed_over": Sentence("已签收", "handed over"),
    "affixed": Sentence("张贴于门", "affixed to the door"),
    "refused_to_take": Sentence("拒绝收取", "refused to take it"),
    "returned_refused": Sentence("拒收退回", "returned, refused"),
    "returned_unknown": Sentence("查无此人退回", "returned, unknown"),
}
SIGNERS = {
    "self": Sentence("本人", "in person"),
    "family": Sentence("同住成年家属", "adult relative"),
    "authorised": Sentence("受托人", "authorised person"),
    "legal_representative": Sentence("法定代表人", "legal representative"),
    "mail_desk": Sentence("收发室", "mail desk"),
    "locker": Sentence("快递柜", "locker"),
    "station": Sentence("驿站", "parcel station"),
    "guard": Sentence("门岗", "guard"),
    "own_desk": Sentence("物业前台", "the company's own desk"),
}
PURPOSES = {
    "demand": Sentence("催缴", "demand"),
    "reminder": Sentence("提醒（非催缴）", "reminder, no demand"),
    "recap": Sentence("通话后短信", "recap of a call"),
}


def sent(brief: Brief) -> list[Notice]:
    """Those whose exhibit is in the bundle."""
    return [notice for notice in brief.case.notices if brief.number_of(notice.attempt_id)]


def arrival(brief: Brief, notice: Notice) -> str:
    return arrived(brief, notice.arrived_at, notice.outcome, notice.signer)


def arrived(brief: Brief, at: datetime | None, outcome: str, signer: str) -> str:
    """When and how something arrived, in words."""
    say, how = saying(brief.language), _word(brief, OUTCOMES.get(outcome, Sentence(outcome, outcome)))
    who = _word(brief, SIGNERS[signer]) if signer in SIGNERS else signer
    return " ".join(filter(None, (brief.local(at) if at else "", how + say(f"（{who}）", f" ({who})") if who else how)))


def notices(brief: Brief) -> Sheet:
    say, found = saying(brief.language), sent(brief)
    if not found:
        return sheet(brief, 6, [paragraph(say("本套材料没有提交催缴记录。", "No demand is in this bundle."))])
    rows = [
        [
            brief.number_of(notice.attempt_id),
            _word(brief, PURPOSES[notice.purpose]),
            _channel(brief, notice),
            brief.local(notice.sent_at),
            arrival(brief, notice),
            notice.grade if notice.purpose == "demand" else "—",
        ]
        for notice in found
    ]
    columns = [
        Column(say("编号", "No."), "13mm"),
        Column(say("性质", "Kind"), "28mm"),
        Column(say("方式", "Way"), "22mm"),
        Column(say("发出", "Sent"), "30mm"),
        Column(say("到达", "Arrived")),
        Column(say("等级", "Grade"), "13mm"),
    ]
    blocks: list[Block] = [
        table(columns, rows),
        note(
            say(
                "等级为本公司内部标准：A 可单独证明送达，B 需结合其他证据，C 仅作佐证，0 不计。到达以运营商、邮政或签收人的记录为准。",
                "Grades are the company's own: A proves service alone, B with something beside it, C supports, 0 does not count. "
                "Arrival is what the carrier, the post or the signer recorded.",
            )
        ),
    ]
    for notice in found:
        blocks += _one(brief, notice)
    return sheet(brief, 6, blocks)


def _one(brief: Brief, notice: Notice) -> list[Block]:
    say = saying(brief.language)
    charges = {each.charge_id: each.charge for each in brief.case.charges}
    named: dict[str, list[str]] = {}
    for charge_id, unpaid, _ in notice.named:
        if (charge := charges.get(charge_id)) is not None:
            period = periods.printed(charge.period, brief.language)
            named.setdefault(f"{charge.unit} {charge.item}", []).append(f"{period} {figure(unpaid)}")
    words = [f"{brief.local(at)} {said}" for at, said in notice.said]
    head = f"{say('证据', 'Exhibit')} {brief.number_of(notice.attempt_id)}　{_channel(brief, notice)}　{brief.local(notice.sent_at)}"
    said = [
        (say("收件", "To"), notice.to or "、".join(brief.case.debtors)),
        (say("发件", "From"), " ".join(dict.fromkeys(filter(None, (notice.sender, notice.provider))))),
        (say("对方编号", "Provider's number"), notice.provider_id),
        (say("邮件号", "Waybill"), notice.waybill),
        (say("要求付款期限", "Pay by"), f"{notice.pay_by}" if notice.pay_by else ""),
        (say("所列各期", "Charges named"), "；".join(f"{of} {say('、', ', ').join(each)}" for of, each in named.items())),
        (say("运营商或邮政记录", "The provider's words"), "；".join(words)),
        (say("到达", "Arrived"), arrival(brief, notice)),
    ]
    body = [quote(notice.body)] if notice.channel == "sms" else []
    return [heading(head), facts(said), *body]


def _channel(brief: Brief, notice: Notice) -> str:
    if notice.channel == "letter" and notice.registered:
        return saying(brief.language)("挂号信函", "registered letter")
    return _word(brief, CHANNELS[notice.channel])  # type: ignore[index]


def _word(brief: Brief, word: Sentence) -> str:
    return word.zh if brief.language == "zh" else word.en
