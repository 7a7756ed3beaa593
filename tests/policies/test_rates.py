"""The loan rates a court is likely to take, as published."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from orchestrator.packs import prime_rates

RATES = prime_rates()


@pytest.mark.parametrize(
    ("day", "percent"),
    [
        ("2015-10-23", "4.60"),  # 基准利率, one year and less
        ("2015-10-24", "4.35"),
        ("2019-08-19", "4.35"),
        ("2019-08-20", "4.25"),  # 一年期 LPR from here on
        ("2020-03-20", "4.05"),
        ("2020-04-20", "3.85"),
        ("2021-12-19", "3.85"),
        ("2022-08-22", "3.65"),
        ("2023-08-21", "3.45"),
        ("2024-10-21", "3.10"),
        ("2025-05-19", "3.10"),
        ("2025-05-20", "3.00"),
        ("2026-09-21", "3.00"),
    ],
)
def test_the_rate_of_a_day_is_the_last_one_published_by_then(day, percent):
    assert [share for since, share in RATES if since <= date.fromisoformat(day)][-1] == Decimal(percent) / 100


def test_rates_follow_one_another_and_each_is_a_change():
    days = [since for since, _ in RATES]
    assert days == sorted(set(days))
    assert all(before != after for (_, before), (_, after) in pairwise(RATES))
