from dataclasses import replace
from datetime import timedelta

from situations import PACKS, at, case, charge

from policies.forecast import Behaviour, Life, forecast
from policies.limits import breaches
from policies.windows import Place, is_open

START = at("2026-09-21 08:00")
CASES = [replace(case("courtesy-call", charge("2026-06-30"), charge("2026-05-31")), id=f"c{number}") for number in range(40)]


def rules_for(facts):
    return PACKS.rules("cn-property", facts.sequence)


def outlook(days=120, seed=1, behaviour=None):
    return forecast(CASES, rules_for, START, days, seed, behaviour)


def never_pays():
    return Behaviour(pays=dict.fromkeys(("sms", "voice", "call", "letter", "visit"), 0.0))


def test_the_same_seed_gives_the_same_forecast_and_another_seed_another():
    assert outlook() == outlook()
    assert outlook(seed=2) != outlook()


def test_every_case_ends_somewhere_and_many_are_settled_by_courtesy_alone():
    ends = outlook().ends
    assert set(ends) == {each.id for each in CASES}
    assert sum(end == "settled" for end in ends.values()) > 10


def test_who_never_pays_goes_the_whole_way_to_counsel():
    found = outlook(days=250, behaviour=never_pays())
    assert "settled" not in found.ends.values()
    assert sum(end == "ready_for_suit" for end in found.ends.values()) > 20
    assert {channel for _, channel in found.contacts} == {"sms", "voice", "call", "letter", "visit"}
    assert sum(found.approvals.values()) > 40


def test_nobody_is_contacted_on_a_day_of_silence():
    days = {day for day, _ in outlook(days=30, behaviour=never_pays()).contacts}
    assert days
    assert at("2026-09-25 00:00").date() not in days


def test_a_forecast_of_no_days_contacts_nobody():
    found = outlook(days=0)
    assert not found.contacts
    assert set(found.ends.values()) == {"open"}


def test_what_was_forecast_keeps_windows_and_caps():
    """Lived once more by hand: every contact of one case, looked at from outside."""
    life = Life(CASES[0], rules_for(CASES[0]), START, 1, never_pays())
    life.live(START + timedelta(days=200))
    log = life.facts.contacts
    assert len(log) > 6
    assert breaches(PACKS.pack("cn-property"), log, "Asia/Shanghai") == ()
    assert all(is_open(rules_for(CASES[0]), each.channel, Place("Asia/Shanghai"), each.at) for each in log)
