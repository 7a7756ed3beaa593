"""Another server stands where Twilio is, with all that may go wrong: nothing is sent twice, and what we know is what it knows."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from channels import open_channels
from channels.carrier.callbacks import Identity
from channels.carrier.server import carrier_app
from channels.carrier.world import World
from orchestrator import casework, outreach
from orchestrator.runtime import Runtime
from orchestrator.sandbox.carrier import Carrier
from orchestrator.web.app import create_app
from tests.channels.another_twilio import TAKEN_UNANSWERED, AnotherTwilio, Taken
from tests.channels.conftest import SEED
from tests.channels.conftest import Stage as Served
from tests.conftest import Clock
from tests.journeys.stage import Bill, Stage, local
from tests.journeys.test_whole_cases import AUTUMN

HOMES = 24
SKEW = timedelta(minutes=-4)

OURS = {
    "sms": {
        **dict.fromkeys(("queued", "sending"), "accepted"),
        "sent": "sent",
        **dict.fromkeys(("delivered", "read"), "delivered"),
        "undelivered": "undelivered",
        **dict.fromkeys(("failed", "canceled"), "failed"),
    },
    "voice": {
        **dict.fromkeys(("queued", "initiated"), "accepted"),
        **dict.fromkeys(("ringing", "in-progress"), "sent"),
        "completed": "delivered",
        **dict.fromkeys(("busy", "no-answer"), "undelivered"),
        "failed": "failed",
    },
}


class Together(Carrier):
    """Our own carrier for the post and the bank, the other server for texts and calls; both are told the time."""

    def __init__(self, url: str, other: AnotherTwilio) -> None:
        super().__init__(url)
        self.other = other

    def tell_time(self, now: datetime) -> datetime | None:
        return min((each for each in (super().tell_time(now), self.other.live(now)) if each), default=None)

    def log(self) -> Iterator[Mapping[str, Any]]:
        yield from super().log()
        for each in self.other.taken:
            yield {
                "kind": each.kind,
                "at": each.at.isoformat(),
                "to": each.to,
                "attempt": each.attempt,
                "status": each.status,
                "sid": each.sid,
                "answered_by": each.answered_by,
                "error_code": str(each.error) if each.error else None,
                "events": [],
                "keys": "",
                "body": each.body,
                "from": each.sender,
                "wall": each.created.isoformat(),
            }


@dataclass
class Judged:
    stage: Stage
    other: AnotherTwilio

    def begin(self, homes: int) -> None:
        self.stage.bill(*(Bill(f"{1 + n // 30}-1-{n:04d}", "王芳", f"+86199000{n:05d}", AUTUMN) for n in range(homes)))
        self.stage.open_cases()

    def live(self, until: datetime) -> None:
        """Day by day: what nothing was heard of is asked about, and a person who looked says of what is nowhere that it never left."""
        while self.stage.clock.at < until:
            self.stage.live(min(self.stage.clock.at + timedelta(hours=6), until))
            outreach.catch_up(self.stage.runtime)
            taken = {each.attempt for each in self.other.taken}
            for task in self.stage.doubts():
                attempt = self.stage.value("SELECT attempt_id FROM task WHERE id = :id", id=task)
                assert attempt not in taken, "what the server has was taken for absent"
                casework.complete_check(self.stage.runtime, task, "collector", "")
        self.stage.come_to_rest()

    def attempts(self) -> dict[int, Any]:
        with self.stage.runtime.store.begin() as rows:
            return {row.id: row for row in rows.execute(_ATTEMPTS)}


_ATTEMPTS = text("""
    SELECT a.id, a.case_id, a.step, a.round, a.channel, a.contact_point_id, a.state, a.outcome, a.error_code, a.provider_id,
           (SELECT count(*) FROM evidence_entry e WHERE e.attempt_id = a.id AND e.kind = 'handover') AS answers
      FROM attempt a WHERE a.channel IN ('sms', 'voice')
