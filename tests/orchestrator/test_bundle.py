"""The court bundle: an expert with a shell and openssl finds it whole, and finds every change; nothing of the house's own is in it."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from channels.receipts import Receipt
from orchestrator import bundling, casework, outreach, sealing
from orchestrator.evidence.authority import SandboxAuthority
from orchestrator.evidence.bundle import verifying
from orchestrator.evidence.checkpoints import LogKey
from orchestrator.store import hearing
from orchestrator.store.hearing import Heard
from tests.conftest import Clock
from tests.orchestrator import bundles
from tests.orchestrator.conftest import River
from tests.world import Home, World, month

pytestmark = pytest.mark.tool("openssl")

NOTE = "owner sounded tired, son lives abroad"


@pytest.fixture
def case(river: River, world: World, clock: Clock, tmp_path: Path) -> Home:
    """A home that was written to, with words of the provider, a hold with a note, and another home's case in the same log."""
    river.runtime = replace(river.runtime, authorities=(SandboxAuthority(tmp_path / "time.p12", "p" * 32, clock),))
    homes = [
        world.home(unit, name, number, charges=[month(2026, 5, "400.00"), month(2026, 6, "400.00")]).open_case(cursor=1)
        for unit, name, number in (("3-1-1201", "王芳", "+8619900000001"), ("3-1-1202", "李雷", "+8619900000002"))
    ]
    for home in homes:
        river.ask(home)
        for attempt in outreach.advance([home.case_id], river.runtime):
            outreach.deliver([attempt], river.runtime)
            for status in ("sent", "delivered"):
                word = Receipt("line", f"id-{attempt}", attempt, status, status)  # type: ignore[arg-type]
                with river.runtime.store.begin() as rows:
                    kept = hearing.keep(rows, [Heard.of(word, f"MessageStatus={status}".encode())], clock.at, clock.at)
                outreach.hear(kept, river.runtime)
                clock.at += timedelta(minutes=7)
                sealing.seal(river.runtime)
    casework.hold(river.runtime, homes[0].case_id, "repair", clock.at + timedelta(days=3), "collector", comment=NOTE)
    return homes[0]


