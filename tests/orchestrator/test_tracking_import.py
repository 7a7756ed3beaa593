"""The post's tracking comes as its pages and exports give it: each letter's record is kept, and what became of it heard."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest

from orchestrator.intake.rows import Unreadable
from orchestrator.intake.tracking import TrackingResult, import_tracking
from orchestrator.posting import batches, scanning, snapshots
from orchestrator.posting.printed import reference
from orchestrator.store import letters, proofs
from tests.orchestrator.conftest import River
from tests.orchestrator.test_letter_batches import closed, homes, posted
from tests.world import Home

__all__ = ["homes"]
NUMBERS = ("EA473124829CN", "1012345678901")
HEADINGS = "邮件号,时间,状态,签收人"


@pytest.fixture
def mailed(river: River, homes: list[Home]) -> list[int]:
    """Two registered letters, numbered and handed to the post on 24 November."""
    attempts = posted(river, homes)
    closed(river)
    for attempt_id, number in zip(attempts, NUMBERS, strict=True):
        scanning.number(river.runtime, 1, reference(attempt_id), number, "张三", None)
    batches.hand_over(river.runtime, 1, "张三")
    river.clock.at += timedelta(days=3)
    river.flow()
    return attempts


@pytest.fixture
def export(tmp_path: Path):
    def write(*lines: str, encoding: str = "utf-8-sig", headings: str = HEADINGS) -> Path:
        path = tmp_path / "快递导出.csv"
        path.write_bytes("\r\n".join((headings, *lines)).encode(encoding))
        return path

    return write


def take_in(river: River, path: Path) -> TrackingResult:
    result = import_tracking(river.runtime, path, "张三")
    river.flow()
    return result


def grades(river: River, home: Home) -> set[str]:
    with river.runtime.store.begin() as rows:
        return {demand.grade for found in proofs.demands(rows, list(home.charge_ids)).values() for demand in found}


@pytest.mark.parametrize(
    ("status", "signer", "state", "grade", "asks"),
    [
        ("已妥投", "王芳", "delivered", "A", None),
        ("已妥投，本人签收", "", "delivered", "A", None),
        ("已签收（家人代收）", "", "delivered", "A", None),
        ("已投递至丰巢快递柜", "", "delivered", "C", None),
        ("已签收：门卫", "", "delivered", "C", None),
        ("已妥投（物业代收）", "", "delivered", "0", None),
        ("妥投", "", "delivered", "C", "who_signed"),
        ("退回，收件人拒收", "", "undelivered", "B", "returned"),
        ("退回，原址查无此人", "", "undelivered", "C", "returned"),
        ("退回妥投", "王芳", "undelivered", "0", "returned"),
        ("邮件异常交接", "", "sent", "C", "tracking_words"),
    ],
)
def test_what_the_post_says_comes_to_its_grade(river, homes, mailed, export, status, signer, state, grade, asks):
    take_in(river, export(f"{NUMBERS[0]},2026-11-26 10:30,{status},{signer}"))
    assert river.state(mailed[0]) == state
    assert grades(river, homes[0]) == ({grade} if state != "sent" else {"C"})
    assert river.value("SELECT string_agg(about, ' ') FROM task WHERE about <> 'tracking'") == asks
    if state == "delivered":
        assert river.value("SELECT concluded_at FROM attempt WHERE id = :id", id=mailed[0]) == datetime(2026, 11, 26, 2, 30, tzinfo=UTC)


def test_a_bad_row_stops_no_other_and_says_what_is_wrong(river, mailed, export):
    result = take_in(
        river,
        export(
            "EA473124828CN,2026-11-26 10:30,妥投,王芳",
            f"{NUMBERS[0]},2026-11-26 10:30,,",
            f"{NUMBERS[0]},昨天,妥投,王芳",
            "1099999999999,2026-11-26 10:30,妥投,",
            "",
            f"{NUMBERS[1]},2026-11-26 10:30,妥投,本人",
        ),
    )
    assert (result.rows, result.accepted, result.letters) == (5, 1, 1)
    assert [(each.line, bool(each.reason and each.cure)) for each in result.rejected] == [(2, True), (3, True), (4, True), (5, True)]
    assert river.state(mailed[1]) == "delivered"
    assert river.state(mailed[0]) == "sent"


def test_a_letters_whole_story_is_heard_in_the_order_of_its_times(river, mailed, export):
    take_in(
        river,
        export(
            f"{NUMBERS[0]},2026-11-26 17:00,退回妥投,",
            f"{NUMBERS[0]},2026-11-25 09:00,到达【杭州邮件处理中心】,",
            f"{NUMBERS[0]},2026-11-25 11:00,收件人拒收，退回,",
            f"{NUMBERS[0]},2026-11-24 18:00,已收寄,",
        ),
    )
    assert (river.state(mailed[0]), river.value("SELECT outcome FROM attempt WHERE id = :id", id=mailed[0])) == (
        "undelivered",
        "returned_refused",
    )
    assert river.value("SELECT status FROM letter_snapshot") == "退回妥投"


def test_the_raw_file_is_kept_as_an_exhibit_and_sealed_with_each_snapshot(river, mailed, export):
    path = export(*(f"{number},2026-11-26 10:30,运输中," for number in NUMBERS), encoding="gb18030")
    first = take_in(river, path)
    assert (first.letters, first.snapshots) == (2, 2)
    assert take_in(river, path).snapshots == 0, "the same file twice is one snapshot"
    digest = sha256(path.read_bytes()).digest()
    assert river.value("SELECT array_agg(DISTINCT sha256) FROM exhibit WHERE kind = 'tracking'") == [digest]
    assert river.value("SELECT count(*) FROM evidence_entry WHERE kind = 'tracking snapshot'") == 2
    assert river.value("SELECT count(*) FROM exhibit") == 2


def test_an_import_does_what_was_due(river, mailed, export):
    snapshots.tend(river.runtime)
    assert river.value("SELECT state FROM task WHERE about = 'tracking'") == "open"
    take_in(river, export(f"{NUMBERS[0]},2026-11-26 10:30,运输中,"))
    assert river.value("SELECT state FROM task WHERE about = 'tracking'") == "open", "the other letter is still due"
    take_in(river, export(f"{NUMBERS[1]},2026-11-26 10:30,运输中,"))
    assert river.value("SELECT state || ' ' || done_by FROM task WHERE about = 'tracking'") == "done 张三"
    with river.runtime.store.begin() as rows:
        assert letters.due_snapshots(rows, river.clock.at) == []


def test_paper_outranks_what_is_imported_later(river, homes, mailed, export):
    scanning.signed_for(river.runtime, NUMBERS[0], "self", date(2026, 11, 25), "张三", None)
    take_in(river, export(f"{NUMBERS[0]},2026-11-26 10:30,已投至菜鸟驿站,"))
    assert grades(river, homes[0]) == {"A"}


@pytest.mark.parametrize(
    "headings", ["运单号,处理时间,物流信息,代收人", "Waybill,Event Time,Status,Signed by", "单号,更新时间,最新轨迹,签收信息"]
)
def test_columns_are_found_by_any_of_their_names(river, mailed, export, headings):
    assert take_in(river, export(f"{NUMBERS[0]},2026-11-26T02:30:00+00:00,妥投,本人", headings=headings)).delivered == 1
    assert river.value("SELECT said_at FROM letter_snapshot") == datetime(2026, 11, 26, 2, 30, tzinfo=UTC)


def test_a_workbook_with_a_title_above_its_headings_is_read(river, mailed, tmp_path):
    book = openpyxl.Workbook()
    for row in (["国内邮件查询结果"], HEADINGS.split(","), [NUMBERS[0], datetime(2026, 11, 26, 10, 30), "妥投", "本人"]):  # noqa: DTZ001
        book.active.append(row)
    book.save(tmp_path / "export.xlsx")
    assert take_in(river, tmp_path / "export.xlsx").delivered == 1
    assert river.value("SELECT said_at FROM letter_snapshot") == datetime(2026, 11, 26, 2, 30, tzinfo=UTC)


def test_a_file_without_the_columns_is_refused_whole(river, mailed, export):
    with pytest.raises(Unreadable, match="邮件号"):
        take_in(river, export("1,2", headings="姓名,房号"))
