"""The supervisor, its children and the accidents that befall either; each supervisor under test is a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from orchestrator import launcher

CHECKOUT = Path(__file__).parents[2]
SECONDS = 10.0
DIES_TWICE = "echo life >>lives; [ $(wc -l <lives) -gt 2 ] && exec sleep 60; exit 3"
STUBBORN = "trap '' TERM; echo up; while :; do sleep 0.1; done"


class Supervised:
    """A process that runs `body` with a supervisor `s`, shells named by `sh`, and a `grace` of two seconds; its lines in `lines()`."""

    def __init__(self, folder: Path, body: str, grace: float = 2.0, before: Sequence[str] = ()) -> None:
        self.folder = folder
        head = ["from orchestrator.supervisor import Supervisor", "sh = lambda line: ['/bin/sh', '-c', line]"]
        context = [f"with Supervisor(grace={grace}) as s:", *(f"    {line}" for line in body.splitlines()), "    s.wait()"]
        program = "\n".join([*head, *context, "print('all stopped')"])
        with (folder / "said").open("wb") as said:
            self.process = subprocess.Popen(
                [*before, sys.executable, "-c", program],
                cwd=folder,
                env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
                stdout=said,
                stderr=said,
            )

    def lines(self) -> list[str]:
        return [line.strip() for line in (self.folder / "said").read_text(encoding="utf-8").splitlines()]

    def says(self, line: str) -> bool:
        return eventually(lambda: line in self.lines())

    def number(self, name: str) -> int:
        """The number that a child wrote into the file `name`."""
        path = self.folder / name
        assert eventually(lambda: path.exists() and path.read_text().strip() != ""), self.lines()
        return int(path.read_text())

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(SECONDS)


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    started: list[Supervised] = []

    def start(body: str, grace: float = 2.0, before: Sequence[str] = ()) -> Supervised:
        started.append(Supervised(tmp_path, body, grace, before))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def is_alive(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    return False


def test_each_line_of_a_child_bears_its_name_whatever_its_bytes(supervise: Callable[..., Supervised]) -> None:
    one = supervise(r"""s.start('web', sh("echo 物业; echo loud >&2; printf 'bad \\377 byte\n'; exec sleep 60"), {})""")
    assert one.says("web | 物业")
    assert one.says("web | loud")
    assert one.says("web | bad \ufffd byte")


def test_a_child_gets_the_environment_it_is_given_and_no_standard_input(supervise: Callable[..., Supervised]) -> None:
    one = supervise("s.start('web', sh('cat; echo $ROOM; exec sleep 60'), {'ROOM': '3-1-1201'})")
    assert one.says("web | 3-1-1201")


def test_a_dead_child_is_started_again_after_a_pause_that_grows(supervise: Callable[..., Supervised], tmp_path: Path) -> None:
    one = supervise(f"s.start('beat', sh('''{DIES_TWICE}'''), {{}})")
    assert one.says("supervisor | beat ended with 3; it starts again in 0.5 s")
    assert one.says("supervisor | beat ended with 3; it starts again in 1 s")
    assert eventually(lambda: (tmp_path / "lives").read_text() == "life\n" * 3)
    time.sleep(0.3)
    assert (tmp_path / "lives").read_text() == "life\n" * 3


def test_a_killed_child_is_started_again_while_the_others_go_on(supervise: Callable[..., Supervised], tmp_path: Path) -> None:
    one = supervise("s.start('a', sh('echo $$ >a; exec sleep 60'), {})\ns.start('b', sh('echo $$ >b; exec sleep 60'), {})")
    first, other = one.number("a"), one.number("b")
    (tmp_path / "a").unlink()
    os.kill(first, signal.SIGKILL)
    assert one.number("a") != first
    assert is_alive(other)


def test_a_program_that_does_not_exist_is_said_and_tried_again(supervise: Callable[..., Supervised]) -> None:
    one = supervise("s.start('flower', ['/no/such/program'], {})")
    assert one.says("flower | /no/such/program: No such file or directory")
    assert one.says("supervisor | flower ended with 1; it starts again in 0.5 s")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_all_children_end_cleanly_when_the_supervisor_is_asked_to(supervise: Callable[..., Supervised], how: signal.Signals) -> None:
    one = supervise(
        "for name in 'ab':\n    s.start(name, sh(f'trap \"echo bye; exit 0\" TERM; echo $$ >{name}; while :; do sleep 0.1; done'), {})"
    )
    pids = [one.number("a"), one.number("b")]
    assert one.end(how) == 0
    assert not any(map(is_alive, pids))
    assert {"a | bye", "b | bye", "all stopped"} <= set(one.lines())


def test_a_job_in_the_background_of_a_script_ends_at_sigint_too(supervise: Callable[..., Supervised]) -> None:
    one = supervise("s.start('a', sh('echo $$ >a; exec sleep 60'), {})", before=["env", "--ignore-signal=INT"])
    pid = one.number("a")
    assert one.end(signal.SIGINT) == 0
    assert not is_alive(pid)


def test_a_job_under_nohup_outlives_its_terminal(supervise: Callable[..., Supervised]) -> None:
    one = supervise("s.start('a', sh('echo $$ >a; exec sleep 60'), {})", before=["nohup"])
    pid = one.number("a")
    one.process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert is_alive(pid)


def test_work_outside_wait_is_broken_off_by_sigterm_and_the_children_end(supervise: Callable[..., Supervised]) -> None:
    one = supervise("import time\ns.start('a', sh('echo $$ >a; exec sleep 60'), {})\ntime.sleep(60)")
    pid = one.number("a")
    assert one.end(signal.SIGTERM) == 128 + signal.SIGTERM
    assert not is_alive(pid)


def test_a_child_that_others_lean_on_ends_after_them(supervise: Callable[..., Supervised]) -> None:
    one = supervise(
        "s.start('carrier', sh('trap \"echo bye; exit 0\" TERM; echo $$ >c; while :; do sleep 0.1; done'), {}, stops_last=True)\n"
        "s.start('worker', sh('trap \"sleep 0.7; echo bye; exit 0\" TERM; echo $$ >w; while :; do sleep 0.1; done'), {})"
    )
    one.number("c"), one.number("w")
    one.end(signal.SIGTERM)
    assert [line for line in one.lines() if line.endswith("bye")] == ["worker | bye", "carrier | bye"]


def test_a_child_that_does_not_end_in_time_is_killed(supervise: Callable[..., Supervised]) -> None:
    one = supervise(f's.start("mule", sh("""{STUBBORN}"""), {{}})', grace=0.5)
    assert one.says("mule | up")
    assert one.end(signal.SIGTERM) == 0
    assert "supervisor | mule does not end by itself and is killed" in one.lines()


def test_a_second_ctrl_c_waits_no_longer(supervise: Callable[..., Supervised]) -> None:
    one = supervise(f's.start("mule", sh("""{STUBBORN}"""), {{}})', grace=60)
    assert one.says("mule | up")
    one.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert one.process.poll() is None
    assert one.end(signal.SIGINT) == 0


def test_the_children_die_with_a_supervisor_that_is_killed(supervise: Callable[..., Supervised], tmp_path: Path) -> None:
    one = supervise(
        f's.start("mule", sh("""echo $$ >mule; {STUBBORN}"""), {{}})\ns.start("again", sh("echo $$ >again; exec sleep 60"), {{}})'
    )
    first = one.number("again")
    (tmp_path / "again").unlink()
    os.kill(first, signal.SIGKILL)
    pids = [one.number("mule"), one.number("again")]
    one.end(signal.SIGKILL)
    assert eventually(lambda: not any(map(is_alive, pids)))


def test_what_a_dead_child_leaves_behind_is_swept_away(supervise: Callable[..., Supervised]) -> None:
    one = supervise("s.start('parent', sh('sleep 60 & echo $! >orphan; sleep 0.2; exit 1'), {})")
    orphan = one.number("orphan")
    assert eventually(lambda: not is_alive(orphan))


def test_a_ctrl_c_in_the_terminal_does_not_reach_the_children(supervise: Callable[..., Supervised]) -> None:
    one = supervise("s.start('a', sh('echo $$ >a; exec sleep 60'), {})")
    assert os.getsid(one.number("a")) != os.getsid(one.process.pid)


def test_two_children_of_one_name_are_refused(supervise: Callable[..., Supervised]) -> None:
    one = supervise("s.start('a', sh('exec sleep 60'), {})\ns.start('a', sh('exec sleep 60'), {})")
    assert one.process.wait(SECONDS) == 1
    assert one.lines()[-1] == "ValueError: a is already supervised"


def test_a_child_whose_parent_died_before_it_was_ready_does_not_start(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    late = launcher.command(["/bin/sh", "-c", "echo started >started"], parent=gone.pid, death_signal=signal.SIGKILL)
    assert subprocess.run(late, cwd=tmp_path, check=False).returncode == launcher.PARENT_IS_GONE
    assert not (tmp_path / "started").exists()
