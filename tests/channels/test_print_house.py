"""A print house takes each batch whole and once, and its answers are read."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paramiko
import pytest

from channels.conformance import ALWAYS, WITH_A_PROVIDER, Bench
from channels.contract import (
    Accepted,
    Adapter,
    Capabilities,
    ForgedRequest,
    Handover,
    LookupFailed,
    Message,
    Refused,
    SignedRequest,
    Sought,
    Unknown,
)
from channels.print_house import PROVIDER, PrintBatch, PrintHouse
from tests.channels.sftp_house import SftpHouse, sftp_house

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def a_batch(name="XB00000012", letter=b"%PDF-1.7 a letter") -> PrintBatch:
    files = (("XL00000041.pdf", letter), ("ems.csv", b"sheet"), ("manifest.json", b'{"batch": "XB00000012"}'))
    return PrintBatch(name, b'{"batch": "XB00000012"}', lambda: iter(files))


def key_text(key: paramiko.PKey) -> str:
    text = io.StringIO()
    key.write_private_key(text)
    return text.getvalue()


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[SftpHouse]:
    with sftp_house(tmp_path) as house:
        yield house


def opened(settings: Any, remote: SftpHouse, **changes: str) -> PrintHouse:
    stated = {"print_house_url": remote.url, "print_house_key": key_text(remote.client_key), "print_house_host_key": remote.pinned}
    return PrintHouse.of(replace(settings, **(stated | changes)))


@pytest.fixture(params=["folder", "sftp"])
def house(request, settings, tmp_path, remote) -> PrintHouse:
    if request.param == "sftp":
        return opened(settings, remote)
    return PrintHouse.of(replace(settings, print_house_url=f"file://{tmp_path}/batches"))


def test_a_batch_is_there_whole_under_its_name(house, tmp_path):
    taken = house.hand_over(a_batch())
    assert isinstance(taken, Accepted)
    assert (taken.provider, taken.provider_id) == (PROVIDER, "XB00000012")
    assert sorted(each.name for each in (tmp_path / "batches").iterdir()) == ["XB00000012"]
    assert (tmp_path / "batches/XB00000012/XL00000041.pdf").read_bytes() == b"%PDF-1.7 a letter"


def test_the_same_batch_brought_twice_is_one_and_stays_as_it_was(house, tmp_path):
    house.hand_over(a_batch())
    assert isinstance(house.hand_over(a_batch(letter=b"another")), Accepted)
    assert (tmp_path / "batches/XB00000012/XL00000041.pdf").read_bytes() == b"%PDF-1.7 a letter"


def test_what_an_earlier_try_left_of_a_letter_pulled_since_is_taken_away(house, tmp_path):
    (tmp_path / "batches/XB00000012.part").mkdir()
    (tmp_path / "batches/XB00000012.part/XL00000040.pdf").write_bytes(b"pulled")
    assert isinstance(house.hand_over(a_batch()), Accepted)
    assert {each.name for each in (tmp_path / "batches/XB00000012").iterdir()} == {"XL00000041.pdf", "ems.csv", "manifest.json"}


def test_what_an_earlier_try_left_half_done_is_brought_again(house, tmp_path):
    (tmp_path / "batches/XB00000012.part").mkdir()
    (tmp_path / "batches/XB00000012.part/XL00000041.pdf").write_bytes(b"half")
    assert isinstance(house.hand_over(a_batch()), Accepted)
    assert (tmp_path / "batches/XB00000012/XL00000041.pdf").read_bytes() == b"%PDF-1.7 a letter"


def test_its_answers_are_read_once(house, tmp_path):
    answers = tmp_path / "batches/acknowledgements"
    answers.mkdir()
    line = {"file": "XL00000041.pdf", "state": "accepted", "waybill": "EA473124829CN", "posted_at": "2026-11-24 18:30"}
    said = {"batch": "XB00000012", "files": [line]}
    (answers / "1.json").write_text(json.dumps(said), encoding="utf-8")
    (answers / "2.csv").write_bytes("batch,file,state,reason\nXB00000012,XL00000042.pdf,rejected,缺页\n".encode("utf-8-sig"))
    (answers / "3.json").write_bytes(b"<html>")
    first, second, odd = house.acknowledgements()
    assert first.files[0].posted_at.isoformat() == "2026-11-24T18:30:00+08:00", "a time without zone is Chinese time"
    assert (second.batch, second.files[0].accepted, second.files[0].reason) == ("XB00000012", False, "缺页")
    assert odd.unreadable
    assert odd.raw == b"<html>"
    for each in (first, second, odd):
        house.put_away(each.name)
    assert house.acknowledgements() == []
    assert len(list((answers / "read").iterdir())) == 3


def test_a_house_that_has_the_batch_already_says_so(house, tmp_path):
    answers = tmp_path / "batches/acknowledgements"
    answers.mkdir()
    (answers / "a.json").write_text('{"batch": "XB00000012", "state": "rejected", "reason": "duplicate"}')
    assert house.acknowledgements()[0].duplicate


def test_a_connection_lost_while_the_batch_gets_its_name_is_found_out_by_looking(settings, remote):
    house = opened(settings, remote)
    remote.hangs_up_after_rename = True
    assert isinstance(house.hand_over(a_batch()), Unknown)
    assert house.find("XB00000012").provider_id == "XB00000012"
    assert house.find("XB00000013") is None


def test_a_connection_lost_before_that_brought_nothing(settings, remote):
    house = opened(settings, remote)
    remote.hangs_up_at_write = True
    refused = house.hand_over(a_batch())
    assert (refused.error_class, refused.error_code) == ("transient", "interrupted")
    assert house.find("XB00000012") is None


def test_a_server_that_shows_another_key_is_given_nothing(settings, remote):
    other = paramiko.RSAKey.generate(2048)
    house = opened(settings, remote, print_house_host_key=f"{other.get_name()} {other.get_base64()}")
    refused = house.hand_over(a_batch())
    assert (refused.error_class, refused.error_code) == ("config", "host_key")
    assert opened(settings, remote, print_house_host_key="ssh-ed25519 AAAA").hand_over(a_batch()).error_code == "host_key"
    assert list((remote.root / "batches").iterdir()) == []


@pytest.mark.parametrize("wrong", ["key", "user"])
def test_who_is_not_let_in_is_a_fault_of_the_settings(settings, remote, wrong):
    changes = {
        "key": {"print_house_key": key_text(paramiko.RSAKey.generate(2048))},
        "user": {"print_house_url": remote.url.replace("xianli@", "guest@")},
    }
    house = opened(settings, remote, **changes[wrong])
    assert house.hand_over(a_batch()).error_code == "unauthorized"
    assert house.check().state == "down"


def test_a_place_we_may_not_write_to_is_said_to_be_one(settings, remote):
    remote.read_only = True
    assert opened(settings, remote).hand_over(a_batch()).error_code == "permission_denied"


def test_the_key_may_lie_in_a_file(settings, remote, tmp_path):
    (tmp_path / "key").write_text(key_text(remote.client_key))
    assert opened(settings, remote, print_house_key=str(tmp_path / "key")).check().state == "ok"


HALVES = [
    {"print_house_key": ""},
    {"print_house_host_key": ""},
    {"print_house_key": "/no/such/file"},
    {"print_house_key": "-----BEGIN PRIVATE KEY-----"},
]


@pytest.mark.parametrize("half", HALVES)
def test_half_a_configuration_is_an_error_at_the_start(settings, remote, half):
    with pytest.raises(ValueError, match="PRINT_HOUSE_KEY"):
        opened(settings, remote, **half)


def test_a_folder_that_is_not_there_is_said_so(settings, tmp_path):
    house = PrintHouse.of(replace(settings, print_house_url=f"file://{tmp_path}/nowhere"))
    assert house.check().state == "down"
    with pytest.raises(LookupFailed):
        house.find("XB00000012")


def test_without_an_address_there_is_no_print_house(settings):
    assert PrintHouse.of(settings) is None


@dataclass
class BatchOfOne:
    """The print house as a channel: each letter a batch of its own, so that it can be held to what every adapter promises."""

    house: PrintHouse
    channel = "letter"
    provider = PROVIDER
    sender = PROVIDER

    def capabilities(self, country: str) -> Capabilities:
        return Capabilities(available=True, evidence_level="C")

    def send(self, message: Message) -> Handover:
        return self.house.hand_over(a_batch(f"XB{message.attempt_id:08d}"))

    def find(self, sought: Sought) -> Accepted | None:
        return self.house.find(f"XB{sought.attempt_id:08d}")

    def parse_receipt(self, request: SignedRequest) -> Any:
        raise ForgedRequest("it answers by files")

    def explain(self, code: str) -> Any:
        return self.house.explain(code)

    def check(self) -> Any:
        return self.house.check()


@dataclass
class StandIn:
    remote: SftpHouse
    gone: Adapter
    secrets = (b"PRIVATE KEY",)

    @property
    def taken(self) -> int:
        return len(list((self.remote.root / "batches").iterdir()))

    def take_and_fall_silent(self) -> None:
        self.remote.hangs_up_after_rename = True


CANNOT_BE_ACTED = {
    "an_answer_nobody_understands_is_unknown",
    "each_refusal_has_its_class",
    "an_unknown_code_is_permanent",
    "each_code_has_a_source",
}
"""Nobody stands between us and a folder, and it refuses by none but the disk's own words, tried one by one above."""

