"""Which sequence a debtor is worked by, and why."""

import pytest

from orchestrator import packs
from policies.segments import REASON_CODES, SEGMENTS, Traits, choose, place_in


@pytest.mark.parametrize(
    ("traits", "sequence"),
    [
        (Traits(), "standard"),
        (Traits(reason="service"), "service-dispute"),
        (Traits(reason="dispute"), "service-dispute"),
        (Traits(reason="cash"), "hardship"),
        (Traits(reason="vacancy"), "absent-owner"),
        (Traits(reason="ownership_change"), "ownership-change"),
        (Traits(reason="developer"), "developer-units"),
        (Traits(reason="unreachable"), "standard"),
        (Traits(reason="refuses"), "standard"),
        (Traits(sold=True), "ownership-change"),
        (Traits(commercial=True), "commercial"),
        (Traits(broken_promises=1), "standard"),
        (Traits(broken_promises=2), "chronic"),
    ],
)
def test_a_reason_for_not_paying_or_a_trait_of_the_account_chooses_the_sequence(traits: Traits, sequence: str) -> None:
    assert choose(traits, "standard").sequence == sequence


@pytest.mark.parametrize(
    ("traits", "segment"),
    [
        (Traits(reason="service", commercial=True), "service"),
        (Traits(reason="cash", broken_promises=3), "cash"),
        (Traits(reason="cash", sold=True), "sold"),
        (Traits(reason="developer", sold=True), "developer"),
        (Traits(commercial=True, broken_promises=2), "broken-promises"),
    ],
)
def test_of_two_segments_that_fit_the_one_read_first_explains_the_choice(traits: Traits, segment: str) -> None:
    assert choose(traits, "standard").segment == segment


def test_where_nothing_special_is_known_the_community_s_own_sequence_stands() -> None:
    choice = choose(Traits(reason="refuses"), "our-own")
    assert (choice.sequence, choice.segment) == ("our-own", None)


def test_every_segment_leads_to_a_sequence_that_can_be_loaded_and_every_reason_code_is_known() -> None:
    loaded = packs.load()
    assert all(loaded.sequence(segment.sequence).digest for segment in SEGMENTS)
    assert all(choose(Traits(reason=code), "standard").sequence for code in REASON_CODES)


def test_a_case_that_is_moved_goes_on_at_the_first_step_it_does_not_have_behind_it() -> None:
    loaded = packs.load()
    hardship, standard = loaded.sequence("hardship"), loaded.sequence("standard")
    assert place_in(standard, set()) == 0
    assert place_in(standard, {"courtesy-call", "notice-sms"}) == 2
    assert place_in(hardship, {"courtesy-call", "notice-sms"}) == 0  # the plan is still to be offered
    assert place_in(standard, {step.name for step in standard.steps}) == len(standard.steps)
