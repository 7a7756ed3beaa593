"""A print house: takes closed batches as folders of files, and answers with acknowledgement files.

    <place>/XB00000012/             a batch: letters as PDF, letters.pdf, ems.csv, manifest.json
    <place>/XB00000012.part/        a batch that is still being brought: the house leaves it alone
    <place>/acknowledgements/       its answers, JSON or CSV; what we have read is moved to acknowledgements/read/

The place is a folder (`file:///…`) or SFTP (`sftp://user@host:port/path`) whose host key is pinned. A batch appears by one renaming, so it
is there whole or not at all; one that is there already is not brought again. Only a connection lost during that renaming is `Unknown`, and
is found out by listing the place.
"""

import contextlib
import csv
import errno
import io
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol, Self
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import paramiko
from paramiko.ssh_exception import AuthenticationException, SSHException

from channels.contract import Accepted, ErrorMeaning, Exchange, Handover, Health, LookupFailed, Refused, Unknown

PROVIDER: Final = "print-house"
ACKNOWLEDGEMENTS: Final = "acknowledgements"
READ: Final = "read"
CONNECT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 30.0
ITS_ZONE: Final = ZoneInfo("Asia/Shanghai")
"""Of times that name none."""

_HERE = "channels/print_house.py"
ERRORS: Final[Mapping[str, ErrorMeaning]] = {
    "connect": ErrorMeaning("transient", "the print house cannot be reached", _HERE),
    "interrupted": ErrorMeaning("transient", "the connection broke before the batch was whole: nothing of it counts", _HERE),
    "host_key": ErrorMeaning("config", "the server's key is not the pinned one: ask the house, see XIANLI_PRINT_HOUSE_HOST_KEY", _HERE),
    "unauthorized": ErrorMeaning("config", "our key is refused: look at XIANLI_PRINT_HOUSE_KEY", _HERE),
    "permission_denied": ErrorMeaning("config", "we may not write there", _HERE),
    "no_such_place": ErrorMeaning("config", "the folder of XIANLI_PRINT_HOUSE_URL is not there", _HERE),
}


