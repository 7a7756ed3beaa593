"""The program as an operator runs it: `xianli up --sandbox` with every process of it, in a state folder of its own.

It begins with a small part of the sample workbook, so that a run is short, and with a short lease, so that what a killed worker had is
soon offered again. Its servers are held by whoever holds the house: they outlive an `up` that is killed, and the audit finds them up.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from orchestrator import embedded, launcher
from orchestrator.migrations import upgrade
from orchestrator.runtime import Runtime, opened
from orchestrator.sandbox import beginning
from orchestrator.sandbox.far_side import JOURNAL
from orchestrator.settings import Settings
from tests.chaos import processes

ROOT = Path(__file__).parents[2]
WORKBOOK = ROOT / "tests/orchestrator/intake/samples/arrears-2026-10.gb18030.csv"
ROWS = 60
LEASE = timedelta(seconds=10)
"""Handovers time out at 10 s and are looked up twice, a lease apart: nothing that may still arrive is given up for lost."""
OURS = ("XIANLI_", "DATABASE_URL", "REDIS_URL", "TWILIO_", "ALIBABA_")
HANDED_ON = ("XIANLI_STATE", "XIANLI_LEASE", "XIANLI_PUBLIC_URL", "XIANLI_FLOWER_URL")
NAMES = {
    "worker-decide": "worker-decide@%h",
    "worker-send": "worker-send@%h",
    "web": "orchestrator.web.app:app",
    "beat": "beat",
    "carrier": "orchestrator.sandbox.far_side",
}
"""A word by which each child of `up` is known."""


class Unfinished(RuntimeError):
    """The days were not lived to their end, however often the program was started again."""


@dataclass
class House:
    """One installation. `up` ends when its days are lived; killed or failed, it is started again, as an operator would."""

    settings: Settings
    environment: Mapping[str, str]
    days: int
    up: "subprocess.Popen[bytes] | None" = None
    starts: int = 0
    _facts: int = 0
    _read_to: int = 0

    @property
    def journal(self) -> Path:
        """What the carrier writes down as it takes it."""
        return self.settings.state_dir / JOURNAL

    @property
    def broker_url(self) -> str:
        return str(self.settings.redis_url)

    def start(self) -> None:
        said: BinaryIO
        words = ["up", "--sandbox", "--once", "--json", "--days", str(self.days), "--pace", "0"]
        with (self.settings.state_dir / "up.log").open("ab") as said:
            self.up = subprocess.Popen(
                launcher.command([sys.executable, "-m", "orchestrator", *words], parent=os.getpid(), death_signal=signal.SIGKILL),
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        self.starts += 1

    def has_ended(self) -> bool:
        return self.up is None or self.up.poll() is not None

    def pid(self, name: str) -> int | None:
        """The pid of a child of `up`; None while it is down."""
        assert self.up is not None
        found = (pid for pid in processes.children(self.up.pid) if NAMES[name] in processes.words(pid))
        return next(found, None)

    def facts(self) -> int:
        """How many facts the carrier has written down by now: a message it took, or something that happened to one."""
        if self.journal.exists():
            with self.journal.open("rb") as journal:
                journal.seek(self._read_to)
                whole, newline, _ = journal.read().rpartition(b"\n")
            self._read_to += len(whole) + len(newline)
            self._facts += sum(line.startswith((b'{"consignment"', b'{"event"')) for line in whole.split(b"\n"))
        return self._facts

    def stop(self) -> None:
        if self.up is not None and self.up.poll() is None:
            self.up.terminate()
            self.up.wait()


@contextmanager
def settled(state: Path, days: int) -> Iterator[tuple[House, Runtime]]:
    """A house whose campaign is approved and whose days have not begun; stopped at the end, its servers and data removed."""
    stated = Settings.load(
        sandbox=True,
        state_dir=state,
        lease=LEASE,
        public_url=f"http://127.0.0.1:{_free_port()}",
        flower_url=f"http://127.0.0.1:{_free_port()}",
    )
    with ExitStack() as undo:
        undo.callback(embedded.remove, state)
        settings = undo.enter_context(embedded.completed(stated))
        upgrade(str(settings.owner_database_url), str(settings.database_url))
        runtime = undo.enter_context(opened(settings))
        beginning.begin(runtime, days)
        beginning.hire(runtime)
        beginning.open_cycle(runtime, beginning.SEED, _few_homes(state))
        bare = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        said = stated.as_environment()
        house = House(settings, bare | {variable: said[variable] for variable in HANDED_ON}, days)
        undo.callback(house.stop)
        yield house, runtime


def _few_homes(state: Path) -> Path:
    few = state / WORKBOOK.name
    few.write_bytes(b"".join(WORKBOOK.read_bytes().splitlines(keepends=True)[: ROWS + 1]))
    return few


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
