"""The sentences a decision is explained with, in Chinese and English, one for each thing that can be said."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from policies.actions import Sentence
from policies.facts import Channel, Charge, Hold, Promise, SiteDay, StopState
from policies.localtime import zone
from policies.rules import Cap
from policies.sequences import Minimum, Step

STATES: dict[StopState, Sentence] = {
    "no_contact": Sentence("有禁止联系的要求或命令，停止一切联系。", "All contact is barred by an order or request."),
    "deceased": Sentence("业主已去世，停止联系，转人工处理。", "The debtor has died: contact ends, a person takes over."),
    "incapacity": Sentence("业主无民事行为能力，停止联系，转人工处理。", "The debtor lacks legal capacity: a person takes over."),
    "insolvent": Sentence("业主已进入破产程序，应申报债权。", "The debtor is insolvent: the claim is to be filed in the proceedings."),
    "represented": Sentence("业主已委托律师，只与律师书面往来。", "The debtor is represented: counsel writes to their lawyer."),
    "wrong_person": Sentence("联系到的不是责任人。", "The person reached is not the debtor."),
    "transferred": Sentence("房屋已过户，需拆分债务人。", "The unit was transferred: the charges are to be split between owners."),
    "disputed": Sentence("欠费有争议，书面答复前停止催收。", "The debt is disputed: nothing is demanded until it is answered in writing."),
}
"""In the order in which they speak when several are true."""

SETTLED = Sentence("没有逾期未付的费用。", "Nothing overdue is unpaid.")
PAYMENTS_STALE = Sentence("收款数据已过时，先更新再联系。", "Payment data is stale: nobody is asked to pay before it is fresh.")
END_OF_SEQUENCE = Sentence("流程各步骤均已走完，转人工决定。", "Every step of the sequence is done or passed over; a person decides.")
NOTHING_TO_FILE = Sentence(
    "全部费用均已超过有证据支持的诉讼时效，不得以诉讼相告。", "Every charge is out of court-safe time: no threat of suit."
)
NO_WAY_TO_DEMAND = Sentence("没有可用的书面送达方式。", "There is no usable way to serve a written demand.")
LETTER_ON_ITS_WAY = Sentence("挂号催缴函寄出未满十五日，尚在途中。", "A registered demand mailed less than 15 days ago may yet arrive.")
READY_FOR_SUIT = Sentence("起诉条件齐备，材料交法务立案。", "Everything a suit needs is there: counsel has the filing packet.")

_said_again = lru_cache(maxsize=4096)
"""For what is said of many cases on the same day: each sentence is put together once."""


def stopped(state: StopState) -> Sentence:
    return STATES[state]


def file_or_mediate(charge: Charge, days: int) -> Sentence:
    return Sentence(
        f"{charge.item}{charge.period}的诉讼时效只剩{days}天，须由人决定立案或申请调解。",
        f"{charge.item} {charge.period} has {days} days left to file: a person must file or request mediation.",
    )


def limitation_first(charge: Charge, days: int) -> Sentence:
    return Sentence(
        f"{charge.item}{charge.period}的诉讼时效只剩{days}天，优先寄送正式催缴函。",
        f"{charge.item} {charge.period} has {days} days left to file: the formal demand comes first.",
    )


@_said_again
def in_flight(step: str) -> Sentence:
    return Sentence(f"“{step}”正在进行，等待结果。", f"{step} is under way; its outcome decides.")


@_said_again
def not_due(first: date) -> Sentence:
    return Sentence(f"最早一笔费用{first}到期，尚未逾期。", f"Nothing is overdue: the first charge is due on {first}.")


def held(hold: Hold, zone_name: str) -> Sentence:
    until = local_minute(hold.until, zone_name)
    return Sentence(f"暂缓至{until}：{hold.reason}。", f"On hold until {until}: {hold.reason}.")


def promised(promise: Promise) -> Sentence:
    return Sentence(
        f"业主承诺{promise.on}支付{promise.amount}元，期间及其后两个工作日不打扰。",
        f"The debtor promised {promise.amount} on {promise.on}: quiet through that day and two working days after it.",
    )


@_said_again
def calendar_unknown(year: int) -> Sentence:
    return Sentence(
        f"{year}年调休安排尚未公布，工作日按法定节假日和周末推算。",
        f"The make-up workdays of {year} are not published: working days are computed from weekends and statutory holidays.",
    )


@_said_again
def gap(step: str, since: date, days: int) -> Sentence:
    return Sentence(
        f"上一次联系于{since}生效，“{step}”须间隔{days}天。",
        f"The last contact took effect on {since}; {step} comes {days} days after it.",
    )


@_said_again
def turned_away(step: str) -> Sentence:
    return Sentence(
        f"“{step}”今天未能发出：线路或账户被服务商拒绝，不计为一次联系，明天再试。",
        f"{step} could not leave today: the provider refused our sender. That is no contact; it is tried again tomorrow.",
    )


@_said_again
def too_young(step: Step, oldest: date) -> Sentence:
    return Sentence(
        f"最早一笔费用{oldest}到期，逾期满{step.floor_days}天才进行“{step.name}”。",
        f"The oldest charge fell due on {oldest}; {step.name} waits until it is {step.floor_days} days old.",
    )


@_said_again
def below_minimum(step: Step, minimum: Minimum) -> Sentence:
    return Sentence(
        f"“{step.name}”要求至少{minimum.periods}个账期或{minimum.amount}元。",
        f"{step.name} asks for at least {minimum.periods} periods or {minimum.amount}.",
    )


def demand_missing(step: str, charges: Iterable[Charge]) -> Sentence:
    names = [f"{charge.item} {charge.period}" for charge in charges]
    return Sentence(
        f"“{step}”之前，下列费用还缺少足以为证的催缴：{'、'.join(names)}。",
        f"Before {step}, these charges lack a demand that proves enough: {', '.join(names)}.",
    )


@_said_again
def period_running(step: str, over_on: date) -> Sentence:
    return Sentence(
        f"催缴给予的合理期限{over_on}届满，之前不进行“{step}”。",
        f"The reasonable period of the demand is over on {over_on}; {step} waits for it.",
    )


@_said_again
def approval_needed(step: str) -> Sentence:
    return Sentence(f"“{step}”须由专人批准。", f"{step} needs a named person's approval.")


@_said_again
def approval_pending(step: str) -> Sentence:
    return Sentence(f"“{step}”待批准。", f"{step} awaits approval.")


@_said_again
def refused(step: str) -> Sentence:
    return Sentence(f"“{step}”未获批准。", f"{step} was refused.")


@_said_again
def cap(cap: Cap) -> Sentence:
    return Sentence(
        f"已达联系次数上限（{cap.name}：{cap.days}天内{cap.limit}次）。", f"The cap {cap.name} is reached: {cap.limit} in {cap.days} days."
    )


@_said_again
def silent_day(day: date, names: tuple[str, ...]) -> Sentence:
    """`names` are those the pack keeps silent; none where the silence is that of the home zone's date."""
    called = "、".join(names)
    zh, en = (f"（{called}）", f" ({called})") if called else ("", "")
    return Sentence(f"{day}{zh}是静默日，不联系。", f"{day}{en} is a day of silence.")


def site_day(site_day: SiteDay) -> Sentence:
    said = [word for word in (site_day.reason, site_day.author) if word]
    zh, en = (f"（{'，'.join(said)}）", f" ({', '.join(said)})") if said else ("", "")
    return Sentence(
        f"{site_day.day}是小区的静默日{zh}，不联系。",
        f"{site_day.day} is a day of silence of the community{en}.",
    )


@_said_again
def window(channel: Channel) -> Sentence:
    return Sentence(f"当前不在{channel}的可联系时段。", f"The contact window of {channel} is closed now.")


@_said_again
def send(step: str) -> Sentence:
    return Sentence(f"条件齐备，进行“{step}”。", f"Everything {step} asks for is met.")


def local_minute(at: datetime, zone_name: str) -> str:
    return at.astimezone(zone(zone_name)).isoformat(" ", "minutes")[:16]
