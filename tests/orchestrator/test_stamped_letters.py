"""Formal demands and lawyer letters bear an authority's time (PAdES B-T); one that does not answer costs the time, never the letter."""

import io
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import pem
from asn1crypto import x509 as asn1
from certificates import NOW, PASSWORD
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader
from sqlalchemy import text
from wording_examples import DEMAND

from orchestrator import sealing
from orchestrator.authorities import SandboxAuthority
from orchestrator.evidence import seals, timestamps
from orchestrator.evidence.seals import SANDBOX_MARK, Seal
from orchestrator.evidence.timestamps import LONGEST_TOKEN, StampRefused
from orchestrator.packs import load
from orchestrator.stamping import PATIENCE, Stamping
from orchestrator.wording import proofread, render_letter
from tests.conftest import Clock
from tests.logged import facts
from tests.orchestrator.conftest import River
from tests.world import Home, World, month

STAMPED = timedelta(minutes=2)


@dataclass
class Told:
    """An authority that does as it is told, and remembers being asked."""

    behind: SandboxAuthority
    name: str = "https://time.example"
    silent: bool = False
    asked: int = 0
    waits: Callable[[], None] = field(default=lambda: None)

    def answer(self, request: bytes) -> bytes:
        self.asked += 1
        self.waits()
        if self.silent:
            raise StampRefused(f"{self.name} does not answer (ConnectTimeout)")
        return self.behind.answer(request)


@pytest.fixture(scope="module")
def letter() -> bytes:
    return render_letter("formal-demand", DEMAND).pdf


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def authority(folder: Path) -> SandboxAuthority:
    return SandboxAuthority(folder / "time.p12", "p" * 32, lambda: NOW + STAMPED)


@pytest.fixture(scope="module")
def seal(folder: Path) -> Seal:
    seals.make_sandbox_seal(folder / "seal.p12", PASSWORD)
    return seals.load(folder / "seal.p12", PASSWORD, NOW)


@pytest.fixture(scope="module")
def stamped(letter: bytes, seal: Seal, authority: SandboxAuthority) -> bytes:
    return seal.sign(letter, NOW, Stamping([authority], lambda: NOW).token)


def signature_of(document: bytes) -> EmbeddedPdfSignature:
    (signature,) = PdfFileReader(io.BytesIO(document)).embedded_signatures
    return signature


def roots(folder: Path, authority: SandboxAuthority) -> bytes:
    """PEM: whom to trust for the seal and for the time."""
    _, _, of_seal = pkcs12.load_key_and_certificates((folder / "seal.p12").read_bytes(), PASSWORD.encode())
    question = timestamps.ask(b"")
    *_, of_time = timestamps.read(question, authority.answer(question.request)).certificates
    return b"".join(root.public_bytes(Encoding.PEM) for root in of_seal) + of_time


def test_a_stamped_letter_is_valid_and_its_time_is_the_authoritys(stamped: bytes, folder: Path, authority: SandboxAuthority) -> None:
    trusted = [asn1.Certificate.load(der) for _, _, der in pem.unarmor(roots(folder, authority), multiple=True)]
    context = ValidationContext(trust_roots=trusted, allow_fetching=False, moment=NOW)
    status = validate_pdf_signature(signature_of(stamped), context)
    assert status.bottom_line, status.pretty_print_details()
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.timestamp == NOW + STAMPED


def test_a_stamped_letter_is_whole_to_a_strict_reader_and_to_ours(stamped: bytes, letter: bytes) -> None:
    assert stamped.startswith(letter)
    assert len(PdfReader(io.BytesIO(stamped), strict=True).pages) == len(PdfReader(io.BytesIO(letter)).pages)
    proofread(replace(render_letter("formal-demand", DEMAND), pdf=stamped), DEMAND)


