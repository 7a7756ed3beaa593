"""What still lacks before a grave step, charge by charge, as a list a person can act on.

Civil Code 944: the provider may sue when a demand went unheeded for a reasonable period. Courts split on whether the demand is a
precondition, and one owner kept five years of fees because no demand named those years: so every charge of the claim set is asked.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Literal, NamedTuple

from policies.actions import Sentence
from policies.facts import BELIEVED, Channel, Charge, Demand
from policies.localtime import A_DAY, local_day
from policies.names import CHANNELS, charge_name
from policies.rules import Rules
from policies.sequences import Gate

WRITTEN: frozenset[Channel] = frozenset({"sms", "letter", "visit"})

Short = Literal["demand", "arrival", "proof", "writing", "second_proof", "time"]
"""What a charge is short of. demand: none named it. arrival: one did and is under way. proof: what arrived proves too little (grade C, 0).
writing: what proves enough was only spoken. second_proof: one grade B does not stand alone. time: its reasonable period still runs."""


class Lack(NamedTuple):
    """`demand_missing`: no demand of sufficient grade named this charge. `period_running`: one did; its period is over on `over_on`.

    `short_of` says it more closely, `proven_by` the channels on which a believable demand arrived.
    """

    charge: Charge
    kind: Literal["demand_missing", "period_running"]
    over_on: date | None = None
    short_of: Short = "demand"
    proven_by: tuple[Channel, ...] = ()

    @property
    def because(self) -> Sentence:
        """Which charge lacks what."""
        name, what = charge_name(self.charge), self._what()
        return Sentence(f"{name}：{what.zh}。", f"{name}: {what.en}.")

    @property
    def cure(self) -> Sentence:
        """What to do about it."""
        return _CURES[self.short_of]

    def _what(self) -> Sentence:
        if self.over_on is not None:
            last = self.over_on - timedelta(days=1)
            return Sentence(f"催缴的合理期限到{last}为止，尚未届满", f"the reasonable period of its demand runs until {last}")
        if self.short_of == "second_proof":
            channel = CHANNELS[self.proven_by[0]]
            return Sentence(
                f"只有{channel.zh}的B级证据，起诉还缺一份A级证据，或另一渠道的B级证据",
                f"only a grade B by {channel.en}; for a suit it lacks a grade A, or a grade B on another channel",
            )
        return _WHATS[self.short_of]


_WHATS: dict[Short, Sentence] = {
    "demand": Sentence("还没有催缴列明这笔费用", "no demand has named it"),
    "arrival": Sentence("催缴已发出，尚无到达的证据", "its demand is under way and has not arrived"),
    "proof": Sentence("催缴的证据不足，缺A级或B级证据", "what arrived proves too little; it lacks a demand of grade A or B"),
    "writing": Sentence("只有口头催缴，当地法院要求书面催缴", "it was demanded by word of mouth only; the courts here want it in writing"),
}

_CURES: dict[Short, Sentence] = {
    "demand": Sentence("发出列明全部费用的正式催缴函。", "Send the formal demand, which names the whole claim set."),
    "arrival": Sentence(
        "等待签收或回执；挂号信寄出满十五日未到的，上门送达。",
        "Wait for its receipt; where a registered letter has not arrived after 15 days, hand it over by a visit.",
    ),
    "proof": Sentence(
        "以挂号信寄送正式催缴函，或上门由本人签收。", "Serve the formal demand by registered letter, or hand it over against signature."
    ),
    "writing": Sentence(
        "以挂号信寄送正式催缴函，或上门由本人签收。", "Serve the formal demand by registered letter, or hand it over against signature."
    ),
    "second_proof": Sentence(
        "用另一渠道再送达一次正式催缴函，或取得本人签收。",
        "Serve the formal demand once more on another channel, or get it signed for in person.",
    ),
    "time": Sentence("期限届满后再进行；其间付清的从请求中除去。", "Go on when it is over; what is paid meanwhile leaves the claim."),
}


def lacking(
    gate: Gate, charges: Iterable[Charge], rules: Rules, zone_name: str, today: date, since: datetime | None = None
) -> tuple[Lack, ...]:
    """Empty: the gate is open for these charges. `since` leaves out what arrived before it (an earlier demand than the one in question)."""
    over_before = _over_before(rules, today)
    lacks = [_lack(gate, charge, rules, zone_name, today, since, over_before) for charge in charges]
    return tuple([lack for lack in lacks if lack is not None])


def period_over_on(demand: Demand, rules: Rules, zone_name: str) -> date | None:
    """The first local day after the demand's reasonable period: printed pay-by date or 15 days from arrival, the later, and 3 for the post.

    None while it has not arrived: the period is never counted from posting.
    """
    if demand.arrived_at is None:
        return None
    period, posting = _period(rules)
    last_day = local_day(demand.arrived_at, zone_name) + period
    if demand.pay_by is not None:
        last_day = max(last_day, demand.pay_by)
    return last_day + posting + A_DAY


@lru_cache(maxsize=1024)
def _period(rules: Rules) -> tuple[timedelta, timedelta]:
    """The reasonable period, and what the post takes."""
    return timedelta(days=rules.sequence.reasonable_days or rules.pack.reasonable_days), timedelta(days=rules.pack.posting_days)


@lru_cache(maxsize=1024)
def _over_before(rules: Rules, today: date) -> datetime:
    """What arrived before this instant, and asked for payment before it, has its period behind it in any zone: no day is to be counted."""
    period, posting = _period(rules)
    return datetime.combine(today - period - posting - 3 * A_DAY, time(), UTC)


def _lack(
    gate: Gate, charge: Charge, rules: Rules, zone_name: str, today: date, since: datetime | None, over_before: datetime
) -> Lack | None:
    believed = [
        demand
        for demand in charge.demands
        if demand.arrived_at is not None and demand.grade in BELIEVED and (since is None or demand.arrived_at >= since)
    ]
    if gate == "period_over" and not believed:
        return None
    written_only = gate == "provable" and rules.pack.suit_needs_written
    counted = [demand for demand in believed if demand.channel in WRITTEN] if written_only else believed
    enough = _provable if gate == "provable" else any
    if enough(demand for demand in counted if _is_long_over(demand, over_before)):
        return None
    if not enough(counted):
        short_of = _short_of(charge, since, believed, counted)
        return Lack(charge, "demand_missing", None, short_of, tuple([demand.channel for demand in counted]))
    over_on = _enough_on(enough, counted, rules, zone_name)
    return Lack(charge, "period_running", over_on, "time") if today < over_on else None


def _is_long_over(demand: Demand, before: datetime) -> bool:
    return demand.arrived_at is not None and demand.arrived_at < before and (demand.pay_by is None or demand.pay_by < before.date())


def _enough_on(enough: Callable[[Iterable[Demand]], bool], demands: Sequence[Demand], rules: Rules, zone_name: str) -> date:
    """The first day on which the demands whose period is over are enough by themselves: a recent A does not lend an old B its proof."""
    over = [(day, demand) for demand in demands if (day := period_over_on(demand, rules, zone_name)) is not None]
    if len(over) == 1:
        return over[0][0]
    over.sort(key=itemgetter(0))
    return next(day for place, (day, _) in enumerate(over, 1) if enough([demand for _, demand in over[:place]]))


def _short_of(charge: Charge, since: datetime | None, believed: Sequence[Demand], counted: Sequence[Demand]) -> Short:
    if counted:
        return "second_proof"
    if believed:
        return "writing"
    if any(demand.arrived_at is None for demand in charge.demands):
        return "arrival"
    return "proof" if any(_arrived_since(demand, since) for demand in charge.demands) else "demand"


def _arrived_since(demand: Demand, since: datetime | None) -> bool:
    return demand.arrived_at is not None and (since is None or demand.arrived_at >= since)


def _provable(demands: Iterable[Demand]) -> bool:
    """One grade A, or two Bs on different channels."""
    channels = set()
    for demand in demands:
        if demand.grade == "A":
            return True
        channels.add(demand.channel)
    return len(channels) > 1