""")


@pytest.fixture(params=range(2))
def judged(
    request: pytest.FixtureRequest,
    runtime: Runtime,
    clock: Clock,
    carrier_stage: tuple[Served, str],
    house_stage: tuple[Served, str],
    tmp_path: Path,
) -> Iterator[Judged]:
    (carrier, carrier_url), (house, house_url) = carrier_stage, house_stage
    account, token = str(runtime.settings.twilio_account_sid), str(runtime.settings.twilio_auth_token)
    people = World(SEED, clock.at, clock, journal=None)
    with closing(AnotherTwilio(account, token, clock, request.param, SKEW)) as other:
        settings = runtime.settings.model_copy(
            update={"public_url": house_url, "twilio_api_url": other.url, "post_url": carrier_url, "exhibits": tmp_path}
        )
        here = replace(runtime, settings=settings, lines=open_channels(settings, clock))
        with (
            house.play(create_app(here, hear=lambda receipt_ids: None)),
            carrier.play(carrier_app(people, Identity(account, token, str(settings.post_token)), f"{house_url}/webhooks/twilio/sms")),
            closing(Together(carrier_url, other)) as client,
        ):
            yield Judged(Stage(here, client, carrier_url, clock, tmp_path), other)


def test_nothing_is_sent_twice_and_all_that_is_known_is_what_the_server_knows(judged: Judged) -> None:
    stage, other = judged.stage, judged.other
    judged.begin(HOMES)
    judged.live(local("2026-12-06 23:00"))
    attempts = judged.attempts()

    assert len(other.taken) > 2 * HOMES
    each_attempt = Counter(taken.attempt for taken in other.taken)
    assert [attempt for attempt, times in each_attempt.items() if times > 1] == []
    each_step = Counter((taken.to, (of := attempts[taken.attempt]).case_id, of.step, of.round) for taken in other.taken)
    assert [step for step, times in each_step.items() if times > 1] == []

    known = {taken.sid: (attempts[taken.attempt].provider_id, attempts[taken.attempt].state) for taken in other.taken}
    assert known == {taken.sid: (taken.sid, _state(taken)) for taken in other.taken}
    never_taken = [of for attempt, of in attempts.items() if attempt not in each_attempt]
    assert {of.state for of in never_taken} <= {"failed", "cancelled", "planned"}

    lost = [taken for taken in other.taken if other.answers[taken.attempt][-1] in TAKEN_UNANSWERED]
    found = [taken for taken in lost if attempts[taken.attempt].answers == 2]
    assert len(found) > HOMES / 6, "what no callback told of was looked up"
    assert stage.violations() == []
    assert stage.faults_of_evidence() == ()


def test_what_is_forged_or_replayed_changes_nothing(judged: Judged) -> None:
    stage, other = judged.stage, judged.other
    judged.begin(6)
    judged.live(local("2026-12-02 23:00"))
    before = judged.attempts()
    first, *others = other.taken
    for taken in other.taken:
        url, told = taken.asked["StatusCallback"], taken.said[-1] if taken.said else other.words(taken)
        status = "MessageStatus" if taken.kind == "sms" else "CallStatus"
        for status_claimed in OURS[taken.kind]:
            claimed = told | {status: status_claimed}
            assert other.post(url, claimed, token="guessed") == 403
            assert other.post(url, claimed | {"AccountSid": "AC" + "f" * 32}) == 403
            assert other.post(url, {name: value for name, value in claimed.items() if name != "AccountSid"}) == 403
        assert {other.post(url, word) for word in taken.said} <= {204}
        assert other.post(url, told | {"MessageSid" if taken.kind == "sms" else "CallSid": "of-another-life", status: "failed"}) == 204
    assert other.post(others[0].asked["StatusCallback"], first.said[-1] | {"AccountSid": "AC" + "f" * 32}) == 403
    judged.live(stage.clock.at + timedelta(seconds=1))
    assert judged.attempts() == before


def _state(taken: Taken) -> str:
    if (taken.status, taken.answered_by) == ("completed", "machine_start"):
        return "undelivered"
    return OURS[taken.kind][taken.status]
