import re
import shutil
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import chinese_calendar
import holidays
import pytest
from calendar_tables import CALENDARS, YEARS, tables
from situations import PACKS, at, case, told

from orchestrator import calendars
from orchestrator.strict import Malformed
from policies.actions import Decision
from policies.calendar import Calendar, unpublished, working_days_after
from policies.decide import decide
from policies.facts import CaseFacts, Promise
from policies.rules import Rules

CN = PACKS.calendar("cn")
PUBLISHED = range(2004, 2027)
NOTICE_IS_LATE = (12, 15)


def without(calendar: Calendar, year: int) -> Calendar:
    """The same calendar, had the year's notice not come out."""
    kept = {each: notice for each, notice in calendar.published.items() if each != year}
    return replace(calendar, published=kept, digests={each: calendar.digests[each] for each in kept})


def days_of(years: range) -> list[date]:
    first = date(years.start, 1, 1)
    return [first + timedelta(days=n) for n in range((date(years.stop, 1, 1) - first).days)]


def test_the_committed_tables_are_what_the_generator_makes_and_seals():
    made = tables()
    assert {path.name for path in CALENDARS.glob("*.toml")} == made.keys()
    assert {name: (CALENDARS / name).read_text(encoding="utf-8") for name in made} == made


def test_every_day_since_2004_agrees_with_an_independent_reading_of_the_notices():
    """But for one: the notice for 2006 (国办发明电〔2005〕35号) has Saturday 2005-12-31 worked, which that reading passes over."""
    different = [day for day in days_of(PUBLISHED) if CN.kind(day).worked != chinese_calendar.is_workday(day)]
    assert different == [date(2005, 12, 31)]
    assert CN.kind(date(2005, 12, 31)).kind == "makeup_workday"


def test_each_published_year_names_its_notices():
    assert set(CN.published) >= set(PUBLISHED)
    for year in PUBLISHED:
        assert f"关于{year}年部分节假日安排的通知" in CN.published[year].sources[0]
    assert any("国办发明电〔2020〕1号" in source for source in CN.published[2020].sources)


def test_the_spring_festival_of_2020_is_the_prolonged_one():
    assert [CN.kind(date(2020, *day)).kind for day in ((1, 30), (1, 31), (2, 1), (2, 2), (2, 3))] == ["holiday"] * 4 + ["workday"]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("正月初一", "2027-02-06"),
        ("中秋", "2027-09-15"),
        ("正月初一", "2028-01-26"),
        ("中秋", "2028-10-03"),
        ("除夕", "2025-01-28"),
        ("除夕", "2026-02-16"),
        ("清明", "2026-04-05"),
        ("清明", "2028-04-04"),
        ("正月初一", "2099-01-21"),
    ],
)
def test_lunar_days_and_solar_terms_are_known_for_years_ahead(name, day):
    assert date.fromisoformat(day) in CN.named[name]


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("正月初一", "Chinese New Year (Spring Festival)"),
        ("清明", "Tomb-Sweeping Day"),
        ("端午", "Dragon Boat Festival"),
        ("中秋", "Mid-Autumn Festival"),
    ],
)
def test_lunar_days_and_solar_terms_of_every_year_agree_with_an_independent_computation(name, english):
    """中秋 is in the regular eighth month, also in 2052 which has a leap one; 清明 is the day of the term in China's zone."""
    theirs = holidays.country_holidays("CN", years=range(2008, 2100), language="en_US", observed=False)
    first_of_each = {day.year: day for day in sorted(theirs, reverse=True) if english in theirs[day].split("; ")}
    assert sorted(day for day in CN.named[name] if day.year >= 2008) == sorted(first_of_each.values())
    assert {day.year for day in CN.named[name]} == set(YEARS)


def test_the_days_of_the_spring_festival_follow_one_another():
    for offset, name in enumerate(("除夕", "正月初一", "正月初二", "正月初三")):
        assert CN.named[name] == {day + timedelta(days=offset - 1) for day in CN.named["正月初一"]}


