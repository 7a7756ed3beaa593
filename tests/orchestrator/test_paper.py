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

NAMES = {"demand": ("warm-letter", "formal-demand", "lawyer-letter", "visit-notice"), "withdrawal": ("withdrawal-letter",)}
LETTERS = [(name, notice) for purpose, names in NAMES.items() for name in names for notice in EXAMPLES[purpose]]


@pytest.mark.parametrize(("name", "notice"), LETTERS)
def test_every_letter_there_is_can_be_read_whole(name: str, notice: Notice) -> None:
    proofread(render_letter(name, notice, 2), notice)


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


@pytest.mark.parametrize(
    "crowded",
    [
        replace(DEMAND, debtors=tuple(f"王{chr(0x5E73 + n)}" for n in range(8))),
        replace(DEMAND, address="浙江省杭州市西湖区云栖路 99 号" * 9),
    ],
    ids=["many debtors", "long address"],
)
def test_an_address_that_does_not_fit_the_window_keeps_the_letter_back(crowded: Notice) -> None:
    with pytest.raises(WordingError, match=r"^XL-2026-\d+: the names and the address do not fit the envelope's window"):
        proofread(render_letter("formal-demand", crowded), crowded)


@pytest.mark.parametrize(
    ("spoil", "because"),
    [
        (lambda letter: replace(letter, pdf=letter.pdf.replace(b"/FontFile3", b"/FontLost3", 1)), "is not embedded"),
        (lambda letter: replace(letter, pdf=letter.pdf.replace(b"/ToUnicode", b"/ToNowhere")), "it does not say “催缴函”"),
        (lambda letter: replace(letter, pages=letter.pages + 1), "it has 2 pages and should have 3"),
        (lambda letter: replace(letter, pdf=render_letter("formal-demand", PAID_IN_PART).pdf), "it does not say “250.00”"),
        (lambda letter: replace(letter, pdf=render_letter("formal-demand", replace(DEMAND, debtors=("李平",))).pdf), "window"),
    ],
    ids=["a font lost", "no text", "a page lost", "another amount", "another debtor"],
)
def test_a_letter_that_is_not_whole_is_kept_back_with_what_lacks(spoil: Callable[[Letter], Letter], because: str) -> None:
    letter = render_letter("formal-demand", DEMAND)
    with pytest.raises(WordingError, match=because):
        proofread(spoil(letter), DEMAND)


PAID_IN_PART = replace(DEMAND, lines=tuple(replace(line, paid=line.amount - Decimal("1.23")) for line in DEMAND.lines))


def test_a_letter_whose_address_does_not_fit_parks_the_case_with_the_cure(river: River, world: World) -> None:
    river.execute("UPDATE community SET address = :address", address="浙江省杭州市西湖区云栖路 99 号" * 9)
    home = world.home("3-1-1201", "王芳", "+8619900000001", charges=[month(2026, 5, "400.00")]).open_case(cursor=2)
    river.ask(home)
    river.flow()
    assert river.lines["letter"].sent == []
    parked = str(river.value('SELECT parked FROM "case" WHERE id = :id', id=home.case_id))
    assert parked.startswith("warm-letter: ")
    assert "envelope's window: shorten the address" in parked
