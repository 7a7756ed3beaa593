"""Letters -> batches: laid in, asked about once more at the cut-off, closed, made, handed over, answered for.

A batch is closed once, and what it holds then is what is printed. Whose facts changed before that leaves it, and the case is asked again;
afterwards staff are asked to pull the letter, if they can.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256

from channels.contract import Accepted, LookupFailed, Refused, Unknown
from channels.ems import NotAWaybill, PostingLine, waybill
from channels.print_house import Acknowledgement, FileAnswer, PrintBatch, PrintHouse
from orchestrator import composing, logs
from orchestrator.posting import printed
from orchestrator.posting.printed import MANIFEST, Printed, Unprintable, batch_name, folder_of, reference
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, casefiles, hearing, letter_batches, letters, reading, terms
from orchestrator.store.letter_batches import Loose, Waiting
from policies.decide import decide
from policies.post_days import PostDay, post_day

STILL_POSTED = frozenset({"exhausted", "ready_for_suit", "file_or_mediate", "refused"})
"""Ends of a case that do not call its last letter back."""
CALLS_BACK = frozenset({"wait_for_hold", "wait_for_promise"})
"""Rules that stop a letter which has not left, beside every stop that is not among STILL_POSTED."""
_READ_AT_ONCE = 50


def tend(runtime: Runtime) -> None:
    """All that is due for batches now. Safe to run twice at once, and after any crash."""
    gather(runtime)
    close_due(runtime)
    make_closed(runtime)
    house = PrintHouse.of(runtime.settings)
    if house is not None:
        bring_to(house, runtime)
        hear_from(house, runtime)
    ask_to_pull(runtime)


def gather(runtime: Runtime) -> None:
    """Lay every letter that was taken into the batch of its working day: that of its hour, or the next one still open."""
    with runtime.store.begin() as rows:
        now = runtime.now()
        by_day: dict[tuple[int, PostDay], list[Loose]] = {}
        for each in letter_batches.loose(rows):
            by_day.setdefault((each.community_id, _post_day(each, each.sent_at, runtime)), []).append(each)
        for (community_id, day), laid in by_day.items():
            ids = [each.attempt_id for each in laid]
            while not letter_batches.lay_into(rows, community_id, day, ids, now):
                day = _post_day(laid[0], day.cut_off_at, runtime)


def _post_day(letter: Loose, at: datetime, runtime: Runtime) -> PostDay:
    calendar = runtime.packs.calendar(runtime.packs.pack(letter.pack).calendar)
    return post_day(calendar, letter.cut_off, letter.timezone, at)


def close_due(runtime: Runtime) -> None:
    """Close what is past its cut-off, each batch in a transaction of its own, without the letters that are not to be posted any more."""
    with runtime.store.begin() as rows:
        due = letter_batches.past_cut_off(rows, runtime.now())
    for batch_id in due:
        with runtime.store.begin() as rows:
            if letter_batches.lock_open(rows, batch_id):
                now = runtime.now()
                called_back = _called_back(rows, letter_batches.waiting(rows, batch_id), runtime, now)
                letter_batches.withdraw(rows, called_back, now, runtime.wall())
                letter_batches.close(rows, batch_id, now)


def _called_back(rows: Rows, waiting: Sequence[Waiting], runtime: Runtime, now: datetime) -> dict[int, str]:
    """Which of these letters are not to be posted any more, and why: the question asked a last time before paper leaves the house.

    What only the passing of time would answer otherwise (a gap, a cap, a window) calls nothing back.
    """
    because = {each.attempt_id: "facts_changed" for each in waiting if each.stale}
    because |= {each.attempt_id: each.rest for each in waiting if each.rest and each.rest not in STILL_POSTED}
    by_case = {each.case_id: each.attempt_id for each in waiting if each.case_state == "open" and each.attempt_id not in because}
    cases = sorted(case_id for case_id in by_case if case_id is not None)
    for asked in reading.read(rows, cases, now, runtime.known, without=sorted(by_case.values())):
        answer = decide(asked.facts, runtime.rules(asked), now)
        reason = getattr(answer.action, "reason", None)
        if answer.rule in CALLS_BACK or (answer.rule.startswith("stop_") and reason not in STILL_POSTED):
            because[by_case[asked.id]] = reason or answer.rule
    return because


def make_closed(runtime: Runtime) -> None:
    """Make the files of every closed batch that has none yet."""
    with runtime.store.begin() as rows:
        unmade = letter_batches.unmade(rows)
    for batch_id in unmade:
        try:
            make(batch_id, runtime)
        except Unprintable as broken:
            logs.logger.error("a batch of letters cannot be made", batch=batch_id, why=str(broken))


def make(batch_id: int, runtime: Runtime) -> None:
    """The files of one closed batch. Raises Unprintable."""
    with runtime.store.begin() as rows:
        batch, lying = letter_batches.read(rows, batch_id), letter_batches.placed(rows, batch_id)
        ids = [each.attempt_id for each in lying]
        known = terms.read_terms(rows, ids, runtime.store.vault)
    assert batch is not None
    assert batch.closed_at is not None
    vault = runtime.store.vault
    sheet = [
        PostingLine(
            reference(each.attempt_id),
            "、".join(known[each.attempt_id].debtors),
            vault.open(each.sealed) if each.sealed else "",
            composing.address_of(known[each.attempt_id]),
            each.summary,
        )
        for each in lying
        if each.registered
    ]
    letters_in_order = [Printed(each.place, reference(each.attempt_id), each.digest.hex(), each.registered, each.summary) for each in lying]
    documents = (document for _, document in _documents(ids, runtime))
    folder = folder_of(runtime.settings.exhibits, batch_id)
    manifest = printed.make(folder, batch.community, batch.day, batch.closed_at, letters_in_order, documents, sheet)
    pages = {each.attempt_id: manifest.pages[reference(each.attempt_id)] for each in lying}
    with runtime.store.begin() as rows:
        digest = sha256(manifest.text.encode()).digest()
        letter_batches.made(rows, batch_id, manifest.text, pages, runtime.now(), runtime.wall(), digest)


def _documents(attempt_ids: Sequence[int], runtime: Runtime) -> Iterator[tuple[int, bytes]]:
    """A few at a time, and no transaction open while they are used."""
    for first in range(0, len(attempt_ids), _READ_AT_ONCE):
        with runtime.store.begin() as rows:
            read = list(letter_batches.documents(rows, attempt_ids[first : first + _READ_AT_ONCE]))
        yield from read


def hand_over(runtime: Runtime, batch_id: int, by: str) -> None:
    """Staff took the batch to the post: its letters are mailed.

    Raises NoSuchThing where it is not closed and made, or where a print house takes the batches: it may have this one already.
    """
    if PrintHouse.of(runtime.settings) is not None:
        raise casefiles.NoSuchThing("批次由印厂交寄，如需自行交寄请先停用 / the print house posts them: end it in the settings first")
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        letter_batches.lock_cases(rows, batch_id)
        if not letter_batches.handed_over(rows, batch_id, by, {}, now, wall):
            raise casefiles.NoSuchThing(f"批次 {batch_name(batch_id)} 不在待交寄状态 / it does not wait to be posted")
        going = [each for each in letters.of_batch(rows, batch_id) if each.posted_at is None]
        letters.posted(rows, {each.attempt_id: now for each in going})
        hearing.keep(rows, [each.mailed(now, {"by": by, "batch": batch_name(batch_id)}) for each in going], now, wall)
        letter_batches.acknowledge_if_whole(rows, batch_id, now)


def bring_to(house: PrintHouse, runtime: Runtime) -> None:
    """Bring the print house what is closed. What it may have taken already is looked for first."""
    with runtime.store.begin() as rows:
        due = letter_batches.for_the_house(rows)
    for batch_id in due:
        _bring(house, batch_id, runtime)


def _bring(house: PrintHouse, batch_id: int, runtime: Runtime) -> None:
    with runtime.store.begin() as rows:
        batch = letter_batches.read(rows, batch_id)
        if not letter_batches.uncertain(rows, batch_id, runtime.wall()):
            return
        ids = [each.attempt_id for each in letter_batches.placed(rows, batch_id)]
    assert batch is not None
    try:
        found = house.find(batch_name(batch_id)) if batch.uncertain_since is not None else None
    except LookupFailed:
        return
    handover = found or house.hand_over(_files(batch_id, ids, runtime))
    with runtime.store.begin() as rows:
        match handover:
            case Accepted():
                fact = {"request": handover.exchange.request, "response": handover.exchange.response}
                letter_batches.handed_over(rows, batch_id, house.url, fact, runtime.now(), runtime.wall())
            case Unknown():
                pass
            case Refused():
                letter_batches.not_brought(rows, batch_id)
                logs.logger.warning("a print house refused a batch", batch=batch_id, code=handover.error_code)


def _files(batch_id: int, attempt_ids: Sequence[int], runtime: Runtime) -> PrintBatch:
    folder = folder_of(runtime.settings.exhibits, batch_id)

    def files() -> Iterator[tuple[str, bytes]]:
        for attempt_id, document in _documents(attempt_ids, runtime):
            yield f"{reference(attempt_id)}.pdf", document
        for name in printed.FILES:
            yield name, (folder / name).read_bytes()

    return PrintBatch(batch_name(batch_id), (folder / MANIFEST).read_bytes(), files)


def hear_from(house: PrintHouse, runtime: Runtime) -> None:
    """Take in the print house's answers: what is posted, under which number, and what it would not print."""
    try:
        answers = house.acknowledgements()
    except LookupFailed as silent:
        logs.logger.warning("a print house could not be asked for its answers", why=str(silent))
        return
    for answer in answers:
        if answer.unreadable:
            logs.logger.error("an answer of the print house cannot be read", file=answer.name, why=answer.unreadable)
        _take_in(answer, house, runtime)
        house.put_away(answer.name)


