"""A sequence whose wordings do not fit their places is refused when it is loaded."""

from dataclasses import replace

import pytest

from orchestrator import packs
from orchestrator.strict import Malformed
from policies.sequences import Step
from policies.sequences.standard import COURTESY_CALL, NOTICE_SMS, SECOND_CALL, SEQUENCE, WARM_LETTER

REST = SEQUENCE.steps[3:]


@pytest.mark.parametrize(
    ("first_steps", "reason"),
    [
        ((NOTICE_SMS, COURTESY_CALL, WARM_LETTER), "step notice-sms, contact 1: reminder-first"),
        ((WARM_LETTER, NOTICE_SMS), "step warm-letter, contact 1: reminder-first.*warm-words"),
        ((COURTESY_CALL, NOTICE_SMS, replace(NOTICE_SMS, name="again"), WARM_LETTER), "step warm-letter, contact 4: warm-words"),
        ((replace(COURTESY_CALL, purpose="demand"),), "it is a demand, and courtesy-call speaks as a reminder"),
        ((COURTESY_CALL, replace(NOTICE_SMS, purpose="reminder")), "it is a reminder, and notice-sms speaks as a demand"),
        ((COURTESY_CALL, replace(NOTICE_SMS, wording="notice-smss")), "no wording notice-smss"),
        ((COURTESY_CALL, replace(NOTICE_SMS, wording="warm-letter")), "warm-letter is a letter, sms needs a text"),
        ((Step("door-first", ("visit",), "visit", gap_days=0, floor_days=3),), "reminder-first"),
    ],
)
def test_a_wording_out_of_its_place_is_refused(first_steps, reason):
    with pytest.raises(Malformed, match=reason):
        packs.frozen(replace(SEQUENCE, steps=(*first_steps, *REST)))


def test_a_warm_letter_may_come_second_or_third():
    packs.frozen(replace(SEQUENCE, steps=(COURTESY_CALL, WARM_LETTER, *REST)))
    packs.frozen(replace(SEQUENCE, steps=(COURTESY_CALL, NOTICE_SMS, WARM_LETTER, *REST)))
    assert SECOND_CALL in REST