def test_new_year_is_silent_on_its_day_only_whatever_the_holiday_around_it():
    assert [CN.names(date(2026, 1, day)) for day in (1, 2, 3)] == [("元旦",), (), ()]
    assert CN.kind(date(2026, 1, 2)).kind == "holiday"


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-10-01", "holiday"),
        ("2026-10-10", "makeup_workday"),
        ("2026-10-11", "weekend"),
        ("2026-10-12", "workday"),
        ("2026-02-14", "makeup_workday"),
        ("2018-12-29", "makeup_workday"),
        ("2007-12-31", "holiday"),
    ],
)
def test_a_published_year_knows_each_day(day, kind):
    found = CN.kind(date.fromisoformat(day))
    assert (found.kind, found.known) == (kind, True)


def test_an_unpublished_year_still_knows_its_lunar_days_and_says_that_its_working_days_are_a_guess():
    cn = without(CN, 2027)
    assert cn.kind(date(2027, 2, 6)).kind == "holiday"
    assert not cn.is_known(2027)
    assert not cn.kind(date(2027, 2, 15)).known
    assert cn.version(2027) == f"cn-2027@{cn.digest}"


def test_working_days_jump_the_holiday_block_and_count_make_up_workdays():
    # 2026-10-08 and 09 are the first working days after the national holiday; Saturday the 10th is worked too.
    assert working_days_after(CN, date(2026, 9, 30), 2) == (date(2026, 10, 9), ())
    assert working_days_after(CN, date(2026, 9, 30), 3) == (date(2026, 10, 10), ())


def test_working_days_name_the_years_that_they_guess():
    cn = without(CN, 2027)
    assert working_days_after(cn, date(2026, 12, 31), 2) == (date(2027, 1, 5), (2027,))
    assert working_days_after(without(CN, 2025), date(2025, 12, 30), 3)[1] == (2025,)


def test_a_country_without_make_up_workdays_is_known_in_any_year_of_its_table():
    assert PACKS.calendar("us").is_known(2050)
    assert PACKS.calendar("gb").kind(date(2050, 12, 26)).kind == "holiday"
    assert not PACKS.calendar("us").is_known(2100)


def asked_without(year: int, facts: CaseFacts, wall: str) -> Decision:
    rules = PACKS.rules()
    return decide(facts, Rules(rules.pack, without(rules.calendar, year), rules.sequence), at(wall))


def test_a_decision_in_an_unpublished_year_says_so_and_keeps_its_days_of_silence():
    assert told(asked_without(2027, case(), "2027-02-06 10:00")) == "wait_for_blackout until 2027-02-09 09:00"
    sent = asked_without(2027, case(), "2027-03-10 10:00")
    assert told(sent) == "send notice-sms by sms"
    assert [sentence.en for sentence in sent.because if "2027" in sentence.en] == [
        "The make-up workdays of 2027 are not published: working days are computed from weekends and statutory holidays."
    ]
    assert not [sentence for sentence in asked_without(2027, case(), "2026-09-24 10:00").because if "not published" in sentence.en]


@pytest.mark.parametrize("wall", ["2026-12-31 10:00", "2027-01-02 10:00"])
def test_a_promise_whose_quiet_days_reach_into_an_unpublished_year_says_so_once(wall):
    promised = case(promises=(Promise(date(2026, 12, 31), Decimal(400), at("2026-12-30 10:00")),))
    waiting = asked_without(2027, promised, wall)
    assert told(waiting) == "wait_for_promise until 2027-01-06 00:00"
    assert len([sentence for sentence in waiting.because if "2027 are not published" in sentence.en]) == 1


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for path in CALENDARS.glob("cn*.toml"):
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "was", "becomes", "place"),
    [
        ("cn-published.toml", "02-15..23", "02-15..22", "cn-2026"),
        ("cn-published.toml", "2025-11-04", "2025-11-05", "cn-2026"),
        ("cn-published.toml", "[2026]", "[2027]", "cn-2027"),
        ("cn.toml", "2027-02-06", "2027-02-07", "cn"),
    ],
)
def test_a_table_that_is_not_what_it_was_sealed_as_is_refused_with_what_to_do(copied, file, was, becomes, place):
    whole = (copied / file).read_text(encoding="utf-8")
    (copied / file).write_text(whole.replace(was, becomes), encoding="utf-8")
    with pytest.raises(Malformed, match=rf"calendar {place}: its sha256 is .* Restore the file; or compare the change"):
        calendars.read("cn", copied)


