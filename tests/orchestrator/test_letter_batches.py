"""Letters lie in their working day's batch; it is closed once, and what it holds then is what is printed."""

import csv
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO

import pypdf
import pytest

from orchestrator import casework
from orchestrator.posting import batches
from orchestrator.posting.printed import folder_of
from orchestrator.store.casefiles import NoSuchThing
from tests.orchestrator.conftest import River
from tests.world import Home, World, month

CUT_OFF = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
"""16:00 in Shanghai, six hours after the tests begin."""


@pytest.fixture
def homes(world: World) -> list[Home]:
    """Two homes at the step of the formal demand by registered letter."""
    return [
        world.home(label, name, number, charges=[month(2026, 5), month(2026, 6)]).open_case(cursor=5)
        for label, name, number in (("3-1-1201", "王芳", "+8619900000001"), ("3-1-1202", "李雷", "+8619900000002"))
    ]


def posted(river: River, homes: list[Home]) -> list[int]:
    """Their letters, in the order of the homes, taken and laid into a batch."""
    for home in homes:
        river.ask(home)
    river.flow()
    batches.gather(river.runtime)
    assert [channel for channel, _ in river.sent] == ["letter"] * len(homes)
    return sorted(attempt_id for _, attempt_id in river.sent)


def closed(river: River) -> int:
    river.clock.at = max(river.clock.at, CUT_OFF)
    batches.close_due(river.runtime)
    batches.make_closed(river.runtime)
    return int(str(river.value("SELECT id FROM letter_batch WHERE state <> 'open'")))


def test_a_letter_composed_before_the_cut_off_goes_out_today_and_one_after_it_tomorrow(river, homes):
    first, second = homes
    posted(river, [first])
    river.clock.at = CUT_OFF
    posted_later = river.ask(second), river.flow(), batches.gather(river.runtime)
    assert posted_later
    days = river.value("SELECT string_agg(b.day::text, ' ' ORDER BY l.attempt_id) FROM letter l JOIN letter_batch b ON b.id = l.batch_id")
    assert days == "2026-11-24 2026-11-25"


def test_a_letter_whose_batch_was_closed_meanwhile_goes_into_the_next(river, homes):
    posted(river, homes[:1])
    closed(river)
    river.ask(homes[1])
    river.flow()
    river.execute("UPDATE attempt SET sent_at = :at WHERE id = (SELECT max(id) FROM attempt)", at=CUT_OFF - timedelta(seconds=1))
    batches.gather(river.runtime)
    assert river.value("SELECT string_agg(day::text || state, ' ' ORDER BY day) FROM letter_batch") == "2026-11-24closed 2026-11-25open"