class PrintHouseSettings(Protocol):
    @property
    def print_house_url(self) -> str | None: ...

    @property
    def print_house_key(self) -> str | None: ...

    @property
    def print_house_host_key(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class PrintBatch:
    """A closed batch. `files` yields each file's name and bytes, the manifest last; `manifest` is that file."""

    name: str
    manifest: bytes
    files: Callable[[], Iterator[tuple[str, bytes]]]


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """What the house says of one letter. `posted_at` where it has gone to the post."""

    file: str
    accepted: bool
    reason: str = ""
    waybill: str = ""
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """One of the house's answers. `duplicate`: it has the batch already. `unreadable` says why nothing of it could be understood."""

    name: str
    raw: bytes
    batch: str = ""
    duplicate: bool = False
    files: tuple[FileAnswer, ...] = ()
    unreadable: str = ""


class _Failed(Exception):
    """The house could not be reached or does not let us in: nothing was brought. `code` is one of ERRORS."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or ERRORS[code].says)
        self.code = code


class PrintHouse:
    def __init__(self, url: str, place: "Callable[[], contextlib.AbstractContextManager[_Place]]") -> None:
        self.url = url
        self._place = place

    @classmethod
    def of(cls, settings: PrintHouseSettings) -> Self | None:
        """The print house of these settings; None where there is none. Raises ValueError for half a configuration."""
        url = settings.print_house_url
        if not url:
            return None
        parts = urlsplit(url)
        if parts.scheme == "file":
            return cls(url, lambda: _in_folder(Path(unquote(parts.path))))
        if parts.scheme != "sftp" or not parts.hostname or not parts.username:
            raise ValueError("XIANLI_PRINT_HOUSE_URL is file:///folder or sftp://user@host/path")
        if not settings.print_house_key or not settings.print_house_host_key:
            raise ValueError("a print house over SFTP needs XIANLI_PRINT_HOUSE_KEY and XIANLI_PRINT_HOUSE_HOST_KEY")
        account = _Account(
            parts.hostname,
            parts.port or 22,
            unquote(parts.username),
            _private_key(settings.print_house_key),
            settings.print_house_host_key,
        )
        return cls(f"sftp://{parts.hostname}{parts.path}", lambda: _over_sftp(account, unquote(parts.path) or "/"))

    def hand_over(self, batch: PrintBatch) -> Handover:
        """Bring a batch. The same batch twice is one batch: a house that has it took it."""
        brought: list[str] = []
        try:
            with self._place() as place:
                if batch.name in place.names("."):
                    return self._taken(batch, b"it was there already")
                _bring(place, batch, brought)
                return self._publish(place, batch, brought)
        except _Failed as failed:
            return Refused(PROVIDER, ERRORS[failed.code].error_class, failed.code, _exchange(batch, str(failed).encode()))

    def find(self, name: str) -> Accepted | None:
        """Whether the house has this batch. Raises LookupFailed."""
        try:
            with self._place() as place:
                names = place.names(".")
        except _Failed as failed:
            raise LookupFailed(f"the print house could not be asked: {failed}") from failed
        listing = "\n".join(sorted(names)).encode()
        return Accepted(PROVIDER, name, Exchange(f"list for {name}".encode(), listing)) if name in names else None

    def acknowledgements(self) -> list[Acknowledgement]:
        """What it has answered since the last time, each with its raw bytes. Raises LookupFailed."""
        try:
            with self._place() as place:
                names = [name for name in place.names(ACKNOWLEDGEMENTS) if name.lower().endswith((".json", ".csv"))]
                return [_understood(name, place.read(f"{ACKNOWLEDGEMENTS}/{name}")) for name in sorted(names)]
        except _Failed as failed:
            raise LookupFailed(f"the print house could not be asked: {failed}") from failed

    def put_away(self, name: str) -> None:
        """An answer was taken in. Where it cannot be moved it is read again next time, which does no harm."""
        with contextlib.suppress(_Failed), self._place() as place:
            place.make(f"{ACKNOWLEDGEMENTS}/{READ}")
            place.rename(f"{ACKNOWLEDGEMENTS}/{name}", f"{ACKNOWLEDGEMENTS}/{READ}/{name}")

    def explain(self, code: str) -> ErrorMeaning:
        return ERRORS.get(code, ErrorMeaning("permanent", "not in the table of the print house's codes", _HERE))

    def check(self) -> Health:
        try:
            with self._place() as place:
                place.names(".")
        except _Failed as failed:
            return Health("down", f"print house {self.url}: {failed}; closed batches wait")
        return Health("ok", f"print house {self.url} answers")

    def _publish(self, place: "_Place", batch: PrintBatch, brought: list[str]) -> Handover:
        try:
            place.rename(f"{batch.name}.part", batch.name)
        except _Failed as lost:
            if lost.code != "interrupted":
                raise
            return Unknown(PROVIDER, "the connection broke while the batch was given its name", _exchange(batch, b""))
        return self._taken(batch, "\n".join(brought).encode())

    def _taken(self, batch: PrintBatch, response: bytes) -> Accepted:
        return Accepted(PROVIDER, batch.name, _exchange(batch, response))


def _exchange(batch: PrintBatch, response: bytes) -> Exchange:
    return Exchange(batch.manifest, response)


def _bring(place: "_Place", batch: PrintBatch, brought: list[str]) -> None:
    """All files into the folder that does not count yet; what an earlier try left there is written over, or no longer of the batch."""
    unfinished = f"{batch.name}.part"
    place.make(unfinished)
    left_over = set(place.names(unfinished))
    for name, data in batch.files():
        place.write(f"{unfinished}/{name}", data)
        brought.append(f"{name} {len(data)}")
        left_over.discard(name)
    for name in left_over:
        place.remove(f"{unfinished}/{name}")


class _Place(Protocol):
    """Where files are put; paths are relative to it. Every method raises _Failed."""

    def names(self, path: str) -> list[str]: ...

    def make(self, path: str) -> None: ...

    def write(self, path: str, data: bytes) -> None: ...

    def read(self, path: str) -> bytes: ...

    def remove(self, path: str) -> None: ...

    def rename(self, old: str, new: str) -> None: ...


@contextlib.contextmanager
def _as_failures(whole: str = "interrupted") -> Iterator[None]:
    """Every way in which a disk or a connection says no, as one of our codes."""
    try:
        yield
    except OSError as refused:
        if refused.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise _Failed("permission_denied") from refused
        if refused.errno == errno.ENOENT:
            raise _Failed("no_such_place") from refused
        raise _Failed(whole, f"{ERRORS[whole].says} ({type(refused).__name__})") from refused
    except (SSHException, EOFError) as lost:
        raise _Failed(whole, f"{ERRORS[whole].says} ({type(lost).__name__})") from lost


@dataclass(frozen=True, slots=True)
class _Folder:
    root: Path

    def names(self, path: str) -> list[str]:
        with _as_failures():
            folder = self.root / path
            return [each.name for each in folder.iterdir()] if folder.exists() or path == "." else []

    def make(self, path: str) -> None:
        with _as_failures():
            (self.root / path).mkdir(exist_ok=True)

    def write(self, path: str, data: bytes) -> None:
        with _as_failures():
            (self.root / path).write_bytes(data)

    def read(self, path: str) -> bytes:
        with _as_failures():
            return (self.root / path).read_bytes()

    def remove(self, path: str) -> None:
        with _as_failures():
            (self.root / path).unlink(missing_ok=True)

    def rename(self, old: str, new: str) -> None:
        with _as_failures():
            (self.root / old).rename(self.root / new)


@contextlib.contextmanager
def _in_folder(root: Path) -> Iterator[_Folder]:
    yield _Folder(root)


@dataclass(frozen=True, slots=True)
class _Remote:
    sftp: paramiko.SFTPClient
    root: PurePosixPath

    def _at(self, path: str) -> str:
        return str(self.root / path)

    def names(self, path: str) -> list[str]:
        try:
            with _as_failures():
                return self.sftp.listdir(self._at(path))
        except _Failed as failed:
            if failed.code == "no_such_place" and path != ".":
                return []
            raise

    def make(self, path: str) -> None:
        with _as_failures():
            try:
                self.sftp.stat(self._at(path))
            except FileNotFoundError:
                self.sftp.mkdir(self._at(path))

    def write(self, path: str, data: bytes) -> None:
        with _as_failures():
            self.sftp.putfo(io.BytesIO(data), self._at(path), file_size=len(data), confirm=True)

    def read(self, path: str) -> bytes:
        with _as_failures(), self.sftp.open(self._at(path), "rb") as file:
            return file.read()

    def remove(self, path: str) -> None:
        with _as_failures():
            self.sftp.remove(self._at(path))

    def rename(self, old: str, new: str) -> None:
        with _as_failures():
            self.sftp.rename(self._at(old), self._at(new))


@dataclass(frozen=True, slots=True)
class _Account:
    host: str
    port: int
    user: str
    key: paramiko.PKey
    host_key: str
    """As a known_hosts file has it, without the host: `ssh-ed25519 AAAA…`."""


@contextlib.contextmanager
def _over_sftp(account: _Account, root: str) -> Iterator[_Remote]:
    with contextlib.ExitStack() as opened:
        with _as_failures("connect"):
            wire = opened.enter_context(socket.create_connection((account.host, account.port), CONNECT_SECONDS))
            transport = opened.enter_context(contextlib.closing(paramiko.Transport(wire)))
        _log_in(transport, account)
        with _as_failures("connect"):
            sftp = paramiko.SFTPClient.from_transport(transport)
            assert sftp is not None
            opened.callback(sftp.close)
            sftp.get_channel().settimeout(ANSWER_SECONDS)  # type: ignore[union-attr]
        yield _Remote(sftp, PurePosixPath(root))


def _log_in(transport: paramiko.Transport, account: _Account) -> None:
    """Under the server's pinned key, before ours is shown to anybody. Raises _Failed."""
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = CONNECT_SECONDS
    kind, _, pinned = account.host_key.strip().partition(" ")
    transport.get_security_options().key_types = ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)
    try:
        transport.start_client(timeout=CONNECT_SECONDS)
    except paramiko.ssh_exception.IncompatiblePeer as other:
        raise _Failed("host_key") from other
    except (SSHException, EOFError, OSError) as lost:
        raise _Failed("connect") from lost
    if transport.get_remote_server_key().get_base64() != pinned.split(" ", 1)[0]:
        raise _Failed("host_key")
    try:
        transport.auth_publickey(account.user, account.key)
    except AuthenticationException as refused:
        raise _Failed("unauthorized") from refused
    except (SSHException, EOFError, OSError) as lost:
        raise _Failed("connect") from lost


