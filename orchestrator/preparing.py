"""From a confirmed attempt to the message that leaves: letters are rendered and signed before the claim, outside any transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from channels.contract import Message
from channels.lines import LineName, Lines, hindrance
from orchestrator import composing, logs, wording
from orchestrator.evidence.seals import Seal, SealError
from orchestrator.evidence.timestamps import StampRefused
from orchestrator.runtime import Runtime
from orchestrator.stamping import Stamping
from orchestrator.store import Rows, announcements, answers, approvals, casefiles, log, reading, templates, terms, writing
from orchestrator.store.answers import CONFIRMS_A_STOP
from orchestrator.store.approvals import Proposal, SeenLetter
from orchestrator.store.casefiles import CaseKey
from orchestrator.store.checkpoints import UNSTAMPED_LETTER
from orchestrator.store.composed import Draft
from orchestrator.store.log import Entry
from orchestrator.store.reading import AskedCase
from orchestrator.store.terms import Intended, Terms
from orchestrator.store.writing import Answered, Claimed
from orchestrator.wording import Letter, Notice, WordingError
from orchestrator.wordings.approved import Approved
from policies.actions import AskApproval
from policies.localtime import midnight
from policies.rules import Rules
from policies.sequences import Step
from policies.windows import Place, closes_at

LAST_MINUTES = timedelta(minutes=10)
"""Of a window, left unused by a line that lets nothing expire: what waits at its provider would arrive when it is closed (policy, ours)."""
AT_ONCE = timedelta(minutes=5)
"""How long an answer given outside the window may take."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A claimed attempt that may still go out; without a case it is a campaign message. `promised`: what a recap says was promised."""

    attempt: Claimed
    asked: AskedCase | None
    rules: Rules
    promised: tuple[date, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A signed letter, or why there is none; the notice it was made of and the contact it was to be: it is good for exactly those.

    `unstamped`: why a letter that should bear an authority's time bears none.
    """

    notice: Notice
    ordinal: int
    letter: Letter | WordingError
    unstamped: str = ""


def render_letters(attempt_ids: Sequence[int], runtime: Runtime) -> Mapping[int, Rendered]:
    """The letters of these planned attempts."""
    with runtime.store.begin() as rows:
        now = runtime.now()
        planned = writing.planned_with_document(rows, attempt_ids)
        known_terms = terms.read_terms(rows, sorted(planned.values()), runtime.store.vault)
        cases = reading.read(rows, sorted(planned), now, runtime.known, without=sorted(planned.values()))
    letters, stamping = {}, Stamping(runtime.authorities, runtime.wall)
    for asked in cases:
        rules, its_terms = runtime.rules(asked), known_terms[planned[asked.id]]
        step = step_of(rules, its_terms.step, its_terms.channel)
        if step.approval:
            continue
        notice = composing.notice_of(its_terms, asked, step, rules, now)
        rendered = _rendered(its_terms, step, notice, runtime.seal, stamping, now)
        if rendered is not None:
            letters[its_terms.attempt_id] = rendered
    return letters


def render_proposals(grave: Sequence[Answered], runtime: Runtime) -> Mapping[int, Rendered]:
    """By case, the letters that these answers want a person to approve: signed, for what was approved is what is sent."""
    with runtime.store.begin() as rows:
        now = runtime.now()
        known_terms = terms.read_terms_ahead(rows, _grave_steps(grave), runtime.store.vault)
    letters, stamping = {}, Stamping(runtime.authorities, runtime.wall)
    for each in grave:
        its_terms, step = known_terms[each.asked.id], _grave_step(each)
        notice = composing.notice_of(its_terms, each.asked, step, each.rules, now)
        rendered = _rendered(its_terms, step, notice, runtime.seal, stamping, now)
        if rendered is not None:
            letters[each.asked.id] = rendered
    return letters


def propose(rows: Rows, grave: Sequence[Answered], letters: Mapping[int, Rendered], runtime: Runtime, now: datetime) -> list[Proposal]:
    """What these answers put before a person.

    A case whose facts changed while its letter was rendered is left out, to be asked again; one whose words lack something is parked.
    """
    known_terms = terms.read_terms_ahead(rows, _grave_steps(grave), runtime.store.vault)
    recipients = approvals.recipients(rows, {each.asked.id: _letter_goes_to(each.asked) for each in grave})
    proposals: list[Proposal] = []
    unstamped: list[Entry] = []
    for each in grave:
        its_terms, step, asked = known_terms[each.asked.id], _grave_step(each), each.asked
        notice = composing.notice_of(its_terms, asked, step, each.rules, now)
        charges = composing.demanded(its_terms, asked, step, now)
        try:
            letter = _letter_of(its_terms, step, notice, letters.get(asked.id))
            proposals.append(composing.propose(its_terms, asked, step, notice, letter, charges, recipients[asked.id]))
            unstamped += _unstamped(letters.get(asked.id), asked.id, None, step.name)
        except _Stale:
            continue
        except WordingError as lacks:
            writing.park(rows, asked.id, f"{step.name}: {lacks}")
    log.append(rows, unstamped, now, runtime.wall())
    return proposals


def _unstamped(rendered: Rendered | None, case_id: int, attempt_id: int | None, step: str) -> list[Entry]:
    if rendered is None or not rendered.unstamped:
        return []
    return [Entry(UNSTAMPED_LETTER, {"step": step, "why": rendered.unstamped}, case_id=case_id, attempt_id=attempt_id)]


def _grave_step(answered: Answered) -> Step:
    assert isinstance(answered.answer.action, AskApproval)
    return answered.rules.sequence.named(answered.answer.action.step)


def _grave_steps(grave: Sequence[Answered]) -> dict[int, Intended]:
    """By case, the step and the channel whose terms are read; a suit, which contacts nobody, has those of a letter."""
    return {each.asked.id: Intended(_grave_step(each).name, "letter", _letter_goes_to(each.asked)) for each in grave}


def _letter_goes_to(asked: AskedCase) -> int | None:
    point = asked.point_for("letter")
    return point.id if point else None


def _rendered(its_terms: Terms, step: Step, notice: Notice, seal: Seal | None, stamping: Stamping, now: datetime) -> Rendered | None:
    try:
        letter = composing.render_document(step, notice, its_terms.ordinal)
        if letter is None:
            return None
        signed, unstamped = _signed(letter, seal, stamping, now) if seal is not None else (letter, "")
        wording.proofread(signed, notice)
    except WordingError as lacks:
        return Rendered(notice, its_terms.ordinal, lacks)
    except SealError as unsealed:
        return Rendered(notice, its_terms.ordinal, WordingError(str(unsealed)))
    return Rendered(notice, its_terms.ordinal, signed, unstamped)


def _signed(letter: Letter, seal: Seal, stamping: Stamping, now: datetime) -> tuple[Letter, str]:
    """The letter under the company's seal, and why it lacks the stamp it should bear. The log's checkpoint gives such a one its time."""
    if not wording.wording(letter.wording).stamped:
        return replace(letter, pdf=seal.sign(letter.pdf, now)), ""
    try:
        return replace(letter, pdf=seal.sign(letter.pdf, now, stamping.token)), ""
    except StampRefused as refused:
        logs.logger.warning("no timestamp on a letter", wording=letter.wording, why=str(refused))
        return replace(letter, pdf=seal.sign(letter.pdf, now)), str(refused)


class _Stale(Exception):
    """The letter was made of other facts than those of now."""


def _letter_of(its_terms: Terms, step: Step, notice: Notice, rendered: Rendered | None) -> Letter | None:
    """The letter of a step that has one, if it was made of this very notice. Raises _Stale, or the WordingError that kept it unrendered."""
    if composing.document_wording(step) is None:
        return None
    if rendered is None or (rendered.notice, rendered.ordinal) != (notice, its_terms.ordinal):
        raise _Stale
    if isinstance(rendered.letter, WordingError):
        raise rendered.letter
    return rendered.letter


def step_of(rules: Rules, name: str, channel: str) -> Step:
    """The step an attempt carries out; the demand out of turn goes by channels of its own."""
    demand = rules.sequence.demand
    return demand if name == demand.name and channel in demand.channels else rules.sequence.named(name)


def compose(rows: Rows, confirmed: Sequence[Confirmed], letters: Mapping[int, Rendered], runtime: Runtime, now: datetime) -> list[Draft]:
    """The messages of these attempts.

    One whose facts changed while its letter was rendered is cancelled and asked about again; one whose words lack something, or may not
    be said, parks its case with the reason, and holds up no other; where it has no case, a person is asked to mend the community's words.
    What might arrive after its window is planned again for when that has closed, and judged then.
    """
    known_terms = terms.read_terms(rows, [each.attempt.id for each in confirmed], runtime.store.vault)
    approved = approvals.approved_letters(rows, [each.asked.id for each in confirmed if each.asked is not None], now)
    without_case = [each.attempt.id for each in confirmed if each.asked is None]
    dunned, promised = terms.charges_of_campaign_messages(rows, without_case), answers.promised(rows, without_case)
    ways = Ways(runtime.lines, templates.in_force(rows))
    drafts: list[Draft] = []
    unstamped: list[Entry] = []
    off: dict[int, str] = {}
    later: dict[int, datetime] = {}
    asked_anew: list[int] = []
    for each in confirmed:
        its_terms = known_terms[each.attempt.id]
        try:
            way_out = _way_out(its_terms, each.rules, runtime)
            if its_terms.purpose == "answer":
                draft = _answer_draft(its_terms, each, promised.get(each.attempt.id), way_out, now)
            elif each.asked is None:
                draft = _campaign_draft(its_terms, each, dunned.get(each.attempt.id, []), ways, way_out, now)
            elif its_terms.purpose == composing.RECAP.wording:
                draft = _recap_draft(its_terms, each, each.asked, ways, way_out, now)
            else:
                seen = approved.get((each.asked.id, its_terms.step))
                draft = _case_draft(its_terms, each, each.asked, letters.get(each.attempt.id), seen, ways, way_out, now)
            _check_carried(draft.message, runtime.lines)
            if its_terms.purpose != "answer" and _may_come_late(draft.message, runtime.lines, now):
                later[each.attempt.id] = draft.message.valid_until
                continue
            drafts.append(draft)
            if each.asked is not None:
                unstamped += _unstamped(letters.get(each.attempt.id), each.asked.id, each.attempt.id, its_terms.step)
        except _Stale:
            off[each.attempt.id] = "facts_changed"
            asked_anew += [each.asked.id] if each.asked else []
        except WordingError as lacks:
            off[each.attempt.id] = "wording"
            if each.asked is not None and its_terms.purpose != composing.RECAP.wording:
                writing.park(rows, each.asked.id, f"{its_terms.step}: {lacks}")
            else:
                casefiles.add_task(rows, CaseKey(None, each.attempt.community_id, each.attempt.debtor_id), "check", "wording", now)
    writing.drop(rows, off, now)
    writing.touch(rows, asked_anew, now)
    announcements.postpone(rows, later)
    log.append(rows, unstamped, now, runtime.wall())
    return drafts


@dataclass(frozen=True, slots=True)
class Ways:
    """The lines, and what providers approved beforehand where a line takes nothing else."""

    lines: Lines
    templates: Mapping[templates.Key, Approved]

    def template(self, its_terms: Terms, name: str) -> Approved | None:
        """The template that the first line to a number would send for this wording; None where it takes free text, or none is approved."""
        for line in self.lines.serving(its_terms.channel, its_terms.point_country):
            if not line.capabilities(its_terms.point_country).template_only:
                return None
            if made := self.templates.get((line.provider, name, "zh" if its_terms.language == "zh" else "en")):
                return made
        return None


def _check_carried(message: Message, lines: Lines) -> None:
    """Raises WordingError where lines serve the country and none of them can carry these words: what each lacks, for the operator."""
    serving = lines.serving(message.channel, message.country)
    if serving and not lines.carrying(message):
        lacks = "; ".join(f"{LineName.of(line)} {hindrance(line, message)}" for line in serving)
        raise WordingError(f"nothing carries it to {message.country}: {lacks}")


def _may_come_late(message: Message, lines: Lines, now: datetime) -> bool:
    lasts = any(not line.capabilities(message.country).expires for line in lines.carrying(message))
    return lasts and now > message.valid_until - LAST_MINUTES


def _way_out(its_terms: Terms, rules: Rules, runtime: Runtime) -> str:
    """What a text says of opting out: where the pack wants it said, and to whom asks for help. Who just opted out is not told how.

    Raises WordingError where there is no way to name.
    """
    if its_terms.channel != "sms" or its_terms.step in CONFIRMS_A_STOP or not (rules.pack.opt_out_line or its_terms.step == "answer-help"):
        return ""
    hears = runtime.lines.hears("sms", its_terms.point_country)
    return wording.way_out("zh" if its_terms.language == "zh" else "en", its_terms.creditor_phone, hears=hears)


def _case_draft(
    its_terms: Terms,
    confirmed: Confirmed,
    asked: AskedCase,
    rendered: Rendered | None,
    seen: SeenLetter | None,
    ways: Ways,
    way_out: str,
    now: datetime,
) -> Draft:
    rules, valid_until = confirmed.rules, _valid_until(confirmed, asked, now)
    step = step_of(rules, its_terms.step, its_terms.channel)
    demand = step.name == rules.sequence.demand.name
    if step.approval and its_terms.channel == "letter":
        if seen is None:
            raise WordingError("the letter that was approved is not there, or not the one that was seen: have the step approved again")
        return composing.as_approved(its_terms, step, seen, valid_until, demand=demand)
    notice = composing.notice_of(its_terms, asked, step, rules, now)
    return composing.compose(
        its_terms,
        step,
        notice,
        _letter_of(its_terms, step, notice, rendered),
        [int(charge.id) for charge in composing.demanded(its_terms, asked, step, now)],
        valid_until,
        demand=demand,
        way_out=way_out,
        made=ways.template(its_terms, step.wording),
    )


def _answer_draft(its_terms: Terms, confirmed: Confirmed, promised_on: date | None, way_out: str, now: datetime) -> Draft:
    """An answer out of hours is for now or never: it must not wait in a carrier's queue."""
    notice = composing.answer_notice(its_terms, promised_on, now)
    until = closes_at(confirmed.rules, "sms", Place(its_terms.timezone), now) or now + AT_ONCE
    step = Step(its_terms.step, ("sms",), its_terms.step, gap_days=0, floor_days=0)
    return composing.compose(its_terms, step, notice, None, [], until, demand=False, way_out=way_out)


def _recap_draft(its_terms: Terms, confirmed: Confirmed, asked: AskedCase, ways: Ways, way_out: str, now: datetime) -> Draft:
    notice = composing.recap_notice(its_terms, asked, confirmed.rules, confirmed.promised, now)
    charge_ids = [int(charge.id) for charge in composing.demanded(its_terms, asked, composing.RECAP, now)]
    until, made = _valid_until(confirmed, asked, now), ways.template(its_terms, composing.RECAP.wording)
    return composing.compose(its_terms, composing.RECAP, notice, None, charge_ids, until, demand=False, way_out=way_out, made=made)


def _campaign_draft(
    its_terms: Terms, confirmed: Confirmed, charges: Sequence[terms.Dunned], ways: Ways, way_out: str, now: datetime
) -> Draft:
    notice = composing.campaign_notice(its_terms, charges, now)
    place = Place(its_terms.timezone)
    closes = closes_at(confirmed.rules, "sms", place, now) or now
    step = composing.CAMPAIGN_MESSAGES[its_terms.purpose]
    made = ways.template(its_terms, step.wording)
    charge_ids = [each.charge_id for each in charges]
    return composing.compose(its_terms, step, notice, None, charge_ids, closes, demand=False, way_out=way_out, made=made)


def _valid_until(confirmed: Confirmed, asked: AskedCase, now: datetime) -> datetime:
    """The end of the window that is open now: what is still in a carrier's queue then must not reach anybody."""
    place = Place(asked.facts.timezone, asked.facts.unit_use, frozenset(each.day for each in asked.facts.site_days))
    channel = confirmed.attempt.channel
    closes = closes_at(confirmed.rules, channel, place, now)
    return closes or midnight(now.date(), asked.facts.timezone)
