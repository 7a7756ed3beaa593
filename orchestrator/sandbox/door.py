"""What the sandbox's people bring back from a door: photos with the code of the day held up in them, and a signature."""

from io import BytesIO

from PIL import Image, ImageDraw

from orchestrator.exhibits import Kind

PHOTO = (640, 480)
PAPER = (600, 240)


def photo(code: str, shows: str) -> bytes:
    """A JPEG of a door, with the code of the day and what it shows written on it."""
    door = Image.new("RGB", PHOTO, "#6b4f3a")
    draw = ImageDraw.Draw(door)
    draw.rectangle((180, 60, 460, 480), outline="#2e2118", width=6)
    draw.rectangle((250, 140, 390, 220), fill="#f4efe2")
    draw.text((262, 150), f"{shows}\n{code}", fill="black", font_size=24)
    return _saved(door, "JPEG")


def signature(name: str) -> bytes:
    """A PNG of strokes that differ from name to name."""
    paper = Image.new("RGBA", PAPER, (0, 0, 0, 0))
    strokes = [(40 + 36 * place, 60 + byte % 120) for place, byte in enumerate(name.encode()[:14])]
    ImageDraw.Draw(paper).line(strokes, fill="black", width=4, joint="curve")
    return _saved(paper, "PNG")


def brought(outcome: str, code: str, name: str) -> list[tuple[Kind, bytes]]:
    """What is brought from a door where a visit ended so."""
    match outcome:
        case "handed_over":
            return [("photo", photo(code, "door")), ("signature", signature(name))]
        case "affixed":
            return [("photo", photo(code, shows)) for shows in ("door", "notice", "fixed")]
        case _:
            return []


def _saved(picture: Image.Image, form: str) -> bytes:
    made = BytesIO()
    picture.save(made, form)
    return made.getvalue()
