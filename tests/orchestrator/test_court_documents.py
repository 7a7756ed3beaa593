"""What a court reads in a bundle, what counsel leaves out of it, what is blackened, and what stays in the house's own archive."""

import io
import re
import subprocess
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from pypdf import PdfReader

from orchestrator import bundling, casework, people, sealing
from orchestrator.bundling import Choice, keeping
from orchestrator.evidence.bundle import verifying
from orchestrator.store import log, papers
from orchestrator.store.log import Entry
from tests.logged import facts
from tests.orchestrator.conftest import River
from tests.orchestrator.test_bundle import NOTE, case, verify  # noqa: F401
from tests.world import Home

pytestmark = pytest.mark.tool("openssl")

OURS = (NOTE, "wait_for", "because", "collector", "repair", "李雷", "9900000002", "approval", "score", "refus")


def text_of(folder: Path, name: str) -> str:
    (path,) = (folder / "data/exhibits").glob(name)
    said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(path.read_bytes())).pages)
    return said.replace("\n", "")


def export(river: River, case: Home, to: Path, **more: object) -> dict[str, object]:  # noqa: F811
    return dict(bundling.export(river.runtime, case.case_id, to, **more))  # type: ignore[arg-type]


def test_the_summary_says_who_owes_what_and_where_each_thing_is(river: River, case: Home, tmp_path: Path) -> None:  # noqa: F811
    export(river, case, tmp_path / "bundle")
    said = text_of(tmp_path / "bundle", "00-*.pdf")
    for told in ("王芳", "3-1-1201", "800.00", "2026.05", "verify.sh", "证据目录", "SANDBOX"):
        assert told in said, told
    assert len(PdfReader(next((tmp_path / "bundle/data/exhibits").glob("00-*.pdf"))).pages) <= 2


def test_the_proof_matrix_is_exhibit_one_and_stands_in_the_list_with_its_digest(river: River, case: Home, tmp_path: Path) -> None:  # noqa: F811
    export(river, case, tmp_path / "bundle")
    matrix = tmp_path / "bundle/data/exhibits/01-proof-matrix.pdf"
    assert "举证矩阵" in text_of(tmp_path / "bundle", "01-*.pdf")
    listed = text_of(tmp_path / "bundle", "02-*.pdf")
    assert "exhibits/01-proof-matrix.pdf" in listed
    assert sha256(matrix.read_bytes()).hexdigest() in listed


@pytest.mark.tool("pdftotext")
def test_a_digest_copied_from_the_list_is_the_digest(river: River, case: Home, tmp_path: Path) -> None:  # noqa: F811
    export(river, case, tmp_path / "bundle")
    data = tmp_path / "bundle/data"
    (listed,) = data.glob("exhibits/02-*.pdf")
    copied = subprocess.run(["pdftotext", "-raw", str(listed), "-"], capture_output=True, check=True, encoding="utf-8").stdout
    digests = {sha256(path.read_bytes()).hexdigest() for path in data.glob("exhibits/*.pdf") if path != listed}
    assert len(digests) == 10
    assert digests <= set(re.findall(r"\b[0-9a-f]{64}\b", copied))


def test_the_ledger_has_the_late_charge_of_the_contract_alone(river: River, case: Home, tmp_path: Path) -> None:  # noqa: F811
    """What a court may allow instead is counsel's to know, not the other side's to read in our own hand."""
    export(river, case, tmp_path / "bundle")
    for path in (tmp_path / "bundle/data/exhibits").glob("*.pdf"):
        assert "LPR" not in text_of(tmp_path / "bundle", path.name), path.name


def test_every_page_of_a_sandboxs_documents_says_so(river: River, case: Home, tmp_path: Path) -> None:  # noqa: F811
    export(river, case, tmp_path / "bundle")
    documents = sorted((tmp_path / "bundle/data/exhibits").glob("*.pdf"))
    assert {int(path.name[:2]) for path in documents} == set(range(11))
    for path in documents:
        assert all("SANDBOX" in page.extract_text() for page in PdfReader(path).pages), path.name


def test_no_document_tells_what_is_the_houses_own(river: River, case: Home, tmp_path: Path) -> None:  # noqa: F811
    export(river, case, tmp_path / "zh")
    export(river, case, tmp_path / "en", language="en")
    for folder in (tmp_path / "zh", tmp_path / "en"):
        for path in (folder / "data/exhibits").glob("*.pdf"):
            said = text_of(folder, path.name)
            for ours in OURS:
                assert ours not in said, (path.name, ours)


