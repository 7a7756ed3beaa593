"""Bundles made by somebody who wants to be believed: by the house itself, which has the log's key, or by somebody who has none.

What the shell and the command judge is the same, whatever is done to a bundle.
"""

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.evidence.authority import SandboxAuthority
from orchestrator.evidence.bundle import verifying
from tests.orchestrator import bundles, certificates
from tests.orchestrator.bundles import FORGER, KEY, relist
from tests.tools import needed

pytestmark = pytest.mark.tool("openssl")

Change = Callable[[Path], object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    return bundles.write(folder / "bundle", bundles.sandbox(folder))


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "bundle")


def shell(folder: Path, *arguments: str, by: tuple[str, ...] = ("/bin/sh",), env: Mapping[str, str] | None = None) -> tuple[int, str]:
    said = subprocess.run(
        [*by, str(folder / "verify.sh"), *arguments],
        env={"PATH": "/usr/bin:/bin"} | dict(env or {}),
        capture_output=True,
        check=False,
        cwd=folder.parent,
        timeout=60,
    )
    return said.returncode, said.stdout.decode("utf-8", "backslashreplace") + said.stderr.decode("utf-8", "backslashreplace")


def both(folder: Path) -> bool:
    """What shell and command judge; they agree."""
    status, said = shell(folder)
    verdict = verifying.verify(folder)
    assert (status == 0) == verdict.verified, (said, verdict.faults)
    return verdict.verified


def replaced(path: str, old: bytes, new: bytes) -> Change:
    def change(folder: Path) -> None:
        content = (folder / path).read_bytes()
        assert old in content
        (folder / path).write_bytes(content.replace(old, new, 1))

    return change


def _no_times(folder: Path) -> None:
    for path in (folder / "data/proofs/stamps").iterdir():
        path.unlink()


def _nothing_signed(folder: Path) -> None:
    _no_times(folder)
    for path in (folder / "data/proofs/checkpoints").iterdir():
        path.unlink()


def _without_the_last(folder: Path) -> None:
    for path in (folder / "data/entries").glob("00004.*"):
        path.unlink()
    inclusion = folder / "data/proofs/inclusion.txt"
    inclusion.write_text("".join(inclusion.read_text().splitlines(keepends=True)[:-1]))


def _empty_payload(folder: Path) -> None:
    (folder / "data/entries/00002.payload.json").write_bytes(b"")


def _a_line_more(folder: Path) -> None:
    with (folder / "data/proofs/inclusion.txt").open("a") as file:
        file.write("00009 3 5\n")


INCLUSION, NOTE = "data/proofs/inclusion.txt", "data/proofs/checkpoints/5.checkpoint"


def test_a_bundle_that_nobody_touched_is_verified(bundle: Path) -> None:
    assert both(bundle)
    relist(bundle, KEY)
    assert both(bundle)


@pytest.mark.parametrize(
    "change",
    [
        _no_times,
        _nothing_signed,
        _without_the_last,
        _empty_payload,
        _a_line_more,
        replaced(INCLUSION, b"00001 1 5", b"00001 -1 5"),
        replaced(INCLUSION, b"00001 1 5", b"00001 01 5 "),
        replaced(INCLUSION, b"00001 1 5", b"00001 0 5"),
        replaced(INCLUSION, b"00001 1 5", b"00001 1 11"),
        replaced(NOTE, b"\n\n", b"\nextension\n\n"),
        replaced(NOTE, b"\n\n", "\n\n— witness.example AAAA\n".encode()),
        replaced("bag-info.txt", b"Xianli-Case: 7\n", b"Xianli-Case: 7\nXianli-Case: 7\n"),
        replaced("bag-info.txt", b"Xianli-Entries: 4", b"Xianli-Entries: 3"),
        replaced("bag-info.txt", b"Xianli-Case: 7\n", b""),
    ],
)
def test_not_even_the_house_itself_can_make_it_hold(bundle: Path, change: Change) -> None:
    change(bundle)
    relist(bundle, KEY)
    assert not both(bundle)


