"""community set, community show: the terms without which no demand is lawful."""

from typing import Annotated

import typer

from orchestrator import packs, service_desk, wording
from orchestrator.commands import shared
from orchestrator.deciding import day as read_day
from orchestrator.deciding import money, zone_name
from orchestrator.store import communities, site_days
from policies.arrival import hours_of
from policies.post_days import minute_of

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Communities (小区): creditor, contract, payment terms, pack, zone, opt-ins."
)
site_day = typer.Typer(
    no_args_is_help=True, add_completion=False, help="A community's own days of silence (静默日): nobody of it is contacted on them."
)
app.add_typer(site_day, name="site-day")
_DAYS = ("contract_signed_on", "contract_from", "contract_until")
Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]
Name = Annotated[str, typer.Argument(help="name of the community")]
Day = Annotated[str, typer.Argument(metavar="DATE", help="such as 2026-12-05")]
Reason = Annotated[str, typer.Option(help="why; kept for good")]
By = Annotated[str, typer.Option("--as", help="who does it: a user's name")]


@app.command("set")
def set_terms(
    name: Annotated[str, typer.Argument(help="name of the community, as the billing system writes it")],
    creditor: Annotated[str | None, typer.Option(help="the company that bills; needed for a new community")] = None,
    creditor_payee: Annotated[str | None, typer.Option("--payee", help="holder of the bank account")] = None,
    creditor_payee_account: Annotated[str | None, typer.Option("--payee-account", help="bank and account number")] = None,
    creditor_phone: Annotated[str | None, typer.Option("--phone")] = None,
    creditor_address: Annotated[str | None, typer.Option("--creditor-address")] = None,
    creditor_signatory: Annotated[str | None, typer.Option("--signatory", help="who signs letters")] = None,
    address: Annotated[str | None, typer.Option(help="where letters go: printed before the unit")] = None,
    pack: Annotated[str | None, typer.Option(help="rule pack, such as cn-property")] = None,
    sequence: Annotated[str | None, typer.Option(help="default escalation sequence")] = None,
    timezone: Annotated[str | None, typer.Option(help="IANA zone")] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166 alpha-2")] = None,
    language: Annotated[str | None, typer.Option(help="zh or en")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217")] = None,
    billing_day: Annotated[int | None, typer.Option(min=1, max=31, help="day of the month on which charges fall due")] = None,
    billing_months: Annotated[int | None, typer.Option(min=1, max=12, help="months per billing period")] = None,
    late_rate: Annotated[str | None, typer.Option(help="late charge a day as a share: 0.0005 is 0.5‰")] = None,
    contract_clause: Annotated[str | None, typer.Option(help="such as 《前期物业服务合同》第十八条")] = None,
    how_to_pay: Annotated[str | None, typer.Option(help="as printed")] = None,
    how_to_object: Annotated[str | None, typer.Option(help="as printed")] = None,
    deemed_service_clause: Annotated[bool | None, typer.Option(help="the contract has a designated-address clause")] = None,
    notice_hours: Annotated[
        str | None, typer.Option(help="the contract's hours for messages, such as 09:00-18:00: outside them they count from the next 09:00")
    ] = None,
    envelope: Annotated[
        str | None, typer.Option(help="envelope of its letters: gb-dl, gb-c5, dl, or its window in mm as left,top,width,height")
    ] = None,
    payment_code: Annotated[
        str | None, typer.Option(help="what the QR code on letters holds, such as https://…?account={account}&ref={reference}")
    ] = None,
    plan_months: Annotated[int | None, typer.Option(min=1, max=12, help="monthly instalments an offer names")] = None,
    voice_opt_in: Annotated[bool | None, typer.Option(help="automated courtesy calls are wanted")] = None,
    service_number: Annotated[str | None, typer.Option(help="where an automated call is put through to staff: +8657180000000")] = None,
    service_hours: Annotated[str | None, typer.Option(help="when they take calls, every day: 09:00-18:00")] = None,
    automatic: Annotated[bool | None, typer.Option(help="approve the monthly proposal without a person")] = None,
    minimum: Annotated[str | None, typer.Option(help="least arrears for a case")] = None,
    suit_minimum: Annotated[str | None, typer.Option(help="least arrears for a suit")] = None,
    post_cut_off: Annotated[str | None, typer.Option(help="when a working day's letters are closed for posting, such as 16:00")] = None,
    creditor_credit_code: Annotated[str | None, typer.Option("--credit-code", help="统一社会信用代码")] = None,
    creditor_legal_representative: Annotated[str | None, typer.Option("--legal-representative")] = None,
    creditor_legal_title: Annotated[str | None, typer.Option("--legal-title", help="office of the legal representative")] = None,
    creditor_agent: Annotated[str | None, typer.Option("--agent", help="who conducts suits: name, firm, telephone, as printed")] = None,
    creditor_service_address: Annotated[str | None, typer.Option("--service-address", help="where a court serves the company")] = None,
    creditor_electronic_service: Annotated[
        str | None, typer.Option("--electronic-service", help="how it agrees to be served electronically, as printed")
    ] = None,
    contract_title: Annotated[str | None, typer.Option(help="of the property-service contract, such as 前期物业服务合同")] = None,
    contract_number: Annotated[str | None, typer.Option()] = None,
    contract_signed_on: Annotated[str | None, typer.Option(metavar="DATE")] = None,
    contract_signed_with: Annotated[str | None, typer.Option(help="the developer, or the owners' committee")] = None,
    contract_from: Annotated[str | None, typer.Option(metavar="DATE", help="first day of the agreed term")] = None,
    contract_until: Annotated[str | None, typer.Option(metavar="DATE", help="last day of the agreed term")] = None,
    contract_filing: Annotated[str | None, typer.Option(help="number under which the authority has it on file")] = None,
    fee_standard: Annotated[str | None, typer.Option(help="as agreed, such as 住宅2.40元/月·平方米")] = None,
    payment_terms: Annotated[str | None, typer.Option(help="when and how fees are paid, as agreed")] = None,
    jurisdiction_clause: Annotated[str | None, typer.Option(help="on courts or arbitration; 无 where there is none")] = None,
    court: Annotated[str | None, typer.Option(help="where suits are filed")] = None,
    by: Annotated[str, typer.Option("--as", help="who does it: a user's name")] = "operator",
    as_json: Json = False,
) -> None:
    """Create a community, or change what is named of its terms; what is not named stays."""
    terms = {term: value for term, value in locals().items() if value is not None and term not in ("name", "creditor", "by", "as_json")}
    terms |= {term: money(terms[term], f"--{term.replace('_', '-')}") for term in ("late_rate", "minimum", "suit_minimum") if term in terms}
    terms |= {term: read_day(terms[term], f"--{term.replace('_', '-')}") for term in _DAYS if term in terms}
    if timezone is not None:
        zone_name(timezone, "--timezone")
    if notice_hours:
        hours_of(notice_hours)
    service_desk.check(service_hours, service_number)
    if post_cut_off is not None:
        minute_of(post_cut_off)
    if envelope is not None:
        wording.envelope(envelope)
    if payment_code is not None:
        wording.check_payment_code(payment_code)
    if pack is not None:
        packs.load().pack(pack)
    if sequence is not None:
        packs.load().sequence(sequence)
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        if creditor is not None:
            communities.create(rows, name, creditor)
        elif communities.read(rows, name) is None:
            raise LookupError(f"no community is called {name}; name its --creditor to create it")
        communities.set_terms(rows, name, terms, by, runtime.now(), runtime.wall())
        _show(dict(communities.read(rows, name) or {}), as_json)


@app.command("show")
def show_terms(name: str, as_json: Json = False) -> None:
    """The terms of a community, and what a lawful demand still lacks."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        terms = communities.read(rows, name)
        if terms is None:
            raise LookupError(f"no community is called {name}: there are {', '.join(communities.names(rows)) or 'none'}")
        _show(dict(terms), as_json)


@site_day.command("add")
def add_site_day(name: Name, on: Day, reason: Reason, by: By, as_json: Json = False) -> None:
    """Leave a community in peace on a day; what is planned for it is planned anew."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        day, why, author = read_day(on, "DATE"), shared.said("--reason", reason), shared.said("--as", by)
        site_days.add(rows, name, day, why, author, runtime.now(), runtime.wall())
    shared.show({"community": name, "day": day, "reason": why, "author": author}, as_json)


@site_day.command("list")
def list_site_days(name: Name, as_json: Json = False) -> None:
    """The days of silence of a community: which, why, and who chose them."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        for day in site_days.listed(rows, name):
            shared.show(dict(day), as_json)


@site_day.command("remove")
def remove_site_day(name: Name, on: Day, reason: Reason, by: By, as_json: Json = False) -> None:
    """Take a day of silence back, with the reason."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        day, why, author = read_day(on, "DATE"), shared.said("--reason", reason), shared.said("--as", by)
        site_days.lift(rows, name, day, why, author, runtime.now(), runtime.wall())
    shared.show({"community": name, "day": day, "removed": True, "reason": why}, as_json)


def _show(terms: dict[str, object], as_json: bool) -> None:
    terms.pop("id", None)
    terms.pop("creditor_id", None)
    shared.show({**terms, "lacking": communities.lacking(terms), "lacking_for_filing": communities.lacking_for_filing(terms)}, as_json)
