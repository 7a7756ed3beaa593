"""Preferred hours order a worklist; they permit nothing."""

import pytest
from situations import PACKS, at

from policies.preferred import is_preferred
from policies.windows import Place, is_open

CN = PACKS.rules("cn-property")
HOME = Place("Asia/Shanghai", "residential")
SHOP = Place("Asia/Shanghai", "commercial")


@pytest.mark.parametrize(
    ("wall", "preferred"),
    [
        ("2026-11-24 17:29", False),
        ("2026-11-24 17:30", True),
        ("2026-11-24 19:59", True),
        ("2026-11-24 20:00", False),
        ("2026-11-28 18:00", False),  # a Saturday
        ("2026-10-10 18:00", True),  # a Saturday worked for the National Day
        ("2026-10-01 18:00", False),  # the National Day, a Thursday
    ],
)
def test_homes_are_best_rung_on_a_workday_evening_and_a_make_up_workday_is_one(wall, preferred):
    assert is_preferred(CN, "call", HOME, at(wall)) is preferred


def test_a_shop_and_a_channel_without_a_wish_are_never_preferred_and_lose_no_hour():
    evening = at("2026-11-24 18:00")
    assert not is_preferred(CN, "call", SHOP, evening)
    assert not is_preferred(CN, "visit", HOME, evening)
    assert is_open(CN, "call", SHOP, evening)
    assert is_open(CN, "call", HOME, at("2026-11-28 11:00"))


def test_the_evening_is_that_of_the_debtor():
    assert is_preferred(CN, "call", Place("Australia/Perth", "residential"), at("2026-11-24 17:45"))
    assert not is_preferred(CN, "call", Place("Europe/London", "residential"), at("2026-11-24 17:45"))
