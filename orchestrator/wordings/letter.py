"""A wording of kind `letter` and a notice become a PDF: PDF/A-2a, fonts embedded, the same bytes every time.

The layout is Typst source beside this file; what the letter says goes in as JSON and is set as text, never read as markup.
The archival profile refuses a character that no font can draw, so a name is printed right or not at all.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import typst

from orchestrator.wordings.blocks import block
from orchestrator.wordings.catalogue import LAYOUTS, Wording, filled, say, stands, wording
from orchestrator.wordings.codes import QUIET, modules, tracking_code
from orchestrator.wordings.envelopes import Addressed, envelope, is_complete, return_line, ways
from orchestrator.wordings.notice import Notice, WordingError
from orchestrator.wordings.typesetting import Undrawable, typeset

_PAGES = re.compile(rb"/Type/Pages/Count (\d+)")
_TOO_LONG = "does not fit the window"
"""What the layout says of an address, see letter.v1.typ."""
_UNSAID = frozenset({"language", "kind", "code", "barcode"})


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter ready to be signed and printed.

    `text` is all it says, as it went to the typesetter, and `text_digest` the SHA-256 (hex) over that; `wording` is name@digest, layout
    included. `addressed` is what stands in the envelope's window; None where the letter goes from hand to hand.
    """

    pdf: bytes
    pages: int
    text: str
    text_digest: str
    wording: str
    addressed: Addressed | None


class UnprintableCharacter(WordingError):
    """No font has the character. The letter is refused: a blank in a name is worse than a letter by hand.

    It says where the character stands, never the word it stands in: this goes where names must not.
    """

    def __init__(self, text: str, place: str) -> None:
        code = " ".join(f"U+{ord(character):04X}" for character in text)
        super().__init__(f"no font can print {code}, {place}; correct the record, or write and sign this letter by hand")
        self.text, self.place = text, place


class _TooLong(Exception):
    """Names and address do not fit the window in this way."""


def render_letter(name: str | Wording, notice: Notice, ordinal: int | None = None) -> Letter:
    """The letter as PDF: `warm-letter`, `formal-demand`, `lawyer-letter`, `plan-offer`, `visit-notice`, `withdrawal-letter`, `statement`,
    `committee-notice`.

    `ordinal` counts this contact with the debtor from 1; warm words appear on the 2nd and 3rd only. Its creation
    time is noon UTC of the notice's date. Raises WordingError for what lacks, UnprintableCharacter for what cannot be drawn.
    """
    chosen = wording(name) if isinstance(name, str) else name
    letter = _letter(chosen, notice, ordinal)
    if chosen.by_hand:
        return _set(chosen, notice, letter | {"addressees": _addressees(notice)}, None)
    window = asdict(envelope(notice.envelope))
    for addressed in ways(notice):
        envelope_of = {"return_to": return_line(notice), "to": list(addressed.to), "address": addressed.address, "window": window}
        again = {} if addressed.whole else {"addressees": _addressees(notice)}
        try:
            return _set(chosen, notice, letter | envelope_of | again, addressed)
        except _TooLong:
            continue
    raise WordingError(f"{notice.reference}: the window {notice.envelope} holds not even the words that point to a label: choose another")


def _set(chosen: Wording, notice: Notice, letter: Mapping[str, Any], addressed: Addressed | None) -> Letter:
    said = json.dumps(letter, ensure_ascii=False, sort_keys=True)
    pdf = _compile(chosen.layout, said, notice)
    pages = _PAGES.search(pdf)
    if pages is None:
        raise WordingError(f"{chosen.pinned} made a document without pages")
    return Letter(pdf, int(pages[1]), "\n".join(_told(letter)), hashlib.sha256(said.encode()).hexdigest(), chosen.pinned, addressed)


def _compile(layout: str, said: str, notice: Notice) -> bytes:
    try:
        return typeset(LAYOUTS / layout, said, notice.dated, name="letter")
    except Undrawable as undrawn:
        raise UnprintableCharacter(undrawn.text, _where(undrawn.text, notice)) from None
    except typst.TypstError as error:
        if _TOO_LONG in str(error):
            raise _TooLong from None
        raise


def _where(text: str, notice: Notice) -> str:
    """Which character of what it is, counted from 1."""
    creditor = notice.creditor
    places = [(f"the name of debtor {number}", name) for number, name in enumerate(notice.debtors, 1)]
    places += [("the postal address", notice.address)]
    places += [("a unit or an item", part) for line in notice.lines for part in (line.unit, line.item, line.period)]
    places += [("the creditor's details", part) for part in (creditor.name, creditor.address, creditor.letterhead, creditor.payee_account)]
    return next((f"character {value.index(text) + 1} of {place}" for place, value in places if text in value), "in the text")


def _told(part: Any) -> Iterator[str]:
    """What is printed of a part, in its order: the runs of a paragraph as one, names of layout and codes left out."""
    match part:
        case {"runs": runs_of}:
            yield "".join(run["text"] for run in runs_of)
        case Mapping():
            for name, inner in part.items():
                if name not in _UNSAID:
                    yield from _told(inner)
        case str():
            yield part
        case list():
            for inner in part:
                yield from _told(inner)


def _letter(chosen: Wording, notice: Notice, ordinal: int | None) -> dict[str, Any]:
    if "letter" not in chosen.kinds:
        raise WordingError(f"{chosen.name} is a {' and '.join(chosen.kinds)}, not a letter")
    if not is_complete(notice.address):
        raise WordingError(
            f"{notice.reference}: a letter needs a postal address that names a place and a number; complete the community's address"
            " (community set --address) or the debtor's in the billing system"
        )
    says = chosen.in_language(notice.language)
    values = filled(chosen, notice, "letter")
    zh = notice.language == "zh"
    creditor = notice.creditor
    return {
        "language": notice.language,
        "title": say(says["title"], values),
        "subtitle": say(says.get("subtitle", ""), values),
        "draft": bool(says.get("draft", False)),
        "reference": notice.reference,
        "barcode": tracking_code(notice.reference),
        "bars": len(modules(notice.reference)) + 2 * QUIET,
        "quiet": QUIET,
        "folds": () if chosen.by_hand else envelope(notice.envelope).folds,
        "creditor": {"name": creditor.name, "letterhead": f"{creditor.letterhead or creditor.phone}\n{creditor.address}".strip()},
        "facts": [
            ["编号" if zh else "Reference", notice.reference],
            ["日期" if zh else "Date", values["dated"]],
            ["小区" if zh else "Community", notice.community],
            ["电话" if zh else "Telephone", creditor.phone],
        ],
        "blocks": [made for each in says["blocks"] if stands(each, ordinal) and (made := block(each, notice, values))],
    }


def _addressees(notice: Notice) -> list[list[str]]:
    zh = notice.language == "zh"
    return [
        ["收件人" if zh else "To", ("、" if zh else ", ").join(notice.debtors)],
        ["地址" if zh else "Address", notice.address],
    ]
