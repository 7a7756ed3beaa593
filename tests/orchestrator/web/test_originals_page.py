"""原件: where each paper original lies, through whose hands it went, its scan, and the entry of the log that each act made."""

from collections.abc import Callable
from io import BytesIO

import pytest
import requests
from PIL import Image
from sqlalchemy import text

from orchestrator import auditing, people
from orchestrator.runtime import Runtime
from orchestrator.store import papers
from orchestrator.web.console.words_evidence import ENTRIES
from tests.logged import facts
from tests.orchestrator.web.conftest import Client, csrf
from tests.world import Home, World, month

LogIn = Callable[[str], Client]
LAID = {"shelf": "A-03-117", "case": "1", "what": "signed_counterpart", "attempt": "1", "confirm": "yes"}
MOVED = {"to": "court", "given_by": "林法务", "taken_by": "书记员", "remark": "收据 88 号", "confirm": "yes"}


@pytest.fixture
def home(world: World) -> Home:
    """Its formal demand was signed for, and the signed return lies before whoever keeps the originals."""
    home = world.home("3-1-0401", "孙丽", charges=[month(2026, 8)]).open_case()
    home.attempt("letter", "delivered", outcome="handed_over", step="formal-demand", signer="self")
    return home


def scan() -> bytes:
    picture = BytesIO()
    Image.new("RGB", (40, 60), "white").save(picture, "PNG")
    return picture.getvalue()


def lay(person: Client, *, picture: bytes = b"", **fields: str) -> requests.Response:
    token = csrf(person.get("/originals?case=1").text)
    files = {"scan": ("return.png", picture)} if picture else {"scan": ("", b"")}
    return person.post("/originals", data={"csrftoken": token, **LAID, **fields}, files=files)


def lying(world: World) -> list[papers.Original]:
    with world.store.begin() as rows:
        return list(papers.originals(rows))


def test_an_empty_register_says_how_its_first_original_comes_in(staff: LogIn, world: World) -> None:
    page = staff("counsel").get("/originals").text
    assert "还没有登记原件" in page
    assert 'name="case"' in page


def test_an_original_is_laid_on_a_shelf_with_its_scan_and_is_found_by_shelf_and_case(staff: LogIn, home: Home) -> None:
    counsel = staff("counsel")
    answer = lay(counsel, picture=scan())
    assert answer.headers["location"] == "/originals/1"
    page = counsel.get("/originals/1").text
    for told in ("A-03-117", "签收回证", "3-1-0401", "孙丽", "/visits/exhibits/1", "登记原件"):
        assert told in page, told
    (original,) = lying(home.world)
    assert (original.attempt_id, original.exhibit_id, original.at) == (1, 1, "shelf")
    with home.world.store.begin() as rows:
        assert [fact["by"] for fact in facts(rows, "original received")] == [original.received_by]
    for found in ("?shelf=a-03", "?case=1", "?at=shelf", "?shelf=117&case=1"):
        assert "A-03-117" in counsel.get(f"/originals{found}").text, found
    for not_found in ("?shelf=B-", "?case=2", "?at=court"):
        assert "A-03-117" not in counsel.get(f"/originals{not_found}").text, not_found


def test_two_people_move_it_and_the_page_shows_the_entry_of_the_log_that_says_so(staff: LogIn, home: Home, runtime: Runtime) -> None:
    counsel = staff("counsel")
    lay(counsel)
    counsel.submit("/originals/1", "/originals/1/move", **MOVED)
    page = counsel.get("/originals/1").text
    for told in ("法院", "林法务", "书记员", "收据 88 号"):
        assert told in page, told
    with home.world.store.begin() as rows:
        (fact,) = facts(rows, "original moved")
        leaves = rows.execute(text("SELECT encode(leaf, 'hex') FROM evidence_entry WHERE kind LIKE 'original%'")).scalars().all()
    assert (fact["given_by"], fact["taken_by"], fact["to"]) == ("林法务", "书记员", "court")
    assert fact["by"].startswith("counsel-")
    assert len(leaves) == 2
    assert all(leaf[:12] in page for leaf in leaves)
    assert "A-03-117" in counsel.get("/originals?at=court").text
    assert auditing.audit(runtime).faults == ()


