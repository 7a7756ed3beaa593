"""The day's print batch: one folder of letters with a manifest, ready for the printer and the envelope machine.

{exhibits}/print/{batch}/{attempt}.pdf      the letter's bytes, exactly as they were composed and hashed
{exhibits}/print/{batch}/manifest.csv       a row per letter that is to be posted; a letter without a row is not
"""

import csv
import fcntl
import hashlib
import io
import os
from dataclasses import astuple, dataclass, fields
from pathlib import Path

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula at the start of a cell."""


@dataclass(frozen=True, slots=True)
class ManifestRow:
    attempt: int
    file: str
    sha256: str
    registered: bool
    to: str
    content: str
    waybill: str


class PrintRoom:
    """Safe to use from many threads and processes: letters appear whole, manifest rows are appended under a lock."""

    def __init__(self, exhibits: Path) -> None:
        self._folder = exhibits / "print"

    def lay_down(self, batch: str, attempt_id: int, document: bytes) -> str:
        """Put the letter into the batch; the SHA-256 of its bytes in hex."""
        path = self._path(batch, attempt_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        unfinished.write_bytes(document)
        unfinished.replace(path)
        return hashlib.sha256(document).hexdigest()

    def take_back(self, batch: str, attempt_id: int) -> None:
        """The letter is not to be posted after all."""
        self._path(batch, attempt_id).unlink(missing_ok=True)

    def batch_of(self, attempt_id: int) -> str | None:
        """The batch a letter lies in."""
        return next((path.parent.name for path in sorted(self._folder.glob(f"*/{attempt_id}.pdf"))), None)

    def list_for_posting(self, batch: str, row: ManifestRow) -> None:
        """Once per attempt, however often it is asked."""
        with (self._folder / batch / "manifest.csv").open("a+", encoding="utf-8-sig", newline="") as manifest:
            fcntl.flock(manifest, fcntl.LOCK_EX)
            manifest.seek(0)
            known = [cells[0] for cells in csv.reader(manifest) if cells]
            if str(row.attempt) in known:
                return
            lines = io.StringIO()
            writer = csv.writer(lines)
            if not known:
                writer.writerow([field.name for field in fields(ManifestRow)])
            writer.writerow([_as_text(cell) for cell in astuple(row)])
            manifest.seek(0, os.SEEK_END)
            manifest.write(lines.getvalue())
            manifest.flush()

    def _path(self, batch: str, attempt_id: int) -> Path:
        return self._folder / batch / f"{attempt_id}.pdf"


def _as_text(cell: object) -> str:
    text = {True: "yes", False: "no"}[cell] if isinstance(cell, bool) else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
