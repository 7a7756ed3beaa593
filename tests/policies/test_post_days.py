"""The working day on which a letter is posted."""

from datetime import UTC, date, datetime

import pytest

from orchestrator import packs
from policies.post_days import minute_of, post_day, snapshot_day

CHINA = packs.load().calendar("cn")


def posted(at: str, cut_off: str = "16:00", timezone: str = "Asia/Shanghai"):
    return post_day(CHINA, cut_off, timezone, datetime.fromisoformat(at))


@pytest.mark.parametrize(
    ("composed", "day"),
    [
        ("2026-11-24T15:59:59+08:00", date(2026, 11, 24)),
        ("2026-11-24T16:00:00+08:00", date(2026, 11, 25)),
        ("2026-11-27T17:00:00+08:00", date(2026, 11, 30)),  # Friday evening: Monday
        ("2026-09-30T16:30:00+08:00", date(2026, 10, 8)),  # over 国庆, 10-01..07
        ("2026-10-09T16:30:00+08:00", date(2026, 10, 10)),  # a Saturday that is worked (调休)
        ("2026-10-10T16:30:00+08:00", date(2026, 10, 12)),
    ],
)
def test_a_letter_goes_out_on_the_first_working_day_whose_cut_off_lies_ahead(composed, day):
    found = posted(composed)
    assert (found.day, found.known) == (day, True)
    assert found.cut_off_at.astimezone(UTC).hour == 8


def test_the_day_is_the_communitys_own():
    assert posted("2026-11-24T17:00:00+08:00", timezone="Europe/London").day == date(2026, 11, 24)
    assert posted("2026-11-24T17:00:00+08:00", cut_off="18:30").day == date(2026, 11, 24)


def test_a_year_whose_notice_is_not_out_is_said_to_be_a_guess():
    assert posted("2026-12-31T17:00:00+08:00").known is False
    assert posted("2026-12-31T15:00:00+08:00").known is True


@pytest.mark.parametrize("cut_off", ["", "16", "16:0", "4:00", "24:00", "16:60", "16.00", "１６:00"])
def test_a_cut_off_is_a_time_of_day(cut_off):
    with pytest.raises(ValueError, match="time of day"):
        minute_of(cut_off)


def test_the_posts_record_is_looked_at_on_five_days_while_it_answers():
    assert [snapshot_day(age) for age in (0, 1, 2, 3, 6, 7, 29, 30, 299, 300, 365, 366)] == [
        *(None, 1, 1, 3, 3, 7, 7, 30, 30, 300, 300, None)
    ]
