"""A finished letter is read from its own bytes before it is queued: whoever opens the envelope finds the whole of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from certificates import NOW, PASSWORD
from wording_examples import DEMAND, DEMAND_EN, EXAMPLES, MONTHS

from orchestrator.evidence.seals import load, make_sandbox_seal
from orchestrator.wording import Letter, Notice, WordingError, proofread, render_letter
from tests.orchestrator.conftest import River
from tests.world import World, month

NAMES = {
    "demand": ("warm-letter", "formal-demand", "lawyer-letter", "plan-offer", "visit-notice", "statement"),
    "withdrawal": ("withdrawal-letter",),
    "committee": ("committee-notice",),
}
ENVELOPES = ["gb-dl", "gb-c5", "dl", "20,30,70,30"]
LETTERS = [(name, notice) for purpose, names in NAMES.items() for name in names for notice in EXAMPLES[purpose]]


@pytest.mark.parametrize("envelope", ENVELOPES)
@pytest.mark.parametrize(("name", "notice"), LETTERS)
def test_every_letter_there_is_can_be_read_whole_and_fits_every_envelope(name: str, notice: Notice, envelope: str) -> None:
    fitted = replace(notice, envelope=envelope)
    proofread(render_letter(name, fitted, 2), fitted)


@pytest.mark.parametrize("notice", [DEMAND, DEMAND_EN], ids=["zh", "en"])
def test_a_letter_of_many_pages_can_be_read_whole(notice: Notice) -> None:
    first = date(2019, 1, 31)
    years = tuple(replace(MONTHS[0], period=f"{2019 + n // 12}-{n % 12 + 1:02d}", due_on=first + timedelta(days=30 * n)) for n in range(84))
    objection = "Whoever objects, for whatever reason, may do so in writing (by letter, or at the counter) without disadvantage. " * 12
    long = replace(
        notice, lines=years, how_to_object=objection if notice.language == "en" else "如有异议，请书面提出（信函或前台均可）。" * 40
    )
    letter = render_letter("formal-demand", long)
    assert letter.pages > 3
    proofread(letter, long)


@pytest.mark.parametrize("name", ["欧阳娜娜", "Nguyễn Thị Ánh", "Fjeld & Söhne (Hangzhou) \\ Co.", "office difficult 五〇"])
def test_names_are_read_as_they_are_written(name: str) -> None:
    notice = replace(DEMAND, debtors=(name,))
    proofread(render_letter("formal-demand", notice), notice)


def test_a_signed_letter_is_read_like_an_unsigned_one(tmp_path: Path) -> None:
    make_sandbox_seal(tmp_path / "seal.p12", PASSWORD)
    letter = render_letter("formal-demand", DEMAND)
    proofread(replace(letter, pdf=load(tmp_path / "seal.p12", PASSWORD, NOW).sign(letter.pdf, NOW)), DEMAND)


EIGHT = tuple(f"欧阳王{chr(0x5E73 + n)}" for n in range(8))
COMPANIES = tuple(f"杭州云栖{chr(0x5E73 + n)}资产管理咨询服务（集团）有限公司" for n in range(8))
LONG = "浙江省杭州市西湖区云栖路 99 号" * 3


@pytest.mark.parametrize(
    ("debtors", "address", "window"),
    [
        (("王平", "李娟"), DEMAND.address, ("王平 收", "李娟 收")),
        (EIGHT, LONG, ("、".join(EIGHT) + " 收",)),
        (COMPANIES, LONG, (f"{COMPANIES[0]} 等8人 收",)),
        (("王平",), LONG * 9, ("收件人及地址见信封标签",)),
        (EIGHT, LONG * 9, ("收件人及地址见信封标签",)),
    ],
    ids=["two", "eight", "eight companies", "a long address", "both"],
)
def test_what_is_too_long_for_the_window_is_shortened_there_and_stands_in_full_in_the_letter(
    debtors: tuple[str, ...], address: str, window: tuple[str, ...]
) -> None:
    crowded = replace(DEMAND, envelope="gb-dl", debtors=debtors, address=address)
    letter = render_letter("formal-demand", crowded)
    assert letter.addressed is not None
    assert letter.addressed.to == window
    proofread(letter, crowded)


def test_in_english_the_first_of_many_is_named_with_the_number_of_the_others() -> None:
    crowded = replace(DEMAND_EN, envelope="gb-c5", debtors=tuple(f"Alexandra Featherstonehaugh-Montgomery {n}" for n in range(20)))
    letter = render_letter("formal-demand", crowded)
    assert letter.addressed is not None
    assert letter.addressed.to == ("Alexandra Featherstonehaugh-Montgomery 0 and 19 others",)
    proofread(letter, crowded)


def test_a_notice_for_the_door_has_no_window_to_fit() -> None:
    crowded = replace(DEMAND, envelope="gb-c5", debtors=EIGHT, address=LONG * 9)
    letter = render_letter("visit-notice", crowded)
    assert letter.addressed is None
    proofread(letter, crowded)


@pytest.mark.parametrize("envelope", ["dl-xxl", "25,30,90", "25,10,90,35", "25,30,200,35", "25,30,20,10", "nan,30,90,35"])
def test_an_envelope_that_there_is_not_is_refused_with_those_there_are(envelope: str) -> None:
    with pytest.raises(WordingError, match=r"no envelope is called .*: choose gb-dl, gb-c5, dl|does not fit"):
        render_letter("formal-demand", replace(DEMAND, envelope=envelope))


@pytest.mark.parametrize(
    ("spoil", "because"),
    [
        (lambda letter: replace(letter, pdf=letter.pdf.replace(b"/FontFile3", b"/FontLost3", 1)), "is not embedded"),
        (lambda letter: replace(letter, pdf=letter.pdf.replace(b"/ToUnicode", b"/ToNowhere")), "it does not say “催缴函”"),
        (lambda letter: replace(letter, pages=letter.pages + 1), "it has 2 pages and should have 3"),
        (lambda letter: replace(letter, pdf=render_letter("formal-demand", PAID_IN_PART).pdf), "it does not say “250.00”"),
        (lambda letter: replace(letter, pdf=render_letter("formal-demand", replace(DEMAND, debtors=("李平",))).pdf), "window"),
        (lambda letter: replace(letter, pdf=render_letter("formal-demand", replace(DEMAND, envelope="gb-dl")).pdf), "window"),
        (
            lambda letter: replace(letter, pdf=render_letter("formal-demand", replace(DEMAND, reference="XL-2026-000124")).pdf),
            "tracking code",
        ),
    ],
    ids=["a font lost", "no text", "a page lost", "another amount", "another debtor", "another envelope", "another reference"],
)
def test_a_letter_that_is_not_whole_is_kept_back_with_what_lacks(spoil: Callable[[Letter], Letter], because: str) -> None:
    letter = render_letter("formal-demand", DEMAND)
    with pytest.raises(WordingError, match=because):
        proofread(spoil(letter), DEMAND)


PAID_IN_PART = replace(DEMAND, lines=tuple(replace(line, paid=line.amount - Decimal("1.23")) for line in DEMAND.lines))


@pytest.mark.parametrize(("cursor", "channel"), [(2, "letter"), (4, "visit")])
def test_no_case_is_parked_for_a_long_address(river: River, world: World, cursor: int, channel: str) -> None:
    river.execute("UPDATE community SET address = :address", address="浙江省杭州市西湖区云栖路 99 号" * 9)
    home = world.home("3-1-1201", "王芳", "+8619900000001", charges=[month(2026, 5, "400.00")]).open_case(cursor=cursor)
    river.ask(home)
    river.flow()
    assert [each.channel for each in river.lines[channel].sent] == [channel]
    assert river.value('SELECT parked FROM "case" WHERE id = :id', id=home.case_id) is None


def test_a_name_that_no_font_has_is_put_before_staff_by_its_place_alone(river: River, world: World) -> None:
    home = world.home("3-1-1201", "王𠮷", "+8619900000001", charges=[month(2026, 5, "400.00")]).open_case(cursor=2)
    river.ask(home)
    river.flow()
    assert river.lines["letter"].sent == []
    parked = str(river.value('SELECT parked FROM "case" WHERE id = :id', id=home.case_id))
    assert "U+20BB7, character 2 of the name of debtor 1" in parked
    assert not {"王", "𠮷"} & set(parked)
