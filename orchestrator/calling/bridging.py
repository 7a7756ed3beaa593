"""Click to call: the provider rings the member of staff, then, once they pressed 1, the debtor. Each click rings at most once."""

from dataclasses import dataclass

import phonenumbers

from channels import bridge
from channels.bridge import Bridges, Invitation, Word
from channels.call_links import CallLinks
from channels.contract import Accepted, Handover, Refused
from channels.spoken import Language
from orchestrator import casework
from orchestrator.calling.cards import Number
from orchestrator.casework import NotAllowed
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, bridges, casefiles, users
from orchestrator.store.bridges import SILENT_AFTER, Bridge, Plan

PREFILLED = {"answered": "conversation", "busy": "busy", "no_answer": "no_answer"}
"""What the form is filled in with, by how the debtor's leg ended."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A line that serves the phones of both, and the member of staff's own number."""

    line: Bridges
    agent: str


def ready(runtime: Runtime, by: str, number: Number) -> Ready | None:
    """None where this number may not be rung now, the member of staff has no number, or no line connects the two."""
    with runtime.store.begin() as rows:
        sealed = users.phone(rows, by)
    if sealed is None or number.hindrance is not None or number.closes is None:
        return None
    agent = runtime.store.vault.open(sealed)
    country = phonenumbers.region_code_for_number(phonenumbers.parse(agent)) or ""
    theirs = runtime.lines.serving("voice", number.country)
    for line in runtime.lines.serving("voice", country):
        if line in theirs and isinstance(line, Bridges):
            return Ready(line, agent)
    return None


def ring(runtime: Runtime, task_id: int, number: Number, by: str, language: Language) -> None:
    """Ring the member of staff, after the question once more. Raises NotAllowed, with the reason; NoSuchThing where the task is done."""
    found = ready(runtime, by, number)
    if found is None or number.closes is None:
        raise NotAllowed("现在不能接通这个号码 / this number cannot be connected now: dial by hand within its window")
    if not casework.still_to_do(runtime, task_id):
        raise NotAllowed("情况已变化，这个任务已取消 / things have changed: this task is called off")
    plan = Plan(task_id, number.point_id, by, language, found.line.provider, found.line.sender, number.closes)
    with runtime.store.begin() as rows:
        opened = bridges.open_one(rows, plan, runtime.now(), runtime.wall())
    if opened is None:
        raise NotAllowed("任务不在您手中，或已经呼叫过 / you do not have this call in hand, or it was placed already: it rings once")
    _conclude(runtime, opened, found.line.bridge(Invitation(opened.id, found.agent, language, plan.valid_until)))


def _conclude(runtime: Runtime, opened: Bridge, handover: Handover) -> None:
    """What the provider answered. A callback may have come first: then the state is ahead already, and stays."""
    fact = {"request": handover.exchange.request, "response": handover.exchange.response}
    with runtime.store.begin() as rows:
        _lock_case(rows, opened)
        now, wall = runtime.now(), runtime.wall()
        match handover:
            case Accepted():
                bridges.move(rows, opened, "ringing", fact, now, wall, provider_id=handover.provider_id)
            case Refused():
                bridges.move(rows, opened, "refused", {**fact, "code": handover.error_code}, now, wall)
            case _:
                bridges.move(rows, opened, "unknown", fact, now, wall)
    if isinstance(handover, Refused):
        raise NotAllowed(f"运营商未接受呼叫，请手动拨号 / the provider refused the call, dial by hand ({handover.error_code})")


def give_up(runtime: Runtime, task_id: int, by: str) -> None:
    """A person says that one of which nothing is heard is over: only then another is placed. Raises NotAllowed where it is too early."""
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        latest = bridges.of_task(rows, task_id)
        if latest is None or (latest.state != "unknown" and latest.opened_at_wall > wall - SILENT_AFTER):
            raise NotAllowed("请再等两分钟 / wait two minutes: it may still ring")
        _lock_case(rows, latest)
        if not bridges.move(rows, latest, "given_up", {"by": by}, now, wall):
            raise NotAllowed("呼叫已经结束 / this call has ended already")


def answer(runtime: Runtime, bridge_id: int, word: Word, links: CallLinks, leg: str, recorded: str, raw: bytes) -> str | None:
    """What is said next to whoever asks, after it was written down; None where there is no such bridge."""
    with runtime.store.begin() as rows:
        found = bridges.find(rows, bridge_id)
        if found is None:
            return None
        _lock_case(rows, found)
        language: Language = "en" if found.language == "en" else "zh"
        match word.stage:
            case "start":
                return bridge.invite(language, found.task_id, links)
            case "recorded":
                return bridge.announce(language)
            case "done":
                _ended(runtime, rows, found, word, raw)
                return bridge.end(language, reached=word.ending == "answered")
            case "pressed" if word.key == "1" and _dials(runtime, rows, found, word, raw):
                return bridge.connect(runtime.store.vault.open(found.sealed), found.sender, links, leg, recorded)
            case _:
                return bridge.end(language, reached=True)


def heard(runtime: Runtime, bridge_id: int, whose: str, word: Word, raw: bytes) -> None:
    """How the leg of the `agent` or the `debtor` ended. What comes late or twice moves nothing."""
    with runtime.store.begin() as rows:
        found = bridges.find(rows, bridge_id)
        if found is None or word.ending is None:
            return
        _lock_case(rows, found)
        if whose == "debtor":
            _ended(runtime, rows, found, word, raw)
        else:
            bridges.move(rows, found, "not_connected", {"raw": raw}, runtime.now(), runtime.wall(), provider_id=word.provider_id)


def _dials(runtime: Runtime, rows: Rows, found: Bridge, word: Word, raw: bytes) -> bool:
    """Whether the debtor is dialled now: within their window, for a task still open, once for the call that was placed."""
    now = runtime.now()
    if not found.live or now >= found.valid_until or found.provider_id not in (None, word.provider_id):
        return False
    if bridges.move(rows, found, "dialling", {"raw": raw}, now, runtime.wall(), provider_id=word.provider_id):
        return True
    return found.state == "dialling"  # our answer was lost on its way: the provider asks for it again


def _ended(runtime: Runtime, rows: Rows, found: Bridge, word: Word, raw: bytes) -> None:
    bridges.move(rows, found, "ended", {"raw": raw}, runtime.now(), runtime.wall(), outcome=word.ending, seconds=word.seconds)


def _lock_case(rows: Rows, found: Bridge) -> None:
    """The log of a case is written under its lock."""
    if found.case_id is not None:
        casefiles.lock_any(rows, found.case_id)