@pytest.mark.parametrize("header", ['{"case":8,"at"', '{ "at"', '{"case":7,"at"', '{"x":{"case":7,"payload":"00","previous":null},"at"'])
def test_a_header_that_two_readers_could_take_differently_is_not_read(bundle: Path, header: str) -> None:
    replaced("data/entries/00001.header.json", b'{"at"', header.encode())(bundle)
    relist(bundle, KEY)
    assert not both(bundle)
    assert "entry 00001 has no header that can be read" in verifying.verify(bundle).faults


def test_files_taken_away_behind_the_name_of_another_are_missed(bundle: Path) -> None:
    """A name that holds a line feed reads as the two names that were taken away."""
    for name in ("1.pdf", "2.pdf"):
        (bundle / "data/letters" / name).unlink()
    (bundle / "data/letters/1.pdf\ndata/letters").mkdir(parents=True)
    (bundle / "data/letters/1.pdf\ndata/letters/2.pdf").write_text("something else")
    assert not both(bundle)


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "data/entries/00005.header.json")


def _orders(folder: Path) -> None:
    """A name that would be carried out where it is not quoted."""
    (folder / "data/entries/9$(touch${IFS}done).header.json").write_bytes(b"{}")
    with (folder / INCLUSION).open("a") as file:
        file.write(f"9$(touch${{IFS}}done) 1 2 {'00' * 32}\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "data/.hidden").write_text("x"),
        lambda folder: (folder / "data/-rf").write_text("x"),
        lambda folder: (folder / "data/lеtters.pdf").write_text("Cyrillic"),
        lambda folder: (Path(os.fsdecode(os.fsencode(folder) + b"/data/\xff\xfe"))).write_text("no UTF-8"),
        lambda folder: (folder / "data/\x1b[2J'\"\\c").write_text("orders to a terminal"),
        lambda folder: (folder / "data/entries/00003.salt").write_bytes(b"t" * 16),
        lambda folder: (folder / "data/entries/00003.payload.json").write_bytes(b'{"fact":{"raw":"07"},"kind":"receipt"}'),
        lambda folder: (folder / "data/letters/1.pdf").chmod(0o644) or (folder / "data/letters/1.pdf").write_bytes(b"%PDF="),
        lambda folder: (folder / "data/letters").rename(folder / "data/Letters"),
        _pipe,
        _orders,
    ],
)
def test_who_has_no_key_is_noticed(bundle: Path, change: Change) -> None:
    change(bundle)
    assert not both(bundle)
    assert not list(bundle.rglob("done"))
    assert "\x1b" not in shell(bundle)[1]


def test_what_follows_the_names_in_a_bundle_is_never_carried_out(bundle: Path) -> None:
    _orders(bundle)
    relist(bundle, FORGER)
    assert not both(bundle)
    assert not [*bundle.parent.rglob("done")]


def test_a_bundle_made_anew_by_another_key_is_noticed_by_who_has_the_logs_key(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(KEY.verifying.pem)
    (bundle / "data/proofs/log-key.pem").write_bytes(FORGER.verifying.pem)
    for size in (5, 11):
        (bundle / f"data/proofs/checkpoints/{size}.key.pem").write_bytes(KEY.verifying.pem)
    relist(bundle, FORGER)
    assert both(bundle)
    assert shell(bundle, "--log-key", "key.pem")[0] == 1
    assert not verifying.verify(bundle, KEY.verifying.pem).verified


LONG_AGO = datetime(2021, 3, 1, 12, tzinfo=UTC)


def test_a_stamp_holds_after_the_certificate_of_its_authority_has_ended(tmp_path: Path) -> None:
    """It is judged at its own time: a court reads it years later."""
    path = certificates.time_p12(tmp_path / "time.p12", "p", LONG_AGO + timedelta(days=1))
    assert both(bundles.write(tmp_path / "bundle", SandboxAuthority(path, "p", lambda: LONG_AGO).answer))


def test_a_stamp_made_after_the_certificate_had_ended_is_none(tmp_path: Path) -> None:
    path = certificates.time_p12(tmp_path / "time.p12", "p", LONG_AGO - timedelta(days=1))
    folder = bundles.write(tmp_path / "bundle", SandboxAuthority(path, "p", lambda: LONG_AGO).answer)
    assert not both(folder)
    assert "is not an authority's word on checkpoint" in shell(folder)[1]


def _mutated(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content) + 1)
    match chance.randrange(4):
        case 0:
            return content[:at] + bytes([chance.choice(b'\n 0129afz"{}:,\x00\xff')]) + content[at:]
        case 1:
            return content[:at] + content[at + chance.randrange(1, 4) :]
        case 2:
            return content[: at // 2] + content[at // 2 : at] * 2 + content[at:]
        case _:
            return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :] if at < len(content) else content[:-1]