HOUSES_OWN = {
    "decision": {"action": "wait", "rule": "wait_for_gap", "because": [{"zh": "此人容易动摇", "en": "gives way easily"}]},
    "note": {"by": "collector", "note": "备注：其子在国外"},
    "score": {"pays": "七成把握会付"},
    "approval asked": {"step": "suit", "why": "主管意见：先观望"},
    "approval ended": {"step": "suit", "by": "主管甲", "because": "证据尚弱"},
}
"""What an entry of each kind might say."""
OFFER = "和解提议：免除违约金，本金减半"


def test_decisions_notes_scores_approvals_and_offers_are_in_the_archive_alone(river: River, case: Home, tmp_path: Path) -> None:  # noqa: F811
    offers = [
        case.attempt("sms", "delivered", step="settlement-offer", body=OFFER),
        case.attempt("call", "delivered", step="card", body=OFFER),
    ]
    entries = [Entry(kind, fact, case.case_id) for kind, fact in HOUSES_OWN.items()]
    entries += [Entry("composed", {"body": OFFER}, case.case_id, offer) for offer in offers]
    entries += [
        Entry(kind, {"raw": OFFER.encode(), "request": OFFER.encode()}, case.case_id, offers[0]) for kind in ("handover", "receipt")
    ]
    with river.runtime.store.begin() as rows:
        log.append(rows, entries, river.clock.at, river.clock.at)
    people.add(river.runtime, "lin", "counsel")
    export(river, case, tmp_path / "zh")
    export(river, case, tmp_path / "en", language="en")
    export(river, case, tmp_path / "archive", internal=True, by="lin")
    secrets = ["".join(word.split()) for word in (*_words(HOUSES_OWN), OFFER, "settlement")]
    for language in ("zh", "en"):
        found = _all_that_can_be_read(tmp_path / language)
        assert [secret for secret in secrets if secret in found or secret.encode().hex() in found] == []
        assert verify(tmp_path / language).returncode == 0
    kept = _all_that_can_be_read(tmp_path / "archive")
    assert [secret for secret in secrets if secret not in kept] == []


def _words(fact: object) -> list[str]:
    """The sentences of a fact that nothing else says."""
    if isinstance(fact, dict):
        return [word for value in fact.values() for word in _words(value)]
    if isinstance(fact, list):
        return [word for value in fact for word in _words(value)]
    return [fact] if isinstance(fact, str) and len(fact) > 4 else []


