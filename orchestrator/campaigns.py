"""A billing cycle's campaign: proposed by the program, approved by a person, and the messages around it that are no demands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256

from orchestrator import costing, forecasting, pinning, templating
from orchestrator.evidence.leaves import canonical
from orchestrator.preparing import Confirmed
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, alarms, announcements, campaigns, log, writing
from orchestrator.store.campaigns import Home, Summary
from orchestrator.store.log import Entry
from orchestrator.store.writing import Claimed
from policies.localtime import local_day
from policies.windows import Place, next_opening

BY_ITSELF = "xianli"
"""Who proposed what a schedule proposed."""


FORECAST_DAYS = 30


class Refused(ValueError):
    """A campaign cannot be proposed or approved: the message says why and how to mend it."""


def propose(runtime: Runtime, community: str, cycle: str, by: str) -> Summary:
    """Who would enter which sequence, and who is left out and why. Proposing an open proposal again computes it anew. Raises Refused."""
    with runtime.store.begin() as rows:
        now = runtime.now()
        home = _home(rows, community)
        _check_payment_data(rows, home, runtime, now)
        campaign_id = campaigns.propose(rows, home, cycle, local_day(now, home.timezone), by, now)
        if campaign_id is None:
            raise Refused(f"the campaign of {community} for {cycle} was approved before; later charges join its open cases by themselves")
        ahead = forecasting.of_proposal(rows, runtime, home, campaign_id, now)
    lived = ahead.lived(forecasting.as_worked(runtime), FORECAST_DAYS, campaign_id)
    spent = costing.spending(ahead, lived, runtime, now)
    with runtime.store.begin() as rows:
        kept = forecasting.as_kept(lived, ahead.means, FORECAST_DAYS, campaign_id)
        campaigns.keep_forecast(rows, campaign_id, kept | {"spending": [each.as_json() for each in spent]})
        return replace(_summary(rows, campaign_id), lacking=_lacking(rows, runtime, home, campaign_id))


def lacking(runtime: Runtime, campaign_id: int) -> tuple[str, ...]:
    """What keeps a proposal from being approved: wordings without a template that a provider approved. Raises Refused."""
    with runtime.store.begin() as rows:
        proposed = _summary(rows, campaign_id)
        return _lacking(rows, runtime, _home(rows, proposed.community), campaign_id)


def approve(runtime: Runtime, campaign_id: int, by: str) -> Summary:
    """Freeze the list of a proposal by its digest and open its cases. Raises Refused."""
    with runtime.store.begin() as rows:
        now = runtime.now()
        proposed = _summary(rows, campaign_id)
        home = _home(rows, proposed.community)
        _check_payment_data(rows, home, runtime, now)
        if lacking := _lacking(rows, runtime, home, campaign_id):
            raise Refused(f"campaign {campaign_id} cannot be carried out: {'; '.join(lacking)}")
        digest = sha256(canonical({"debtors": campaigns.frozen_list(rows, campaign_id)})).digest()
        versions = pinning.pin(rows, runtime, home.pack, campaigns.sequences_of(rows, campaign_id), now)
        opened = campaigns.approve(rows, campaign_id, digest, versions, by, now)
        if opened is None:
            raise Refused(f"campaign {campaign_id} is {proposed.state}, only a proposal can be approved")
        fact = {"campaign": campaign_id, "community": home.name, "cycle": proposed.cycle, "by": by, "cases": opened, "list": digest}
        log.append(rows, [Entry("campaign approved", fact)], now, runtime.wall())
        return _summary(rows, campaign_id)


def announce(runtime: Runtime) -> None:
    """Plan what is due in every community: bill notices, thanks, reminders of promises, and on its billing day the proposal."""
    with runtime.store.begin() as rows:
        now = runtime.now()
        homes = campaigns.communities(rows)
        days = {home.id: local_day(now, home.timezone) for home in homes}
        announcements.plan(rows, days, now)
        not_rung = alarms.not_rung(rows, days)
    for home in homes:
        if home.id in not_rung:
            with runtime.store.begin() as rows:
                alarms.ring(rows, home.id, home.timezone, now)
        if days[home.id].day == home.billing_day:
            _propose_on_billing_day(runtime, home, days[home.id])


def still_due(rows: Rows, claimed: Sequence[Claimed], runtime: Runtime, now: datetime) -> list[Confirmed]:
    """Campaign messages that may go out now: still called for, and inside the window. The rest is dropped or postponed."""
    messages = {attempt.id: attempt for attempt in claimed if attempt.case_id is None and attempt.purpose != "answer"}
    confirmed: list[Confirmed] = []
    not_called_for: list[int] = []
    later: dict[int, datetime] = {}
    for announced in announcements.judge(rows, sorted(messages), now).values() if messages else ():
        rules = runtime.packs.rules(announced.pack)
        place = Place(announced.timezone, "commercial" if announced.commercial else "residential", frozenset(announced.site_days))
        opens = next_opening(rules, "sms", place, now)
        if not announced.called_for or opens is None:
            not_called_for.append(announced.attempt_id)
        elif opens > now:
            later[announced.attempt_id] = opens
        else:
            confirmed.append(Confirmed(messages[announced.attempt_id], None, rules))
    writing.drop(rows, dict.fromkeys(not_called_for, "not_called_for"), now)
    announcements.postpone(rows, later)
    return confirmed


def _propose_on_billing_day(runtime: Runtime, home: Home, today: date) -> None:
    try:
        proposed = propose(runtime, home.name, f"{today:%Y-%m}", BY_ITSELF)
        if home.automatic and proposed.cases:
            approve(runtime, proposed.campaign_id, BY_ITSELF)
    except Refused:
        return  # approved before, or the payment data is too old: `doctor` and the console say so


def _home(rows: Rows, name: str) -> Home:
    home = campaigns.community(rows, name)
    if home is None:
        raise Refused(f"no community is called {name}: import its arrears, or create it with `xianli community set {name}`")
    return home


def _summary(rows: Rows, campaign_id: int) -> Summary:
    summary = campaigns.summary(rows, campaign_id)
    if summary is None:
        raise Refused(f"there is no campaign {campaign_id}")
    return summary


def _lacking(rows: Rows, runtime: Runtime, home: Home, campaign_id: int) -> tuple[str, ...]:
    return tuple(map(str, templating.lacking(rows, runtime, home, campaign_id)))


def _check_payment_data(rows: Rows, home: Home, runtime: Runtime, now: datetime) -> None:
    """Nobody is asked to pay on old or contradictory data."""
    oldest = now - runtime.settings.payments_max_age
    if home.payments_as_of is None or home.payments_as_of < oldest:
        known = home.payments_as_of.isoformat() if home.payments_as_of else "never"
        raise Refused(f"payments of {home.name} are known as of {known}, older than is allowed: import a fresh payments or arrears file")
    ours = campaigns.unpaid_total(rows, home.id)
    if home.billing_total is not None and home.billing_total != ours:
        raise Refused(
            f"{home.name}: the billing system says {home.billing_total} is unpaid, our ledger says {ours}; import a full snapshot"
            " (`xianli import FILE --snapshot`) and look at its rejected rows"
        )
