"""A print house's SFTP server in this process, over a folder of the test, that can be told to hang up."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED, OPEN_SUCCEEDED
from paramiko.sftp import SFTP_FAILURE, SFTP_OK, SFTP_PERMISSION_DENIED

USER = "xianli"


@dataclass
class SftpHouse:
    root: Path
    host_key: paramiko.PKey = field(default_factory=lambda: paramiko.RSAKey.generate(2048))
    client_key: paramiko.PKey = field(default_factory=lambda: paramiko.RSAKey.generate(2048))
    port: int = 0
    hangs_up_after_rename: bool = False
    hangs_up_at_write: bool = False
    read_only: bool = False
    transports: list[paramiko.Transport] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"sftp://{USER}@127.0.0.1:{self.port}/batches"

    @property
    def pinned(self) -> str:
        return f"{self.host_key.get_name()} {self.host_key.get_base64()}"

    def hang_up(self) -> None:
        for transport in self.transports:
            transport.close()


class _Doorman(paramiko.ServerInterface):
    def __init__(self, house: SftpHouse) -> None:
        self._house = house

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return AUTH_SUCCESSFUL if username == USER and key.asbytes() == self._house.client_key.asbytes() else AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, server: _Doorman, house: SftpHouse) -> None:
        self._house = house

    def _at(self, path: str) -> Path:
        return self._house.root / path.lstrip("/")

    def list_folder(self, path):
        try:
            return [paramiko.SFTPAttributes.from_stat(each.stat(), each.name) for each in self._at(path).iterdir()]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def stat(self, path):
        try:
            return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    lstat = stat

    def mkdir(self, path, attr):
        if self._house.read_only:
            return SFTP_PERMISSION_DENIED
        self._at(path).mkdir()
        return SFTP_OK

    def remove(self, path):
        self._at(path).unlink()
        return SFTP_OK

    def rename(self, oldpath, newpath):
        if self._at(newpath).exists():
            return SFTP_FAILURE
        self._at(oldpath).rename(self._at(newpath))
        if self._house.hangs_up_after_rename:
            self._house.hang_up()
        return SFTP_OK

    def open(self, path, flags, attr):
        if self._house.hangs_up_at_write and flags & os.O_WRONLY:
            self._house.hang_up()
            return SFTP_FAILURE
        handle = paramiko.SFTPHandle(flags)
        try:
            handle.readfile = handle.writefile = self._at(path).open("wb" if flags & os.O_WRONLY else "rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        handle.stat = lambda: self.stat(path)
        return handle


@contextmanager
def sftp_house(root: Path) -> Iterator[SftpHouse]:
    """It listens on a free loopback port until the end of the block."""
    house = SftpHouse(root)
    (root / "batches").mkdir()
    listener = socket.create_server(("127.0.0.1", 0))
    house.port = listener.getsockname()[1]

    def answer() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                transport = paramiko.Transport(connection)
                house.transports.append(transport)
                transport.add_server_key(house.host_key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, house)
                with suppress(paramiko.SSHException, EOFError):
                    transport.start_server(server=_Doorman(house))

    door = threading.Thread(target=answer)
    door.start()
    try:
        yield house
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        house.hang_up()
        door.join(5)
