"""The job: a due case is asked what happens next; the answer is written down, carried out, and what became of it is heard.

    sweep    -> what is due is offered to the workers under a lease
    advance  -> facts are read, the question is asked, the answer recorded            (a batch of cases, one transaction)
    deliver  -> claimed, asked again, composed, committed; then handed over, each at most once; each outcome its own transaction
    hear     -> receipts, replies and keys are folded in, and the case is asked again
    look_up  -> an outcome nobody knows is looked up at the provider, never sent again by itself
    catch_up -> what nothing was heard of for long is asked about, and what was written to us meanwhile: callbacks get lost
    ask      -> what an unsigned push spoke of is asked about: nothing of it is believed

No transaction is open while a provider is spoken to, and every step can be lost or repeated without harm.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from datetime import datetime
from itertools import islice

from channels.contract import Handover, KeepsRecords, LookupFailed, Message, Recalls, Refused
from channels.lines import LineName
from orchestrator import answering, campaigns, conversation, inbox, preparing, recaps
from orchestrator.preparing import Confirmed
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, addresses, composed, concluding, hearing, hints, leaving, lookup, offering, reading, senders, writing
from orchestrator.store import recaps as store_recaps
from orchestrator.store.hearing import Heard
from orchestrator.store.offering import Due
from orchestrator.store.reading import AskedCase
from orchestrator.store.senders import OF_THE_SENDER
from orchestrator.store.writing import Answered, Claimed
from policies.actions import AskApproval, Send
from policies.decide import decide

THREADS = 16
"""Handovers under way at once in one worker: providers answer in tens of milliseconds, and waiting costs nothing."""


def sweep(runtime: Runtime) -> Due:
    """Offer what is due. Safe to run twice at once."""
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        store_recaps.plan(rows, now)
        return offering.offer(
            rows,
            now,
            wall,
            lease=runtime.settings.lease,
            look_up_after=runtime.look_up_after,
            absent_after=runtime.absent_after,
            held_back=senders.held_back(rows, runtime.lines, wall),
        )


def advance(case_ids: Sequence[int], runtime: Runtime) -> list[int]:
    """Ask these cases what happens next and write the answers down; the attempts that came of it."""
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        answered = _ask_due(rows, case_ids, runtime, now)
        planned = writing.record(rows, [each for each in answered if not _is_grave(each)], now, wall)
    grave = [each for each in answered if _is_grave(each)]
    return planned + _put_before_people(grave, runtime) if grave else planned


def _put_before_people(grave: Sequence[Answered], runtime: Runtime) -> list[int]:
    """Ask for approvals. Their letters are rendered first, outside any transaction: what a person sees is what will be sent.

    These cases were left due and are asked once more; whatever is answered then is written down.
    """
    letters = preparing.render_proposals(grave, runtime)
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        answered = _ask_due(rows, [each.asked.id for each in grave], runtime, now)
        proposals = preparing.propose(rows, [each for each in answered if _is_grave(each)], letters, runtime, now)
        proposed = {proposal.case_id for proposal in proposals}
        return writing.record(rows, [each for each in answered if not _is_grave(each) or each.asked.id in proposed], now, wall, proposals)


def _ask_due(rows: Rows, case_ids: Sequence[int], runtime: Runtime, now: datetime) -> list[Answered]:
    due = writing.lock_due(rows, case_ids, now)
    addresses.note_homes(rows, due)
    return [_ask(asked, runtime, now) for asked in reading.read(rows, due, now, runtime.known)]


def _is_grave(answered: Answered) -> bool:
    return isinstance(answered.answer.action, AskApproval)


def deliver(attempt_ids: Sequence[int], runtime: Runtime) -> None:
    """Carry out planned attempts, each at most once, after asking again at the moment of sending. Where every sender rests they wait."""
    with runtime.store.begin() as rows:
        attempt_ids = senders.passing(rows, attempt_ids, runtime.lines, runtime.wall(), runtime.rest)
    letters = preparing.render_letters(attempt_ids, runtime)
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        claimed = writing.claim(rows, attempt_ids, wall, runtime.claim)
        confirmed = [
            *ask_again(rows, [attempt for attempt in claimed if attempt.purpose != recaps.PURPOSE], runtime, now, wall),
            *campaigns.still_due(rows, claimed, runtime, now),
            *answering.still_due(rows, claimed, runtime, now),
            *recaps.still_due(rows, claimed, runtime, now, wall),
        ]
        drafts = preparing.compose(rows, confirmed, letters, runtime, now)
        composed.keep(rows, drafts, now, wall)
    by_id = {attempt.id: attempt for attempt in claimed}
    stayed = {draft.message.attempt_id for draft in drafts}
    for attempt, line, handover in _hand_over_all([(by_id[draft.message.attempt_id], draft.message) for draft in drafts], runtime):
        stayed.discard(attempt.id)
        with runtime.store.begin() as rows:
            concluding.conclude(rows, attempt, line, handover, runtime.now(), runtime.wall(), runtime.rest)
    if stayed:
        with runtime.store.begin() as rows:
            writing.let_go(rows, sorted(stayed), runtime.now())


def hear(receipt_ids: Sequence[int], runtime: Runtime) -> None:
    """Fold in what providers and debtors said."""
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        receipts = hearing.waiting(rows, receipt_ids)
        moved = hearing.fold_in(rows, [each for each in receipts if each.kind == "delivery" and each.attempt_id is not None], now, wall)
        hearing.note_heard_to_the_end(rows, [each.attempt_id for each in receipts if each.attempt_id is not None])
        senders.hear(rows, moved, now, wall, runtime.rest)
        said = [each for each in receipts if each.kind in hearing.OF_THE_DEBTOR]
        conversation.take_up(rows, said, now, wall)
        hearing.applied(rows, receipts, now, wall)
        changed = {each.case_id for each in receipts if each.attempt_id in moved or each in said}
        writing.touch(rows, sorted(case_id for case_id in changed if case_id is not None), now)
        store_recaps.plan(rows, now)


def look_up(attempt_ids: Sequence[int], runtime: Runtime) -> None:
    """Find out what became of attempts whose outcome is unknown, each at the line it left by. One whose line is closed stays unknown."""
    with runtime.store.begin() as rows:
        unknown = lookup.read(rows, attempt_ids, runtime.store.vault)
    for lost in unknown:
        line = runtime.lines.of(lost.attempt.channel, lost.provider, lost.sender)
        if line is None:
            continue
        try:
            found = line.find(lost.sought)
        except LookupFailed:
            continue
        with runtime.store.begin() as rows:
            lookup.conclude(rows, lost, found, runtime.now(), runtime.wall(), runtime.absent_after)


def catch_up(runtime: Runtime, *, all_open: bool = False) -> None:
    """Ask the provider about handovers of which nothing was heard for long, and for what was written to us: callbacks get lost while
    nobody listens.

    `all_open`: about every one whose end is not known.
    """
    with runtime.store.begin() as rows:
        unheard = offering.unheard(rows, runtime.wall(), runtime.silent_for, all_open=all_open)
    words: list[Heard] = []
    for each in unheard:
        line = runtime.lines.of(each.channel, each.provider, each.sender) or runtime.lines.of(each.channel, each.provider)
        if isinstance(line, KeepsRecords):
            with suppress(LookupFailed):
                found = line.fetch(each.provider_id, each.attempt_id)
                words += [Heard.of(receipt, found.exchange.response) for receipt in found.receipts]
    with runtime.store.begin() as rows:
        hearing.keep(rows, words, runtime.now(), runtime.wall())
    ask([each.attempt_id for each in unheard], runtime)
    inbox.fetch(runtime)


def ask(attempt_ids: Sequence[int], runtime: Runtime) -> None:
    """Ask providers that want the number and the day as well, about attempts of which nothing was heard for long, or a push spoke."""
    with runtime.store.begin() as rows:
        questions = hints.questions(rows, attempt_ids, runtime.store.vault)
    words: list[Heard] = []
    for each in questions:
        line = runtime.lines.of(each.channel, each.provider)
        if isinstance(line, Recalls):
            with suppress(LookupFailed):
                found = line.recall(each.provider_id, each.sought)
                words += [Heard.of(receipt, found.exchange.response) for receipt in found.receipts]
    with runtime.store.begin() as rows:
        hearing.keep(rows, words, runtime.now(), runtime.wall())


def ask_again(rows: Rows, claimed: Sequence[Claimed], runtime: Runtime, now: datetime, wall: datetime) -> list[Confirmed]:
    """The question once more, for each case as if its claimed attempt did not exist. Another answer cancels it, and the reason is kept."""
    ours = {attempt.case_id: attempt for attempt in claimed if attempt.case_id is not None}
    confirmed, gone = [], set(ours)
    for asked in reading.read(rows, sorted(ours), now, runtime.known, without=[attempt.id for attempt in ours.values()]):
        attempt, again = ours[asked.id], _ask(asked, runtime, now)
        gone.discard(asked.id)
        if again.answer.action == Send(attempt.step, attempt.channel):
            confirmed.append(Confirmed(attempt, asked, again.rules))
        else:
            writing.cancel(rows, attempt, again.answer, now, wall)
    writing.drop(rows, {ours[case_id].id: "case_at_rest" for case_id in gone}, now)
    return confirmed


def _ask(asked: AskedCase, runtime: Runtime, now: datetime) -> Answered:
    rules = runtime.rules(asked)
    return Answered(asked, decide(asked.facts, rules, now), rules)


def _hand_over_all(claimed: Sequence[tuple[Claimed, Message]], runtime: Runtime) -> Iterator[tuple[Claimed, LineName, Handover]]:
    """Hand over side by side, yielding each answer as it comes; what may no longer leave is left out.

    The next goes when an answer before it was written down: so it is kept back in time where the sender was put to rest.
    """
    waiting = iter(claimed)
    with ThreadPoolExecutor(THREADS) as threads:
        under_way = {threads.submit(_hand_over, *each, runtime): each[0] for each in islice(waiting, THREADS)}
        while under_way:
            answered = next(as_completed(under_way))
            attempt, ended = under_way.pop(answered), answered.result()
            if ended is not None:
                yield attempt, *ended
            under_way |= {threads.submit(_hand_over, *each, runtime): each[0] for each in islice(waiting, 1)}


def _hand_over(attempt: Claimed, message: Message, runtime: Runtime) -> tuple[LineName, Handover] | None:
    """By the first line that works. Where its sender is refused nothing was sent: the same attempt goes by the next, if there is one."""
    ways = {LineName.of(line): line for line in runtime.lines.carrying(message)}
    runtime.pace.wait(message.channel)
    with runtime.store.begin() as rows:
        by = leaving.mark_sending(rows, attempt, list(ways), runtime.now(), runtime.wall(), runtime.sending)
    while by is not None:
        handover = ways.pop(by).send(message)
        if not (isinstance(handover, Refused) and handover.error_class in OF_THE_SENDER and ways):
            return by, handover
        runtime.pace.wait(message.channel)
        with runtime.store.begin() as rows:
            now, wall = runtime.now(), runtime.wall()
            after = leaving.move_on(rows, attempt, by, handover, list(ways), now, wall, runtime.sending, runtime.rest)
        if after is None:
            return by, handover
        by = after
    return None
