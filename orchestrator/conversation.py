"""What a debtor said, on whatever channel, and what follows from it: a promise, a hold, a stop, something for a person to look at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from orchestrator.store import Rows, answers, casefiles, consents
from orchestrator.store.casefiles import CaseKey
from orchestrator.store.consents import Word
from policies.localtime import local_day

PAID_ALREADY_HOLD = timedelta(hours=72)
""""I have paid already" is a 72-hour hold with a check task (domain section 3)."""
WRITTEN = ("sms",)
WRITTEN_AND_SPOKEN = ("sms", "voice", "call")
"""The channels of a number. Who wants no calls wants none by a person either; letters and visits go to the home."""
ANSWERS = frozenset({"answer-help", "answer-stop", "answer-stop-all", "answer-start", "answer-paid", "answer-promise", "answer-dispute"})
"""The wordings that confirm what was done. Who is not the debtor hears nothing more."""
SOON = timedelta(days=7)
"""What "I will pay" means where no day is named: the menu of the automated call says so."""


@dataclass(frozen=True, slots=True)
class Said:
    """`kind`: promise, paid, wrong_person, dispute, staff, question, appointment, stop, start, help, other (words that only a person
    understands) or nothing (a key on the way through the menu). `on`: the day a promise names, `amount`: what of it, where not all.
    `at`: when it was said, where that is not now. `meets_at`: when an appointment is."""

    kind: str
    on: date | None = None
    at: datetime | None = None
    amount: Decimal | None = None
    meets_at: datetime | None = None

    @classmethod
    def by_reply(cls, detail: dict[str, Any], at: datetime) -> Self:
        on = detail.get("on")
        return cls(detail["reply"], date.fromisoformat(on) if on else None, at)

    @classmethod
    def by_key(cls, detail: dict[str, Any]) -> Self:
        """Of a call only what was settled in it: who said that they will pay, and hung up before they named a day, promised none."""
        on = detail.get("on") if detail["meaning"] == "promised" else None
        return cls(_BY_KEY.get(detail["meaning"], "nothing"), date.fromisoformat(on) if on else None)


_BY_KEY = {
    "promised": "promise",
    "promised_soon": "promise",
    "paid_already": "paid",
    "wrong_person": "wrong_person",
    "staff": "staff",
}
"""What the keys of an automated call mean to the case."""


def take_up(rows: Rows, receipts: Sequence[Any], now: datetime, wall: datetime) -> None:
    """Do what follows from replies and keys. The cases they concern are locked by whoever read the receipts."""
    for receipt in receipts:
        if receipt.kind == "reply":
            _take_up_reply(rows, receipt, Said.by_reply(receipt.detail, receipt.said_at), now, wall)
        elif receipt.case_id is not None:
            heard(rows, casefiles.lock_any(rows, receipt.case_id), Said.by_key(receipt.detail), "debtor", receipt.timezone, now, wall)


def _take_up_reply(rows: Rows, receipt: Any, said: Said, now: datetime, wall: datetime) -> None:
    """A wish about contact holds for the number, whoever was written to last. Words of which nobody can tell whose case they are about are
    put before a person in each, and so is what may stand beside a wish. What was done as it was said is answered."""
    answer = f"answer-{said.kind}"
    done = said.kind == "help"
    if said.kind in ("stop", "start"):
        done = _mind_wish(rows, receipt, said.kind, now, wall)
        answer += "-all" if said.kind == "stop" and receipt.detail.get("calls") else ""
        meant_nothing = said.kind == "start" and not done
        said = replace(said, kind="other" if receipt.detail.get("in_words") or meant_nothing else "nothing")
    if receipt.case_id is not None:
        done |= heard(rows, casefiles.lock_any(rows, receipt.case_id), said, "debtor", receipt.timezone, now, wall)
    elif said.kind != "nothing":
        for case_id in receipt.detail.get("cases") or ():
            casefiles.add_task(rows, casefiles.lock_any(rows, case_id), "check", "whose_reply", now)
    if done and answer in ANSWERS and receipt.attempt_id is not None and not receipt.detail.get("answered"):
        answers.plan(rows, receipt.id, answer, now)


def _mind_wish(rows: Rows, receipt: Any, wish: str, now: datetime, wall: datetime) -> bool:
    """Whether it was news: nobody can be written to less than not at all, nor again where they had not asked for an end."""
    points = receipt.detail.get("points") or [receipt.contact_point_id]
    word = Word("reply", receipt.id, bytes(receipt.raw))
    if wish == "start":
        return consents.give(rows, points, WRITTEN, word, now, wall) > 0
    channels = WRITTEN_AND_SPOKEN if receipt.detail.get("calls") else WRITTEN
    return consents.withdraw(rows, points, channels, word, now, wall) > 0


def heard(rows: Rows, case: CaseKey, said: Said, by: str, timezone: str, now: datetime, wall: datetime) -> bool:
    """What follows from what a debtor said about their case, and whether it was done just as they said: else only a person can tell.
    `by` is who wrote it down: the debtor, or a member of staff.

    Words that come late are those of when they were said: a promised day that is past by now goes to a person, and what was paid before
    another demand went out does not keep that one waiting.
    """
    said_at = said.at or now
    match said.kind:
        case "promise":
            on = said.on or local_day(said_at, timezone) + SOON
            today = local_day(now, timezone)
            owed = casefiles.arrears(rows, case, today)
            if on < today:
                casefiles.add_task(rows, case, "check", "promise_past", now)
            elif owed > 0:
                casefiles.promise(rows, case, on, min(said.amount or owed, owed), by, now, wall, made_at=said_at)
                return True
        case "paid":
            until = said_at + PAID_ALREADY_HOLD
            holds = until > now and not casefiles.demanded_since(rows, case, said_at)
            if holds:
                casefiles.hold(rows, case, "paid_already", until, by, now, wall)
            casefiles.add_task(rows, case, "check", "paid_already", now)
            return holds
        case "wrong_person" | "dispute":
            casefiles.enter_state(rows, case, "disputed" if said.kind == "dispute" else said.kind, by, now, wall)
            casefiles.add_task(rows, case, "check", said.kind, now)
            return True
        case "appointment" if said.meets_at is not None:
            casefiles.hold(rows, case, "appointment", said.meets_at, by, now, wall)
            casefiles.add_task(rows, case, "check", "appointment", said.meets_at)
            return True
        case "staff" | "question" | "help":
            casefiles.add_task(rows, case, "check", "call_back", now)
        case "other":
            casefiles.add_task(rows, case, "check", "reply", now)
    return False
