"""Counting the parts of a text message as carriers do."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.segments import segments

NOTICE = "【清苑物业】尊敬的业主：3-1-0401 物业费2026年8月至10月，合计1200.40元，请于12月15日前缴纳。退订回TD"


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("a" * 159 + "€", "GSM-7", 161, 2),
        ("[{~}]|^\\\f", "GSM-7", 18, 1),
        ("Ω à la carte", "GSM-7", 12, 1),
        ("物" * 70, "UCS-2", 70, 1),
        ("物" * 71, "UCS-2", 71, 2),
        ("物" * 134, "UCS-2", 134, 2),
        ("物" * 135, "UCS-2", 135, 3),
        ("a" * 70 + "，", "UCS-2", 71, 2),
        ("it`s", "UCS-2", 4, 1),
        ("ç", "UCS-2", 1, 1),
        ("𠮷" * 35, "UCS-2", 70, 1),
        ("𠮷" * 36, "UCS-2", 72, 2),
        (NOTICE, "UCS-2", 64, 1),
    ],
)
def test_known_texts(text, encoding, units, count):
    found = segments(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)


def test_an_escape_and_its_character_stay_together():
    assert segments("a" * 152 + "€" + "a" * 152).count == 3, "306 septets would fit in two parts if one could be torn"


def test_the_halves_of_a_rare_character_stay_together():
    assert segments("物" * 66 + "𠮷" + "物" * 66).count == 3


@given(st.text(max_size=400))
def test_no_part_is_overfull_and_none_is_needless(text):
    found = segments(text)
    room = Decimal({"GSM-7": 153, "UCS-2": 67}[found.encoding])
    assert found.count == 1 or found.units / room <= found.count <= found.units / (room - 1) + 1


@given(st.text(max_size=200), st.text(max_size=200))
def test_more_text_never_takes_fewer_parts(text, more):
    assert segments(text + more).count >= segments(text).count
