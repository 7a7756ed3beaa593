from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from policies.approvals import Snapshot, what_changed

SEEN = Snapshot(
    principal={"k1": Decimal("600.00"), "k2": Decimal("600.00")},
    claim_set=frozenset({"k1", "k2"}),
    recipients=("王建国", "杭州市云栖路1号3-1-1201"),
    wording="lawyer-letter@1a2b",
    pack="cn-property@3c4d",
    sequence="standard@5e6f",
    document="aa" * 32,
    late_charge=Decimal("12.00"),
    as_of=date(2026, 11, 24),
)


def changes(**now):
    return [sentence.en for sentence in what_changed(SEEN, replace(SEEN, **now))]


def test_a_yes_holds_while_nothing_of_what_was_seen_changed():
    assert what_changed(SEEN, SEEN) == ()


def test_the_running_late_charge_alone_may_grow():
    assert changes(late_charge=Decimal("15.00"), as_of=date(2026, 11, 29)) == []


@pytest.mark.parametrize(
    ("principal", "said"),
    [
        ({"k1": "600.00", "k2": "600.00", "k3": "600.00"}, ["Charges owed since: 1 more."]),
        ({"k1": "600.00"}, ["Charges paid, void or disputed since: 1."]),
        ({"k1": "600.00", "k2": "200.00"}, ["The principal of the others was 1200.00 and is 800.00."]),
        ({"k1": "500.00", "k2": "700.00"}, ["The principal of the others was 1200.00 and is 1200.00."]),
        (
            {"k1": "500.00", "k3": "600.00"},
            [
                "Charges owed since: 1 more.",
                "Charges paid, void or disputed since: 1.",
                "The principal of the others was 600.00 and is 500.00.",
            ],
        ),
    ],
)
def test_what_is_owed_of_each_charge_is_part_of_the_yes(principal, said):
    assert changes(principal={charge: Decimal(amount) for charge, amount in principal.items()}) == said


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"claim_set": frozenset({"k1"})}, "The claim set has changed."),
        ({"recipients": ("王建国", "杭州市云栖路2号")}, "A recipient or the address has changed."),
        ({"wording": "lawyer-letter@ffff"}, "The wording was lawyer-letter@1a2b and is lawyer-letter@ffff."),
        ({"pack": "cn-property@ffff"}, "The rule pack was cn-property@3c4d and is cn-property@ffff."),
        ({"sequence": "chronic@ffff"}, "The sequence was standard@5e6f and is chronic@ffff."),
        ({"document": "bb" * 32}, "The document is not the one that was seen."),
    ],
)
def test_whatever_else_was_seen_ends_it_by_name(now, said):
    assert changes(**now) == [said]


def test_no_sentence_names_a_person_or_an_address():
    for sentence in what_changed(SEEN, replace(SEEN, recipients=("李梅", "别处"))):
        assert not any(word in sentence.zh + sentence.en for word in ("王建国", "李梅", "云栖", "别处"))