def _take_in(answer: Acknowledgement, house: PrintHouse, runtime: Runtime) -> None:
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        batch_id = letters.number_in("XB", answer.batch)
        if batch_id is not None:
            letter_batches.lock_cases(rows, batch_id)
        letters.heard_from_the_house(rows, answer.name, answer.raw, now, wall)
        if batch_id is None:
            return
        letter_batches.handed_over(rows, batch_id, house.url, {"response": answer.raw}, now, wall)
        lying = {f"{reference(each.attempt_id)}.pdf": each for each in letters.of_batch(rows, batch_id)}
        said = [(lying[each.file], each) for each in answer.files if each.file in lying]
        printed_ones = [(letter, each) for letter, each in said if each.accepted]
        not_printed = [(letter, each) for letter, each in said if not each.accepted]
        letters.posted(rows, {letter.attempt_id: each.posted_at for letter, each in printed_ones if each.posted_at is not None})
        numbers = {letter.attempt_id: number for letter, each in printed_ones if (number := _number(each)) is not None}
        letters.number(rows, numbers, house.url, now, wall)
        letters.rejected(rows, {letter.attempt_id: each.reason or "?" for letter, each in not_printed})
        words = [letter.mailed(each.posted_at, {"by": house.url}) for letter, each in printed_ones if each.posted_at is not None]
        hearing.keep(rows, [*words, *(letter.not_printed(each.reason) for letter, each in not_printed)], now, wall)
        casefiles.add_tasks(rows, [letter.case for letter, _ in not_printed], "check", "letter_rejected", now)
        letter_batches.acknowledge_if_whole(rows, batch_id, now)


