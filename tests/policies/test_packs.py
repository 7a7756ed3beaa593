from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from situations import PACKS

from orchestrator import packs
from orchestrator.packs import UnknownPolicy
from orchestrator.strict import Malformed, Table, list_of, text, whole
from policies.money import court_likely_rates, late_charge_lines
from policies.sequences import Minimum


def test_every_pack_calendar_and_sequence_that_is_shipped_can_be_honoured():
    packs.load().check()
    assert packs.pack_names() == ("article-22", "cn-gbt45251", "cn-property", "uk-conc", "us-regf", "zhejiang")
    assert packs.sequence_names() == (
        *("absent-owner", "chronic", "commercial", "developer-units", "hardship", "ownership-change", "service-dispute", "standard"),
    )


@pytest.mark.parametrize("name", packs.pack_names())
def test_every_value_of_a_pack_says_where_it_comes_from_and_how_hard_it_binds(name):
    pack = PACKS.pack(name)
    named = {each.value for each in pack.provenance}
    assert named == {
        *(f"windows.{channel}" for channel in pack.hours),
        *(f"caps.{cap.name}" for cap in pack.caps),
        *(f"preferred.{channel}" for channel in pack.preferred),
        *(("electronic",) if pack.opt_out_line else ()),
        *(("answers",) if pack.answers_at_night else ()),
        *("blackout", "commercial", "reasonable_period", "suit"),
        *(["visits"] if name in ("cn-property", "cn-gbt45251", "zhejiang") else []),
    }
    assert all(each.source for each in pack.provenance)


def test_a_pack_built_on_another_keeps_all_but_what_it_changes():
    base, zhejiang = PACKS.pack("cn-property"), PACKS.pack("zhejiang")
    assert (zhejiang.hours, zhejiang.caps, zhejiang.blackout) == (base.hours, base.caps, base.blackout)
    assert (base.suit_needs_written, zhejiang.suit_needs_written) == (False, True)
    assert base.digest != zhejiang.digest


def test_rules_are_the_same_value_each_time_so_that_tables_made_from_them_are_kept():
    assert PACKS.rules("zhejiang", "chronic") is PACKS.rules("zhejiang", "chronic")


def test_an_unknown_name_is_answered_by_the_names_there_are():
    with pytest.raises(UnknownPolicy, match="cn-property"):
        PACKS.pack("cn-proprety")
    with pytest.raises(UnknownPolicy, match="standard"):
        PACKS.sequence("standart")


def test_the_steps_of_standard_stand_in_the_agreed_order():
    steps = PACKS.sequence("standard").steps
    assert [(step.name, step.gap_days, step.floor_days) for step in steps] == [
        ("courtesy-call", 0, 3),
        ("notice-sms", 3, 7),
        ("warm-letter", 7, 15),
        ("second-call", 7, 25),
        ("visit", 7, 35),
        ("formal-demand", 5, 60),
        ("settlement-offer", 0, 75),
        ("lawyer-letter", 7, 120),
        ("suit", 15, 180),
    ]


def test_a_developer_gets_no_sms_and_no_voice_and_an_absent_owner_no_visit():
    assert {channel for step in PACKS.sequence("developer-units").steps for channel in step.channels} == {"letter"}
    assert "visit" not in {channel for step in PACKS.sequence("absent-owner").steps for channel in step.channels}


def test_the_digest_of_a_sequence_changes_with_any_of_its_steps():
    sequence = PACKS.sequence("standard")
    shifted = (replace(sequence.steps[0], gap_days=1), *sequence.steps[1:])
    assert packs.frozen(replace(sequence, digest="")).digest == sequence.digest
    assert packs.frozen(replace(sequence, steps=shifted)).digest != sequence.digest


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"wording": ""}, "no wording"),
        ({"channels": ()}, "needs an approval"),
        ({"channels": ("fax",)}, "unknown channel fax"),
        ({"gap_days": -1}, "0 or more days"),
        ({"name": "notice-sms"}, "the same name"),
    ],
)
def test_a_step_that_cannot_be_honoured_is_refused_when_loaded(change, reason):
    sequence = PACKS.sequence("standard")
    broken = (replace(sequence.steps[0], **change), *sequence.steps[1:])
    with pytest.raises(Malformed, match=reason):
        packs.frozen(replace(sequence, steps=broken))


