"""Health, metrics and the billing system's API."""

from typing import Any

import pytest
from sqlalchemy import text

from orchestrator import people
from orchestrator.runtime import Runtime
from tests.orchestrator.web.conftest import Client
from tests.world import World, month

FACTS: dict[str, Any] = {
    "id": "c1",
    "now": "2026-09-24T10:00:00+08:00",
    "pack": "cn-property",
    "timezone": "Asia/Shanghai",
    "sequence": "standard",
    "cursor": 1,
    "charges": [{"period": "2026-06", "due_on": "2026-06-30", "amount": "400.00", "paid": "0.00"}],
}


@pytest.fixture
def key(runtime: Runtime) -> dict[str, str]:
    return {"Authorization": f"Bearer {people.add(runtime, 'billing', 'integration')}"}


def test_live_asks_nobody_and_ready_names_what_lacks(client: Client) -> None:
    assert client.get("/health/live").json() == {"live": True}
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()) == (503, {"database": True, "broker": False})


def test_metrics_count_by_state_and_name_nobody(client: Client, world: World) -> None:
    world.home("3-1-0401", "孙丽", charges=[month(2026, 9)]).open_case().attempt("sms", "delivered")
    told = client.get("/metrics").text
    assert 'xianli_cases{state="open"} 1.0' in told
    assert 'xianli_attempts{channel="sms",state="delivered"} 1.0' in told
    assert "孙丽" not in told


def test_a_decision_over_http_is_the_one_of_the_command_line(client: Client, key: dict[str, str]) -> None:
    answer = client.post("/api/v1/decide", json=FACTS, headers=key)
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["action"], answer.json()["step"]) == ("c1", "send", "notice-sms")
    assert client.post("/api/v1/decide?lang=zh", json=FACTS, headers=key).json()["because"] != answer.json()["because"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"id":"c1","nonsense":1}'])
def test_facts_that_cannot_be_read_are_answered_with_the_reason(client: Client, key: dict[str, str], body: bytes) -> None:
    answer = client.post("/api/v1/decide", data=body, headers=key)
    assert answer.status_code == 422
    assert answer.json()["error"]


@pytest.mark.parametrize("presented", ["", "Bearer nobody.x", "Bearer billing.wrong", "Basic YTpi"])
def test_without_the_key_nothing_is_answered(client: Client, key: dict[str, str], presented: str) -> None:
    assert client.post("/api/v1/decide", json=FACTS, headers={"Authorization": presented}).status_code == 401


def test_a_password_is_no_key_and_a_key_opens_no_console(client: Client, runtime: Runtime) -> None:
    password = people.add(runtime, "boss", "administrator")
    key = people.add(runtime, "billing", "integration")
    assert client.post("/api/v1/decide", json=FACTS, headers={"Authorization": f"Bearer boss.{password}"}).status_code == 401
    assert people.verify(runtime, "billing", key.partition(".")[2]) is None


def test_neither_password_nor_key_is_kept(runtime: Runtime) -> None:
    secrets = [people.add(runtime, "boss", "administrator"), people.add(runtime, "billing", "integration").partition(".")[2]]
    with runtime.store.begin() as rows:
        hashes = rows.execute(text("""SELECT password_hash FROM "user" ORDER BY id""")).scalars().all()
    assert hashes[0].startswith("$argon2id$")
    assert not any(secret in kept for secret in secrets for kept in hashes)


def test_a_name_is_taken_once_and_a_role_is_a_known_one(runtime: Runtime) -> None:
    people.add(runtime, "boss", "administrator")
    with pytest.raises(people.NameTaken):
        people.add(runtime, "boss", "auditor")
    with pytest.raises(ValueError, match="is no role"):
        people.add(runtime, "clerk", "king")


def test_a_reset_password_replaces_the_old_one(runtime: Runtime) -> None:
    old = people.add(runtime, "boss", "administrator")
    new = people.reset(runtime, "boss")
    assert people.verify(runtime, "boss", old) is None
    assert people.verify(runtime, "boss", new) is not None


def test_the_api_describes_itself(client: Client) -> None:
    described = client.get("/api/openapi.json").json()
    assert "/api/v1/decide" in described["paths"]
