"""What is kept as proof: the bytes as they came, once, whole, checked at each reading; and never served as a page of ours."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from sqlalchemy import text

from orchestrator import exhibits
from orchestrator.exhibits import About, CannotKeep, Changed, Exhibit, Kind, NotAnExhibit
from orchestrator.runtime import Runtime
from orchestrator.store import exhibits as shelf
from orchestrator.store import recomputing
from tests.conftest import Clock
from tests.logged import facts
from tests.world import Home, World, month


@pytest.fixture
def home(world: World) -> Home:
    return world.home("3-1-1201", "王芳", "+8619900000001", charges=[month(2026, 5)]).open_case()


@pytest.fixture
def keep(runtime: Runtime, clock: Clock, home: Home) -> "Keep":
    return Keep(runtime, clock, About(home.case_id))


class Keep:
    """Keeps things about one case, in a transaction each."""

    def __init__(self, runtime: Runtime, clock: Clock, about: About) -> None:
        self.runtime, self.clock, self.about = runtime, clock, about
        self.folder = runtime.settings.exhibits

    def __call__(self, data: bytes, kind: Kind = "photo") -> Exhibit:
        with self.runtime.store.begin() as rows:
            return exhibits.keep(rows, self.folder, data, kind, self.about, "陈工", self.clock.at, self.clock.at)

    @property
    def files(self) -> list[Path]:
        return [path for path in (self.folder / "kept").rglob("*") if path.is_file()]

    def count(self, table: str) -> int:
        with self.runtime.store.begin() as rows:
            return int(rows.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 30), **saved: object) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, "teal").save(made, form, **saved)
    return made.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Fonly"
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {ExifTags.Base.DateTimeOriginal: "2026:11:24 10:00:05", ExifTags.Base.OffsetTimeOriginal: "+08:00"}
    )
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (30.0, 16.0, 12.0),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (120.0, 9.0, 18.0),
        }
    )
    return picture(exif=exif)


def test_the_bytes_are_kept_as_they_came_with_their_row_and_their_entry_in_the_log(keep: Keep):
    data = with_exif()

    kept = keep(data)

    assert kept.sha256 == sha256(data).digest()
    assert exhibits.read(keep.folder, kept) == data
    assert [path.name for path in keep.files] == [sha256(data).hexdigest()]
    with keep.runtime.store.begin() as rows:
        assert shelf.of_case(rows, keep.about.case_id or 0) == [kept]
        logged = facts(rows)[-1]
        assert not recomputing.recompute(rows).faults
    assert sha256(data).hexdigest() in logged.values()
    assert logged["what"] == "photo"


def test_what_a_picture_says_of_its_time_and_place_is_kept_as_its_claim(keep: Keep):
    assert keep(with_exif()).claim == {
        "taken_at": "2026:11:24 10:00:05 +08:00",
        "device": "Fonly",
        "latitude": "30.27000",
        "longitude": "120.15500",
    }
    assert keep(picture()).claim == {}


def test_the_same_bytes_twice_are_one_file_and_one_exhibit_of_a_case(keep: Keep):
    first, again = keep(picture()), keep(picture())

    assert again == first
    assert len(keep.files) == keep.count("exhibit") == 1


def test_one_picture_of_two_cases_is_one_file_and_two_exhibits(keep: Keep, world: World):
    other = world.home("3-1-1202", "李强", charges=[month(2026, 5)]).open_case()
    first = keep(picture())
    keep.about = About(other.case_id)

    assert keep(picture()).id != first.id
    assert len(keep.files) == 1


def test_a_changed_or_missing_file_is_an_error_and_never_served(keep: Keep):
    kept = keep(picture())
    (path,) = keep.files

    path.write_bytes(picture(size=(41, 30)))
    for look in (exhibits.read, exhibits.shown):
        with pytest.raises(Changed, match="not what was kept"):
            look(keep.folder, kept)
    path.unlink()
    with pytest.raises(Changed, match="missing"):
        exhibits.read(keep.folder, kept)

    keep(picture())
    assert exhibits.read(keep.folder, kept) == picture()


def test_a_disk_that_takes_no_more_is_a_clear_error_and_leaves_nothing_half(keep: Keep):
    with largest_file(1000), pytest.raises(CannotKeep, match="the operator looks at the disk"):
        keep(picture("PNG", size=(900, 900), compress_level=0))

    assert [path for path in keep.folder.rglob("*") if path.is_file()] == []
    assert keep.count("exhibit") == keep.count("evidence_entry") == 0


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Every file of this process ends at `size` bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


WAV = b"RIFF\x24\0\0\0WAVEfmt "
MP3 = b"ID3\x04\0\0\0\0\0\0" + b"\xff\xfb\x90\0"


@pytest.mark.parametrize(
    ("kind", "data", "media_type"),
    [
        ("photo", picture("JPEG"), "image/jpeg"),
        ("photo", picture("PNG"), "image/png"),
        ("photo", picture("WEBP"), "image/webp"),
        ("signature", picture("PNG"), "image/png"),
        ("recording", WAV, "audio/wav"),
        ("recording", MP3, "audio/mpeg"),
        ("recording", b"\xff\xfb\x90\0", "audio/mpeg"),
        ("scan", b"%PDF-1.7\n", "application/pdf"),
        ("tracking", "已签收 2026-11-24".encode(), "text/plain"),
    ],
)
def test_the_type_is_told_by_the_content(keep: Keep, kind: Kind, data: bytes, media_type: str):
    assert keep(data, kind).media_type == media_type


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        ("photo", b"", "empty"),
        ("photo", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "no HEIC"),
        ("photo", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "no text/plain here"),
        ("photo", b"%PDF-1.7\n", "no application/pdf here"),
        ("photo", b"MZ\x90\0\x03\0\0\0", "no known type"),
        ("photo", picture()[:-200], "cut short"),
        ("photo", b"\xff\xd8\xff\xe0 no picture at all", "cut short"),
        ("signature", picture("JPEG"), "no image/jpeg here"),
        ("signature", b"\x89PNG\r\n\x1a\n" + b"\0" * (1024 * 1024), "larger than 1 MB"),
        ("recording", picture("WEBP"), "no image/webp here"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_cure(keep: Keep, kind: Kind, data: bytes, why: str):
    with pytest.raises(NotAnExhibit, match=why):
        keep(data, kind)

    assert keep.count("exhibit") == 0


@pytest.mark.parametrize("side", [8_001, 12_000, 20_000])
def test_a_small_file_that_unfolds_to_too_many_pixels_is_refused(keep: Keep, side: int):
    made = BytesIO()
    Image.new("1", (side, side)).save(made, "PNG")

    with pytest.raises(NotAnExhibit, match="64 megapixels"):
        keep(made.getvalue())


def test_what_is_shown_of_a_picture_says_nothing_of_itself_and_is_no_page_of_ours(keep: Keep):
    kept = keep(with_exif())

    shown = exhibits.shown(keep.folder, kept)

    with Image.open(BytesIO(shown.data)) as copy:
        assert (copy.format, dict(copy.getexif())) == ("JPEG", {})
    assert b"Fonly" not in shown.data
    assert shown.media_type == "image/jpeg"
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


def test_a_picture_is_shown_upright_and_no_larger_than_a_screen(keep: Keep):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    kept = keep(picture(size=(4000, 1000), exif=exif))

    with Image.open(BytesIO(exhibits.shown(keep.folder, kept).data)) as copy:
        assert copy.size == (512, 2048)


def test_the_strokes_of_a_signature_are_shown_on_white(keep: Keep):
    made = BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(made, "PNG")
    kept = keep(made.getvalue(), "signature")

    with Image.open(BytesIO(exhibits.shown(keep.folder, kept).data)) as copy:
        assert copy.getpixel((5, 5)) == (255, 255, 255)


def test_a_text_or_a_paper_is_a_download_even_if_it_holds_a_script(keep: Keep):
    shown = exhibits.shown(keep.folder, keep(b"<script>alert(1)</script>", "tracking"))

    assert shown.media_type == "text/plain"
    assert shown.headers["Content-Disposition"].startswith("attachment")


def test_an_exhibit_is_seen_by_those_who_see_its_community(keep: Keep, world: World):
    kept = keep(picture())

    with keep.runtime.store.begin() as rows:
        assert shelf.in_scope(rows, kept.id, None) == shelf.in_scope(rows, kept.id, world.community_id) == kept
        assert shelf.in_scope(rows, kept.id, world.community_id + 1) is None