@pytest.mark.parametrize(
    ("place", "change", "reason"),
    [
        (5, {"gates": ("demanded",)}, "may have no gate"),
        (5, {"approval": True}, "may have no gate, approval"),
        (5, {"purpose": "offer"}, "must be a demand"),
        (7, {"gates": ("proven",)}, "'proven' is none of period_over, demanded, provable"),
        (7, {"by": "clerk"}, "'clerk' is none of collector"),
        (7, {"minimum": Minimum(0, Decimal(1000))}, "its minimum"),
    ],
)
def test_a_gate_that_never_opens_or_a_demand_that_cannot_go_out_early_is_refused_when_loaded(place, change, reason):
    sequence = PACKS.sequence("standard")
    changed = replace(sequence.steps[place], **change)
    steps = (*sequence.steps[:place], changed, *sequence.steps[place + 1 :])
    demand = replace(sequence.demand, **change) if changed.name == sequence.demand.name else sequence.demand
    with pytest.raises(Malformed, match=reason):
        packs.frozen(replace(sequence, steps=steps, demand=demand))


def test_a_step_after_the_end_a_period_of_no_demand_and_a_proof_by_text_alone_are_refused_when_loaded():
    sequence = PACKS.sequence("standard")
    call, notice, demand, offer, suit = (
        sequence.named(name) for name in ("courtesy-call", "notice-sms", "formal-demand", "settlement-offer", "suit")
    )
    for steps, reason in (
        ((call, notice, demand, suit, offer), "never reached, suit"),
        ((call, offer, demand), "no demand stands before it"),
    ):
        with pytest.raises(Malformed, match=reason):
            packs.frozen(replace(sequence, steps=steps))
    with pytest.raises(Malformed, match="proven alone"):
        packs.frozen(replace(sequence, steps=(call, notice, suit), demand=replace(notice, channels=("sms",))))


def test_the_published_prime_rates_give_what_a_court_is_likely_to_allow():
    lines = late_charge_lines(Decimal(2400), date(2025, 4, 30), date(2025, 5, 31), court_likely_rates(packs.prime_rates()))
    # 19 days at 3.10 % and 12 at 3.00 %, each times 1.3.
    assert [(line.days, line.amount) for line in lines] == [(19, Decimal("5.03")), (12, Decimal("3.08"))]


def test_a_key_nobody_asked_for_is_an_error_that_names_its_place():
    table = Table({"hours": ["09:00-20:00"], "hour": 9}, "windows.sms")
    table.take("hours", list_of(text))
    with pytest.raises(Malformed, match=r"unknown key: windows\.sms\.hour"):
        table.close()


def test_a_missing_key_and_a_wrong_type_name_their_place():
    with pytest.raises(Malformed, match=r"caps\.sms\.limit is missing"):
        Table({}, "caps.sms").take("limit", whole)
    with pytest.raises(Malformed, match=r"caps\.sms\.limit: expected a whole number"):
        Table({"limit": "3"}, "caps.sms").take("limit", whole)


def test_a_sequence_has_no_step_of_a_name_it_does_not_know():
    with pytest.raises(KeyError, match="warm-letter"):
        PACKS.sequence("chronic").named("warm-letter")


def test_two_go_to_a_door_where_a_demand_is_served_or_somebody_asked_for_company():
    house, standard = PACKS.pack("cn-property"), PACKS.pack("cn-gbt45251")
    assert house.persons(formally=False) == 1
    assert house.persons(formally=True) == house.persons(formally=False, flagged=True) == 2
    assert standard.persons(formally=False) == 2
    assert PACKS.pack("us-regf").persons(formally=True) == 2


def test_regulation_f_wants_a_way_out_of_every_text_and_the_packs_of_china_do_not():
    assert [name for name in packs.pack_names() if PACKS.pack(name).opt_out_line] == ["us-regf"]
