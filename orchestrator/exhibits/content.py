"""What bytes are: told by their content, never by their name, and what a picture says of itself."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Any, Final, Literal

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

Kind = Literal["photo", "signature", "recording", "scan", "tracking", "document"]

IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
PAPERS: Final = IMAGES | {"application/pdf"}
SOUNDS: Final = frozenset({"audio/wav", "audio/mpeg"})
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUFFIXES: Final = {"application/pdf": ".pdf", "text/plain": ".txt", WORKBOOK: ".xlsx"}

_MB = 1024 * 1024
_TAKES: Final[Mapping[Kind, tuple[frozenset[str], int]]] = {
    "photo": (IMAGES, 20 * _MB),
    "signature": (frozenset({"image/png"}), 1 * _MB),
    "recording": (SOUNDS, 100 * _MB),
    "scan": (PAPERS, 50 * _MB),
    "tracking": (PAPERS | {"text/plain", WORKBOOK}, 5 * _MB),
    "document": (PAPERS | {"text/plain"}, 50 * _MB),
}
MOST_PIXELS = 64_000_000
"""More than any phone's ordinary picture; a small file can unfold to far more (decompression bombs)."""
SHOWN_SIDE = 2048
SHOWN_QUALITY = 85

_FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif"})


class NotAnExhibit(ValueError):
    """The bytes cannot be kept as what they are brought as; the message says why and what to do, in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Content:
    """What bytes are, and their claims, as text: `taken_at` (as the device wrote it), `latitude`, `longitude`, `device`."""

    media_type: str
    claim: Mapping[str, str]


def limit(kind: Kind) -> int:
    """The most bytes of one exhibit of a kind."""
    return _TAKES[kind][1]


def examine(data: bytes, kind: Kind) -> Content:
    """What these bytes are. Raises NotAnExhibit for a type, size or picture that cannot be kept."""
    types, most = _TAKES[kind]
    if not data:
        raise NotAnExhibit("文件是空的，请重新拍摄或选择 / the file is empty: take or choose it again")
    if len(data) > most:
        raise NotAnExhibit(f"文件超过 {most // _MB} MB，请缩小后再传 / the file is larger than {most // _MB} MB: make it smaller")
    media_type = _type_of(data)
    if media_type not in types:
        raise NotAnExhibit(f"这里不收 {media_type} 文件，请用 {_listed(types)} / no {media_type} here: bring one of {_listed(types)}")
    return Content(media_type, _looked_into(data, media_type) if media_type in IMAGES else {})


def without_metadata(data: bytes) -> bytes:
    """A JPEG of what a picture shows, upright, at most SHOWN_SIDE pixels a side, and nothing of what it says of itself."""
    with Image.open(BytesIO(data), formats=list(_FORMATS.values())) as picture:
        picture.draft("RGB", (SHOWN_SIDE, SHOWN_SIDE))
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
        bare = Image.new("RGB", upright.size, "white")
        opaque = upright.convert("RGBA")
        bare.paste(opaque, mask=opaque.getchannel("A"))
    made = BytesIO()
    bare.save(made, "JPEG", quality=SHOWN_QUALITY)
    return made.getvalue()


def _type_of(data: bytes) -> str:
    """The media type by the first bytes. Raises NotAnExhibit where they are none we know."""
    head = data[:12]
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:] in (b"WEBP", b"WAVE"):
        return "image/webp" if head[8:] == b"WEBP" else "audio/wav"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"PK\x03\x04") and b"xl/" in data:
        return WORKBOOK
    if head.startswith(b"ID3") or (head[0] == 0xFF and head[1:2] and head[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        raise NotAnExhibit(
            "不收 HEIC 照片：请把手机相机设为“兼容性最佳”(JPEG) 后重拍"
            " / no HEIC pictures: set the camera to “most compatible” (JPEG) and take it again"
        )
    if _is_text(data):
        return "text/plain"
    raise NotAnExhibit("认不出这是什么文件，请用 JPEG、PNG、WEBP 或 PDF / the file is of no known type: bring JPEG, PNG, WEBP or PDF")


def _is_text(data: bytes) -> bool:
    """UTF-8, or GB18030 as Chinese offices write it, without the control characters that text does not have."""
    if data.translate(None, delete=_TEXT) != data.translate(None, delete=_TEXT + _CONTROL):
        return False
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            data.decode(encoding)
            return True
    return False


_TEXT: Final = b"\t\r\n\f"
_CONTROL: Final = bytes(range(32))


def _listed(types: frozenset[str]) -> str:
    return ", ".join(sorted(types))


def _looked_into(data: bytes, media_type: str) -> dict[str, str]:
    """What a picture claims, after it was opened to its last line: half a picture is refused here and not found out in court."""
    try:
        with Image.open(BytesIO(data), formats=[_FORMATS[media_type]]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NotAnExhibit(_too_many_pixels())
            claim = dict(_claims(picture))
            picture.draft("RGB", (1, 1))
            picture.load()
            return claim
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise NotAnExhibit(_too_many_pixels()) from bomb
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as broken:
        if isinstance(broken, NotAnExhibit):
            raise
        raise NotAnExhibit("图片不完整或已损坏，请重新拍摄 / the picture is cut short or damaged: take it again") from broken


def _too_many_pixels() -> str:
    most = MOST_PIXELS // 1_000_000
    return f"图片超过 {most} 百万像素，请降低相机分辨率 / the picture has more than {most} megapixels: lower the camera's resolution"


def _claims(picture: Image.Image) -> Iterator[tuple[str, str]]:
    """What the camera wrote. It is a claim: anybody can write there, so what cannot be read is left out and harms nothing."""
    try:
        exif = picture.getexif()
        taken, place = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    except (ValueError, TypeError, KeyError, SyntaxError, OSError):
        return
    at, offset = taken.get(ExifTags.Base.DateTimeOriginal), taken.get(ExifTags.Base.OffsetTimeOriginal)
    if at := _line(at):
        yield "taken_at", f"{at} {_line(offset)}".strip()
    if device := f"{_line(exif.get(ExifTags.Base.Make))} {_line(exif.get(ExifTags.Base.Model))}".strip():
        yield "device", device
    latitude = _degrees(place.get(ExifTags.GPS.GPSLatitude), place.get(ExifTags.GPS.GPSLatitudeRef))
    longitude = _degrees(place.get(ExifTags.GPS.GPSLongitude), place.get(ExifTags.GPS.GPSLongitudeRef))
    if latitude and longitude:
        yield from (("latitude", latitude), ("longitude", longitude))


def _line(value: Any) -> str:
    """One line of printable text, at most 64 characters of it."""
    return "".join(filter(str.isprintable, value))[:64].strip() if isinstance(value, str) else ""


def _degrees(parts: Any, side: Any) -> str:
    """Decimal degrees, signed, to a hundred-thousandth (about a metre)."""
    try:
        degrees, minutes, seconds = (Decimal(str(float(part))) for part in parts)
        angle = degrees + minutes / 60 + seconds / 3600
        return str((-angle if side in ("S", "W") else angle).quantize(Decimal("0.00001")))
    except (TypeError, ValueError, ZeroDivisionError, InvalidOperation):
        return ""
