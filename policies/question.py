"""One question, "what happens next?", with what follows from the facts before any rule speaks: today, what is owed, which step is next."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from operator import attrgetter
from typing import NamedTuple

from policies.actions import Sentence
from policies.facts import CHANNELS, NUMBER_IS_DEAD, CaseFacts, Channel, Charge, Contact, Outcome
from policies.limitation import FORMAL_DEMAND_BELOW_DAYS, YEARS, days_left, expiry
from policies.localtime import zone
from policies.once import once
from policies.rules import Rules
from policies.sequences import Sequence, Step
from policies.windows import Place, meeting_channels, place_of

UNANSWERED: frozenset[Outcome] = frozenset({"no_answer", "busy", "machine", "failed", "undelivered"})
SMS_ARRIVES_WITHIN = timedelta(hours=72)
REGISTERED_ARRIVES_WITHIN_DAYS = 15


class NextStep(NamedTuple):
    """The step spoken of, the channel it would take (none: an act outside contact), its place, and what was passed over to get there."""

    step: Step
    channel: Channel | None
    cursor: int
    passed_over: tuple[Sentence, ...]


class Question:
    def __init__(self, facts: CaseFacts, rules: Rules, now: datetime) -> None:
        self.facts = facts
        self.rules = rules
        self.now = now
        self.zone = zone(facts.timezone)
        self.today = today = self.day(now)
        self.unpaid = unpaid = facts.unpaid
        # Arrears: overdue and unpaid now. The due day itself is still in time.
        all_overdue = not unpaid or facts.due_days[-1] < today
        self.overdue = overdue = unpaid if all_overdue else tuple([charge for charge in unpaid if charge.due_on < today])
        # Court-safe days left of each overdue charge that is old enough for its clock to matter: under 90, or run out.
        oldest = today - UNCLOUDED
        self.days_to_file = self._days_to_file(oldest) if unpaid and facts.due_days[0] <= oldest else ()
        # Overdue and not set aside while a dispute is answered: what a demand may name.
        self.claimed = overdue if not facts.disputes_end else tuple([charge for charge in overdue if not _is_disputed(charge, now)])

    @once
    def place(self) -> Place:
        return place_of(self.facts.timezone, self.facts.unit_use, self.facts.site_days)

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    @once
    def claim_set(self) -> tuple[Charge, ...]:
        """The frozen set as far as it is still owed; all that is claimed where none was frozen or nothing of it is left."""
        frozen = self.facts.claim_set
        return self.claimed if not frozen else tuple([charge for charge in self.claimed if charge.id in frozen]) or self.claimed

    @property
    def oldest_due(self) -> date:
        """The first due day of what is claimed; asked only while something is."""
        return min([charge.due_on for charge in self.claimed]) if self.facts.disputes_end else self.facts.due_days[0]

    def _days_to_file(self, oldest: date) -> tuple[tuple[Charge, int], ...]:
        aged = [charge for charge in self.overdue if charge.due_on <= oldest]
        left = [(charge, days_left(expiry(charge, self.facts.timezone).court_safe, self.today)) for charge in aged]
        return tuple([(charge, days) for charge, days in left if days < FORMAL_DEMAND_BELOW_DAYS])

    @once
    def fileable(self) -> tuple[Charge, ...]:
        """The claim set without what ran out of time: that is never threatened with suit."""
        run_out = {charge.id for charge, days in self.days_to_file if days <= 0}
        if not run_out:
            return self.claim_set
        return tuple([charge for charge in self.claim_set if charge.id not in run_out])

    @once
    def usable(self) -> frozenset[Channel]:
        """Channels open to this debtor."""
        return _usable(self.facts.reached_by, self.rules, self.place, self.now.year)

    @once
    def next_step(self) -> NextStep | None:
        """The first step from the cursor on that is neither over nor without a channel; None at the end of the sequence."""
        passed_over: list[Sentence] = []
        for cursor in range(self.facts.cursor, len(self.rules.sequence.steps)):
            step = self.rules.sequence.steps[cursor]
            tries = self.tries(step)
            if tries and self._is_over(step, tries):
                continue
            channel = self._channel(step, tries) if step.channels else None
            if channel is not None or not step.channels:
                return NextStep(step, channel, cursor, tuple(passed_over))
            passed_over.append(self._why_passed_over(step))
        return None

    @once
    def here(self) -> NextStep:
        """The next step, for rules that are asked only while there is one."""
        assert self.next_step is not None
        return self.next_step

    @property
    def demanded_at(self) -> datetime | None:
        """When the formal demand last went out, as far as contacts are known by step."""
        return max((contact.at for contact in self.tries(self.rules.sequence.demand)), default=None)

    @once
    def gap_from(self) -> Contact | None:
        """The contact that the gap counts from: the last that took effect (contract section 3).

        Where contacts are of no known step, a failed SMS or a first unanswered dial on a channel of the step asked about is a try of it.
        """
        own = self.facts.own_past
        if not own or not _may_be_try(own[-1]):
            return own[-1] if own else None
        step = self.here.step
        vain = [contact for contact in takewhile(_may_be_try, reversed(own)) if contact.channel in step.channels]
        if own[-1].channel not in step.channels or sum(contact.channel != "sms" for contact in vain) >= step.tries:
            return own[-1]
        return next((contact for contact in reversed(own) if contact not in vain), None)

    @property
    def turned_away_today(self) -> bool:
        """Whether the next step was to leave today, and the provider refused it for reasons of its own or of our sender."""
        return any(self.day(each.at) == self.today for each in self.facts.turned_away if each.step == self.here.step.name)

    def effect_day(self, contact: Contact) -> date:
        """The local day on which a contact took effect: gaps count from it."""
        if contact.took_effect_at is not None:
            return self.day(contact.took_effect_at)
        if contact.channel == "sms" and contact.outcome == "sent":
            return self.day(contact.at + SMS_ARRIVES_WITHIN)
        if contact.outcome == "mailed" and self.is_registered(contact):
            return self._arrival_day(contact) or self.given_up_on(contact)
        return self.day(contact.at)

    def is_registered(self, contact: Contact) -> bool:
        """Whether a letter went by registered post: as its step says, or the last letter step before the cursor, or being out of turn."""
        steps = self.rules.sequence.steps
        if contact.step is not None:
            return contact.step in _registered_steps(self.rules.sequence)
        letters = [step for step in steps[: self.facts.cursor] if "letter" in step.channels]
        return not letters or letters[-1].registered

    def given_up_on(self, letter: Contact) -> date:
        """The day on which a registered letter that did not arrive counts as not arriving."""
        return self.day(letter.at) + timedelta(days=REGISTERED_ARRIVES_WITHIN_DAYS)

    def arrived(self, letter: Contact) -> bool:
        return letter.outcome != "mailed" or letter.took_effect_at is not None or self._arrival_day(letter) is not None

    def _arrival_day(self, letter: Contact) -> date | None:
        first = min([at for at in self.letter_arrivals if at >= letter.at], default=None)
        return None if first is None else self.day(first)

    @once
    def letter_arrivals(self) -> tuple[datetime, ...]:
        """When letters that demand arrived; one that names several charges is there once for each."""
        demands = [demand for charge in self.facts.charges for demand in charge.demands if demand.channel == "letter"]
        return tuple([demand.arrived_at for demand in demands if demand.arrived_at is not None])

    def _is_over(self, step: Step, tries: list[Contact]) -> bool:
        """Whether a step had its effect or was given up, as far as its contacts are known by name.

        A letter that came back unread had none while there is another address to send it to.
        """
        had_effect = any(contact.channel == "visit" or not (contact.outcome in UNANSWERED or contact.another_address) for contact in tries)
        return had_effect or self._untried(step, tries) is None

    def tries(self, step: Step) -> list[Contact]:
        """The contacts known to belong to a step."""
        name = step.name
        return [contact for contact in self.facts.own_past if contact.step == name]

    def _channel(self, step: Step, tries: list[Contact]) -> Channel | None:
        """Unanswered twice on one channel, the step falls to its next; where contacts have no step, never off the last."""
        untried = self._untried(step, tries or takewhile(_may_be_try, reversed(self.facts.own_past)))
        return untried or next((channel for channel in reversed(step.channels) if channel in self.usable), None)

    def _untried(self, step: Step, tries: Iterable[Contact]) -> Channel | None:
        tried = [each for each in tries if not each.another_address]
        for channel in step.channels:
            if channel in self.usable and not self._is_spent(channel, [each for each in tried if each.channel == channel], step.tries):
                return channel
        return None

    def _is_spent(self, channel: Channel, tried: list[Contact], enough: int) -> bool:
        """Tried often enough; but one dead number is no reason to leave the next untried."""
        if len(tried) < enough:
            return False
        unused = {number for on, number in self.facts.numbers if on == channel}.difference(each.number for each in tried)
        return not (unused and max(tried, key=_at).failure in NUMBER_IS_DEAD)

    def _why_passed_over(self, step: Step) -> Sentence:
        channels = [channel for channel in CHANNELS if channel in step.channels]
        if all(channel in self.facts.opted_out for channel in channels):
            return Sentence(f"跳过“{step.name}”：业主已退订该渠道。", f"{step.name} is passed over: the debtor opted out of its channel.")
        if any(channel in self.facts.channels and channel not in self.facts.opted_out for channel in channels):
            return Sentence(
                f"跳过“{step.name}”：业主所在时区与本地时区没有共同的可联系时间。",
                f"{step.name} is passed over: home and the debtor's time zone never share an open minute.",
            )
        return Sentence(
            f"跳过“{step.name}”：没有可用的联系方式或线路。",
            f"{step.name} is passed over: it has no usable contact point or line.",
        )


UNCLOUDED = timedelta(days=YEARS * 365 - FORMAL_DEMAND_BELOW_DAYS)
"""A younger charge has more days left than any rule asks for."""


@lru_cache(maxsize=4096)
def _usable(reached_by: frozenset[Channel], rules: Rules, place: Place, year: int) -> frozenset[Channel]:
    return reached_by & meeting_channels(rules, place, year)


@lru_cache(maxsize=64)
def _registered_steps(sequence: Sequence) -> frozenset[str]:
    return frozenset(step.name for step in (*sequence.steps, sequence.demand) if step.registered)


def _is_disputed(charge: Charge, now: datetime) -> bool:
    return charge.disputed_until is not None and charge.disputed_until > now


_at = attrgetter("at")


def _may_be_try(contact: Contact) -> bool:
    """Unanswered, and of no known step: the latest of these in a row are tries of the step asked about."""
    return contact.step is None and contact.outcome in UNANSWERED