def published(folder: Path, off: str, worked: str, year: str = "2027") -> Calendar:
    """The calendar with one more year, sealed."""
    table = {"sources": ["a notice"], "off": off, "worked": worked}
    lines = [f"[{year}]", 'sources = ["a notice"]', f'off = "{off}"', f'worked = "{worked}"']
    lines.append(f'sha256 = "{calendars.seal(f"cn-{year}", table)}"\n')
    path = folder / "cn-published.toml"
    path.write_text(path.read_text(encoding="utf-8").split("[2026]")[0] + "\n".join(lines), encoding="utf-8")
    return calendars.read("cn", folder)


def test_a_new_years_notice_is_known_and_versioned_once_it_is_typed_in(copied):
    cn = published(copied, "01-01..03 04-30..05-04", "01-10")
    assert cn.is_known(2027)
    assert cn.kind(date(2027, 4, 30)).kind == cn.kind(date(2027, 5, 4)).kind == "holiday"
    assert cn.kind(date(2027, 1, 10)).kind == "makeup_workday"
    assert cn.version(2027) not in (CN.version(2026), f"cn-2027@{cn.digest}")


@pytest.mark.parametrize(
    ("off", "worked", "year", "complaint"),
    [
        ("01-01..03", "01-03", "2027", "2027-01-03 is a day off as well"),
        ("01-01..03", "01-05", "2027", "2027-01-05 is no weekend day"),
        ("01-01--03", "01-10", "2027", "no span of days such as 05-01..03"),
        ("02-29", "01-10", "2027", "no span of days"),
        ("01-05..03", "01-10", "2027", "ends before it begins"),
        ("01-01..03", "01-10", "27", "'27' is no year"),
    ],
)
def test_a_notice_typed_in_wrongly_is_refused(copied, off, worked, year, complaint):
    with pytest.raises(Malformed, match=complaint):
        published(copied, off, worked, year)


def test_a_named_day_that_is_no_date_is_refused(copied):
    whole = (copied / "cn.toml").read_text(encoding="utf-8").replace("2027-02-06", "2027-02-30")
    seal = calendars.seal("cn", tomllib.loads(whole))
    (copied / "cn.toml").write_text(re.sub(r'sha256 = ".*"', f'sha256 = "{seal}"', whole), encoding="utf-8")
    with pytest.raises(Malformed, match=r"calendar cn\.days\.正月初一: day is out of range"):
        calendars.read("cn", copied)


@pytest.mark.parametrize(
    ("today", "missed"),
    [("2026-10-31", ()), ("2026-11-01", (2027,)), ("2026-12-31", (2027,)), ("2027-01-01", (2027,)), ("2027-10-31", (2027,))],
)
def test_the_operator_is_told_of_a_missing_year_from_the_november_before_it(today, missed):
    assert unpublished(without(CN, 2027), date.fromisoformat(today)) == missed


def late(calendar: Calendar, today: date) -> list[int]:
    """The State Council publishes in November: whoever builds after 15 December without it would guess working days in silence."""
    return [year for year in unpublished(calendar, today) if year == today.year or (today.month, today.day) > NOTICE_IS_LATE]


def test_next_years_chinese_table_is_there_from_the_middle_of_december():
    assert late(CN, date.today()) == []  # noqa: DTZ011


def test_a_table_missing_after_15_december_is_noticed():
    assert late(without(CN, 2027), date(2026, 12, 15)) == []
    assert late(without(CN, 2027), date(2026, 12, 16)) == [2027]
    assert late(without(CN, 2027), date(2027, 1, 1)) == [2027]
