"""One running server shared by the processes of a checkout: the first starts it, the last one's end stops it.

The locks, and who holds them, are told in keeper.py.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from orchestrator import launcher
from orchestrator.embedded.home import EmbeddedError, Home, is_held, locked, open_private, try_lock

START_SECONDS = 60
STOP_SECONDS = 40
LOOK_EVERY = 0.05
TRIES = 3


class Service(Protocol):
    """What a kind of server must say of itself; `prepare` runs only while nothing of that server lives."""

    @property
    def folder(self) -> Path: ...
    @property
    def home(self) -> Home: ...
    @property
    def stop_signal(self) -> signal.Signals: ...
    def prepare(self) -> list[str]:
        """Makes data and configuration ready, answers the program and its arguments."""
        ...

    def answers(self) -> bool:
        """Whether this very server, with our password, takes requests."""
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """As long as it is open, in this process, the server runs; the kernel closes it when the process dies, however it dies."""

    folder: Path
    users: BinaryIO

    def close(self) -> None:
        """Gives the server up; was nobody else using it, waits until it has ended."""
        if self.users.closed:
            return
        self.users.close()
        _wait_until(lambda: not is_held(self.folder / "server.lock") or _is_used(self.folder))


def attach(service: Service) -> Lease:
    """Uses the running server, or starts it."""
    service.folder.mkdir(mode=0o711, exist_ok=True)
    with locked(service.folder / "start.lock"), contextlib.ExitStack() as undo:
        users = undo.enter_context(_share(service.folder / "users.lock"))
        _start_unless_running(service)
        undo.pop_all()
        return Lease(service.folder, users)


def stop(folder: Path) -> None:
    """Ends the server kept in `folder`, whoever uses it; nothing where none runs."""
    if not folder.is_dir():
        return
    with locked(folder / "start.lock"):
        if is_held(folder / "keeper.pid"):
            os.kill(int((folder / "keeper.pid").read_text()), signal.SIGTERM)
    if not _wait_until(lambda: not is_held(folder / "server.lock")):
        raise EmbeddedError(f"the server of {folder} does not end; its log is {folder / 'server.log'}")


def _start_unless_running(service: Service) -> None:
    deadline, tries = time.monotonic() + START_SECONDS, 0
    while not (is_held(lock := service.folder / "server.lock") and service.answers()):
        if not is_held(lock):
            tries += 1
            if tries > TRIES:
                raise EmbeddedError(f"the server does not start; the end of {service.folder / 'server.log'}:\n{_end_of_log(service)}")
            _spawn_keeper(service)
        if time.monotonic() > deadline:
            raise EmbeddedError(f"the server does not answer within {START_SECONDS} s; its log is {service.folder / 'server.log'}")
        time.sleep(LOOK_EVERY)


def _spawn_keeper(service: Service) -> None:
    with open_private(service.folder / "server.lock") as lock, (service.folder / "server.log").open("ab") as log:
        os.fchmod(log.fileno(), 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        program = launcher.command(service.prepare(), parent=launcher.MY_KEEPER, death_signal=service.stop_signal, user=service.home.user)
        keeper = Path(__file__).with_name("keeper.py")
        head = [*launcher.ISOLATED, str(keeper), str(service.folder), str(lock.fileno()), str(int(service.stop_signal))]
        subprocess.run(
            [*head, *program],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(lock.fileno(),),
            env=clean_environment(),
            start_new_session=True,
            check=True,
        )


def clean_environment() -> dict[str, str]:
    """What a server sees: no locale, zone, secret or PG* variable of the caller."""
    return {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}


def _share(path: Path) -> BinaryIO:
    """A shared lock; waits while a keeper that nobody uses any more ends its server."""
    file = open_private(path)
    if not _wait_until(lambda: try_lock(file, fcntl.LOCK_SH)):
        file.close()
        raise EmbeddedError(f"the server of {path.parent} is ending and does not end; its log is {path.with_name('server.log')}")
    return file


def _is_used(folder: Path) -> bool:
    """Whether others share the server: its keeper would otherwise hold the lock alone."""
    with open_private(folder / "users.lock") as users:
        return try_lock(users, fcntl.LOCK_SH) and not try_lock(users, fcntl.LOCK_EX)


def _wait_until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + STOP_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_EVERY)
    return True


def _end_of_log(service: Service) -> str:
    log = service.folder / "server.log"
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
