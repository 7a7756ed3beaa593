"""Exhibits: photos, signatures, recordings and scans, kept as the bytes that came.

The bytes lie once under their own SHA-256 in `settings.exhibits`; their row and their entry in the log are written in the caller's
transaction. What is looked at on a screen is a copy without metadata; what proves is never touched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from orchestrator.exhibits import content, files
from orchestrator.exhibits.content import IMAGES, Kind, NotAnExhibit
from orchestrator.exhibits.files import CannotKeep, Changed
from orchestrator.store import Rows, casefiles
from orchestrator.store import exhibits as shelf
from orchestrator.store.exhibits import About, Exhibit

__all__ = ["About", "CannotKeep", "Changed", "Exhibit", "Kind", "NotAnExhibit", "Shown", "keep", "read", "shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """Bytes to put before a person, with the headers that keep a browser from taking them for a page of ours."""

    data: bytes
    media_type: str
    headers: Mapping[str, str]


def keep(rows: Rows, folder: Path, data: bytes, kind: Kind, about: About, by: str, now: datetime, wall: datetime) -> Exhibit:
    """Keep bytes as evidence of a case, an attempt or a task; the same bytes about the same thing are one exhibit.

    Locks the case, whose log gets the entry. The file is whole on the disk before its row is written; one whose transaction fails is
    found again by the next that brings the same bytes. `folder` is `settings.exhibits`. Raises NotAnExhibit and CannotKeep.
    """
    found = content.examine(data, kind)
    digest = files.write(folder, data)
    if about.case_id is not None:
        casefiles.lock_any(rows, about.case_id)
    return shelf.record(rows, shelf.Kept(digest, found.media_type, len(data), kind, found.claim), about, by, now, wall)


def read(folder: Path, exhibit: Exhibit) -> bytes:
    """The bytes that came. Raises Changed where they are missing or are not those any more: nothing is served in their place."""
    return files.read(folder, exhibit.sha256)


def shown(folder: Path, exhibit: Exhibit) -> Shown:
    """What a screen shows of it: of a picture a copy without metadata, of anything else the bytes as a download. Raises Changed."""
    data = read(folder, exhibit)
    safe = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    if exhibit.media_type in IMAGES:
        return Shown(content.without_metadata(data), "image/jpeg", safe | {"Content-Disposition": "inline"})
    if exhibit.media_type.startswith("audio/"):
        return Shown(data, exhibit.media_type, safe | {"Content-Disposition": "inline"})
    name = f"exhibit-{exhibit.id}{content.SUFFIXES[exhibit.media_type]}"
    return Shown(data, exhibit.media_type, safe | {"Content-Disposition": f'attachment; filename="{name}"'})
