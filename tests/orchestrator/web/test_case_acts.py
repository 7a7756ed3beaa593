"""What a member of staff was told about a debtor is noted on the case, is in the log, and changes what comes next."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from orchestrator.runtime import Runtime
from tests import logged
from tests.orchestrator.web.conftest import Client
from tests.world import World

LogIn = Callable[[str], Client]


def facts(runtime: Runtime, kind: str) -> list[dict[str, Any]]:
    with runtime.store.begin() as rows:
        return logged.facts(rows, kind)


def test_a_promise_made_to_staff_stands_on_the_case_and_in_the_log(staff: LogIn, lived: World, runtime: Runtime) -> None:
    collector = staff("collector")
    answer = collector.submit("/cases/2", "/cases/2/promise", on="2026-12-05", amount="400.00")
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases/2")
    page = collector.get("/cases/2").text
    assert "已记录承诺" in page
    assert "¥400.00 <small>2026-12-05" in page
    (fact,) = facts(runtime, "promise")
    assert (fact["on"], fact["amount"]) == ("2026-12-05", "400.00")


@pytest.mark.parametrize(
    ("on", "amount", "told"),
    [
        ("", "400", "请填写日期和金额"),
        ("2026-12-05", "viel", "请填写日期和金额"),
        ("2026-12-05", "NaN", "金额最多两位小数"),
        ("2026-12-05", "0.001", "金额最多两位小数"),
        ("2026-11-01", "400", "a promise is for today or a day to come"),
        ("2026-12-05", "-1", "a promise names an amount"),
    ],
)
def test_a_promise_without_a_day_or_an_amount_is_refused_with_its_cure(
    staff: LogIn, lived: World, runtime: Runtime, on: str, amount: str, told: str
) -> None:
    collector = staff("collector")
    collector.submit("/cases/2", "/cases/2/promise", on=on, amount=amount)
    assert told in collector.get("/cases/2").text
    assert facts(runtime, "promise") == []


def test_no_contact_ends_every_step_until_a_person_says_it_is_over(staff: LogIn, lived: World, runtime: Runtime) -> None:
    collector = staff("collector")
    collector.submit("/cases/2", "/cases/2/stop", state="no_contact", note="来函要求不再联系")
    page = collector.get("/cases/2").text
    assert "来函要求不再联系" in page
    assert 'action="/cases/2/resume"' in page
    collector.submit("/cases/2", "/cases/2/resume", state="no_contact")
    assert 'action="/cases/2/resume"' not in collector.get("/cases/2").text
    with runtime.store.begin() as rows:
        kinds = rows.execute(text("SELECT kind FROM evidence_entry WHERE case_id = 2 ORDER BY id")).scalars().all()
    assert kinds == ["stop state", "stop state ended"]


@pytest.mark.parametrize(("state", "note"), [("no_contact", ""), ("whatever", "x"), ("deceased", "此人是老赖")])
def test_contact_ends_for_a_known_reason_that_rests_on_something_and_is_put_neutrally(
    staff: LogIn, lived: World, runtime: Runtime, state: str, note: str
) -> None:
    collector = staff("collector")
    collector.submit("/cases/2", "/cases/2/stop", state=state, note=note)
    assert 'class="flash error"' in collector.get("/cases/2").text
    assert facts(runtime, "stop state") == []
