"""The codes on a letter, read back from the printed page as a phone and a reader at the posting desk read them."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from wording_examples import DEMAND, DEMAND_EN

from orchestrator.wording import Notice, WordingError, check_payment_code, payment_payload, render_letter
from orchestrator.wordings.codes import LONGEST_PAYLOAD
from tests.orchestrator.conftest import River
from tests.world import World, month

PRINTED_AT = 200
"""Dots per inch: two thirds of what an office printer does."""


def codes(pdf: bytes, folder: Path) -> dict[str, set[str]]:
    """What stands in the codes of a letter, by their kind, from its pages as pictures in grey."""
    command = ["pdftoppm", "-r", str(PRINTED_AT), "-gray", "-", str(folder / "page")]
    subprocess.run(command, input=pdf, check=True, capture_output=True)
    found: dict[str, set[str]] = {}
    for page in sorted(folder.glob("page*")):
        with Image.open(page) as picture:
            for code in zxingcpp.read_barcodes(picture):
                found.setdefault(code.symbology.name, set()).add(code.text)
    return found


@pytest.mark.tool("pdftoppm")
@pytest.mark.parametrize("notice", [DEMAND, DEMAND_EN, replace(DEMAND, reference="XL00000007")], ids=["zh", "en", "ours"])
@pytest.mark.parametrize("name", ["warm-letter", "formal-demand", "visit-notice", "plan-offer"])
def test_a_letter_says_its_reference_and_how_to_pay_to_a_reader(name: str, notice: Notice, tmp_path: Path) -> None:
    read = codes(render_letter(name, notice, 2).pdf, tmp_path)
    assert read == {"Code128": {notice.reference}, "QRCode": {"https://pay.example.cn/b/7Q2F9KZ"}}


@pytest.mark.tool("pdftoppm")
def test_the_longest_payment_code_is_still_read(tmp_path: Path) -> None:
    longest = "https://pay.example.cn/" + "收" * 20 + "x" * (LONGEST_PAYLOAD - 43)
    assert codes(render_letter("warm-letter", replace(DEMAND, qr_payload=longest)).pdf, tmp_path)["QRCode"] == {longest}


@pytest.mark.tool("pdftoppm")
@pytest.mark.parametrize(
    ("pattern", "held"),
    [
        ("https://pay.example.cn/?a={account}&ref={reference}", "https://pay.example.cn/?a=3-1-1201&ref=XL{attempt:08d}"),
        ("", "西湖云栖物业\n工商银行 1202\n3-1-1201 XL{attempt:08d}"),
    ],
    ids=["a link", "the account"],
)
def test_a_code_holds_the_communitys_link_or_account_and_nothing_of_the_person(
    river: River, world: World, tmp_path: Path, pattern: str, held: str
) -> None:
    river.execute("UPDATE community SET payment_code = :pattern", pattern=pattern)
    river.execute("UPDATE creditor SET payee = '西湖云栖物业', payee_account = '工商银行 1202'")
    home = world.home("3-1-1201", "王芳", "+8619900000001", charges=[month(2026, 5, "400.00")]).open_case(cursor=2)
    river.ask(home)
    river.flow()
    (sent,) = river.lines["letter"].sent
    assert sent.document is not None
    assert codes(sent.document, tmp_path)["QRCode"] == {held.format(attempt=sent.attempt_id)}


@pytest.mark.parametrize(
    ("pattern", "because"),
    [("https://pay.cn/{name}", r"cannot hold \{name\}"), ("{", "cannot hold"), ("x" * (LONGEST_PAYLOAD + 1), "301 characters")],
)
def test_a_payment_code_that_could_not_be_filled_or_read_is_refused_with_the_reason(pattern: str, because: str) -> None:
    with pytest.raises(WordingError, match=because):
        check_payment_code(pattern)


def test_what_goes_into_a_link_is_escaped() -> None:
    assert payment_payload("https://pay.cn/?a={account}", "", "1&2 栋", "XL1") == "https://pay.cn/?a=1%262%20%E6%A0%8B"
