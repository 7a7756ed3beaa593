"""The company's key in a token: letters are signed by it and never by a copy of it; what lacks is said with its cure."""

import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pkcs11
import pytest
from asn1crypto import x509 as asn1
from certificates import COMPANY, NOW, issued
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pkcs11.util.x509 import decode_x509_certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from wording_examples import DEMAND

from orchestrator.evidence import tokens
from orchestrator.evidence.seals import SealError
from orchestrator.wording import render_letter
from tests.tools import needed

PIN = "482910"
MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so")
KEYS = {"p256": ec.generate_private_key(ec.SECP256R1()), "rsa": rsa.generate_private_key(65537, 2048)}


@pytest.fixture(scope="module")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The module of SoftHSM, with a token `xianli` that holds each key and its certificate under its name, and a key without one."""
    needed("softhsm2-util")
    module = next(each for each in MODULES if Path(each).exists())
    folder = tmp_path_factory.mktemp("tokens")
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    util("--init-token", "--free", "--label", "xianli", "--pin", PIN, "--so-pin", PIN)
    for number, (name, key) in enumerate([*KEYS.items(), ("bare", KEYS["p256"])], 1):
        (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        util("--import", str(folder / "key.pem"), "--token", "xianli", "--label", name, "--id", f"0{number}", "--pin", PIN)
    with pkcs11.lib(module).get_token(token_label="xianli").open(rw=True, user_pin=PIN) as session:
        for name, key in KEYS.items():
            made = decode_x509_certificate(issued(key).public_bytes(Encoding.DER))
            session.create_object(made | {pkcs11.Attribute.LABEL: name, pkcs11.Attribute.TOKEN: True})
    yield module
    os.environ.pop("SOFTHSM2_CONF")
    if before is not None:
        os.environ["SOFTHSM2_CONF"] = before


def util(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("label", "pin", "because"),
    [
        ("p256", "000000", "XIANLI_SIGNING_PASSWORD is not its PIN"),
        ("seal", PIN, "no private key is labelled seal"),
        ("bare", PIN, "no certificate on xianli is labelled bare; there are: "),
    ],
)
def test_a_token_that_cannot_sign_says_why_and_never_the_pin(softhsm: str, label: str, pin: str, because: str) -> None:
    with pytest.raises(SealError, match=because) as refused:
        tokens.load(f"{softhsm},xianli,{label}", pin, NOW)
    assert pin not in str(refused.value)


@pytest.mark.parametrize("label", KEYS)
def test_a_letter_signed_in_a_token_is_valid_and_whole(softhsm: str, label: str) -> None:
    seal = tokens.load(f"{softhsm}, xianli, {label}", PIN, NOW)
    signed = seal.sign(render_letter("formal-demand", DEMAND).pdf, NOW)
    trusted = [asn1.Certificate.load(issued(KEYS[label]).public_bytes(Encoding.DER))]
    (signature,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    context = ValidationContext(trust_roots=trusted, allow_fetching=False, moment=NOW, best_signature_time=NOW)
    status = validate_pdf_signature(signature, context)
    assert seal.name == COMPANY
    assert status.intact
    assert status.valid
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE


def test_an_unknown_token_or_module_is_named(softhsm: str) -> None:
    with pytest.raises(SealError, match="no token has this label"):
        tokens.load(f"{softhsm},elsewhere,p256", PIN, NOW)
    with pytest.raises(SealError, match=r"/nowhere\.so: it does not answer"):
        tokens.load("/nowhere.so,xianli,p256", PIN, NOW)


def test_where_a_token_is_says_three_things() -> None:
    with pytest.raises(SealError, match="module, token label and key label"):
        tokens.load("/usr/lib/softhsm/libsofthsm2.so", PIN, NOW)
