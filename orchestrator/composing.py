"""Facts and terms -> the exact words: what one attempt says, to whom, until when. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from channels.contract import Message
from orchestrator import wording
from orchestrator.store import addresses, proofs, reading
from orchestrator.store.approvals import Proposal, SeenLetter
from orchestrator.store.composed import Draft
from orchestrator.store.reading import AskedCase, at_stake, principal_of
from orchestrator.store.terms import Dunned, Terms
from orchestrator.wording import Creditor, Instalment, Letter, Line, Notice, payment_payload
from orchestrator.wordings import approved
from orchestrator.wordings.approved import Approved
from orchestrator.wordings.phrases import names
from policies.approvals import Snapshot
from policies.facts import Charge
from policies.limitation import add_months, days_left, expiry
from policies.localtime import local_day
from policies.money import instalments
from policies.rules import Rules
from policies.sequences import Step

BILL_NOTICE = Step("bill-notice", ("sms",), "bill-notice", gap_days=0, floor_days=0)
THANK_YOU = Step("thank-you", ("sms",), "thank-you", gap_days=0, floor_days=0)
PROMISE_REMINDER = Step("promise-reminder", ("sms",), "promise-reminder", gap_days=0, floor_days=0)
RECAP = Step("recap", ("sms",), "recap", gap_days=0, floor_days=0)
CAMPAIGN_MESSAGES = {"bill_notice": BILL_NOTICE, "thank_you": THANK_YOU, "promise_reminder": PROMISE_REMINDER}
HANDED_OVER = {"visit": "visit-notice"}
"""The letter that a step which is no letter brings along."""


def demanded(terms: Terms, asked: AskedCase, step: Step, now: datetime) -> list[Charge]:
    """The charges that a step's notice names, in its order: all that may be demanded; at a grave step no more than the claim set."""
    if step.approval:
        return at_stake(asked.facts.charges, asked.facts.claim_set or (), terms.timezone, now)
    return reading.demanded(asked.facts.charges, terms.timezone, now)


def notice_of(terms: Terms, asked: AskedCase, step: Step, rules: Rules, now: datetime) -> Notice:
    """The notice of a case: every unit, item and period that this step demands."""
    today = local_day(now, terms.timezone)
    lines = tuple(_line(terms, charge, today) for charge in demanded(terms, asked, step, now))
    days = rules.sequence.reasonable_days or rules.pack.reasonable_days
    notice = _notice(terms, "demand", lines, today, pay_by=today + timedelta(days=days + rules.pack.posting_days))
    return replace(notice, instalments=_instalments(notice, terms.plan_months)) if step.purpose == "offer" else notice


def _instalments(notice: Notice, months: int) -> tuple[Instalment, ...]:
    """All that is demanded, in equal monthly parts from the pay-by day on; none where the community offers none."""
    due = notice.unpaid + notice.late_charge
    if months == 1 or not due or notice.pay_by is None:
        return ()
    return tuple(Instalment(add_months(notice.pay_by, month), part) for month, part in enumerate(instalments(due, months)))


def recap_notice(terms: Terms, asked: AskedCase, rules: Rules, promised: tuple[date, Decimal] | None, now: datetime) -> Notice:
    """What a call was about, and what was promised in it."""
    on, amount = promised or (None, None)
    return replace(notice_of(terms, asked, RECAP, rules, now), promised_on=on, promised_amount=amount)


def _line(terms: Terms, charge: Charge, today: date) -> Line:
    late = proofs.late_charge(charge, terms.late_rate, terms.payments.get(int(charge.id), ()), terms.timezone, today)
    return Line(
        unit=charge.unit,
        item=charge.item,
        period=charge.period,
        due_on=charge.due_on,
        amount=charge.amount,
        paid=charge.paid,
        late_charge=late.late_charge,
        late_lines=late.agreed,
        time_barred=days_left(expiry(charge, terms.timezone).court_safe, today) < 0,
    )


