"""What a person does to a case. Every act names who did it, is written to the log, and makes the case be asked again.

Who may do what is the console's and the command line's to check; that the one who asked never decides is the database's.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from orchestrator import conversation, outreach
from orchestrator.conversation import WRITTEN_AND_SPOKEN, Said
from orchestrator.runtime import Runtime
from orchestrator.store import casefiles, consents, log, parties, recaps, segments, versions, visits, writing
from orchestrator.store.casefiles import CaseKey
from orchestrator.store.consents import Word
from orchestrator.store.log import Entry
from orchestrator.versions import content_of
from policies.localtime import local_day
from policies.segments import Choice, ReasonCode, place_in
from policies.wording_rules import forbidden

LONGEST_ISSUE_HOLD = timedelta(days=30)
"""Point 06: an open repair or complaint holds a case for at most 30 days."""

VISIT_OUTCOMES = ("handed_over", "affixed", "refused_to_take", "no_answer", "moved_away", "not_this_person")
LOOKED_INTO = frozenset({"moved_away", "not_this_person"})
"""After these somebody finds out where the debtor is."""
CALL_OUTCOMES = ("conversation", "no_answer", "busy", "not_this_person")


class NotAllowed(ValueError):
    """The act is not possible; the message says why and what is."""


class NotNeutral(NotAllowed):
    """Something in a note that may not stand there (point 19: notes are discoverable). The message names it and asks to rephrase."""


def approve(runtime: Runtime, approval_id: int, by: str, reason: str = "") -> None:
    """A named person's yes to a grave step. Raises NoSuchThing."""
    _decide(runtime, approval_id, "approved", by, reason)


def refuse(runtime: Runtime, approval_id: int, by: str, reason: str) -> None:
    """A named person's no, with the reason: the case stops."""
    if not reason.strip():
        raise NotAllowed("a refusal needs its reason")
    _decide(runtime, approval_id, "refused", by, reason)


def _decide(runtime: Runtime, approval_id: int, answer: Literal["approved", "refused"], by: str, reason: str) -> None:
    check_neutral(reason)
    with runtime.store.begin() as rows:
        casefiles.decide_approval(rows, approval_id, answer, by, reason, runtime.now(), runtime.wall())


def hold(runtime: Runtime, case_id: int, reason: str, until: datetime, by: str, *, issue: str | None = None, comment: str = "") -> None:
    """Stop outreach until a time. A repair or complaint (`issue`) holds once and for at most 30 days."""
    now = runtime.now()
    check_neutral(reason, comment)
    if until <= now:
        raise NotAllowed("a hold ends in the future")
    if issue is not None:
        until = min(until, now + LONGEST_ISSUE_HOLD)
    with runtime.store.begin() as rows:
        case = casefiles.lock(rows, case_id)
        if not casefiles.hold(rows, case, reason, until, by, now, runtime.wall(), issue=issue, comment=comment):
            raise NotAllowed(f"issue {issue} has held this case before")


def lift(runtime: Runtime, case_id: int, by: str, *, reason: str | None = None) -> None:
    """End the holds of a case (of one reason, or all): it goes on where it stood."""
    with runtime.store.begin() as rows:
        casefiles.lift(rows, casefiles.lock(rows, case_id), by, runtime.now(), runtime.wall(), reason=reason)


def lift_review(runtime: Runtime, community_id: int, debtor_id: int, by: str) -> None:
    """What a note raised was looked into before any case was opened: the debtor's holds end."""
    with runtime.store.begin() as rows:
        casefiles.lift(rows, CaseKey(None, community_id, debtor_id), by, runtime.now(), runtime.wall())


def dispute(runtime: Runtime, case_id: int, by: str, note: str) -> None:
    """The debt is contested as a whole: contact ends until a person answered in writing."""
    enter_state(runtime, case_id, "disputed", by, note)


def enter_state(runtime: Runtime, case_id: int, state: str, by: str, note: str = "") -> None:
    """A state that ends contact (deceased, represented, no-contact order …)."""
    check_neutral(note)
    with runtime.store.begin() as rows:
        casefiles.enter_state(rows, casefiles.lock(rows, case_id), state, by, runtime.now(), runtime.wall(), note=note)


def leave_state(runtime: Runtime, case_id: int, state: str, by: str) -> None:
    """The state is over: the case resumes at its cursor."""
    with runtime.store.begin() as rows:
        casefiles.leave_state(rows, casefiles.lock(rows, case_id), state, by, runtime.now(), runtime.wall())