@pytest.mark.parametrize("seed", range(12))
def test_shell_and_command_judge_any_change_alike(bundle: Path, seed: int) -> None:
    """Each in turn: one file changed and the lists signed anew by the log's key, so that only what they list can tell."""
    chance = random.Random(seed)
    judged = sorted(path for path in bundle.rglob("*") if path.is_file() and path.suffix in {".json", ".checkpoint", ".txt", ".salt"})
    judged = [path for path in judged if path.parent != bundle and path.name != "consistency.txt"]
    for path in chance.sample(judged, 4):
        kept = path.read_bytes()
        path.write_bytes(_mutated(chance, kept))
        relist(bundle, KEY)
        both(bundle)
        path.write_bytes(kept)


def _with(tools: Mapping[str, str], folder: Path) -> dict[str, str]:
    folder.mkdir()
    for name, at in tools.items():
        (folder / name).symlink_to(at)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


@pytest.mark.parametrize("by", [("/bin/sh", "-u"), ("bash", "--posix"), ("dash",), ("busybox", "ash")])
@pytest.mark.parametrize("change", [None, _no_times])
def test_every_shell_says_the_same(bundle: Path, by: tuple[str, ...], change: Change | None) -> None:
    needed(by[0])
    if change:
        change(bundle)
        relist(bundle, KEY)
    assert shell(bundle, by=by)[0] == (1 if change else 0)


@pytest.mark.parametrize("change", [None, _no_times, _nothing_signed])
@pytest.mark.parametrize("tool", ["mawk", "gawk", "busybox"])
def test_every_set_of_utilities_says_the_same(bundle: Path, tmp_path: Path, tool: str, change: Change | None) -> None:
    at = needed(tool)
    names = ("awk",) if tool != "busybox" else ("awk", "sed", "sort", "find", "xargs", "od", "tr", "uniq", "wc", "tail", "grep")
    if change:
        change(bundle)
        relist(bundle, KEY)
    status, said = shell(bundle, env=_with(dict.fromkeys(names, at), tmp_path / "bin"))
    assert status == (1 if change else 0), said


def test_folders_with_blanks_other_tongues_and_traps_in_the_environment_change_nothing(bundle: Path, tmp_path: Path) -> None:
    moved = bundle.rename(tmp_path / "-催缴 证据")
    (tmp_path / "with blanks").mkdir()
    (tmp_path / "trap/-催缴 证据").mkdir(parents=True)
    env = {"TMPDIR": str(tmp_path / "with blanks"), "CDPATH": str(tmp_path / "trap"), "LC_ALL": "zh_CN.GB18030", "LANG": "zh_CN.UTF-8"}
    status, said = shell(moved, env=env)
    assert (status, list((tmp_path / "with blanks").iterdir())) == (0, []), said
    said_inside = subprocess.run(
        ["/bin/sh", "verify.sh"],
        cwd=moved,
        env={"PATH": "/usr/bin:/bin", "CDPATH": str(tmp_path / "trap"), "TMPDIR": "../with blanks"},
        capture_output=True,
        check=False,
    )
    assert said_inside.returncode == 0, said_inside
