"""The files beside a case's entries: signed letters, raw bytes as they went and came, photos, recordings and scans."""

import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from orchestrator import exhibits
from orchestrator.bundling.numbering import Numbered, fact_of
from orchestrator.reports import sheets
from orchestrator.reports.court import File, Shown
from orchestrator.store import Rows, proving
from orchestrator.store import exhibits as shelf
from orchestrator.store.papers import Original
from orchestrator.store.proving import Logged

_RAW = {"request": "request.bin", "response": "response.bin", "raw": "callback.bin"}
_SUFFIXES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "text/plain": "txt",
}
Of = Mapping[int, Mapping[str, bytes]]
"""Files by the number of the entry they belong to, by path under data/."""


def files(rows: Rows, case_id: int, logged: Sequence[Logged], shown: Sequence[Logged], folder: Path) -> Of:
    """The files of what is shown. `folder` is where exhibits lie."""
    place = {each.id: number for number, each in enumerate(logged, 1)}
    found: dict[int, dict[str, bytes]] = {place[each.id]: dict(_raw(place[each.id], each)) for each in shown}
    for entry_number, named in (*_letters(rows, place, shown), *_brought(rows, case_id, place, shown, folder)):
        found[entry_number].update(named)
    return found


def _letters(rows: Rows, place: Mapping[int, int], shown: Sequence[Logged]) -> Iterable[tuple[int, dict[str, bytes]]]:
    composed = {each.attempt_id: place[each.id] for each in shown if each.kind == "composed" and each.attempt_id is not None}
    for attempt_id, document in proving.documents(rows, list(composed)).items():
        yield composed[attempt_id], {f"letters/{attempt_id}.pdf": document}


def _raw(number: int, entry: Logged) -> Iterable[tuple[str, bytes]]:
    """Bytes as they went and came, each beside the number of the entry that holds them in hexadecimal."""
    fact = fact_of(entry)
    for name, suffix in _RAW.items():
        if isinstance(fact.get(name), str) and fact[name]:
            yield f"raw/{number:05d}.{suffix}", bytes.fromhex(fact[name])


def _brought(
    rows: Rows, case_id: int, place: Mapping[int, int], shown: Sequence[Logged], folder: Path
) -> Iterable[tuple[int, dict[str, bytes]]]:
    """Photos, signatures, recordings, scans and documents whose entries are shown."""
    entry_of = {fact_of(each)["exhibit"]: place[each.id] for each in shown if each.kind == "exhibit"}
    for each in shelf.of_case(rows, case_id):
        if each.id in entry_of:
            yield entry_of[each.id], {f"brought/{each.id}.{_SUFFIXES.get(each.media_type, 'bin')}": exhibits.read(folder, each)}


def as_shown(chosen: Sequence[Numbered], of: Of, originals: Sequence[Original]) -> list[Shown]:
    """Chosen exhibits as the exhibit list names them, with their files and where their paper originals lie."""
    return [
        Shown(
            number=each.number,
            name=each.name,
            proves=each.proves,
            entries=each.entries,
            files=[
                File(path, _pages(path, data), sha256(data).hexdigest())
                for entry in each.entries
                for path, data in of.get(entry, {}).items()
            ],
            attempt_id=each.attempt_id,
            exhibit_id=each.exhibit_id,
            original="、".join(original.shelf for original in originals if _is_of(original, each)),
        )
        for each in chosen
    ]


def _is_of(original: Original, each: Numbered) -> bool:
    if original.exhibit_id is not None:
        return original.exhibit_id == each.exhibit_id or (original.attempt_id is not None and original.attempt_id == each.attempt_id)
    return original.attempt_id is not None and original.attempt_id == each.attempt_id


def _pages(path: str, data: bytes) -> int:
    """Of paper; what is not paper, or does not say, has none."""
    if path.endswith((".jpg", ".png", ".webp")):
        return 1
    if not path.endswith(".pdf"):
        return 0
    return sheets.pages_of(data) or _counted(data)


def _counted(data: bytes) -> int:
    from pyhanko.pdf_utils.reader import PdfFileReader  # takes a quarter of a second, which most bundles do not need

    with suppress(Exception):  # somebody else's PDF: whatever is wrong with it, its pages are only not counted
        return int(PdfFileReader(io.BytesIO(data)).root["/Pages"]["/Count"])
    return 0