def correct_number(runtime: Runtime, case_id: int, by: str) -> None:
    """A stranger answered: the numbers are set aside, and the case goes on by post and visit."""
    with runtime.store.begin() as rows:
        case = casefiles.lock(rows, case_id)
        casefiles.set_aside_numbers(rows, case, "wrong_person")
        casefiles.leave_state(rows, case, "wrong_person", by, runtime.now(), runtime.wall())


def note_consent(runtime: Runtime, case_id: int, point_id: int, channel: str, given: bool, by: str, said: str) -> None:
    """A debtor told a member of staff that a number may or may not be reached on a channel; `said` is how, and stands as the proof.

    Raises NotAllowed where nothing was said, the number is not theirs, or there is no such channel.
    """
    check_neutral(said)
    if not said.strip():
        raise NotAllowed("write down when and how they said so")
    if channel not in WRITTEN_AND_SPOKEN:
        raise NotAllowed(f"{channel} is no channel of a number")
    with runtime.store.begin() as rows:
        casefiles.lock(rows, case_id)
        now, wall = runtime.now(), runtime.wall()
        if not consents.is_theirs(rows, case_id, point_id):
            raise NotAllowed("this number is not of this case's debtor")
        word = Word("staff", proof=said.encode(), by=by)
        if given:
            consents.give(rows, [point_id], [channel], word, now, wall, anew=True)
        else:
            consents.withdraw(rows, [point_id], [channel], word, now, wall)
        writing.touch(rows, [case_id], now)


def designate(runtime: Runtime, case_id: int, point_id: int, designated: bool, by: str, clause: str) -> None:
    """Note that the contract names a number or address for notices (or, looked at again, does not): what arrives there proves alone.

    `clause` is where the contract says so. Raises NotAllowed where nothing is named, or the number is not the debtor's.
    """
    if not clause.strip():
        raise NotAllowed("name the clause of the contract that says so")
    with runtime.store.begin() as rows:
        casefiles.lock(rows, case_id)
        if not parties.designate(rows, case_id, point_id, designated):
            raise NotAllowed("this number is not of this case's debtor")
        fact = {"contact_point": point_id, "designated": designated, "clause": clause.strip(), "by": by}
        log.append(rows, [Entry("contact designated", fact, case_id=case_id)], runtime.now(), runtime.wall())
        writing.touch(rows, [case_id], runtime.now())


def promise(runtime: Runtime, case_id: int, on: date, amount: Decimal, by: str) -> None:
    """The debtor said they would pay on a day, which lies ahead."""
    now = runtime.now()
    if on < now.date():
        raise NotAllowed("a promise is for today or a day to come")
    if amount <= 0:
        raise NotAllowed("a promise names an amount")
    with runtime.store.begin() as rows:
        casefiles.promise(rows, casefiles.lock(rows, case_id), on, amount, by, now, runtime.wall(), made_at=now)


def unpark(runtime: Runtime, case_id: int, by: str) -> None:
    """The cause that parked a case is mended: it goes on where it stood. Raises NoSuchThing."""
    with runtime.store.begin() as rows:
        casefiles.unpark(rows, casefiles.lock(rows, case_id), by, runtime.now(), runtime.wall())


def understand(runtime: Runtime, case_id: int, code: ReasonCode | None, by: str, note: str = "") -> Choice:
    """Why the debtor does not pay (None: nobody knows any more). The case goes on under the sequence that this calls for, and never back.

    Returns the sequence and the segment that chose it.
    """
    check_neutral(note)
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        case = casefiles.lock(rows, case_id)
        segments.set_cause(rows, case, code, note, by, now, wall)
        worked_by, standard, timezone = casefiles.pinned(rows, case)
        choice = segments.choice_for(rows, case.community_id, case.debtor_id, standard, local_day(now, timezone))
        if choice.sequence != worked_by:
            sequence = runtime.packs.sequence(choice.sequence)
            versions.keep(rows, [("sequence", content_of(sequence))], now, wall)
            place = place_in(sequence, segments.steps_done(rows, case_id))
            casefiles.move(rows, case, sequence, place, by, choice.segment or "standard", now, wall)
        return choice


def close(runtime: Runtime, case_id: int, reason: str, by: str) -> None:
    """End a case for a reason that is no payment."""
    if not reason.strip():
        raise NotAllowed("closing a case needs its reason")
    check_neutral(reason)
    with runtime.store.begin() as rows:
        casefiles.close(rows, casefiles.lock(rows, case_id), reason, by, runtime.now(), runtime.wall())