def _number(answer: FileAnswer) -> str | None:
    """The post's number, as far as it is one."""
    try:
        return waybill(answer.waybill) if answer.waybill else None
    except NotAWaybill:
        logs.logger.warning("a print house gave a number that is none of the post's", file=answer.file)
        return None


def ask_to_pull(runtime: Runtime) -> None:
    """Letters in closed batches that have not been posted yet and should not be: staff are asked to pull them, if they can."""
    with runtime.store.begin() as rows:
        batches = letter_batches.with_letters_on_the_way_out(rows)
    for batch_id in batches:
        with runtime.store.begin() as rows:
            now = runtime.now()
            letter_batches.lock_cases(rows, batch_id)
            waiting = letter_batches.waiting(rows, batch_id)
            called_back = _called_back(rows, waiting, runtime, now)
            letters.pull(rows, list(called_back), now)
            cases = [each.case for each in letters.of_batch(rows, batch_id) if each.attempt_id in called_back]
            casefiles.add_tasks(rows, cases, "check", "pull_letter", now)


def pulled(runtime: Runtime, attempt_id: int, by: str) -> None:
    """Staff got the letter out before the post took it. From what a print house does not have yet it is left out.

    Raises NoSuchThing where it was posted, lies in an open batch, or is just being brought to the print house.
    """
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        letter = letters.lock(rows, attempt_id)
        if letter.posted_at is not None or letter.withdrawn_at is not None or letter.batch_state == "open":
            raise casefiles.NoSuchThing("这封信已交寄或尚未封批 / the letter was posted, or its batch is still open")
        letter_batches.withdraw(rows, {attempt_id: "pulled"}, now, wall, by)
        if letter.batch_id is not None:
            still_here = letter.batch_state == "closed" and PrintHouse.of(runtime.settings) is not None
            if still_here and not letter_batches.make_anew(rows, letter.batch_id):
                raise casefiles.NoSuchThing("批次正在送往印厂，请稍后再试 / its batch is just going to the print house: try again later")
            letter_batches.acknowledge_if_whole(rows, letter.batch_id, now)
