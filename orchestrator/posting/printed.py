"""The files of a closed batch. The letters stay as they were signed; `letters.pdf` is a copy of all of them for the printer, in order.

<exhibits>/print/XB00000012/letters.pdf     every page of every letter
<exhibits>/print/XB00000012/ems.csv         the registered ones, for posting in bulk
<exhibits>/print/XB00000012/manifest.json   each letter's place, digest and pages, and the digests of the two files
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import file_digest
from io import BytesIO
from pathlib import Path
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from channels.ems import PostingLine, posting_sheet

LETTERS: Final = "letters.pdf"
SHEET: Final = "ems.csv"
MANIFEST: Final = "manifest.json"
FILES: Final = (LETTERS, SHEET, MANIFEST)


class Unprintable(ValueError):
    """A letter whose bytes are no PDF that can be copied; the message names it."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One letter of a batch; `sha256` in hex, of the bytes as they were signed."""

    place: int
    reference: str
    sha256: str
    registered: bool
    content: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`text` is the file's content, `pages` those of each letter by reference."""

    text: str
    pages: dict[str, int]


def batch_name(batch_id: int) -> str:
    """

    >>> batch_name(12)
    'XB00000012'
    """
    return f"XB{batch_id:08d}"


def reference(attempt_id: int) -> str:
    """What is printed on the letter as text and barcode.

    >>> reference(41)
    'XL00000041'
    """
    return f"XL{attempt_id:08d}"


def folder_of(exhibits: Path, batch_id: int) -> Path:
    return exhibits / "print" / batch_name(batch_id)


def make(
    folder: Path,
    community: str,
    day: date,
    closed_at: datetime,
    letters: Sequence[Printed],
    documents: Iterable[bytes],
    sheet: Iterable[PostingLine],
) -> Manifest:
    """Make the files of a batch, whole or not at all; what an earlier try made and nobody was told of is replaced. Raises Unprintable."""
    with _whole(folder) as unfinished:
        pages = dict(zip((each.reference for each in letters), _copy(unfinished / LETTERS, letters, documents), strict=True))
        (unfinished / SHEET).write_bytes(posting_sheet(sheet))
        content = {
            "batch": folder.name,
            "community": community,
            "day": day.isoformat(),
            "closed_at": closed_at.isoformat(),
            "letters": [
                {
                    "place": each.place,
                    "reference": each.reference,
                    "file": f"{each.reference}.pdf",
                    "sha256": each.sha256,
                    "pages": pages[each.reference],
                    "registered": each.registered,
                    "content": each.content,
                }
                for each in letters
            ],
            "files": {name: _sha256(unfinished / name) for name in (LETTERS, SHEET)},
        }
        manifest = json.dumps(content, ensure_ascii=False, indent=1)
        (unfinished / MANIFEST).write_text(manifest, encoding="utf-8")
    return Manifest(manifest, pages)


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    unfinished = folder.with_name(f"{folder.name}.part")
    for left_over in (unfinished, folder):
        if left_over.exists():
            shutil.rmtree(left_over)
    unfinished.mkdir(parents=True)
    yield unfinished
    unfinished.rename(folder)


def _copy(target: Path, letters: Sequence[Printed], documents: Iterable[bytes]) -> list[int]:
    """Every page of every letter into one file; how many each has. Signatures are not carried over: a copy for paper proves nothing."""
    merged, counted = PdfFileWriter(), []
    for each, document in zip(letters, documents, strict=True):
        try:
            counted.append(_append(merged, document))
        except (PdfReadError, KeyError, ValueError, AssertionError) as broken:
            raise Unprintable(f"letter {each.reference} is no PDF that can be printed ({type(broken).__name__})") from broken
    with target.open("wb") as file:
        merged.write(file)
    return counted


def _append(merged: PdfFileWriter, document: bytes) -> int:
    reader = PdfFileReader(BytesIO(document), strict=False)
    pages = int(reader.root["/Pages"]["/Count"])
    for number in range(pages):
        copied = merged.import_page_as_xobject(reader, number)
        box = copied.get_object()["/BBox"]
        resources = generic.DictionaryObject({pdf_name("/XObject"): generic.DictionaryObject({pdf_name("/Letter"): copied})})
        shown = merged.add_object(generic.StreamObject(stream_data=b"/Letter Do"))
        merged.insert_page(PageObject(contents=shown, media_box=box, resources=resources))
    return pages


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