PROMISES = [*ALWAYS, *(each for each in WITH_A_PROVIDER if each.__name__ not in CANNOT_BE_ACTED)]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda each: each.__name__)
def test_it_keeps_what_every_adapter_promises(settings, remote, a_message, promise):
    def message(attempt_id: int) -> Message:
        return a_message("letter", f"清苑小区3栋1单元{attempt_id}", attempt_id, document=b"%PDF-1.7 a letter")

    bench = Bench(BatchOfOne(opened(settings, remote)), message, lambda: MORNING)
    if promise in ALWAYS:
        promise(bench)
    else:
        gone = BatchOfOne(opened(settings, remote, print_house_url="sftp://xianli@127.0.0.1:9/batches"))
        promise(bench, StandIn(remote, gone))


def test_each_of_its_codes_is_explained(settings, tmp_path):
    house = PrintHouse.of(replace(settings, print_house_url=f"file://{tmp_path}"))
    assert house.explain("host_key").error_class == "config"
    assert (house.explain("paper_jam").error_class, bool(house.explain("paper_jam").source)) == ("permanent", True)


def test_a_refusal_says_what_it_was_about(settings, tmp_path):
    refused = PrintHouse.of(replace(settings, print_house_url=f"file://{tmp_path}/nowhere")).hand_over(a_batch())
    assert isinstance(refused, Refused)
    assert refused.exchange.request == a_batch().manifest
