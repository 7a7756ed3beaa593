"""Files that come in piece by piece over a connection that comes and goes, until they are whole and become an exhibit.

{exhibits}/parts/{upload}: what is here of a file. Its length is the offset at which the next piece goes on.
"""

import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

from orchestrator import exhibits
from orchestrator.exhibits import About, CannotKeep, Exhibit, Kind, NotAnExhibit
from orchestrator.exhibits.content import limit
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, visits
from orchestrator.store.casefiles import NoSuchThing
from orchestrator.store.visits import Begun

LARGEST_PIECE = 1024 * 1024
ABANDONED_AFTER = timedelta(days=7)
KINDS: tuple[Kind, ...] = ("photo", "signature", "scan")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is: `offset` of `size` bytes; once whole, the exhibit."""

    id: int
    offset: int
    size: int
    exhibit_id: int | None


class WrongOffset(ValueError):
    """The piece does not go on where the file ends; the message says where that is."""


def begin(runtime: Runtime, task_id: int, key: str, kind: str, shot: str | None, size: int, by: str) -> Progress:
    """Begin an upload, or take it up again: the same key of the same task is one. Raises NotAnExhibit, NoSuchThing."""
    if kind not in KINDS or not key or len(key) > 64:
        raise NotAnExhibit(f"只收 {', '.join(KINDS)} / an upload is one of {', '.join(KINDS)}, under a key of its own")
    most = limit(kind)
    if not 0 < size <= most:
        raise NotAnExhibit(f"文件须在 1 字节到 {most} 字节之间 / the file has between 1 and {most} bytes")
    _forget_abandoned(runtime)
    with runtime.store.begin() as rows:
        begun = visits.begin_upload(rows, task_id, key, kind, shot, size, by, runtime.wall())
    return _progress(runtime, begun)


def progress(runtime: Runtime, upload_id: int, by: str) -> Progress:
    """How far it is. Raises NoSuchThing where there is none of this person's."""
    with runtime.store.begin() as rows:
        return _progress(runtime, _of(visits.upload(rows, upload_id), by))


def append(runtime: Runtime, upload_id: int, offset: int, piece: bytes, by: str) -> Progress:
    """Put a piece where the last one ended; the last piece makes the exhibit, in one transaction with its entry in the log.

    Raises WrongOffset, NotAnExhibit (the bytes are thrown away), CannotKeep, NoSuchThing.
    """
    with runtime.store.begin() as rows:
        begun = _of(visits.upload(rows, upload_id, lock=True), by)
        if begun.exhibit_id is not None:
            return _progress(runtime, begun)
        path = _path(runtime, upload_id)
        _write_at(path, offset, piece[: begun.size - offset])
        if path.stat().st_size < begun.size:
            return _progress(runtime, begun)
        exhibit = _keep(runtime, rows, begun, path)
        visits.finish_upload(rows, upload_id, exhibit.id)
    path.unlink(missing_ok=True)
    return Progress(upload_id, begun.size, begun.size, exhibit.id)


def _keep(runtime: Runtime, rows: Rows, begun: Begun, path: Path) -> Exhibit:
    about = About(begun.case_id, begun.attempt_id, begun.task_id)
    try:
        return exhibits.keep(
            rows, runtime.settings.exhibits, path.read_bytes(), cast(Kind, begun.kind), about, begun.by, runtime.now(), runtime.wall()
        )
    except NotAnExhibit:
        path.unlink(missing_ok=True)
        raise


def _of(begun: Begun | None, by: str) -> Begun:
    if begun is None or begun.by != by:
        raise NoSuchThing("there is no such upload")
    return begun


def _progress(runtime: Runtime, begun: Begun) -> Progress:
    path = _path(runtime, begun.id)
    here = path.stat().st_size if path.exists() else 0
    return Progress(begun.id, begun.size if begun.exhibit_id is not None else here, begun.size, begun.exhibit_id)


def _path(runtime: Runtime, upload_id: int) -> Path:
    return runtime.settings.exhibits / "parts" / str(upload_id)


def _forget_abandoned(runtime: Runtime) -> None:
    """A file nobody went on with for a week is begun anew if somebody does."""
    before = (runtime.wall() - ABANDONED_AFTER).timestamp()
    for path in (runtime.settings.exhibits / "parts").glob("*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()


def _write_at(path: Path, offset: int, piece: bytes) -> None:
    """Append under a lock. Raises WrongOffset, CannotKeep."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            here = os.fstat(file.fileno()).st_size
            if here != offset:
                raise WrongOffset(str(here))
            try:
                file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.ftruncate(file.fileno(), here)
                raise
    except OSError as refused:
        why = f"无法保存（{refused.strerror}），请稍后再传 / it cannot be kept now ({refused.strerror}): try again later"
        raise CannotKeep(why) from refused
