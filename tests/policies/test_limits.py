import pytest
from situations import HOME, PACKS, at, contact

from policies.limits import breaches, longest_days, reached

CN = PACKS.pack("cn-property")
REGF = PACKS.pack("us-regf")


def free(contacts, channel, now="2026-09-24 10:00", pack=CN):
    found = reached(pack, contacts, channel, HOME, at(now))
    return (found.cap.name, f"{found.free_at.astimezone(at(now).tzinfo):%m-%d %H:%M}") if found else None


@pytest.mark.parametrize(
    ("contacts", "channel", "answer"),
    [
        # A day's cap is the local day; seven days are the event's day and the six after it.
        ([contact("2026-09-24 09:00", "visit", "no_answer")], "visit", ("visits-day", "09-25 00:00")),
        ([contact("2026-09-18 18:00", "call", "conversation")], "call", ("conversations", "09-25 00:00")),
        ([contact("2026-09-17 18:00", "call", "conversation")], "call", None),
        ([contact("2026-09-18 18:00", "voice", "answered")], "call", ("conversations", "09-25 00:00")),
        ([contact("2026-09-18 18:00", "voice", "machine")], "call", None),
        ([contact("2026-09-22 10:00")], "sms", ("sms", "09-25 00:00")),
        ([contact("2026-09-21 23:59")], "sms", None),
        # What failed counts for its day only.
        ([contact("2026-09-24 09:00", "sms", "failed")], "sms", ("sms", "09-25 00:00")),
        ([contact("2026-09-23 09:00", "sms", "undelivered")], "sms", None),
        # Dials that nobody took count as dials only.
        ([contact(f"2026-09-24 1{n}:00", "voice", "no_answer") for n in range(3)], "call", ("dials", "09-25 00:00")),
        ([contact(f"2026-09-24 1{n}:00", "voice", "busy") for n in range(3)], "sms", None),
        # All channels together: three in seven days; the oldest makes room.
        (
            [
                contact("2026-09-19 10:00"),
                contact("2026-09-22 10:00", "visit", "handed_over"),
                contact("2026-09-23 10:00", "letter", "mailed"),
            ],
            "letter",
            ("all", "09-26 00:00"),
        ),
        # A family's other case counts as well: the phone rings at the same table.
        ([contact("2026-09-18 18:00", "call", "conversation", own=False)], "voice", ("conversations", "09-25 00:00")),
    ],
)
def test_a_cap_says_when_the_next_contact_is_allowed(contacts, channel, answer):
    assert free(contacts, channel) == answer


def test_two_visits_in_thirty_days_close_the_door_for_the_rest_of_them():
    visits = [contact("2026-09-01 10:00", "visit", "affixed"), contact("2026-09-10 10:00", "visit", "handed_over")]
    assert free(visits, "visit") == ("visits-month", "10-01 00:00")


def test_of_several_caps_the_one_that_lasts_longest_speaks():
    letter, visit = contact("2026-09-23 10:00", "letter", "mailed"), contact("2026-09-24 09:00", "visit", "affixed")
    contacts = [contact("2026-09-22 10:00"), letter, visit]
    assert free(contacts, "sms") == ("all", "09-29 00:00")


def test_regulation_f_allows_seven_calls_in_seven_days_and_none_for_seven_days_after_a_conversation():
    calls = [contact(f"2026-09-{18 + n} 10:00", "call", "no_answer") for n in range(7)]
    assert free(calls, "call", pack=REGF) == ("calls", "09-25 00:00")
    assert free(calls[1:], "call", pack=REGF) is None
    assert free([contact("2026-09-18 10:00", "call", "conversation")], "voice", pack=REGF) == ("conversations", "09-25 00:00")


def test_regulation_f_counts_per_debt():
    assert free([contact("2026-09-20 10:00", "call", "conversation", own=False)], "call", pack=REGF) is None


def test_a_log_shows_each_contact_that_a_cap_did_not_allow():
    kept = [contact("2026-09-01 10:00"), contact("2026-09-04 10:00"), contact("2026-09-05 10:00", "call", "conversation")]
    too_soon = contact("2026-09-06 10:00")
    assert breaches(CN, kept, HOME) == ()
    assert [broken.contact for broken in breaches(CN, [too_soon, *kept], HOME)] == [too_soon]


def test_the_facts_must_reach_back_as_far_as_the_longest_cap():
    assert longest_days(CN) == 30
