"""What a debtor says reaches a person, or does what it says."""

import pytest

from orchestrator import conversation
from orchestrator.conversation import Said
from orchestrator.store import casefiles
from tests.orchestrator.conftest import River
from tests.world import Home


def said(river: River, home: Home, kind: str) -> None:
    with river.runtime.store.begin() as rows:
        case = casefiles.lock(rows, home.case_id)
        conversation.heard(rows, case, Said(kind), "debtor", "Asia/Shanghai", river.clock.at, river.clock.at)


@pytest.mark.parametrize(
    ("kind", "task"),
    [
        ("paid", "paid_already"),
        ("dispute", "dispute"),
        ("staff", "call_back"),
        ("help", "call_back"),
        ("question", "call_back"),
        ("other", "reply"),
    ],
)
def test_words_that_need_a_person_are_put_before_one_and_only_once(river: River, home: Home, kind: str, task: str) -> None:
    said(river, home, kind)
    said(river, home, kind)
    assert river.value("SELECT array_agg(about) FROM task WHERE case_id = :id", id=home.case_id) == [task]


def test_a_key_on_the_way_through_the_menu_bothers_nobody(river: River, home: Home) -> None:
    assert Said.by_key({"meaning": "identity"}) == Said("nothing")
    said(river, home, "nothing")
    assert river.value("SELECT count(*) FROM task WHERE case_id = :id", id=home.case_id) == 0
