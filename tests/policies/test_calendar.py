from datetime import date, timedelta

import chinese_calendar
import pytest
from calendar_tables import CALENDARS, tables
from situations import PACKS

from policies.calendar import working_days_after

CN = PACKS.calendar("cn")
DECEMBER_15 = (12, 15)


def test_the_committed_tables_are_what_the_generator_makes():
    assert {name: (CALENDARS / name).read_text(encoding="utf-8") for name in tables()} == tables()


def test_2026_agrees_with_an_independent_reading_of_the_official_notice():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [day for day in days if CN.kind(day).worked != chinese_calendar.is_workday(day)] == []


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("正月初一", "2027-02-06"),
        ("中秋", "2027-09-15"),
        ("正月初一", "2028-01-26"),
        ("中秋", "2028-10-03"),
        ("除夕", "2026-02-16"),
        ("清明", "2026-04-05"),
        ("清明", "2028-04-04"),
        ("正月初一", "2099-01-21"),
    ],
)
def test_lunar_days_and_solar_terms_are_known_for_years_ahead(name, day):
    assert name in CN.names(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-10-01", "holiday"),
        ("2026-10-10", "makeup_workday"),
        ("2026-10-11", "weekend"),
        ("2026-10-12", "workday"),
        ("2026-02-14", "makeup_workday"),
    ],
)
def test_a_published_year_knows_each_day(day, kind):
    found = CN.kind(date.fromisoformat(day))
    assert (found.kind, found.known) == (kind, True)


def test_an_unpublished_year_still_knows_its_lunar_days_and_says_that_its_working_days_are_a_guess():
    assert CN.kind(date(2027, 2, 6)).kind == "holiday"
    assert not CN.is_known(2027)
    assert not CN.kind(date(2027, 2, 15)).known


def test_working_days_jump_the_holiday_block_and_count_make_up_workdays():
    # 2026-10-08 and 09 are the first working days after the national holiday; Saturday the 10th is worked too.
    assert working_days_after(CN, date(2026, 9, 30), 2) == (date(2026, 10, 9), True)
    assert working_days_after(CN, date(2026, 9, 30), 3) == (date(2026, 10, 10), True)
    assert working_days_after(CN, date(2026, 12, 31), 2) == (date(2027, 1, 5), False)


def test_a_country_without_make_up_workdays_is_known_in_any_year():
    assert PACKS.calendar("us").is_known(2050)
    assert PACKS.calendar("gb").kind(date(2050, 12, 26)).kind == "holiday"


def test_next_years_chinese_table_is_there_from_the_middle_of_december():
    """The State Council publishes in November: whoever builds later than 15 December without it would guess working days in silence."""
    today = date.today()  # noqa: DTZ011
    years = [today.year + 1] if (today.month, today.day) > DECEMBER_15 else []
    assert [year for year in years if not CN.is_known(year)] == []
