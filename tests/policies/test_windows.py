from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from situations import HOME, PACKS, at

from policies.localtime import UnknownZone, closing, midnight, opening, zone
from policies.rules import Hours
from policies.windows import Place, closes_at, ever_opens, is_open, next_opening

CN = PACKS.rules("cn-property")


def opens(wall, channel="voice", pack="cn-property", zone=HOME, use="residential", site_days=()):
    found = next_opening(PACKS.rules(pack), channel, Place(zone, use, frozenset(site_days)), at(wall, zone))
    return f"{found.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if found else None


@pytest.mark.parametrize(
    ("wall", "channel", "next_one"),
    [
        ("2026-09-23 09:59", "voice", "2026-09-23 10:00"),
        ("2026-09-23 10:00", "voice", "2026-09-23 10:00"),
        ("2026-09-23 12:00", "voice", "2026-09-23 14:00"),
        ("2026-09-23 19:59", "voice", "2026-09-23 19:59"),
        ("2026-09-23 20:00", "voice", "2026-09-24 10:00"),
        ("2026-09-23 20:00", "sms", "2026-09-24 09:00"),
        # Saturday and the national holiday are worked; the day of 中秋 is not.
        ("2026-10-03 11:00", "call", "2026-10-03 11:00"),
        ("2026-09-24 20:00", "visit", "2026-09-26 10:00"),
        # 除夕 2026-02-16 to 初三 02-19.
        ("2026-02-15 20:00", "sms", "2026-02-20 09:00"),
        # 2027 is not published, its days of silence are known all the same.
        ("2027-02-05 12:00", "sms", "2027-02-09 09:00"),
        ("2026-12-31 20:30", "letter", "2027-01-02 09:00"),
    ],
)
def test_the_house_windows_open_at_their_first_minute_and_are_closed_at_their_last(wall, channel, next_one):
    assert opens(wall, channel) == next_one


def test_article_22_is_silent_on_three_days_only():
    assert opens("2026-02-16 09:30", pack="article-22") == "2026-02-16 09:30"
    assert opens("2026-02-17 09:30", pack="article-22") == "2026-02-18 09:00"
    assert opens("2026-04-05 09:30", pack="article-22") == "2026-04-05 09:30"


def test_a_shop_has_no_morning_before_its_first_sale():
    assert opens("2026-09-23 09:00", "sms", use="commercial") == "2026-09-23 10:00"
    assert opens("2026-09-23 08:30", "sms", pack="us-regf", zone="America/Chicago", use="commercial") == "2026-09-23 10:00"


def test_the_sites_own_days_are_silent_too():
    assert opens("2026-09-23 11:00", site_days=[at("2026-09-23 00:00").date()]) == "2026-09-24 10:00"


def test_a_debtor_abroad_is_reached_only_while_home_is_open_too():
    # Perth shares Shanghai's clock; Auckland in September is four hours ahead: 14:00 in Shanghai is 18:00 there.
    assert opens("2026-09-23 09:00", "voice", zone="Australia/Perth") == "2026-09-23 10:00"
    assert opens("2026-09-23 12:00", "voice", zone="Pacific/Auckland") == "2026-09-23 14:00"
    assert opens("2026-09-23 16:00", "voice", zone="Pacific/Auckland") == "2026-09-23 18:00"


def test_zones_that_never_meet_leave_letters_alone_open():
    abroad = Place("America/New_York")
    asked = at("2026-09-23 10:00")
    assert not ever_opens(CN, "sms", abroad, asked)
    assert next_opening(CN, "sms", abroad, asked) is None
    assert is_open(CN, "letter", abroad, asked)
    assert closes_at(CN, "sms", abroad, asked) is None


def with_hours(*hours, commercial_from=0):
    pack = replace(CN.pack, hours={**CN.pack.hours, "sms": hours}, commercial_from=commercial_from)
    return replace(CN, pack=pack)


def test_a_window_across_midnight_is_open_on_both_sides_of_it_and_closes_once():
    night = with_hours(Hours(22 * 60, 2 * 60))
    assert is_open(night, "sms", Place(HOME), at("2026-09-23 23:59"))
    assert is_open(night, "sms", Place(HOME), at("2026-09-24 01:59"))
    assert not is_open(night, "sms", Place(HOME), at("2026-09-24 02:00"))
    assert closes_at(night, "sms", Place(HOME), at("2026-09-23 23:00")) == at("2026-09-24 02:00")


def test_hours_that_end_before_a_shops_morning_begins_do_not_exist_for_a_shop():
    early = with_hours(Hours(8 * 60, 10 * 60), Hours(14 * 60, 16 * 60), commercial_from=10 * 60)
    asked = at("2026-09-23 08:30")
    assert is_open(early, "sms", Place(HOME), asked)
    assert next_opening(early, "sms", Place(HOME, "commercial"), asked) == at("2026-09-23 14:00")


def test_an_american_debtor_under_american_rules_is_judged_at_home():
    assert opens("2026-09-23 21:00", "call", pack="us-regf", zone="America/Los_Angeles") == "2026-09-24 08:00"


def test_closing_time_is_the_end_of_what_may_still_be_delivered():
    home = Place(HOME)
    assert closes_at(CN, "voice", home, at("2026-09-23 11:59")) == at("2026-09-23 12:00")
    assert closes_at(CN, "voice", home, at("2026-09-23 12:00")) is None
    assert closes_at(CN, "sms", home, at("2026-09-23 09:00")) == at("2026-09-23 20:00")


def test_a_wall_time_that_the_clocks_skip_is_the_first_instant_after():
    # New York, 2026-03-08: 02:00 becomes 03:00, at 07:00 UTC.
    skipped = datetime(2026, 3, 8, 7, tzinfo=UTC)
    day = datetime(2026, 3, 8).date()  # noqa: DTZ001
    assert opening(day, 2 * 60 + 30, "America/New_York") == skipped
    assert closing(day, 2 * 60 + 30, "America/New_York") == skipped


def test_a_wall_time_that_the_clocks_repeat_opens_late_and_closes_early():
    # New York, 2026-11-01: 01:30 is shown at 05:30 and at 06:30 UTC.
    day = datetime(2026, 11, 1).date()  # noqa: DTZ001
    assert opening(day, 90, "America/New_York") == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert closing(day, 90, "America/New_York") == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_a_day_without_midnight_or_left_out_altogether_begins_at_its_first_instant():
    # Beirut moved from 00:00 to 01:00 on 2026-03-29; Samoa had no 2011-12-30.
    assert midnight(datetime(2026, 3, 29).date(), "Asia/Beirut").astimezone(ZoneInfo("Asia/Beirut")).hour == 1  # noqa: DTZ001
    left_out = midnight(datetime(2011, 12, 30).date(), "Pacific/Apia")  # noqa: DTZ001
    assert left_out.astimezone(ZoneInfo("Pacific/Apia")).date().isoformat() == "2011-12-31"


def test_the_window_lasts_as_long_as_the_wall_clock_says_on_the_night_the_clocks_change():
    # 08:00 to 21:00 stays 13 hours; the night before it is an hour shorter.
    place = Place("America/New_York")
    rules = PACKS.rules("us-regf")
    evening = at("2026-03-07 21:00", "America/New_York")
    morning = next_opening(rules, "sms", place, evening)
    assert morning - evening.astimezone(UTC) == timedelta(hours=10)
    assert closes_at(rules, "sms", place, morning) - morning == timedelta(hours=13)


def test_an_unknown_zone_is_an_error_that_says_what_to_write():
    with pytest.raises(UnknownZone, match="IANA"):
        zone("Asia/Nowhere")