def test_the_entry_beside_a_movement_is_its_own_even_where_another_original_of_the_case_moved_too(staff: LogIn, home: Home) -> None:
    counsel = staff("counsel")
    lay(counsel)
    lay(counsel, shelf="A-03-118")
    counsel.submit("/originals/2", "/originals/2/move", **MOVED)
    counsel.submit("/originals/1", "/originals/1/move", **MOVED)
    with home.world.store.begin() as rows:
        second, first = rows.execute(
            text("SELECT encode(leaf, 'hex') FROM evidence_entry WHERE kind = 'original moved' ORDER BY id")
        ).scalars()
    page = counsel.get("/originals/1").text
    assert first[:12] in page
    assert second[:12] not in page


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"confirm": ""}, "请核对实物后勾选确认"),
        ({"shelf": "  "}, "请填写架位号"),
        ({"what": "banknote"}, "请选择原件种类"),
        ({"case": "9"}, "没有案件 9"),
        ({"case": "x"}, "请填写案件号"),
        ({"attempt": "77"}, "联系 77 不属于本案"),
        ({"exhibit": "77"}, "证物 77 不属于本案"),
        ({"exhibit": "1", "picture": "too"}, "二者选一"),
    ],
)
def test_what_cannot_be_laid_down_says_what_to_mend_and_leaves_nothing(staff: LogIn, home: Home, fields: dict[str, str], why: str) -> None:
    counsel, fields = staff("counsel"), dict(fields)
    picture = scan() if fields.pop("picture", "") else b""
    answer = lay(counsel, picture=picture, **fields)
    assert answer.status_code == 303
    assert why in counsel.get(answer.headers["location"]).text
    assert lying(home.world) == []
    with home.world.store.begin() as rows:
        assert facts(rows) == []


def test_a_shelf_that_is_taken_names_another_way(staff: LogIn, home: Home) -> None:
    counsel = staff("counsel")
    lay(counsel)
    assert "A-03-117 已有原件" in counsel.get(lay(counsel).headers["location"]).text
    counsel.get("/language/en")
    assert "something lies at A-03-117 already: choose another shelf number" in counsel.get(lay(counsel).headers["location"]).text


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"confirm": ""}, "请核对实物后勾选确认"),
        ({"taken_by": "林法务"}, "交出人和接收人须为两人"),
        ({"taken_by": ""}, "请填写交出人和接收人"),
        ({"to": "bin"}, "请选择去向"),
    ],
)
def test_what_is_no_hand_over_moves_nothing(staff: LogIn, home: Home, fields: dict[str, str], why: str) -> None:
    counsel = staff("counsel")
    lay(counsel)
    counsel.submit("/originals/1", "/originals/1/move", **(MOVED | fields))
    assert why in counsel.get("/originals/1").text
    assert [each.at for each in lying(home.world)] == ["shelf"]


@pytest.mark.parametrize(
    ("role", "reads", "keeps"),
    [
        ("administrator", True, True),
        ("counsel", True, True),
        ("supervisor", True, True),
        ("auditor", True, False),
        ("collector", False, False),
    ],
)
def test_who_sees_the_register_and_who_keeps_it(staff: LogIn, home: Home, role: str, reads: bool, keeps: bool) -> None:
    lay(staff("counsel"))
    person = staff(role)
    assert person.get("/originals").status_code == (200 if reads else 403)
    assert ('href="/originals"' in person.get("/").text) == reads
    assert person.submit("/cases", "/originals/1/move", **MOVED).status_code == (303 if keeps else 403)
    assert person.submit("/cases", "/originals", **LAID).status_code == (303 if keeps else 403)


def test_an_original_of_another_community_is_not_there(client: Client, runtime: Runtime, staff: LogIn, home: Home) -> None:
    lay(staff("counsel"))
    World(runtime.store, community_name="别处")
    password = people.add(runtime, "elsewhere", "counsel", community="别处")
    client.cookies.clear()
    client.submit("/login", "/login", username="elsewhere", password=password)
    assert "A-03-117" not in client.get("/originals").text
    assert client.get("/originals/1").status_code == 404
    assert client.submit("/cases", "/originals/1/move", **MOVED).status_code == 404
    assert "没有案件 1" in client.get(client.submit("/cases", "/originals", **LAID).headers["location"]).text


def test_the_evidence_of_a_case_names_the_shelf_and_leads_to_the_register(staff: LogIn, home: Home) -> None:
    counsel = staff("counsel")
    assert "登记本案原件" in counsel.get("/cases/1/evidence").text
    lay(counsel)
    page = counsel.get("/cases/1/evidence").text
    assert '<a href="/originals/1">A-03-117</a>' in page
    assert "/originals?case=1" in page


def test_a_long_register_is_read_page_by_page(staff: LogIn, home: Home, runtime: Runtime) -> None:
    with runtime.store.begin() as rows:
        for number in range(60):
            papers.receive(rows, f"B-{number:03}", "other", 1, "lin", runtime.now(), runtime.wall())
    counsel = staff("counsel")
    first, second = counsel.get("/originals?case=1").text, counsel.get("/originals?case=1&page=2").text
    assert "B-000" in first
    assert "B-059" not in first
    assert "B-059" in second
    assert "page=2" in first


def test_the_register_is_drawn_in_english_too(staff: LogIn, home: Home) -> None:
    counsel = staff("counsel")
    counsel.get("/language/en")
    lay(counsel)
    counsel.submit("/originals/1", "/originals/1/move", **MOVED)
    page = counsel.get("/originals/1").text
    for told in ("Signed counterpart", "Court", "Original moved"):
        assert told in page, told
    assert "Paper originals" in counsel.get("/originals").text


def test_what_the_register_writes_into_the_log_has_its_words() -> None:
    assert {"original received", "original moved", "paper"} <= ENTRIES.keys()
