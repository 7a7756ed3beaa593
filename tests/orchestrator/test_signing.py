"""Letters under the company's seal: what a stranger's validator says of them, and what is refused before anything is signed."""

import io
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1
from certificates import COMPANY, NOW, PASSWORD, Key, issued, p12
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import PdfSignatureStatus, SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader
from wording_examples import DEMAND

from orchestrator.evidence.seals import SANDBOX_MARK, Seal, SealError, load, make_sandbox_seal
from orchestrator.wording import render_letter


@pytest.fixture(scope="module")
def letter() -> bytes:
    return render_letter("formal-demand", DEMAND).pdf


@pytest.fixture(params=["P-256", "P-384", "RSA"], scope="module")
def key(request: pytest.FixtureRequest) -> Key:
    return {
        "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "RSA": lambda: rsa.generate_private_key(65537, 2048),
    }[request.param]()


@pytest.fixture
def p256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def sandbox(tmp_path: Path) -> Seal:
    make_sandbox_seal(tmp_path / "sandbox.p12", PASSWORD)
    return load(tmp_path / "sandbox.p12", PASSWORD, NOW)


def judged(document: bytes, roots: Sequence[x509.Certificate]) -> PdfSignatureStatus:
    """What pyHanko's validator, which knows nothing of how it was signed, says of the one signature."""
    trusted = [asn1.Certificate.load(root.public_bytes(Encoding.DER)) for root in roots]
    context = ValidationContext(trust_roots=trusted, allow_fetching=False, moment=NOW, best_signature_time=NOW)
    (signature,) = PdfFileReader(io.BytesIO(document)).embedded_signatures
    return validate_pdf_signature(signature, context)


def test_a_signed_letter_is_valid_trusted_and_covered_from_its_first_byte_to_its_last(key: Key, letter: bytes, tmp_path: Path) -> None:
    certificate = issued(key)
    signed = load(p12(tmp_path, key, certificate), PASSWORD, NOW).sign(letter, NOW)
    status = judged(signed, [certificate])
    assert status.bottom_line, status.pretty_print_details()
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert status.modification_level == ModificationLevel.NONE
    assert status.signer_reported_dt == NOW


