"""What a debtor said, on whatever channel, and what follows from it: a promise, a hold, a stop, something for a person to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from orchestrator.store import Rows, casefiles
from orchestrator.store.casefiles import CaseKey
from policies.localtime import local_day

PAID_ALREADY_HOLD = timedelta(hours=72)
""""I have paid already" is a 72-hour hold with a check task (domain section 3)."""
SOON = timedelta(days=7)
"""What "I will pay" means where no day is named: the menu of the automated call says so."""


@dataclass(frozen=True, slots=True)
class Said:
    """`kind`: promise, paid, wrong_person, dispute, staff, question, stop, start, help, other (words that only a person understands) or
    nothing (a key on the way through the menu). `on`: the day a promise names."""

    kind: str
    on: date | None = None

    @classmethod
    def by_reply(cls, detail: dict[str, Any]) -> Self:
        on = detail.get("on")
        return cls(detail["reply"], date.fromisoformat(on) if on else None)

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
    """Do what follows from replies and keys. Each concerns a case of its own, already locked by whoever read the receipts."""
    for receipt in receipts:
        said = Said.by_reply(receipt.detail) if receipt.kind == "reply" else Said.by_key(receipt.detail)
        if said.kind in ("stop", "start") and receipt.contact_point_id is not None:
            _mind_opt_out(rows, said.kind, receipt.contact_point_id, now)
        elif receipt.case_id is not None:
            heard(rows, casefiles.lock_any(rows, receipt.case_id), said, "debtor", receipt.timezone, now, wall)


def heard(rows: Rows, case: CaseKey, said: Said, by: str, timezone: str, now: datetime, wall: datetime) -> None:
    """What follows from what a debtor said about their case. `by` is who wrote it down: the debtor, or a member of staff."""
    match said.kind:
        case "promise":
            today = local_day(now, timezone)
            owed = casefiles.arrears(rows, case, today)
            if owed > 0:
                casefiles.promise(rows, case, said.on or today + SOON, owed, by, now, wall)
        case "paid":
            casefiles.hold(rows, case, "paid_already", now + PAID_ALREADY_HOLD, by, now, wall)
            casefiles.add_task(rows, case, "check", "paid_already", now)
        case "wrong_person" | "dispute":
            casefiles.enter_state(rows, case, "disputed" if said.kind == "dispute" else said.kind, by, now, wall)
            casefiles.add_task(rows, case, "check", said.kind, now)
        case "staff" | "question" | "help":
            casefiles.add_task(rows, case, "check", "call_back", now)
        case "other":
            casefiles.add_task(rows, case, "check", "reply", now)


def _mind_opt_out(rows: Rows, wish: str, contact_point_id: int, now: datetime) -> None:
    """Such a wish is written, and is about what is written to the number, whatever reached it last."""
    if wish == "stop":
        casefiles.opt_out(rows, contact_point_id, "sms", "reply", now)
    else:
        casefiles.end_opt_out(rows, contact_point_id, "sms", now)