def campaign_notice(terms: Terms, charges: Sequence[Dunned], now: datetime) -> Notice:
    """A bill notice before the due date, thanks for a payment, or a word on the day before a promised one: no demand."""
    today = local_day(now, terms.timezone)
    lines = tuple(Line(each.unit, each.item, each.period, each.due_on, each.amount, min(each.paid, each.amount)) for each in charges)
    if terms.purpose == "thank_you":
        return _notice(terms, "thank_you", lines, today, received=sum((line.paid for line in lines), Decimal("0.00")))
    if terms.purpose == "promise_reminder":
        return _notice(terms, "promise_reminder", lines, today, pay_by=today + timedelta(days=1))
    return _notice(terms, "bill_notice", lines, today)


def answer_notice(terms: Terms, promised_on: date | None, now: datetime) -> Notice:
    """An answer to what a debtor wrote: it names no debt. `promised_on` is the day it confirms, if it confirms one."""
    notice = _notice(terms, "help" if terms.step == "answer-help" else "answer", (), local_day(now, terms.timezone))
    return replace(notice, promised_on=promised_on)


def document_wording(step: Step) -> str | None:
    """The letter a step sends, or hands over at the door; None where it only speaks or writes text."""
    return step.wording if "letter" in step.channels else HANDED_OVER.get(step.name)


def render_document(step: Step, notice: Notice, ordinal: int) -> Letter | None:
    """The letter of a step, as contact number `ordinal`. Slow: never inside a transaction. Raises WordingError."""
    name = document_wording(step)
    return wording.render_letter(name, notice, ordinal) if name else None


def compose(
    terms: Terms,
    step: Step,
    notice: Notice,
    letter: Letter | None,
    charge_ids: Sequence[int],
    valid_until: datetime,
    *,
    demand: bool,
    way_out: str = "",
    made: Approved | None = None,
) -> Draft:
    """The message of one attempt. `charge_ids` stand in the order of the notice's lines; `way_out` is what a text says of opting out;
    `made` is the template it goes out by, if it does: its body is that template filled.

    Everything that a person will read or hear of it is read once more, whatever the channel: names, free texts and data could have brought
    in what a wording may never say. Raises WordingError where something lacks or may not be said.
    """
    notice = replace(notice, opt_out=way_out)
    body, version = _body(terms, step, notice, letter)
    template = None
    if made is not None:
        body, template = approved.filled(made, notice, terms.channel)
    if letter is not None:
        wording.check(letter.text, letter.wording, notice, terms.ordinal)
    if terms.channel != "letter":
        wording.check(body, version, notice, terms.ordinal)
    message = Message(
        attempt_id=terms.attempt_id,
        channel=terms.channel,
        to=_recipient(terms),
        country=terms.point_country,
        body=body,
        language=notice.language,
        valid_until=valid_until,
        registered=step.registered,
        document=letter.pdf if letter else None,
        summary=_content_description(notice),
        template=template,
    )
    return Draft(
        message=message,
        case_id=terms.case_id,
        wording=version,
        pay_by=notice.pay_by,
        named=_named(charge_ids, notice),
        freezes_claim_set=demand,
    )


def propose(
    terms: Terms,
    asked: AskedCase,
    step: Step,
    notice: Notice,
    letter: Letter | None,
    charges: Sequence[Charge],
    recipients: tuple[str, ...],
) -> Proposal:
    """A grave step as it is put before a person: what their answer is bound to, and the very letter it would send. Raises WordingError."""
    seen = None
    if letter is not None:
        wording.check(letter.text, letter.wording, notice, terms.ordinal)
        named = _named([int(charge.id) for charge in charges], notice)
        seen = SeenLetter(letter.pdf, letter.wording, notice.language, _content_description(notice), notice.pay_by, named)
    snapshot = Snapshot(
        principal=principal_of(charges),
        claim_set=frozenset(asked.facts.claim_set or ()),
        recipients=recipients,
        wording=seen.wording if seen else wording.newest(step.wording),
        pack=str(asked.pack),
        sequence=str(asked.sequence),
        document=seen.digest if seen else "",
        late_charge=notice.late_charge,
        as_of=notice.as_of,
    )
    return Proposal(asked.id, step.name, snapshot, seen)