def _all_that_can_be_read(folder: Path) -> str:
    """Every file as it lies there, and every PDF as it is read; without blanks."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    plain = "".join(path.read_bytes().decode("utf-8", "replace") for path in files)
    pdfs = [path for path in files if path.suffix == ".pdf"]
    read = "".join(page.extract_text() for path in pdfs for page in PdfReader(path).pages)
    return "".join((plain + read).split())


def test_an_exhibit_that_counsel_leaves_out_leaves_every_proof_whole(river: River, case: Home, tmp_path: Path) -> None:  # noqa: F811
    export(river, case, tmp_path / "whole")
    answer = export(river, case, tmp_path / "less", choice=Choice(frozenset({8, 11})), by="counsel")
    assert answer["left_out"] == [8, 11]
    less = tmp_path / "less"
    assert verify(less).returncode == 0
    assert verifying.verify(less).verified
    assert not list((less / "data/exhibits").glob("08-*"))
    assert not list((less / "data/entries").glob("*.payload.json"))
    assert list((tmp_path / "whole/data/entries").glob("*.payload.json"))
    assert "没有催缴记录" in text_of(less, "00-*.pdf")
    with river.runtime.store.begin() as rows:
        told = facts(rows, "bundle exported")[-1]
    assert (told["by"], told["left_out"]) == ("counsel", [8, 11])


def test_only_what_is_named_is_taken_and_a_number_of_nothing_is_refused(river: River, case: Home, tmp_path: Path) -> None:  # noqa: F811
    export(river, case, tmp_path / "only", choice=Choice(only=frozenset({7})))
    assert {path.name[:2] for path in (tmp_path / "only/data/exhibits").glob("*.pdf")} == {"00", "02", "07"}
    assert verify(tmp_path / "only").returncode == 0
    with pytest.raises(ValueError, match="no exhibit 99"):
        export(river, case, tmp_path / "none", choice=Choice(frozenset({99})))
    with pytest.raises(ValueError, match="02 cannot be left out"):
        export(river, case, tmp_path / "none", choice=Choice(frozenset({2})))


def test_an_entry_with_other_peoples_data_stays_closed_beside_a_reading_copy(river: River, case: Home, tmp_path: Path) -> None:  # noqa: F811
    raw = "Body=请联系李雷或13912345678&From=%2B8619900000001".encode()
    with river.runtime.store.begin() as rows:
        now = river.clock.at
        log.append(rows, [Entry("receipt", {"provider": "twilio", "said": "reply", "raw": raw}, case.case_id)], now, now)
    answer = export(river, case, tmp_path / "bundle")
    assert answer["redacted"] == 1
    assert verify(tmp_path / "bundle").returncode == 0
    everything = b"".join(path.read_bytes() for path in (tmp_path / "bundle").rglob("*") if path.is_file())
    assert raw.hex().encode() not in everything
    said = text_of(tmp_path / "bundle", "10-*.pdf")
    assert "13912345678" not in said
    assert "李雷" not in said
    assert "■" in said
    assert "19900000001" in said, "the debtor's own number stays readable"


def test_the_internal_archive_opens_everything_for_counsel_alone(river: River, case: Home, tmp_path: Path) -> None:  # noqa: F811
    people.add(river.runtime, "lin", "counsel")
    people.add(river.runtime, "wang", "collector")
    for nobody in ("wang", "operator"):
        with pytest.raises(ValueError, match="for counsel and administrators"):
            export(river, case, tmp_path / "refused", internal=True, by=nobody)
    export(river, case, tmp_path / "archive", internal=True, by="lin")
    folder = tmp_path / "archive"
    assert verify(folder).returncode == 0, verify(folder).stdout
    assert "internal / 内部" in (folder / "bag-info.txt").read_text()
    assert NOTE in text_of(folder, "internal-archive.pdf")
    for path in (folder / "data/exhibits").glob("*.pdf"):
        assert all("INTERNAL" in page.extract_text() for page in PdfReader(path).pages), path.name
    headers = list((folder / "data/entries").glob("*.header.json"))
    assert len(headers) == len(list((folder / "data/entries").glob("*.payload.json")))


def test_a_contract_of_the_community_is_an_exhibit_of_its_cases(river: River, case: Home, tmp_path: Path) -> None:  # noqa: F811
    before = export(river, case, tmp_path / "before")
    assert any("contract was uploaded" in lack["en"] for lack in before["lacking"])  # type: ignore[attr-defined]
    keeping.keep(river.runtime, "物业服务合同全文".encode(), "contract", "云栖花园物业服务合同", "云栖花园", None, "lin")
    after = export(river, case, tmp_path / "after")
    assert not any("contract was uploaded" in lack["en"] for lack in after["lacking"])  # type: ignore[attr-defined]
    assert "云栖花园物业服务合同" in text_of(tmp_path / "after", "03-*.pdf").replace("\n", "")
    assert [path.read_text() for path in (tmp_path / "after/data/brought").glob("*.txt")] == ["物业服务合同全文"]
    assert verify(tmp_path / "after").returncode == 0


def test_an_original_lies_on_its_shelf_until_two_people_move_it(river: River, case: Home, tmp_path: Path) -> None:  # noqa: F811
    now = river.clock.at
    (attempt_id,) = [river.value("SELECT min(id) FROM attempt WHERE case_id = :case", case=case.case_id)]
    with river.runtime.store.begin() as rows:
        papers.receive(rows, "A-03-117", "posting_stub", case.case_id, "lin", now, now, attempt_id=int(str(attempt_id)))
    export(river, case, tmp_path / "bundle")
    assert "A-03-117" in text_of(tmp_path / "bundle", "02-*.pdf")
    with river.runtime.store.begin() as rows, pytest.raises(ValueError, match="name two"):
        papers.move(rows, "A-03-117", "court", "lin", "lin", "lin", now, now)
    with river.runtime.store.begin() as rows:
        papers.move(rows, "A-03-117", "court", "lin", "clerk", "lin", now + timedelta(days=1), now)
        (lies,) = papers.originals(rows, case_id=case.case_id)
        (lay,) = papers.originals(rows, case_id=case.case_id, until=now)
    assert (lies.at, lies.holder) == ("court", "clerk")
    assert (lay.at, lay.holder) == ("shelf", "lin")


def test_what_came_after_a_checkpoint_is_in_no_document_of_it(river: River, case: Home, tmp_path: Path) -> None:  # noqa: F811
    size = int(str(export(river, case, tmp_path / "then")["checkpoint"]))
    river.clock.at += timedelta(days=40)
    sealing.seal(river.runtime, at_once=True)
    casework.lift(river.runtime, case.case_id, "collector")
    export(river, case, tmp_path / "again", at=size)
    for path in (tmp_path / "then/data/exhibits").glob("*.pdf"):
        assert path.read_bytes() == (tmp_path / "again/data/exhibits" / path.name).read_bytes(), path.name
