"""Time from outside: openssl stands in for an authority, and openssl is whom a court's expert believes."""

import base64
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from orchestrator.evidence import sandbox_certificates, timestamps
from orchestrator.evidence.authority import SandboxAuthority
from orchestrator.evidence.checkpoints import LogKey, NotACheckpoint, VerifyingKey
from orchestrator.evidence.timestamps import Algorithm, StampRefused

pytestmark = pytest.mark.tool("openssl")

NOTE = b"collect.example/evidence\n7\nroot\n"
AT = datetime(2026, 12, 5, 3, 4, 5, tzinfo=UTC)


@dataclass
class OpensslAuthority:
    """`openssl ts -reply` with a certificate of its own."""

    folder: Path

    def __post_init__(self) -> None:
        key = rsa.generate_private_key(65537, 2048)
        sandbox_certificates.make(self.folder / "time.p12", "p", key, root="Root", name="Authority", stamps_time=True)
        _, signer, issuers = pkcs12.load_key_and_certificates((self.folder / "time.p12").read_bytes(), b"p")
        assert signer is not None
        self.root = issuers[0].public_bytes(Encoding.PEM)
        (self.folder / "signer.pem").write_bytes(signer.public_bytes(Encoding.PEM))
        (self.folder / "root.pem").write_bytes(self.root)
        (self.folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        (self.folder / "serial").write_text("01\n")
        (self.folder / "authority.cnf").write_text(
            f"[authority]\nserial = {self.folder}/serial\nsigner_cert = {self.folder}/signer.pem\ncerts = {self.folder}/root.pem\n"
            f"signer_key = {self.folder}/key.pem\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\nother_policies = 1.2.3.5\n"
            "digests = sha256, sm3\ness_cert_id_alg = sha256\n"
        )

    def answer(self, request: bytes) -> bytes:
        (self.folder / "question").write_bytes(request)
        command = [
            "openssl",
            "ts",
            "-reply",
            "-config",
            "authority.cnf",
            "-section",
            "authority",
            "-queryfile",
            "question",
            "-out",
            "answer",
        ]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        return (self.folder / "answer").read_bytes()


@pytest.fixture
def authority(tmp_path: Path) -> OpensslAuthority:
    return OpensslAuthority(tmp_path)


@pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
def test_what_openssl_stamped_is_believed_and_nothing_else(authority: OpensslAuthority, algorithm: Algorithm) -> None:
    question = timestamps.ask(NOTE, algorithm)
    stamp = timestamps.read(question, authority.answer(question.request))
    timestamps.believe(stamp, NOTE)
    timestamps.believe(stamp, NOTE, [authority.root])
    assert len(stamp.certificates) == 2
    with pytest.raises(StampRefused, match="other bytes"):
        timestamps.believe(stamp, NOTE + b" ")


@pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
def test_a_stamp_of_another_root_is_not_believed(
    authority: OpensslAuthority, algorithm: Algorithm, tmp_path_factory: pytest.TempPathFactory
) -> None:
    question = timestamps.ask(NOTE, algorithm)
    stamp = timestamps.read(question, authority.answer(question.request))
    another = OpensslAuthority(tmp_path_factory.mktemp("another"))
    with pytest.raises(StampRefused, match="does not hold"):
        timestamps.believe(stamp, NOTE, [another.root])


def test_an_answer_to_another_question_is_refused(authority: OpensslAuthority) -> None:
    question = timestamps.ask(NOTE)
    answer = authority.answer(question.request)
    with pytest.raises(StampRefused, match="nonce"):
        timestamps.read(timestamps.ask(NOTE), answer)
    with pytest.raises(StampRefused, match="another hash"):
        timestamps.read(replace(timestamps.ask(b"x"), nonce=question.nonce), answer)
    for garbled in (b"", b"<html>", answer[:-1], answer + b"\0"):
        with pytest.raises(StampRefused):
            timestamps.read(question, garbled)


def test_the_sandbox_stamps_on_its_own_clock_under_its_own_name_and_openssl_agrees(tmp_path: Path) -> None:
    question = timestamps.ask(NOTE)
    stamp = timestamps.read(question, SandboxAuthority(tmp_path / "time.p12", "p", lambda: AT).answer(question.request))
    assert stamp.at == AT
    timestamps.believe(stamp, NOTE)
    (tmp_path / "stamp.tsr").write_bytes(stamp.response)
    (tmp_path / "note").write_bytes(NOTE)
    (tmp_path / "root.pem").write_bytes(stamp.certificates[-1])
    files = ["-in", "stamp.tsr", "-data", "note", "-CAfile", "root.pem", "-attime", str(int(AT.timestamp()))]
    said = subprocess.run(["openssl", "ts", "-verify", *files], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in said.stdout + said.stderr
    shown = subprocess.run(
        ["openssl", "ts", "-reply", "-in", "stamp.tsr", "-text"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "Xianli Sandbox" in shown.stdout


def test_the_sandbox_refuses_what_it_cannot_stamp(tmp_path: Path) -> None:
    authority = SandboxAuthority(tmp_path / "time.p12", "p", lambda: AT)
    question = timestamps.ask(NOTE, "sm3")
    with pytest.raises(StampRefused, match="bad_alg"):
        timestamps.read(question, authority.answer(question.request))
    with pytest.raises(StampRefused, match="bad_data_format"):
        timestamps.read(timestamps.ask(NOTE), authority.answer(b"hello"))


def test_a_checkpoint_is_verified_by_openssl_alone(tmp_path: Path) -> None:
    key = LogKey.derived("collect.example/evidence", "s" * 32)
    text, signature = key.verifying.split(key.sign(7, bytes(32)))
    (tmp_path / "key.pem").write_bytes(key.verifying.pem)
    (tmp_path / "text").write_bytes(text)
    (tmp_path / "signature").write_bytes(signature)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "text", "-sigfile", "signature"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Signature Verified Successfully" in said.stdout


def test_a_checkpoint_says_whose_log_how_long_and_which_root_and_nothing_of_it_may_change() -> None:
    key = LogKey.derived("collect.example/evidence", "s" * 32)
    note = key.sign(7, bytes(range(32)))
    assert key.verifying.open(note).size == 7
    for changed in (note.replace(b"\n7\n", b"\n8\n"), note.replace(b"collect", b"c0llect"), note[:-2], note.replace(b"\n\n", b"\n"), b""):
        with pytest.raises(NotACheckpoint):
            key.verifying.open(changed)
    with pytest.raises(NotACheckpoint):
        LogKey.derived("collect.example/evidence", "t" * 32).verifying.open(note)


def test_the_published_note_of_another_log_is_read_by_its_published_key() -> None:
    """The example of golang.org/x/mod/sumdb/note, whose format C2SP's is."""
    name, hashed, key = ["PeterNeumann", "c74f20a3", "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"]
    published = VerifyingKey(name, base64.b64decode(key)[1:])
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    note = f"{text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    assert published.hash.hex() == hashed
    assert published.read(note.encode()) == text.encode()
    with pytest.raises(NotACheckpoint):
        published.read(note.replace("answer", "Answer").encode())