def as_approved(terms: Terms, step: Step, seen: SeenLetter, valid_until: datetime, *, demand: bool) -> Draft:
    """The message of an attempt whose letter a person said yes to: those bytes, and what they name."""
    message = Message(
        attempt_id=terms.attempt_id,
        channel="letter",
        to=address_of(terms),
        country=terms.point_country,
        body=seen.summary,
        language=seen.language,
        valid_until=valid_until,
        registered=step.registered,
        document=seen.document,
        summary=seen.summary,
    )
    return Draft(message, terms.case_id, seen.wording, seen.pay_by, seen.named, freezes_claim_set=demand)


def _body(terms: Terms, step: Step, notice: Notice, letter: Letter | None) -> tuple[str, str]:
    match terms.channel:
        case "sms":
            text = wording.render_text(step.wording, notice)
            return text.text, text.wording
        case "voice":
            spoken = wording.render_voice(step.wording, notice)
            return spoken.text, spoken.wording
        case "call" | "visit":
            card = wording.render_card(step.wording if terms.channel == "call" else "visit", notice, ordinal=terms.ordinal)
            return card.text, card.wording
        case _:
            assert letter is not None
            return _content_description(notice), letter.wording


def _named(charge_ids: Sequence[int], notice: Notice) -> tuple[tuple[int, Decimal, Decimal], ...]:
    """(charge, unpaid, late charge) as the notice says them."""
    return tuple((charge_id, line.unpaid, line.late_charge) for charge_id, line in zip(charge_ids, notice.lines, strict=True))


def _recipient(terms: Terms) -> str:
    return address_of(terms) if terms.channel in ("letter", "visit") else terms.to


def address_of(terms: Terms) -> str:
    """Where a letter to these debtors goes: the address it was planned for. Who is visited is visited at home."""
    if terms.channel == "letter" and terms.to:
        return terms.to
    return addresses.home_text(terms.community_address, terms.homes, terms.language)


def _content_description(notice: Notice) -> str:
    """What is written on the waybill and the task: units, items, periods and amount; no name. Empty where no charge is named."""
    if not notice.lines:
        return ""
    units = "、".join(dict.fromkeys(line.unit for line in notice.lines))
    items = "、".join(dict.fromkeys(line.item for line in notice.lines))
    periods = [line.period for line in notice.lines]
    span = periods[0] if len(periods) == 1 else f"{periods[0]}至{periods[-1]}"
    return f"{units} {items} {span} {notice.unpaid}元"


def _notice(
    terms: Terms,
    purpose: wording.Purpose,
    lines: tuple[Line, ...],
    today: date,
    *,
    pay_by: date | None = None,
    received: Decimal | None = None,
) -> Notice:
    zh = terms.language == "zh"
    reference = f"XL{terms.attempt_id:08d}" if terms.attempt_id else f"XLC{terms.case_id:08d}"
    rate = f"{terms.late_rate * 1000:.3f}".rstrip("0").rstrip(".")
    late_terms = (
        (f"自逾期次日起按日{rate}‰计算" if zh else f"{rate} per mille a day, simple, from the day after the due date")
        if terms.late_rate
        else ""
    )
    return Notice(
        purpose=purpose,
        language="zh" if zh else "en",
        reference=reference,
        creditor=Creditor(terms.creditor, terms.creditor_phone, terms.creditor_address, terms.payee_account),
        community=terms.community,
        debtors=terms.debtors,
        address=address_of(terms),
        lines=lines,
        dated=today,
        as_of=today,
        pay_by=pay_by,
        how_to_pay=terms.how_to_pay,
        contract_clause=terms.contract_clause,
        how_to_object=terms.how_to_object,
        signatory=terms.signatory or terms.creditor,
        currency=terms.currency,
        company=terms.is_company,
        law="cn" if terms.country == "CN" else terms.country.lower(),
        late_charge_terms=late_terms,
        qr_payload=payment_payload(terms.payment_code, terms.payee_account, names(terms.units, "zh" if zh else "en"), reference),
        envelope=terms.envelope,
        received=received,
    )