@pytest.fixture
def exported(river: River, case: Home, tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    bundling.export(river.runtime, case.case_id, folder)
    return folder


def verify(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """With nothing in the environment but a path to the utilities."""
    return subprocess.run(
        ["/bin/sh", str(folder / "verify.sh"), *arguments],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        cwd=folder.parent,
    )


def test_a_bundle_is_verified_by_a_bare_shell_and_openssl(exported: Path) -> None:
    said = verify(exported)
    assert said.stderr == ""
    assert said.returncode == 0, said.stdout
    assert said.stdout.count("\nok ") + said.stdout.startswith("ok ") == 6
    assert "VERIFIED" in said.stdout.splitlines()[-1]
    assert "SANDBOX" in said.stdout


def test_the_same_case_at_the_same_checkpoint_gives_the_same_bytes(river: River, case: Home, exported: Path, tmp_path: Path) -> None:
    size = int(next(line for line in (exported / "bag-info.txt").read_text().splitlines() if "Checkpoint:" in line).split()[1])
    casework.lift(river.runtime, case.case_id, "collector")
    again = tmp_path / "again"
    assert bundling.export(river.runtime, case.case_id, again, at=size)["later_entries"] == 2
    assert {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()} == {
        path.relative_to(exported): path.read_bytes() for path in exported.rglob("*") if path.is_file()
    }


def test_nothing_of_the_houses_own_is_in_it(exported: Path, case: Home) -> None:
    everything = b"\n".join(path.read_bytes() for path in sorted(exported.rglob("*")) if path.is_file() and path.name != "verify-zh.txt")
    for ours in (NOTE, "wait_for", "because", "collector", "repair", "李雷", "+8619900000002", "approval", '"kind":"decision"'):
        assert ours.encode() not in everything, ours
    assert "王芳".encode() in everything
    assert b"MessageStatus=delivered" in everything


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _one_of_each_kind(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "verify.sh")
    return list({(path.parent, "".join(path.suffixes[-2:]) if path.parent != folder else path.name): path for path in files}.values())


def test_one_flipped_bit_in_any_file_is_noticed(exported: Path, tmp_path: Path) -> None:
    assert len(_one_of_each_kind(exported)) >= 17
    for path in _one_of_each_kind(exported):
        shutil.copyfile(path, kept := tmp_path / "kept")
        _flip(path)
        said = verify(exported)
        assert said.returncode == 1, (path.name, said.stdout)
        assert path.name in said.stdout or "list of files" in said.stdout, (path.name, said.stdout)
        shutil.copyfile(kept, path)
    assert verify(exported).returncode == 0


def _swap_stamps(folder: Path) -> None:
    first, second, *_ = sorted((folder / "data/proofs/stamps").glob("*.tsr"))
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)


def _swap_entries(folder: Path) -> None:
    for suffix in ("header.json", "payload.json", "salt"):
        one, other = (folder / f"data/entries/0000{number}.{suffix}" for number in (2, 3))
        if one.exists() and other.exists():
            kept = one.read_bytes()
            one.write_bytes(other.read_bytes())
            other.write_bytes(kept)


def _drop_the_last(folder: Path) -> None:
    last = sorted((folder / "data/entries").glob("*.header.json"))[-1].name.split(".")[0]
    for path in (folder / "data/entries").glob(f"{last}.*"):
        path.unlink()


def _from_another_case(folder: Path) -> None:
    path = folder / "data/entries/00001.header.json"
    path.write_bytes(path.read_bytes().replace(b'"case":1', b'"case":2'))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda folder: (folder / "data/note.txt").write_text("added"), "added: data/note.txt"),
        (lambda folder: (folder / "data/raw/ with blanks\nand more.txt").write_text("added"), "added: data/raw/"),
        (lambda folder: (folder / "data/link").symlink_to("/etc/passwd"), "neither a file nor a folder: ./data/link"),
        (lambda folder: (folder / "data/proofs/consistency.txt").unlink(), "removed: data/proofs/consistency.txt"),
    ],
)
def test_what_was_added_or_removed_is_named(exported: Path, change: Callable[[Path], object], named: str) -> None:
    change(exported)
    said = verify(exported)
    assert said.returncode == 1
    assert f"FAIL  {named}" in said.stdout


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_swap_stamps, "is not an authority's word on checkpoint"),
        (_swap_entries, "entry 00002 does not follow the entry before it"),
        (_from_another_case, "entry 00001 is of another case"),
        (_drop_the_last, "the list of files is not signed by the key of the log"),
        (lambda folder: _flip(folder / "data/entries/00002.payload.json"), "entry 00002 has another payload than was logged"),
        (lambda folder: (folder / "data/proofs/inclusion.txt").write_text(""), "entry 00001 has no path of its own"),
    ],
)
def test_a_change_that_hides_itself_in_the_lists_is_noticed_by_what_they_list(
    exported: Path, change: Callable[[Path], object], named: str
) -> None:
    change(exported)
    bundles.relist(exported, bundles.FORGER)
    said = verify(exported)
    assert said.returncode == 1
    assert named in said.stdout, said.stdout
    assert "the list of files is not signed by the key of the log" in said.stdout


