"""Money at the door: a receipt for each sum, and a hand-over at the end of the day that two people sign.

It is no payment until the billing system says so; meanwhile the debtor has said that it is paid, and is left in peace for 72 hours.
"""

import re
from decimal import Decimal
from typing import Any

from orchestrator import casework, conversation
from orchestrator.casework import NotAllowed
from orchestrator.conversation import Said
from orchestrator.runtime import Runtime
from orchestrator.store import casefiles, cash

_SUM = re.compile(r"\d{1,9}(\.\d{1,2})?")


def amount(written: str) -> Decimal:
    """A sum as somebody types it: 400, 400.5, 1,200.00. Raises NotAllowed."""
    plain = written.strip().replace(",", "").replace("，", "").removeprefix("¥").removesuffix("元").strip()
    if not _SUM.fullmatch(plain) or Decimal(plain) == 0:
        raise NotAllowed(f"金额“{written}”不对，请写成 400 或 400.00 / {written!r} is no amount: write it as 400 or 400.00")
    return Decimal(plain)


def take(runtime: Runtime, stop: Any, units: str, paid: Decimal, key: str, by: str) -> Any:
    """Write the receipt for cash taken at a stop; the same key twice is one receipt. The case is held as "paid already".

    `stop` is a row of `store.routes.stop`. Raises NotAllowed.
    """
    if not key:
        raise NotAllowed("缺少编号，请刷新页面 / the form has no key: load the page again")
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        cash.lock_collector(rows, by)
        known = cash.of_key(rows, by, key)
        if known is not None:
            return known
        case = casefiles.lock_any(rows, stop.case_id)
        made = cash.take(rows, case, stop.task_id, key, units, paid, by, now, wall)
        conversation.heard(rows, case, Said("paid"), by, stop.timezone, now, wall)
        return made


def void(runtime: Runtime, receipt: Any, by: str, because: str) -> None:
    """A wrong receipt stays, voided: its number is not given again. Only whose it is, until it was handed over."""
    if not because.strip():
        raise NotAllowed("请写明作废原因 / voiding a receipt needs its reason")
    if receipt.collector != by:
        raise NotAllowed("只能作废自己开的收据 / only whose receipt it is voids it")
    casework.check_neutral(because)
    with runtime.store.begin() as rows:
        cash.void(rows, receipt.id, by, because, runtime.now(), runtime.wall())


def offer(runtime: Runtime, by: str) -> int:
    """Hand over all the cash in hand; the id. Raises NoSuchThing."""
    with runtime.store.begin() as rows:
        cash.lock_collector(rows, by)
        return cash.offer(rows, by, runtime.now(), runtime.wall())


def receive(runtime: Runtime, handover_id: int, counted: Decimal, by: str, because: str = "") -> None:
    """Count what another hands over. Raises NotAllowed where it is one's own, or differs from the receipts without a reason."""
    casework.check_neutral(because)
    with runtime.store.begin() as rows:
        offered = cash.handover(rows, handover_id)
        if offered is not None and offered.offered_by == by:
            raise NotAllowed("须由另一人清点 / somebody else counts it")
        if offered is not None and offered.stated != counted and not because.strip():
            raise NotAllowed(f"与收据合计 {offered.stated} 不符，请写明原因 / the receipts come to {offered.stated}: say why it differs")
        cash.receive(rows, handover_id, counted, because.strip(), by, runtime.now(), runtime.wall())
