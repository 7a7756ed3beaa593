"""Runs the processes of one machine: starts them, names their lines, restarts the dead, stops them all.

    with Supervisor() as supervisor:
        supervisor.start("web", [sys.executable, "-m", "uvicorn", ...], environment)
        supervisor.wait()

Each child has a session of its own, so that a Ctrl-C in the terminal reaches the supervisor alone and the children end in the
order it chooses. A supervisor killed by -9 takes them with it: the kernel kills them (launcher.py), and Celery has it kill a
worker's pool in turn. That signal is tied to the thread that starts a child, so one thread, as long-lived as the children, starts,
watches and stops them all.
"""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Never, Self

from orchestrator import launcher

Emit = Callable[[str, str], None]
_Handler = Callable[[int, FrameType | None], object] | int | None

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 30.0
LOOK_EVERY = 0.05
LAST_LINES_SECONDS = 1.0


class Stopped(SystemExit):
    """SIGTERM or SIGHUP reached the supervisor: what is under way in its context ends, and the children with it."""


@dataclass(slots=True, eq=False)
class _Child:
    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    stops_last: bool
    tried: threading.Event = field(default_factory=threading.Event)
    reader: threading.Thread | None = None
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    again_at: float = 0.0
    next_pause: float = FIRST_PAUSE
    restarts: int = 0


def print_line(name: str, line: str) -> None:
    """One write for the whole line: several children speak at once."""
    sys.stderr.write(f"{name:>14} | {line}\n")
    sys.stderr.flush()


class Supervisor:
    """Enter it in the main thread; leaving its context stops every child.

    `emit(name, line)` gets each line that a child writes and, under the name `supervisor`, what happens to the children; it is called
    from several threads. A child gets `grace` seconds to end by itself once it is asked to; a second Ctrl-C or SIGTERM cuts that short.
    """

    def __init__(self, emit: Emit = print_line, *, grace: float = 30.0) -> None:
        self._emit = emit
        self._grace = grace
        self._children: dict[str, _Child] = {}
        self._wanted: queue.SimpleQueue[_Child] = queue.SimpleQueue()
        self._ending = threading.Event()
        self._hurry = threading.Event()
        self._former: dict[signal.Signals, _Handler] = {}
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def __enter__(self) -> Self:
        self._watcher.start()
        self._handle(signal.SIGINT, signal.default_int_handler)  # a shell's background job was told to ignore it
        self._handle(signal.SIGTERM, _raise_stopped)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
            self._handle(signal.SIGHUP, _raise_stopped)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self, name: str, argv: Sequence[str], environment: Mapping[str, str], *, stops_last: bool = False) -> None:
        """Starts a child and restarts it, after a growing pause, whenever it ends; `environment` is added to our own.

        `stops_last`: asked to end only when all others have ended, because they lean on it.
        """
        if name in self._children or self._ending.is_set():
            raise ValueError(f"{name} is already supervised" if name in self._children else "the supervisor is stopping")
        child = self._children[name] = _Child(name, argv, environment, stops_last)
        self._wanted.put(child)
        child.tried.wait()

    def pid(self, name: str) -> int | None:
        """The pid of the child as it runs now; None while it is down."""
        process = self._children[name].process
        return process.pid if process else None

    def restarts(self, name: str) -> int:
        return self._children[name].restarts

    def wait(self) -> None:
        """Until Ctrl-C, SIGTERM or SIGHUP."""
        with contextlib.suppress(KeyboardInterrupt, Stopped):
            threading.Event().wait()

    def stop(self) -> None:
        """Ends every child and returns when all have ended."""
        for number in self._former:
            signal.signal(number, lambda _number, _frame: self._hurry.set())
        self._ending.set()
        while self._watcher.is_alive():
            self._watcher.join(LOOK_EVERY)
        for number, handler in self._former.items():
            signal.signal(number, handler)

    def _handle(self, number: signal.Signals, handler: Callable[[int, FrameType | None], object]) -> None:
        self._former[number] = signal.signal(number, handler)

    def _watch(self) -> None:
        while not self._ending.is_set():
            with contextlib.suppress(queue.Empty):
                self._spawn(self._wanted.get(timeout=LOOK_EVERY))
            for child in tuple(self._children.values()):
                if child.process and _has_ended(child.process):
                    self._plan_restart(child, f"ended with {child.process.returncode}")
                elif not child.process and child.tried.is_set() and time.monotonic() >= child.again_at:
                    child.restarts += 1
                    self._spawn(child)
        children = tuple(self._children.values())
        self._end(child for child in children if not child.stops_last)
        self._end(child for child in children if child.stops_last)

    def _spawn(self, child: _Child) -> None:
        try:
            child.process = process = subprocess.Popen(
                launcher.command(list(child.argv), parent=os.getpid(), death_signal=signal.SIGKILL),
                env=os.environ | child.environment | {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as refused:
            self._plan_restart(child, f"cannot be started: {refused.strerror}")
        else:
            child.began = time.monotonic()
            child.reader = threading.Thread(target=self._pass_on, args=(child.name, process), daemon=True)
            child.reader.start()
        finally:
            child.tried.set()

    def _pass_on(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self._emit(name, line.decode(errors="replace").rstrip())

    def _plan_restart(self, child: _Child, why: str) -> None:
        now = time.monotonic()
        pause = FIRST_PAUSE if now - child.began > STEADY_SECONDS else child.next_pause
        child.process, child.again_at, child.next_pause = None, now + pause, min(pause * 2, LONGEST_PAUSE)
        self._emit("supervisor", f"{child.name} {why}; it starts again in {pause:g} s")

    def _end(self, children: Iterable[_Child]) -> None:
        running = {child: child.process for child in children if child.process and not _has_ended(child.process)}
        for process in running.values():
            process.terminate()
        deadline = time.monotonic() + self._grace
        while not all(map(_has_ended, running.values())) and time.monotonic() < deadline and not self._hurry.is_set():
            time.sleep(LOOK_EVERY)
        for child, process in running.items():
            if not _has_ended(process):
                self._emit("supervisor", f"{child.name} does not end by itself and is killed")
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            if child.reader:
                child.reader.join(LAST_LINES_SECONDS)


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Whether a child has ended; what it left behind in its group is killed as soon as that is known."""
    if process.returncode is None and process.poll() is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.returncode is not None


def _raise_stopped(number: int, _frame: FrameType | None) -> Never:
    raise Stopped(128 + number)
