"""A file per content, named by its SHA-256: written whole or not at all, and checked each time it is read.

{exhibits}/kept/{first two hex digits}/{hex digest}
"""

import os
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path


class CannotKeep(OSError):
    """The disk did not take the bytes: nothing of them is there. The message says what to do."""


class Changed(RuntimeError):
    """A kept file is missing, or is not what was kept."""


def write(folder: Path, data: bytes) -> bytes:
    """Put the bytes where their digest says, and return the digest. Raises CannotKeep."""
    digest = sha256(data).digest()
    path = _place(folder, digest)
    try:
        if not _holds(path, digest):
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, data)
    except OSError as refused:
        raise CannotKeep(
            f"无法保存（{refused.strerror}），请管理员检查磁盘"
            f" / it cannot be kept ({refused.strerror}): the operator looks at the disk of {folder}"
        ) from refused
    return digest


def read(folder: Path, digest: bytes) -> bytes:
    """The bytes of this digest. Raises Changed."""
    try:
        data = _place(folder, digest).read_bytes()
    except FileNotFoundError as missing:
        raise Changed(f"exhibit {digest.hex()} is missing from {folder}: restore it from the backup") from missing
    if sha256(data).digest() != digest:
        raise Changed(f"exhibit {digest.hex()} is not what was kept: restore it from the backup")
    return data


def _place(folder: Path, digest: bytes) -> Path:
    return folder / "kept" / digest.hex()[:2] / digest.hex()


def _holds(path: Path, digest: bytes) -> bool:
    try:
        return sha256(path.read_bytes()).digest() == digest
    except FileNotFoundError:
        return False


def _write_whole(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """The new name outlasts a power cut only when its folder is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