def still_to_do(runtime: Runtime, task_id: int) -> bool:
    """The question once more, before a person dials or rings: False calls the task off, with the reason on the case."""
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        task = casefiles.open_task(rows, task_id)
        if task.attempt_id is None or task.case_id is None:
            return True
        attempt = writing.accepted(rows, task.attempt_id)
        if attempt is None:
            return False
        if outreach.ask_again(rows, [attempt], runtime, now, wall):
            return True
        casefiles.call_off(rows, task, "asked_again", now)
        writing.touch(rows, [task.case_id], now)
        return False


def complete_visit(
    runtime: Runtime,
    task_id: int,
    by: str,
    outcome: str,
    *,
    signer: str | None = None,
    note: str = "",
    said: str | None = None,
    details: Mapping[str, object] | None = None,
) -> None:
    """What became of a visit: the notice was handed over (to whom), affixed to the door, refused, or nobody opened.

    What it proves depends on what was brought with it (`policies.arrival`). `details`: what else the person at the door wrote down.
    """
    if outcome not in VISIT_OUTCOMES:
        raise NotAllowed(f"a visit ends as {', '.join(VISIT_OUTCOMES)}")
    if outcome == "handed_over" and signer is None:
        raise NotAllowed("请选择签收人 / say who took it: self, family, somebody authorised, or for a company its mail desk")
    check_neutral(note)
    told = {"outcome": outcome, "signer": signer if outcome == "handed_over" else None, "note": note, "said": said}
    _report(runtime, task_id, "visit", {**(details or {}), **told}, by, [Said(said)] if said else [])


def complete_call(
    runtime: Runtime,
    task_id: int,
    by: str,
    outcome: str,
    *,
    said: str | None = None,
    promised_on: date | None = None,
    amount: Decimal | None = None,
    more: Sequence[Said] = (),
    note: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """What became of a call. The form asks only when, how much, how (point 19); `said` is what the debtor answered, as in a reply.

    `more`: what else they said. `details`: what else is written down and moves nothing.
    """
    if outcome not in CALL_OUTCOMES:
        raise NotAllowed(f"a call ends as {', '.join(CALL_OUTCOMES)}")
    check_neutral(note)
    answer = [Said("promise", promised_on, amount=amount)] if promised_on else [Said(said)] if said else []
    told = {"outcome": outcome, "said": said, "promised_on": promised_on, "note": note}
    _report(runtime, task_id, "call", {**(details or {}), **told}, by, [*answer, *more])


def complete_check(runtime: Runtime, task_id: int, by: str, note: str, *, went_out: bool = False) -> None:
    """A person looked at it. Of a message absent at its provider they say whether it went out: if not, its step is tried again."""
    check_neutral(note)
    _report(runtime, task_id, "check", {"outcome": "sent" if went_out else "checked", "note": note}, by)


def answer_alarm(runtime: Runtime, task_id: int, by: str, note: str) -> None:
    """Counsel says what is done about a clock that runs out: filed, mediated, demanded, or let go with open eyes."""
    if not note.strip():
        raise NotAllowed("say what is done about it: an alarm is answered with a note")
    check_neutral(note)
    _report(runtime, task_id, "alarm", {"outcome": "answered", "note": note}, by)


def check_neutral(*notes: str) -> None:
    """Notes are discoverable (point 19). Raises NotNeutral."""
    for note in notes:
        for found in forbidden(note, "note"):
            raise NotNeutral(f"请改写“{found.excerpt}”：{found.reason.zh} / rephrase “{found.excerpt}”: {found.reason.en}")


def _report(runtime: Runtime, task_id: int, kind: str, report: dict[str, object], by: str, said: Sequence[Said] = ()) -> None:
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        task = casefiles.open_task(rows, task_id)
        if task.kind != kind:
            raise NotAllowed(f"task {task_id} is a {task.kind}")
        case = casefiles.lock_any(rows, task.case_id) if task.case_id is not None else None
        exhibits = [{"kind": each.kind, "shot": each.shot, "sha256": bytes(each.sha256)} for each in visits.brought(rows, task_id)]
        casefiles.finish_task(rows, task, {**report, "exhibits": exhibits} if exhibits else report, by, now, wall)
        if case is not None and kind == "visit" and report["outcome"] in LOOKED_INTO:
            casefiles.add_task(rows, case, "check", str(report["outcome"]), now)
        if case is not None:
            for each in said:
                conversation.heard(rows, case, each, by, task.timezone, now, wall)
        writing.touch(rows, [task.case_id] if task.case_id is not None else [], now)
        recaps.plan(rows, now)