def _private_key(stated: str) -> paramiko.PKey:
    """A key as text (PEM or OpenSSH), or the path of a file with one. Raises ValueError without showing it."""
    try:
        if "PRIVATE KEY" not in stated:
            return paramiko.PKey.from_path(stated)
        for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
            with contextlib.suppress(SSHException):
                return kind.from_private_key(io.StringIO(stated.replace("\\n", "\n")))
    except (OSError, SSHException, ValueError, paramiko.pkey.UnknownKeyType) as unreadable:
        raise ValueError(f"XIANLI_PRINT_HOUSE_KEY cannot be read ({type(unreadable).__name__})") from None
    raise ValueError("XIANLI_PRINT_HOUSE_KEY is no private key (Ed25519, ECDSA or RSA, without a password), nor the path of one")


def _understood(name: str, raw: bytes) -> Acknowledgement:
    """JSON {batch, state?, reason?, files: [{file, state, reason, waybill, posted_at}]}, or CSV with those columns and `batch`."""
    try:
        said = json.loads(raw) if name.lower().endswith(".json") else _of_csv(raw)
        files = tuple(_answer(each) for each in said.get("files", ()))
        duplicate = said.get("state") == "rejected" and said.get("reason") == "duplicate"
        return Acknowledgement(name, raw, str(said["batch"]), duplicate, files)
    except (ValueError, KeyError, TypeError, AttributeError) as odd:
        return Acknowledgement(name, raw, unreadable=f"{type(odd).__name__}: {odd}"[:200])


def _of_csv(raw: bytes) -> dict[str, Any]:
    rows = [
        {(name or "").strip(): (value or "").strip() for name, value in row.items()}
        for row in csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))
    ]
    (batch,) = {row["batch"] for row in rows}
    return {"batch": batch, "files": rows}


def _answer(said: Mapping[str, Any]) -> FileAnswer:
    states = {"accepted": True, "rejected": False}
    posted = str(said.get("posted_at") or "")
    at = datetime.fromisoformat(posted) if posted else None
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=ITS_ZONE)
    return FileAnswer(
        str(said["file"]), states[str(said["state"])], str(said.get("reason") or ""), str(said.get("waybill") or "").strip(), at
    )
