"""The story of a charge's clock in words a court can follow: what happened, which article says so, where the end then lay."""

from dataclasses import dataclass
from datetime import date

from policies.actions import Sentence
from policies.facts import Charge
from policies.limitation import LONG_STOP_YEARS, YEARS, Event, EventKind, add_years, events, moved_to
from policies.names import CHANNELS


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One event, the rule it moves the clock by, and the last day to file by both clocks after it (never past twenty years)."""

    day: date
    said: Sentence
    source: Sentence
    optimistic: date
    court_safe: date


def explain(charge: Charge, zone_name: str) -> tuple[ClockLine, ...]:
    """The clock from the due date on; its last line ends where `expiry` says. What has not arrived is left out: it moves nothing."""
    stop = add_years(charge.due_on, LONG_STOP_YEARS)
    optimistic = court_safe = add_years(charge.due_on, YEARS)
    told = [ClockLine(charge.due_on, _BEGINNING, _BEGINNING_SOURCE, optimistic, court_safe)]
    for event in events(charge, zone_name):
        before = optimistic, court_safe
        optimistic = moved_to(optimistic, event, charge.due_on, stop)
        court_safe = moved_to(court_safe, event, charge.due_on, stop) if event.court_safe else court_safe
        said = _joined(_what(event), _effect(event, before, (optimistic, court_safe), charge.due_on))
        told.append(ClockLine(event.day, said, _source(event), min(optimistic, stop), min(court_safe, stop)))
    return tuple(told)


def links(charge: Charge, zone_name: str) -> tuple[ClockLine, ...]:
    """The fewest lines of `explain` after its first that carry the court-safe clock to its end: a court need read no more of them.

    Each is the latest that came before the end of the one before it. Where an impediment held an end off it needs all that went before,
    so then every line is told that a court will believe.
    """
    beginning, *lines = explain(charge, zone_name)
    believed = [(event, line) for event, line in zip(events(charge, zone_name), lines, strict=True) if event.court_safe]
    if any(event.suspends for event, _ in believed):
        return tuple(line for _, line in believed)
    found = [beginning]
    while further := [line for _, line in believed if line.day <= found[-1].court_safe < line.court_safe]:
        found.append(min(further, key=lambda line: (-line.court_safe.toordinal(), line.day)))
    return tuple(found[1:])


def _what(event: Event) -> Sentence:
    if event.channel is not None:
        channel = CHANNELS[event.channel]
        return Sentence(f"催缴以{channel.zh}到达，证据等级{event.grade}", f"A demand by {channel.en} arrived, evidence grade {event.grade}")
    what, _ = _WORDS[event.kind]
    if event.until == event.day:
        return what
    if event.until is None:
        return _joined(what, Sentence("尚未结束", "not ended yet"))
    return _joined(what, Sentence(f"至{event.until}结束", f"ended on {event.until}"))


def _effect(event: Event, before: tuple[date, date], after: tuple[date, date], due_on: date) -> Sentence:
    if event.day > before[0]:
        return Sentence("时效已先届满，不因此恢复。", "the period had run out before: it is not revived.")
    if event.suspends:
        return _suspension(event, before, after)
    if event.day <= due_on:
        return Sentence("到期前的事项不影响时效。", "before the due date, so the clock is not moved.")
    if not event.court_safe:
        return Sentence("证据不足以单独证明，只计入乐观时效。", "it proves too little for court: only the optimistic clock starts again.")
    if event.day > before[1]:
        return Sentence(
            "有证据支持的时效已先届满，只计入乐观时效。", "the court-safe period had run out before: only the optimistic clock moves."
        )
    if event.until is None:
        return Sentence("程序期间时效不起算，终结后重新计算。", "the clock rests until the proceedings end, then starts again.")
    return Sentence("时效重新计算三年。", "the clock starts again for three years.")


def _suspension(event: Event, before: tuple[date, date], after: tuple[date, date]) -> Sentence:
    if event.until is None:
        return Sentence(
            "持续到最后六个月内的，结束后满六个月届满。", "if it lasts into the last six months, the end lies six months after it."
        )
    if before == after:
        return Sentence("不在时效的最后六个月内，不影响届满日。", "it did not touch the last six months: the end stays.")
    return Sentence("在时效的最后六个月内，结束后满六个月届满。", "it touched the last six months: the end lies six months after it.")


def _source(event: Event) -> Sentence:
    if event.channel is not None:
        return Sentence("民法典第195条第1项；诉讼时效规定第8条", "Civil Code 195(1); SPC limitation rules 8")
    _, source = _WORDS[event.kind]
    return source


def _joined(first: Sentence, second: Sentence) -> Sentence:
    return Sentence(f"{first.zh}，{second.zh}", f"{first.en}, {second.en}")


_BEGINNING = Sentence("付款期限届满，次日起算三年。", "The charge fell due: three years run from the day after.")
_BEGINNING_SOURCE = Sentence("民法典第188条、第201条", "Civil Code 188, 201")

_AGREED = Sentence("民法典第195条第2项；诉讼时效规定第14条", "Civil Code 195(2); SPC limitation rules 14")
_SUSPENDED = "民法典第194条第1款第{}项", "Civil Code 194(1) no. {}"


def _suspended(number: int) -> Sentence:
    return Sentence(*(text.format(number) for text in _SUSPENDED))


_WORDS: dict[EventKind, tuple[Sentence, Sentence]] = {
    "acknowledged": (Sentence("业主认可欠费", "The debtor acknowledged the debt"), _AGREED),
    "part_payment": (Sentence("业主支付了一部分", "The debtor paid a part"), _AGREED),
    "promise": (Sentence("业主承诺付款", "The debtor promised to pay"), _AGREED),
    "instalment_plan": (Sentence("业主同意分期付款", "The debtor agreed to instalments"), _AGREED),
    "suit": (
        Sentence("提起诉讼", "A suit was filed"),
        Sentence("民法典第195条第3项；诉讼时效规定第10条", "Civil Code 195(3); SPC limitation rules 10"),
    ),
    "payment_order": (
        Sentence("申请支付令", "A payment order was applied for"),
        Sentence("民法典第195条第4项；诉讼时效规定第11条", "Civil Code 195(4); SPC limitation rules 11"),
    ),
    "bankruptcy_claim": (
        Sentence("申报破产债权", "The claim was filed in bankruptcy"),
        Sentence("民法典第195条第4项；诉讼时效规定第11条", "Civil Code 195(4); SPC limitation rules 11"),
    ),
    "mediation_request": (
        Sentence("申请人民调解", "Mediation was requested"),
        Sentence("民法典第195条第4项；诉讼时效规定第12条", "Civil Code 195(4); SPC limitation rules 12"),
    ),
    "media_notice": (
        Sentence("业主下落不明，在媒体上公告催缴", "The debtor's whereabouts being unknown, the demand was published in the media"),
        Sentence("民法典第195条第1项；诉讼时效规定第8条第4项", "Civil Code 195(1); SPC limitation rules 8(4)"),
    ),
    "force_majeure": (Sentence("不可抗力", "Force majeure"), _suspended(1)),
    "no_representative": (Sentence("没有法定代理人", "There was no legal representative"), _suspended(2)),
    "heirs_unknown": (Sentence("继承人或遗产管理人未确定", "Heirs or an administrator were not determined"), _suspended(3)),
    "under_control": (Sentence("权利人被义务人或他人控制", "The creditor was under another's control"), _suspended(4)),
    "other": (Sentence("其他不能行使请求权的障碍", "Another impediment to claiming"), _suspended(5)),
}