def test_closing_makes_one_pdf_in_order_the_posts_sheet_and_a_manifest_of_digests(river, homes):
    first, second = posted(river, homes)
    batch_id = closed(river)
    folder = folder_of(river.runtime.settings.exhibits, batch_id)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    documents = [bytes(river.value("SELECT document FROM message WHERE attempt_id = :id", id=each)) for each in (first, second)]
    assert [each["reference"] for each in manifest["letters"]] == [f"XL{first:08d}", f"XL{second:08d}"]
    assert [each["sha256"] for each in manifest["letters"]] == [sha256(document).hexdigest() for document in documents]
    assert [each["pages"] for each in manifest["letters"]] == [len(pypdf.PdfReader(BytesIO(document)).pages) for document in documents]
    assert manifest["files"] == {name: sha256((folder / name).read_bytes()).hexdigest() for name in ("letters.pdf", "ems.csv")}
    merged = pypdf.PdfReader(folder / "letters.pdf")
    text = [page.extract_text() for page in merged.pages]
    assert len(text) == sum(each["pages"] for each in manifest["letters"])
    assert "王芳" in text[0]
    assert "李雷" in "".join(text[manifest["letters"][0]["pages"] :])
    rows = list(csv.DictReader((folder / "ems.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["商户单号"], row["收件人"], row["收件人电话"]) for row in rows] == [
        (f"XL{first:08d}", "王芳", "19900000001"),
        (f"XL{second:08d}", "李雷", "19900000002"),
    ]
    assert rows[0]["收件人地址"] == "杭州市云栖路1号3-1-1201"
    assert "王芳" not in rows[0]["内件品名"]


def test_closing_twice_changes_nothing(river, homes):
    posted(river, homes)
    batch_id = closed(river)
    folder = folder_of(river.runtime.settings.exhibits, batch_id)
    before = (folder / "manifest.json").read_bytes(), river.value("SELECT manifest::text FROM letter_batch")
    batches.tend(river.runtime)
    assert ((folder / "manifest.json").read_bytes(), river.value("SELECT manifest::text FROM letter_batch")) == before
    assert river.value("SELECT count(*) FROM evidence_entry WHERE kind = 'batch closed'") == 1


def test_files_that_a_crash_left_behind_are_made_anew(river, homes):
    posted(river, homes)
    folder = folder_of(river.runtime.settings.exhibits, 1)
    folder.mkdir(parents=True)
    (folder / "letters.pdf").write_bytes(b"half")
    folder.with_name(f"{folder.name}.part").mkdir()
    assert closed(river) == 1
    assert len(pypdf.PdfReader(folder / "letters.pdf").pages) >= 2


def test_who_pays_before_the_cut_off_gets_no_letter(river, homes):
    paying, owing = posted(river, homes)
    river.pay(homes[0])
    batch_id = closed(river)
    assert river.state(paying) == "cancelled"
    assert river.value("SELECT withdrawn_because FROM letter WHERE attempt_id = :id", id=paying) == "facts_changed"
    assert river.value("SELECT array_agg(attempt_id) FROM letter WHERE batch_id = :id AND place IS NOT NULL", id=batch_id) == [owing]
    river.flow()
    assert river.value('SELECT rest FROM "case" WHERE id = :id', id=homes[0].case_id) == "settled"


def test_who_paid_a_part_gets_a_letter_of_what_is_still_owed(river, homes):
    (stale,) = posted(river, homes[:1])
    river.execute("UPDATE charge SET paid = 100 WHERE id = :id", id=homes[0].charge_ids[0])
    closed(river)
    assert river.state(stale) == "cancelled"
    river.flow()
    assert river.value("SELECT count(*) FROM attempt WHERE case_id = :id AND step = 'formal-demand'", id=homes[0].case_id) == 2


@pytest.mark.parametrize("act", ["hold", "no_contact", "close"])
def test_a_person_calls_a_letter_back_before_its_cut_off(river, homes, act):
    (letter,) = posted(river, homes[:1])
    match act:
        case "hold":
            casework.hold(river.runtime, homes[0].case_id, "repair", river.clock.at + timedelta(days=3), "张三")
        case "no_contact":
            casework.enter_state(river.runtime, homes[0].case_id, "no_contact", "张三")
        case "close":
            casework.close(river.runtime, homes[0].case_id, "合并到其他案件", "张三")
    river.flow()
    closed(river)
    assert river.state(letter) == "cancelled"


def test_only_time_that_passes_calls_nothing_back(river, homes):
    """At the cut-off it is outside every window, and the letter's own step lies behind its case."""
    (letter,) = posted(river, homes[:1])
    river.clock.at = CUT_OFF + timedelta(days=9, hours=14)
    river.execute("UPDATE community SET payments_as_of = :at", at=river.clock.at)
    closed(river)
    assert river.state(letter) == "accepted"


def test_who_pays_after_the_batch_was_closed_makes_staff_pull_the_letter(river, homes):
    paying, _ = posted(river, homes)
    batch_id = closed(river)
    river.pay(homes[0])
    batches.tend(river.runtime)
    batches.tend(river.runtime)
    assert river.value("SELECT count(*) FROM task WHERE about = 'pull_letter' AND case_id = :id", id=homes[0].case_id) == 1
    batches.pulled(river.runtime, paying, "张三")
    assert river.state(paying) == "cancelled"
    batches.hand_over(river.runtime, batch_id, "张三")
    assert river.value("SELECT count(*) FROM letter WHERE posted_at IS NOT NULL") == 1


def test_handing_a_batch_to_the_post_mails_its_letters(river, homes):
    letters = posted(river, homes)
    with pytest.raises(NoSuchThing):
        batches.hand_over(river.runtime, 1, "张三")
    batch_id = closed(river)
    batches.hand_over(river.runtime, batch_id, "张三")
    with pytest.raises(NoSuchThing):
        batches.hand_over(river.runtime, batch_id, "张三")
    river.flow()
    assert {river.state(each) for each in letters} == {"sent"}
    assert river.value("SELECT string_agg(DISTINCT outcome, ',') FROM attempt") == "mailed"
    assert river.value("SELECT state FROM letter_batch") == "handed_over", "its registered letters have no numbers yet"


def test_ordinary_letters_need_no_number(river, world):
    home = world.home("3-1-1203", "韩梅", charges=[month(2026, 5)]).open_case(cursor=2)
    posted(river, [home])
    batches.hand_over(river.runtime, closed(river), "张三")
    assert river.value("SELECT state FROM letter_batch") == "acknowledged"
    assert len(list(csv.reader((folder_of(river.runtime.settings.exhibits, 1) / "ems.csv").read_text().splitlines()))) == 1


def test_a_batch_that_everybody_left_is_done(river, homes):
    posted(river, homes[:1])
    river.pay(homes[0])
    closed(river)
    assert river.value("SELECT state FROM letter_batch") == "acknowledged"
    assert len(pypdf.PdfReader(folder_of(river.runtime.settings.exhibits, 1) / "letters.pdf").pages) == 0