@pytest.mark.tool("pdfsig")
def test_pdfsig_says_that_the_whole_document_is_signed_by_the_seal(stamped: bytes, seal: Seal, tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").write_bytes(stamped)
    said = subprocess.run(["pdfsig", "letter.pdf"], cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    assert seal.name in said
    assert "Total document signed" in said
    assert "Signature is Valid" in said
    assert "ETSI.CAdES.detached" in said


@pytest.mark.tool("openssl")
def test_openssl_verifies_the_stamp_over_the_signature_and_over_nothing_else(
    stamped: bytes, folder: Path, authority: SandboxAuthority, tmp_path: Path
) -> None:
    signer = signature_of(stamped).signer_info
    (attribute,) = signer["unsigned_attrs"]
    assert attribute["type"].native == "signature_time_stamp_token"
    (tmp_path / "token.der").write_bytes(attribute["values"][0].dump())
    (tmp_path / "roots.pem").write_bytes(roots(folder, authority))

    def verdict(data: bytes) -> int:
        (tmp_path / "data").write_bytes(data)
        command = ["openssl", "ts", "-verify", "-in", "token.der", "-token_in", "-data", "data", "-CAfile", "roots.pem"]
        at = ["-attime", str(int(NOW.timestamp()))]
        return subprocess.run([*command, *at], cwd=tmp_path, capture_output=True, check=False).returncode

    assert verdict(signer["signature"].native) == 0
    assert verdict(signer["signature"].native + b"!") != 0


def test_the_next_authority_is_asked_where_one_fails_and_the_failed_one_not_again(authority: SandboxAuthority) -> None:
    silent, answers = Told(authority, silent=True), Told(authority)
    stamping = Stamping([silent, answers], lambda: NOW)
    assert stamping.token(b"one")
    assert stamping.token(b"two")
    assert (silent.asked, answers.asked) == (1, 2)


def test_an_authority_of_sm3_is_not_asked_for_letters(authority: SandboxAuthority) -> None:
    chinese = Told(authority, name="sm3+https://time.example")
    with pytest.raises(StampRefused, match="by SHA-256"):
        Stamping([chinese], lambda: NOW).token(b"signature")
    assert chinese.asked == 0


def test_slow_authorities_hold_up_a_batch_no_longer_than_it_may_wait(authority: SandboxAuthority) -> None:
    clock = Clock(NOW)

    def dawdle() -> None:
        clock.at += PATIENCE / 2 + timedelta(seconds=1)

    slow = Told(authority, waits=dawdle)
    stamping = Stamping([slow], clock)
    stamping.token(b"one")
    stamping.token(b"two")
    with pytest.raises(StampRefused, match="took longer than 20 s"):
        stamping.token(b"three")
    assert slow.asked == 2


def test_a_letter_has_room_for_any_token_that_is_let_through(seal: Seal, letter: bytes, authority: SandboxAuthority) -> None:
    whole = Stamping([authority], lambda: NOW).token(b"signature")
    assert len(whole) < LONGEST_TOKEN / 2
    assert len(seal.sign(letter, NOW, lambda _: whole)) == len(seal.sign(letter, NOW, Stamping([authority], lambda: NOW).token))


@pytest.fixture
def ripe(world: World) -> Home:
    """Three periods old enough for a formal demand."""
    home = world.home("3-1-1201", "王芳", "+8619900000001", charges=[month(2026, 4), month(2026, 5), month(2026, 6)])
    home.open_case(cursor=[step.name for step in load().sequence("standard").steps].index("formal-demand"))
    return home


def delivered(river: River, home: Home, seal: Seal, authority: Told) -> bytes:
    river.runtime = replace(river.runtime, seal=seal, authorities=(authority,))
    river.ask(home)
    river.flow()
    (sent,) = river.lines["letter"].sent
    assert sent.document is not None
    return sent.document


def test_where_no_authority_answers_the_demand_leaves_all_the_same_and_the_lack_is_told(
    river: River, ripe: Home, seal: Seal, authority: SandboxAuthority
) -> None:
    document = delivered(river, ripe, seal, Told(authority, silent=True))
    assert signature_of(document).sig_object["/Reason"] == SANDBOX_MARK
    assert not signature_of(document).signer_info["unsigned_attrs"].native
    with river.runtime.store.begin() as rows:
        (fact,) = facts(rows, "letter unstamped")
        assert fact["step"] == "formal-demand"
        assert "does not answer" in fact["why"]
        assert rows.execute(text("SELECT case_id FROM evidence_entry WHERE kind = 'letter unstamped'")).scalar_one() == ripe.case_id
        assert any("without an authority's time" in lack.says for lack in sealing.lacks(rows, river.runtime))


def test_a_demand_bears_the_time_and_nothing_is_told(river: River, ripe: Home, seal: Seal, authority: SandboxAuthority) -> None:
    document = delivered(river, ripe, seal, Told(authority))
    assert signature_of(document).signer_info["unsigned_attrs"]
    with river.runtime.store.begin() as rows:
        assert facts(rows, "letter unstamped") == []
