"""The recap of a call: within ten minutes, to the number that was called, once. Part of that contact: no step, no demand, in no cap."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from orchestrator.preparing import Confirmed
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, log, reading, recaps, writing
from orchestrator.store.log import Entry
from orchestrator.store.reading import AskedCase
from orchestrator.store.recaps import Recapped
from orchestrator.store.writing import Claimed
from policies.windows import Place, is_open

PURPOSE = "recap"


def still_due(rows: Rows, claimed: Sequence[Claimed], runtime: Runtime, now: datetime, wall: datetime) -> list[Confirmed]:
    """Recaps that may leave now. The rest never will: each is called off, with the reason on record."""
    ours = [attempt for attempt in claimed if attempt.purpose == PURPOSE]
    if not ours:
        return []
    judged = recaps.judge(rows, [attempt.id for attempt in ours], now)
    cases = {asked.id: asked for asked in reading.read(rows, [attempt.case_id or 0 for attempt in ours], now, runtime.known)}
    confirmed: list[Confirmed] = []
    withheld: list[Entry] = []
    unsaid: dict[int, str] = {}
    for attempt in ours:
        recapped, asked = judged[attempt.id], cases.get(attempt.case_id or 0)
        against = _against(recapped, asked, runtime, now)
        if asked is None or against:
            because = unsaid[attempt.id] = against or "case_at_rest"
            withheld.append(Entry("withheld", {"recap_of": recapped.call, "because": because}, attempt.case_id, attempt.id))
        else:
            confirmed.append(Confirmed(attempt, asked, runtime.rules(asked), promised=_promised(recapped)))
    writing.drop(rows, unsaid, now)
    log.append(rows, withheld, now, wall)
    return confirmed


def _against(recapped: Recapped, asked: AskedCase | None, runtime: Runtime, now: datetime) -> str | None:
    if recapped.against is not None or asked is None:
        return recapped.against
    place = Place(recapped.timezone, "commercial" if recapped.commercial else "residential", frozenset(recapped.site_days))
    if not is_open(runtime.rules(asked), "sms", place, now):
        return "window_closed"
    return None if "sms" in asked.facts.channels else "no_line"


def _promised(recapped: Recapped) -> tuple[date, Decimal] | None:
    if recapped.promised_on is None or recapped.promised_amount is None:
        return None
    return recapped.promised_on, recapped.promised_amount
