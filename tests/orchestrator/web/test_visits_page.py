"""Visits by route, over real HTTP: approved before they are walked, reported from the door with photos and a signature."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import text

from orchestrator import auditing, people
from orchestrator.runtime import Runtime
from orchestrator.store import proofs, site_days, versions
from orchestrator.versions import content_of
from orchestrator.visiting import code, reports
from tests.conftest import Clock
from tests.logged import facts
from tests.orchestrator.web.conftest import Client, csrf
from tests.world import Home, World, month

LogIn = Callable[[str], Client]
DAY = "2026-11-24"


@pytest.fixture
def homes(world: World) -> list[Home]:
    """Three doors of one building, as an import leaves them: not in the order one walks."""
    made = [world.home(label, "王芳", charges=[month(2026, 5)]).open_case(cursor=4) for label in ("3-1-1201", "3-1-201", "3-2-101")]
    for home in made:
        home.task("visit", home.attempt("visit", "accepted", step="visit"))
    return made


@pytest.fixture
def supervisor(client: Client, runtime: Runtime) -> Callable[[], Client]:
    return _logs_in(client, runtime, "林主管", "supervisor")


@pytest.fixture
def collector(client: Client, runtime: Runtime) -> Callable[[], Client]:
    return _logs_in(client, runtime, "陈工", "collector")


@pytest.fixture
def companion(client: Client, runtime: Runtime) -> Callable[[], Client]:
    return _logs_in(client, runtime, "赵工", "collector")


def _logs_in(client: Client, runtime: Runtime, name: str, role: str) -> Callable[[], Client]:
    password = people.add(runtime, name, role)

    def log_in() -> Client:
        client.cookies.clear()
        assert client.submit("/login", "/login", username=name, password=password).status_code == 303
        return client

    return log_in


def approve(client: Client, world: World, *tasks: int, **more: str) -> Client:
    fields = {"community": str(world.community_id), "building": "3", "day": DAY, "collector": "陈工", "stop": [str(each) for each in tasks]}
    client.submit("/visits", "/visits/approve", **(fields | more))  # type: ignore[arg-type]
    return client


@pytest.fixture
def walking(homes: list[Home], world: World, supervisor: Callable[[], Client], collector: Callable[[], Client]) -> "Walk":
    """A collector before the first door of an approved route."""
    approve(supervisor(), world, 1, 2, 3)
    walk = Walk(collector(), world)
    walk.client.submit("/visits/1", "/visits/1/start")
    return walk


class Walk:
    """What a phone does at a door."""

    def __init__(self, client: Client, world: World) -> None:
        self.client, self.world = client, world

    def headers(self) -> dict[str, str]:
        return {"X-CSRFToken": csrf(self.client.get("/visits/1").text), "Accept": "application/json"}

    def begin(self, data: bytes, kind: str, shot: str = "", key: str = "k1") -> dict[str, int]:
        answer = self.client.post(
            "/visits/1/uploads", data={"key": key, "kind": kind, "shot": shot, "size": str(len(data))}, headers=self.headers()
        )
        assert answer.status_code == 200, answer.text
        return json.loads(answer.text)  # type: ignore[no-any-return]

    def patch(self, upload: int, offset: int, piece: bytes):
        return self.client.patch(f"/visits/uploads/{upload}", data=piece, headers=self.headers() | {"Upload-Offset": str(offset)})

    def bring(self, data: bytes, kind: str = "photo", shot: str = "", key: str = "k1") -> int:
        answer = self.patch(self.begin(data, kind, shot, key)["id"], 0, data)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["exhibit"])

    def report(self, **fields: str) -> dict[str, str]:
        said = {"key": "r1", "outcome": "no_answer", "note": ""} | fields
        answer = self.client.post("/visits/1/report", data=said, headers=self.headers())
        return json.loads(answer.text)  # type: ignore[no-any-return]

    def value(self, query: str) -> object:
        with self.world.store.begin() as rows:
            return rows.execute(text(query)).scalar()

    def grade(self, charge_id: int) -> str:
        with self.world.store.begin() as rows:
            (demand,) = proofs.demands(rows, [charge_id])[charge_id]
        return demand.grade


def picture(form: str = "JPEG", side: int = 60) -> bytes:
    made = BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(made, form)
    return made.getvalue()


def test_doors_are_proposed_by_building_in_the_order_one_walks(homes: list[Home], supervisor: Callable[[], Client]) -> None:
    page = supervisor().get("/visits").text
    assert page.index("3-1-201") < page.index("3-1-1201") < page.index("3-2-101")
    assert page.count('action="/visits/approve"') == 1


def test_a_route_is_approved_in_one_act_and_only_then_shown_to_who_walks_it(
    homes: list[Home], world: World, supervisor: Callable[[], Client], collector: Callable[[], Client], companion: Callable[[], Client]
) -> None:
    assert "3-1-201" not in collector().get("/visits").text
    assert "3-1-201" not in collector().get("/tasks").text
    assert collector().get("/visits/1").status_code == 404
    approve(supervisor(), world, 1, 2, 3)
    assert "3-1-201" in collector().get("/visits").text
    assert collector().get("/visits/1").status_code == 200
    assert "3-1-201" not in companion().get("/visits").text
    assert companion().get("/visits/1").status_code == 404
    with world.store.begin() as rows:
        stops = rows.execute(text("SELECT task_id FROM visit_stop ORDER BY place")).scalars().all()
        entries = rows.execute(text("SELECT count(*) FROM evidence_entry WHERE kind = 'route approved'")).scalar()
    assert (list(stops), entries) == ([2, 1, 3], 1)


def test_a_collector_approves_no_route(homes: list[Home], world: World, collector: Callable[[], Client]) -> None:
    answer = collector().submit(
        "/visits", "/visits/approve", community=str(world.community_id), building="3", day=DAY, collector="陈工", stop="1"
    )
    assert answer.status_code == 403


def test_two_go_where_somebody_asked_for_company_and_the_second_is_named(
    homes: list[Home], world: World, supervisor: Callable[[], Client], collector: Callable[[], Client], companion: Callable[[], Client]
) -> None:
    assert "name the companion" in approve(supervisor(), world, 1, 2, flagged="2").get("/visits").text
    approve(supervisor(), world, 1, 2, flagged="2", companion="赵工")
    with world.store.begin() as rows:
        assert rows.execute(text("SELECT task_id, persons FROM visit_stop ORDER BY place")).all() == [(2, 2), (1, 1)]
    assert "3-1-201" in companion().get("/visits").text


def test_a_formal_demand_is_served_by_two(world: World, supervisor: Callable[[], Client], collector: Callable[[], Client]) -> None:
    home = world.home("3-1-1201", "王芳", charges=[month(2026, 5)]).open_case(cursor=4)
    home.task("visit", home.attempt("visit", "accepted", step="formal-demand"), about="formal-demand")
    assert "name the companion" in approve(supervisor(), world, 1).get("/visits").text


def test_a_stop_is_removed_with_its_reason_and_waits_for_another_day(
    homes: list[Home], world: World, supervisor: Callable[[], Client], collector: Callable[[], Client]
) -> None:
    approve(supervisor(), world, 1, 2, 3)
    supervisor().submit("/visits", "/visits/1/remove", because="电梯检修")
    assert "3-1-1201" not in collector().get("/visits").text
    assert "3-1-1201" not in supervisor().get("/visits").text
    assert "3-1-1201" in supervisor().get("/visits?day=2026-11-25").text
    with world.store.begin() as rows:
        removed = rows.execute(text("SELECT removed_by, removed_because FROM visit_stop WHERE task_id = 1")).one()
    assert removed == ("林主管", "电梯检修")


def test_what_was_not_walked_is_carried_over_to_the_next_days_route(
    homes: list[Home], world: World, clock: Clock, supervisor: Callable[[], Client], collector: Callable[[], Client]
) -> None:
    approve(supervisor(), world, 1)
    clock.at = clock.at.replace(day=25)
    approve(supervisor(), world, 1, day="2026-11-25")
    with world.store.begin() as rows:
        live = rows.execute(
            text("SELECT r.day FROM visit_stop s JOIN visit_route r ON r.id = s.route_id WHERE s.removed_at IS NULL")
        ).scalars()
        assert [str(day) for day in live] == ["2026-11-25"]


def test_nobody_rings_outside_the_visiting_hours(
    homes: list[Home], world: World, clock: Clock, supervisor: Callable[[], Client], collector: Callable[[], Client]
) -> None:
    approve(supervisor(), world, 1)
    clock.at = clock.at.replace(hour=5)
    page = collector().get("/visits/1").text
    assert "现在不在可上门时段，11月24日 周二 14:00 开放" in page
    collector().submit("/visits/1", "/visits/1/start")
    with world.store.begin() as rows:
        assert rows.execute(text("SELECT started_at FROM visit_stop")).scalar() is None


def test_on_a_day_of_silence_of_the_community_nobody_rings(
    homes: list[Home], world: World, supervisor: Callable[[], Client], collector: Callable[[], Client]
) -> None:
    approve(supervisor(), world, 1)
    with world.store.begin() as rows:
        site_days.add(rows, world.community_name, date(2026, 11, 24), "小区祭扫", "李敏", world.now, world.now)
    page = collector().get("/visits/1").text
    assert "现在不在可上门时段，11月25日 周三 10:00 开放" in page
    assert 'action="/visits/1/start"' not in page


def test_the_code_of_the_day_is_shown_big_and_goes_into_the_report(walking: Walk, runtime: Runtime, world: World) -> None:
    today = code.of_day(runtime.settings.secret_key, world.community_id, world.now.date())
    assert f'id="code">{today}<' in walking.client.get("/visits/1").text
    walking.report(outcome="no_answer")
    assert walking.value("SELECT report ->> 'code' FROM task WHERE id = 1") == today


def test_a_visit_handed_over_and_signed_is_one_entry_with_the_hashes_of_what_was_brought(
    walking: Walk, homes: list[Home], runtime: Runtime
) -> None:
    walking.bring(picture(), "photo", "door_number", "p1")
    walking.bring(picture("PNG"), "signature", key="s1")
    said = walking.report(
        outcome="handed_over",
        signer="family",
        signer_name="王强",
        witness="李干事",
        witness_role="neutral",
        latitude="30.27000",
        longitude="120.15500",
        accuracy="12",
        device_at="2026-11-24T02:00:09.000Z",
        ticked="outside_only",
    )
    assert said == {"next": "/visits"}
    with walking.world.store.begin() as rows:
        (payload,) = facts(rows, "visit report")
        kept = {bytes(digest).hex() for digest in rows.execute(text("SELECT sha256 FROM exhibit")).scalars()}
    assert auditing.audit(runtime).faults == ()
    assert {each["sha256"] for each in payload["exhibits"]} == kept
    assert [each["shot"] for each in payload["exhibits"]] == ["door_number", None]
    assert (payload["signer"], payload["signer_name"], payload["witness"]) == ("family", "王强", {"name": "李干事", "role": "neutral"})
    assert payload["place"] == {"latitude": "30.27000", "longitude": "120.15500", "accuracy": "12"}
    assert walking.value("SELECT state || ' ' || outcome || ' ' || signer FROM attempt WHERE id = 1") == "delivered handed_over family"
    assert walking.grade(homes[0].charge_ids[0]) == "A"


@pytest.mark.parametrize("told", ["2026-11-24T02:00:09", "2026-11-24", "刚才", "9999-12-31T23:59:59-10:00"])
def test_a_time_of_the_phone_that_cannot_be_told_is_refused_and_the_visit_can_be_reported_again(walking: Walk, told: str) -> None:
    assert "手机时间" in walking.report(device_at=told)["error"]
    assert walking.report(device_at="2026-11-24T10:00:09+08:00") == {"next": "/visits"}


def test_a_notice_nobody_signed_for_supports_only(walking: Walk, homes: list[Home]) -> None:
    walking.report(outcome="handed_over", signer="self")
    assert walking.grade(homes[0].charge_ids[0]) == "C"


def test_a_report_sent_twice_is_one_and_another_of_the_same_visit_is_refused(walking: Walk) -> None:
    assert walking.report(key="r1", outcome="no_answer") == {"next": "/visits"}
    assert walking.report(key="r1", outcome="no_answer") == {"next": "/visits"}
    assert "not open" in walking.report(key="r2", outcome="affixed")["error"]
    assert walking.value("SELECT count(*) FROM evidence_entry WHERE kind = 'visit report'") == 1


def test_what_was_affixed_counts_once_somebody_else_saw_the_code_in_the_photos(
    homes: list[Home], world: World, supervisor: Callable[[], Client], collector: Callable[[], Client], companion: Callable[[], Client]
) -> None:
    approve(supervisor(), world, 1, companion="赵工")
    walk = Walk(collector(), world)
    walk.client.submit("/visits/1", "/visits/1/start")
    walk.bring(picture(), "photo", "fixed")
    walk.report(outcome="affixed", companion="赵工")
    assert walk.grade(homes[0].charge_ids[0]) == "0"
    seen = supervisor()
    assert "/visits/exhibits/1" in seen.get("/visits/photos").text
    seen.submit("/visits/photos", "/visits/1/look", code_seen="yes")
    assert walk.grade(homes[0].charge_ids[0]) == "C"
    assert "/visits/exhibits/1" not in seen.get("/visits/photos").text
    with world.store.begin() as rows:
        assert rows.execute(text("""SELECT ask_at FROM "case" WHERE id = :id"""), {"id": homes[0].case_id}).scalar() == world.now


def test_with_a_neutral_witness_and_the_same_demand_by_registered_post_that_day_what_was_affixed_counts_for_more(
    homes: list[Home], world: World, runtime: Runtime, supervisor: Callable[[], Client], collector: Callable[[], Client]
) -> None:
    home = homes[0]
    with world.store.begin() as rows:
        versions.keep(rows, [("sequence", content_of(runtime.packs.sequence("standard")))], world.now, world.now)
    approve(supervisor(), world, 1, collector="林主管", companion="陈工")
    walk = Walk(supervisor(), world)
    walk.client.submit("/visits/1", "/visits/1/start")
    walk.bring(picture())
    walk.report(outcome="affixed", companion="陈工", witness="李干事", witness_role="neutral")
    reports.look(runtime, 1, "王经理", code_seen=True)
    assert walk.grade(home.charge_ids[0]) == "C"
    letter = home.attempt("letter", "sent", step="formal-demand", sent=timedelta(hours=3))
    with world.store.begin() as rows:
        visited = proofs.demands(rows, home.charge_ids)[home.charge_ids[0]][0]
    assert (visited.channel, visited.grade) == ("visit", "B")
    with world.store.begin() as rows:
        rows.execute(text("UPDATE attempt SET sent_at = sent_at - interval '1 day' WHERE id = :id"), {"id": letter})
        assert proofs.demands(rows, home.charge_ids)[home.charge_ids[0]][0].grade == "C"


def test_the_payment_link_of_the_community_is_shown_as_a_code_to_scan(walking: Walk) -> None:
    assert walking.client.get("/visits/1/pay.png").status_code == 404
    with walking.world.store.begin() as rows:
        rows.execute(text("UPDATE community SET how_to_pay = '扫码缴费：https://pay.example/c/7，或至服务中心'"))
    drawn = Image.open(BytesIO(walking.client.get("/visits/1/pay.png").content))
    (read,) = zxingcpp.read_barcodes(drawn)
    assert read.text == "https://pay.example/c/7"
    assert '<img class="pay"' in walking.client.get("/visits/1").text


def test_the_code_at_the_door_is_the_payment_code_of_the_letters(walking: Walk) -> None:
    with walking.world.store.begin() as rows:
        rows.execute(text("UPDATE community SET payment_code = 'https://pay.example/c?home={account}&ref={reference}'"))
    (read,) = zxingcpp.read_barcodes(Image.open(BytesIO(walking.client.get("/visits/1/pay.png").content)))
    assert read.text.startswith("https://pay.example/c?home=3-1-")
    assert read.text.endswith("&ref=XL00000001")


def test_who_was_at_the_door_does_not_look_at_their_own_photos(
    homes: list[Home], world: World, supervisor: Callable[[], Client], collector: Callable[[], Client]
) -> None:
    approve(supervisor(), world, 1, collector="林主管")
    walk = Walk(supervisor(), world)
    walk.client.submit("/visits/1", "/visits/1/start")
    walk.bring(picture())
    walk.report(outcome="affixed")
    walk.client.submit("/visits", "/visits/1/look", code_seen="yes")
    assert walk.value("SELECT count(*) FROM visit_look") == 0


def test_an_upload_goes_on_where_the_connection_was_lost(walking: Walk) -> None:
    data = picture(side=200)
    upload = walking.begin(data, "photo", "notice")["id"]
    assert walking.patch(upload, 0, data[:1000]).headers["Upload-Offset"] == "1000"
    assert walking.client.head(f"/visits/uploads/{upload}").headers["Upload-Offset"] == "1000"
    assert walking.begin(data, "photo", "notice") == {"id": upload, "offset": 1000, "size": len(data), "exhibit": None}
    again = walking.patch(upload, 0, data[:1000])
    assert (again.status_code, again.headers["Upload-Offset"]) == (409, "1000")
    done = walking.patch(upload, 1000, data[1000:])
    assert (done.status_code, done.json()["exhibit"]) == (200, 1)
    assert walking.patch(upload, len(data), b"").json()["exhibit"] == 1
    assert walking.value("SELECT count(*) FROM exhibit") == 1


def test_a_file_that_is_whole_but_was_not_taken_is_taken_by_an_empty_piece(walking: Walk, runtime: Runtime) -> None:
    data = picture()
    upload = walking.begin(data, "photo")["id"]
    parts = runtime.settings.exhibits / "parts"
    parts.mkdir()
    (parts / str(upload)).write_bytes(data)
    assert walking.patch(upload, len(data), b"").json()["exhibit"] == 1
    assert list(parts.iterdir()) == []


def test_what_is_no_picture_is_refused_with_the_cure_and_thrown_away(walking: Walk, runtime: Runtime) -> None:
    data = b"<svg onload=alert(1)>" * 10
    answer = walking.patch(walking.begin(data, "photo")["id"], 0, data)
    assert answer.status_code == 422
    assert "bring one of image/jpeg" in answer.json()["error"]
    assert list((runtime.settings.exhibits / "parts").iterdir()) == []


def test_another_person_neither_sees_nor_goes_on_with_an_upload(walking: Walk, companion: Callable[[], Client]) -> None:
    upload = walking.begin(picture(), "photo")["id"]
    companion()
    assert walking.client.get(f"/visits/uploads/{upload}").status_code == 404


def test_a_picture_is_shown_as_a_bare_copy_to_who_brought_it_and_to_who_reads_evidence(
    walking: Walk, companion: Callable[[], Client], supervisor: Callable[[], Client]
) -> None:
    exhibit = walking.bring(picture("PNG"))
    shown = walking.client.get(f"/visits/exhibits/{exhibit}")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert companion().get(f"/visits/exhibits/{exhibit}").status_code == 404
    assert supervisor().get(f"/visits/exhibits/{exhibit}").status_code == 200


def test_a_picture_that_was_changed_on_the_disk_is_not_shown(
    walking: Walk, runtime: Runtime, supervisor: Callable[[], Client], caplog: pytest.LogCaptureFixture
) -> None:
    exhibit = walking.bring(picture("PNG"))
    assert f'href="/visits/exhibits/{exhibit}"' in supervisor().get("/cases/1").text
    (kept,) = (path for path in (runtime.settings.exhibits / "kept").rglob("*") if path.is_file())
    kept.write_bytes(picture("PNG", 61))
    answer = walking.client.get(f"/visits/exhibits/{exhibit}")
    assert answer.status_code == 500
    assert "请从备份恢复" in answer.text
    assert "not what was kept" in caplog.text


@pytest.mark.parametrize("outcome", ["moved_away", "not_this_person"])
def test_who_is_not_there_any_more_is_looked_for(walking: Walk, outcome: str) -> None:
    walking.report(outcome=outcome)
    assert walking.value("SELECT about FROM task WHERE kind = 'check' AND state = 'open'") == outcome
    assert walking.value("SELECT state FROM attempt WHERE id = 1") == "undelivered"


def test_who_says_that_it_is_paid_is_left_in_peace_for_72_hours(walking: Walk) -> None:
    walking.report(outcome="handed_over", signer="self", paid="yes")
    assert walking.value("SELECT extract(epoch FROM until - since) / 3600 FROM hold WHERE reason = 'paid_already'") == 72
    assert walking.value("SELECT about FROM task WHERE kind = 'check' AND state = 'open'") == "paid_already"


def test_a_page_at_the_door_may_ask_where_the_phone_is_and_no_other_page_may(walking: Walk) -> None:
    assert "geolocation=(self)" in walking.client.get("/visits/1").headers["Permissions-Policy"]
    assert "geolocation=()" in walking.client.get("/visits").headers["Permissions-Policy"]
