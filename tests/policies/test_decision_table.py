"""The decision table as a page: made from the rules, and never behind them."""

from pathlib import Path

import pytest
from hypothesis import given
from made_up import any_situation, ready_situation
from situations import PACKS
from test_decide_properties import QUICK, numbers

from orchestrator import packs
from orchestrator.reports import decision_table
from policies.decide import PRECEDENCE
from policies.question import Question

PAGE = Path(__file__).parents[2] / "docs" / "decision-table.md"
CONTRACT = (
    *("stop_settled", "stop_file_or_mediate", "wait_in_flight", "limitation_first", "wait_for_hold", "wait_for_promise", "wait_for_gap"),
    *("too_young", "gate_demand_missing", "gate_period_running", "ask_approval", "stop_refused", "wait_for_approval", "wait_for_cap"),
    *("wait_for_blackout", "wait_for_window", "wait_not_due", "wait_for_payment_data", "stop_exhausted", "stop_ready_for_suit", "send"),
    *(f"stop_{state}" for state in ("disputed", "no_contact", "deceased", "incapacity", "insolvent", "represented", "wrong_person")),
    "stop_transferred",
)


def test_the_page_in_the_docs_is_what_the_rules_say_now():
    made = decision_table.page(PACKS, packs.pack_names(), packs.sequence_names())
    assert PAGE.read_text(encoding="utf-8") == made, "make docs"


def test_the_rules_speak_under_the_agreed_names_and_no_others():
    assert {name for names in PRECEDENCE.values() for name in names} == set(CONTRACT)


@pytest.mark.parametrize("rule", PRECEDENCE, ids=lambda rule: rule.__name__)
def test_every_rule_says_in_a_sentence_what_it_does(rule):
    assert rule.__doc__


@QUICK
@given(numbers)
def test_a_rule_answers_only_under_a_name_that_the_page_gives_it(number):
    for situation in (any_situation(number), ready_situation(number)):
        question = Question(situation.facts, PACKS.rules(situation.pack, situation.facts.sequence), situation.now)
        spoken = ((names, said) for rule, names in PRECEDENCE.items() if (said := rule(question)) is not None)
        names, said = next(spoken)
        assert said.rule in names
