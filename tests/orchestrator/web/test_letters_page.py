"""The page 信件: staff download, number, hand over and follow letters with a barcode reader and the keyboard alone."""

from datetime import UTC, datetime

import pytest
import typst

from orchestrator import people
from orchestrator.posting import batches
from orchestrator.posting.printed import folder_of
from tests.orchestrator.web.conftest import csrf
from tests.world import World, month

CUT_OFF = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
EMS = "EA473124829CN"


@pytest.fixture
def letters(runtime, world, clock) -> list[str]:
    """The references of two registered letters in an open batch."""
    attempts = []
    for label, name in (("3-1-0401", "孙丽"), ("3-1-0402", "张军")):
        home = world.home(label, name, charges=[month(2026, 8)]).open_case(cursor=5)
        page = typst.compile(name.encode())
        attempts.append(home.attempt("letter", "accepted", step="formal-demand", document=page, provider_id=f"print-{label}"))
    with runtime.store.begin() as rows:
        rows.exec_driver_sql(f"UPDATE attempt SET provider = 'print', sent_at = '{clock.at.isoformat()}'")
        rows.exec_driver_sql("UPDATE message SET registered = true")
    batches.gather(runtime)
    return [f"XL{attempt_id:08d}" for attempt_id in attempts]


@pytest.fixture
def batch(runtime, clock, letters) -> list[str]:
    """The same, closed and made."""
    clock.at = CUT_OFF
    batches.tend(runtime)
    return letters


def scan(client, code, waiting=""):
    answer = client.submit("/letters/batches/1/scan", "/letters/batches/1/scan", code=code, letter=waiting)
    assert answer.status_code == 303
    return client.get(answer.headers["location"]).text


def test_an_open_batch_shows_how_long_it_is_open(staff, letters):
    page = staff("collector").get("/letters").text
    assert "XB00000001" in page
    assert "还有 6 小时 0 分" in page
    assert "打印 PDF" not in staff("collector").get("/letters/batches/1").text


def test_a_closed_batch_is_downloaded_as_it_was_made(staff, runtime, batch):
    client = staff("collector")
    for name, media in (("letters.pdf", "application/pdf"), ("ems.csv", "text/csv; charset=utf-8"), ("manifest.json", "application/json")):
        answer = client.get(f"/letters/batches/1/files/{name}")
        assert answer.content == (folder_of(runtime.settings.exhibits, 1) / name).read_bytes()
        assert answer.headers["content-type"] == media
    for path in ("/letters/batches/1/files/..%2fsecrets", "/letters/batches/1/files/other", "/letters/batches/9"):
        assert client.get(path).status_code == 404


def test_the_letter_and_its_number_are_scanned_one_after_the_other(staff, batch):
    client = staff("collector")
    page = scan(client, batch[0].lower())
    assert f'name="letter" value="{batch[0]}"' in page
    page = scan(client, EMS, batch[0])
    assert f"{batch[0]} → {EMS}" in page
    assert 'name="letter" value=""' in page
    assert "1/2" in page
    assert "autofocus" in page


def test_a_wrong_number_is_said_and_the_letter_stays_in_hand(staff, batch):
    client = staff("collector")
    page = scan(client, "EA473124828CN", batch[0])
    assert 'class="flash error"' in page
    assert f'name="letter" value="{batch[0]}"' in page
    page = scan(client, "XL00000999", batch[0])
    assert f'name="letter" value="{batch[0]}"' in page
    assert 'class="flash error"' in scan(client, EMS), "no letter is in hand"


def test_the_last_scan_is_undone(staff, batch):
    client = staff("collector")
    scan(client, EMS, batch[0])
    answer = client.submit("/letters/batches/1/scan", "/letters/batches/1/undo")
    assert f"已撤销 {batch[0]}" in client.get(answer.headers["location"]).text
    assert "1/2" in scan(client, EMS, batch[1])


def test_a_batch_is_handed_to_the_post_once(staff, batch):
    client = staff("collector")
    assert client.submit("/letters/batches/1", "/letters/batches/1/handover").status_code == 303
    page = client.get("/letters/batches/1").text
    assert "已交寄" in page
    assert 'action="/letters/batches/1/handover"' not in page


def upload(client, action, file=None, **fields):
    """Send a form with a file."""
    token = csrf(client.get("/letters").text)
    answer = client.post(action, data={"csrftoken": token, **fields}, files={"file": file} if file else {"photo": b""})
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"]).text


def test_tracking_is_imported_on_the_page(staff, batch):
    client = staff("collector")
    scan(client, EMS, batch[0])
    sheet = f"邮件号,时间,状态\n{EMS},2026-11-24 15:00,奇怪的状态\nX,2026-11-24 15:00,妥投\n".encode()
    page = upload(client, "/letters/tracking", ("t.csv", sheet))
    assert "2 行，1 封信，新快照 1 份" in page
    assert "奇怪的状态" in page
    assert "不是邮件号" in page
    assert "姓名" not in page
    page = upload(client, "/letters/tracking", ("t.csv", "姓名,房号\n".encode()))
    assert 'class="flash error"' in page


def test_a_returned_envelope_and_a_signed_return_are_recorded(staff, batch, runtime):
    client = staff("collector")
    assert "退信已登记" in upload(client, "/letters/returned", code=batch[0], because="moved")
    assert "回执已登记" in upload(client, "/letters/signed", code=batch[1], signer="family", on="2026-11-24")
    assert 'class="flash error"' in upload(client, "/letters/signed", code=batch[1], signer="family", on="")
    assert 'class="flash error"' in upload(client, "/letters/returned", code="?", because="moved")
    assert "信件退回，请决定下一步" in client.get("/tasks").text


def test_who_only_reads_changes_nothing(staff, batch):
    client = staff("auditor")
    page = client.get("/letters").text
    assert "XB00000001" in page
    assert 'action="/letters' not in page
    assert client.post("/letters/batches/1/handover", data={}).status_code in (400, 403)


@pytest.fixture
def stranger(client, runtime):
    """Logs in a collector of another community."""

    def log_in():
        World(runtime.store, community_name="别处")
        password = people.add(runtime, "外人", "collector", community="别处")
        client.cookies.clear()
        client.submit("/login", "/login", username="外人", password=password)
        return client

    return log_in


def test_staff_of_another_community_see_none_of_it(stranger, batch):
    client = stranger()
    assert "XB00000001" not in client.get("/letters").text
    assert client.get("/letters/batches/1").status_code == 404
    assert client.get("/letters/batches/1/files/letters.pdf").status_code == 404
    assert "还没有信件" in client.get("/letters").text


def test_staff_of_another_community_bring_no_tracking_of_it(staff, stranger, runtime, batch):
    scan(staff("collector"), EMS, batch[0])
    page = upload(stranger(), "/letters/tracking", ("t.csv", f"邮件号,时间,状态,签收人\n{EMS},2026-11-24 15:00,妥投,本人\n".encode()))
    assert "不是我方邮件" in page
    with runtime.store.begin() as rows:
        assert rows.exec_driver_sql("SELECT count(*) FROM letter_snapshot").scalar() == 0


def test_the_page_is_there_in_english(staff, batch):
    client = staff("collector")
    client.get("/language/en")
    assert "Scan the XL barcode" in client.get("/letters/batches/1/scan").text
    assert "Photo of the envelope" in client.get("/letters").text