def test_an_entry_of_another_case_does_not_pass_for_one_of_this_even_with_proofs_of_its_own(
    river: River, case: Home, exported: Path, tmp_path: Path
) -> None:
    """It is in the same log, under the same checkpoints: whole, proven, and about somebody else."""
    bundling.export(river.runtime, case.case_id + 1, other := tmp_path / "other")
    for path in (other / "data/entries").glob("00002.*"):
        shutil.copyfile(path, exported / "data/entries" / path.name)
    proofs = [folder / "data/proofs/inclusion.txt" for folder in (exported, other)]
    ours, theirs = ({line.split()[0]: line for line in path.read_text().splitlines()} for path in proofs)
    proofs[0].write_text("".join(f"{line}\n" for line in (ours | {"00002": theirs["00002"]}).values()))
    bundles.relist(exported, river.runtime.log_key)
    said = verify(exported)
    assert said.returncode == 1
    assert "entry 00002 is of another case" in said.stdout
    assert not verifying.verify(exported).verified


def test_key_and_roots_may_come_from_another_source(river: River, exported: Path, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(river.runtime.log_key.verifying.pem)
    root = next((exported / "data/proofs/stamps").glob("*.root.pem"))
    shutil.copyfile(root, tmp_path / "roots.pem")
    said = verify(exported, "--log-key", str(tmp_path / "key.pem"), "--roots", "roots.pem")
    assert said.returncode == 0
    assert "another source" not in said.stdout

    (tmp_path / "key.pem").write_bytes(LogKey.derived("public.example/evidence", "another").verifying.pem)
    assert verify(exported, "--log-key", str(tmp_path / "key.pem")).returncode == 1
    other = SandboxAuthority(tmp_path / "other.p12", "p", lambda: river.clock.at)
    other.answer(b"")
    assert verify(exported, "--roots", str(exported / "data/proofs/log-key.pem")).returncode == 1


def test_a_key_that_was_changed_between_is_vouched_for_by_the_new_one(river: River, case: Home, tmp_path: Path) -> None:
    bundling.export(river.runtime, case.case_id, tmp_path / "before")
    settings = river.runtime.settings.model_copy(update={"secret_key": "n" * 32})
    river.runtime = replace(river.runtime, settings=settings)
    casework.lift(river.runtime, case.case_id, "collector")
    river.clock.at += timedelta(minutes=5)
    bundling.export(river.runtime, case.case_id, tmp_path / "after")
    assert list((tmp_path / "after/data/proofs/checkpoints").glob("*.key.pem"))
    said = verify(tmp_path / "after")
    assert said.returncode == 0, said.stdout


def test_a_folder_that_holds_something_is_left_alone(river: River, case: Home, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/letter.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds something already"):
        bundling.export(river.runtime, case.case_id, tmp_path / "taken")
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: None,
        lambda folder: (folder / "data/note.txt").write_text("added"),
        lambda folder: (folder / "data/link").symlink_to("/etc/passwd"),
        lambda folder: (folder / "data/proofs/inclusion.txt").write_text(""),
        lambda folder: (folder / "data/proofs/consistency.txt").write_text("1 2 00\n"),
        lambda folder: (folder / "bag-info.txt").write_text(""),
        lambda folder: (folder / "data/proofs/log-key.pem").write_text("no key"),
        _swap_stamps,
        _swap_entries,
        _drop_the_last,
        _from_another_case,
    ],
)
def test_the_command_judges_as_the_shell_does(exported: Path, change: Callable[[Path], object]) -> None:
    change(exported)
    said, verdict = verify(exported), verifying.verify(exported)
    assert (said.returncode == 0) == verdict.verified, (said.stdout, verdict.faults)
    shell = {line.removeprefix("FAIL  ") for line in said.stdout.splitlines() if line.startswith("FAIL  ") and "stamp" not in line}
    assert {fault for fault in verdict.faults if "stamp" not in fault and "checkpoint" not in fault} >= {
        line for line in shell if "checkpoint" not in line
    } - {"neither a file nor a folder: ./data/link"}


def test_a_tree_that_was_rewritten_between_two_checkpoints_is_not_consistent(exported: Path) -> None:
    (exported / "data/proofs/consistency.txt").write_text("")
    bundles.relist(exported, bundles.FORGER)
    assert any("is not shown to add to" in fault for fault in verifying.verify(exported).faults)