def test_a_signature_names_the_company_in_chinese_and_is_pades(p256: ec.EllipticCurvePrivateKey, letter: bytes, tmp_path: Path) -> None:
    signed = load(p12(tmp_path, p256, issued(p256)), PASSWORD, NOW).sign(letter, NOW)
    (signature,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    assert signature.sig_object["/Name"] == COMPANY
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.signer_cert.subject.native["common_name"] == COMPANY
    assert "/Reason" not in signature.sig_object
    attributes = {attribute["type"].native for attribute in signature.signer_info["signed_attrs"]}
    assert "signing_certificate_v2" in attributes
    assert "signing_time" not in attributes  # EN 319 142-1, 6.3: the time is said in the dictionary's /M


def test_what_was_rendered_stands_unchanged_in_what_is_signed(sandbox: Seal, letter: bytes) -> None:
    signed = sandbox.sign(letter, NOW)
    assert signed.startswith(letter)
    before, after = PdfReader(io.BytesIO(letter)), PdfReader(io.BytesIO(signed))
    assert [page.extract_text() for page in after.pages] == [page.extract_text() for page in before.pages]
    assert after.metadata == before.metadata
    assert after.xmp_metadata is not None
    assert after.xmp_metadata.stream.get_data() == before.xmp_metadata.stream.get_data()  # type: ignore[union-attr]


def test_signed_letters_of_the_same_length_are_of_the_same_length(sandbox: Seal, letter: bytes) -> None:
    assert len({len(sandbox.sign(letter, NOW + timedelta(days=day))) for day in range(20)}) == 1


@pytest.mark.parametrize(
    ("said", "forged"),
    [(b"/Creator(Typst", b"/Creator(TypSt"), (b"(D:20261124", b"(D:20261123"), (b"/DocMDP", b"/DocMDQ"), (b"stream\n", b"stream\r")],
)
def test_one_changed_byte_breaks_the_signature(sandbox: Seal, letter: bytes, said: bytes, forged: bytes) -> None:
    signed = sandbox.sign(letter, NOW)
    assert said in signed
    assert judged(signed, []).intact
    assert not judged(signed.replace(said, forged, 1), []).intact


def test_what_is_appended_to_a_signed_letter_is_noticed(sandbox: Seal, letter: bytes) -> None:
    signed = sandbox.sign(letter, NOW)
    (signature,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    first, length, second, rest = signature.byte_range
    assert (first, second + rest) == (0, len(signed))
    assert signed[length : length + 1] + signed[second - 1 : second] == b"<>"
    assert judged(signed + b"\n% more\n", []).coverage != SignatureCoverageLevel.ENTIRE_FILE


@pytest.mark.tool("openssl")
def test_openssl_verifies_the_signature_over_the_very_ranges_it_names(
    p256: ec.EllipticCurvePrivateKey, letter: bytes, tmp_path: Path
) -> None:
    certificate = issued(p256)
    signed = load(p12(tmp_path, p256, certificate), PASSWORD, NOW).sign(letter, NOW)
    (signature,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    _, length, second, rest = signature.byte_range
    content = signed[:length] + signed[second : second + rest]
    (tmp_path / "root.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (tmp_path / "signature.der").write_bytes(signature.pkcs7_content)

    def verdict(data: bytes) -> int:
        (tmp_path / "content").write_bytes(data)
        command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature.der", "-content", "content"]
        trust = ["-CAfile", "root.pem", "-purpose", "any", "-attime", str(int(NOW.timestamp())), "-out", "/dev/null"]
        return subprocess.run([*command, *trust], cwd=tmp_path, capture_output=True, check=False).returncode

    assert verdict(content) == 0
    assert verdict(content[:-1] + b"!") != 0


def test_a_sandboxs_signature_says_that_it_is_one(sandbox: Seal, letter: bytes) -> None:
    (signature,) = PdfFileReader(io.BytesIO(sandbox.sign(letter, NOW))).embedded_signatures
    assert signature.sig_object["/Reason"] == SANDBOX_MARK
    assert "Sandbox" in signature.signer_cert.issuer.native["organization_name"]


def test_a_sandboxs_certificate_is_issued_by_its_own_root_and_trusted_with_it(tmp_path: Path, letter: bytes) -> None:
    path = tmp_path / "sandbox.p12"
    make_sandbox_seal(path, PASSWORD)
    _, _, (root,) = pkcs12.load_key_and_certificates(path.read_bytes(), PASSWORD.encode())
    status = judged(load(path, PASSWORD, NOW).sign(letter, NOW), [root])
    assert status.bottom_line, status.pretty_print_details()


def test_a_sandbox_makes_its_seal_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "状态 folder" / "seal.p12"
    make_sandbox_seal(path, PASSWORD)
    first = path.read_bytes()
    make_sandbox_seal(path, PASSWORD)
    assert path.read_bytes() == first
    assert path.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]


def test_a_wrong_password_or_another_file_is_refused_without_repeating_it(p256: ec.EllipticCurvePrivateKey, tmp_path: Path) -> None:
    path = p12(tmp_path, p256, issued(p256))
    with pytest.raises(SealError, match="XIANLI_SIGNING_PASSWORD is not its password") as refused:
        load(path, "hunter2", NOW)
    assert "hunter2" not in str(refused.value)
    path.write_bytes(b"no seal")
    with pytest.raises(SealError, match="is no PKCS#12 file"):
        load(path, PASSWORD, NOW)
    with pytest.raises(SealError, match="cannot be read"):
        load(tmp_path / "nowhere.p12", PASSWORD, NOW)


def test_a_certificate_that_is_not_in_force_is_refused(p256: ec.EllipticCurvePrivateKey, tmp_path: Path) -> None:
    with pytest.raises(SealError, match=rf"{COMPANY} expired at 2026-11-23"):
        load(p12(tmp_path, p256, issued(p256, until=NOW - timedelta(days=1))), PASSWORD, NOW)
    with pytest.raises(SealError, match=r"valid from 2026-11-25T02:00:00\+00:00 only"):
        load(p12(tmp_path, p256, issued(p256, since=NOW + timedelta(days=1))), PASSWORD, NOW)


def test_a_certificate_that_expires_while_the_program_runs_signs_nothing_more(
    p256: ec.EllipticCurvePrivateKey, letter: bytes, tmp_path: Path
) -> None:
    seal = load(p12(tmp_path, p256, issued(p256)), PASSWORD, NOW)
    with pytest.raises(SealError, match="expired"):
        seal.sign(letter, seal.expires + timedelta(seconds=1))


def test_a_key_that_cannot_sign_letters_is_refused(p256: ec.EllipticCurvePrivateKey, tmp_path: Path) -> None:
    edwards, short = ed25519.Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 1024)
    with pytest.raises(SealError, match="of a kind that cannot sign here"):
        load(p12(tmp_path, edwards, issued(edwards)), PASSWORD, NOW)
    with pytest.raises(SealError, match="has 1024 bits"):
        load(p12(tmp_path, short, issued(short)), PASSWORD, NOW)
    with pytest.raises(SealError, match="is not for signing"):
        load(p12(tmp_path, p256, issued(p256, signs=False)), PASSWORD, NOW)
    with pytest.raises(SealError, match="has no private key"):
        load(p12(tmp_path, None, issued(p256)), PASSWORD, NOW)
