"""What a person reads off paper with a barcode reader or their eyes: the post's number on a letter, a signed return, an envelope back."""

import re
import unicodedata
from datetime import date, datetime
from typing import Final

from sqlalchemy.exc import IntegrityError

from channels.ems import NotAWaybill, waybill
from channels.receipts import ErrorClass
from orchestrator import exhibits
from orchestrator.exhibits import About
from orchestrator.posting.printed import batch_name, reference
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, casefiles, hearing, letter_batches, letters
from orchestrator.store.letters import Posted
from policies.localtime import DAY_MINUTES, local_day, opening

RETURNED: Final[dict[str, tuple[str, ErrorClass | None]]] = {
    "refused": ("returned_refused", None),
    "unknown": ("returned_unknown", "contact_bad"),
    "moved": ("returned_unknown", "contact_bad"),
    "unclaimed": ("returned_unknown", "unreachable"),
}
"""What stands on the envelope -> what it counts as, and what it says of the address: that it is wrong, or that nobody fetched it there."""
SIGNERS: Final = ("self", "family", "mail_desk", "locker", "station", "guard", "own_desk")


class Misread(ValueError):
    """What was scanned does not fit; the message says why and what to do, in Chinese and English. Nothing was changed."""


def code_of(scanned: str) -> str:
    """As typed by a person or a reader: full-width, lower case, spaces and all.

    >>> code_of(" ｘl00000041 ")
    'XL00000041'
    """
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", scanned)).upper()[:40]


def is_reference(code: str) -> bool:
    return re.fullmatch(r"XLC?\d{1,18}", code) is not None


def find(runtime: Runtime, code: str, scope: int | None) -> Posted:
    """The letter with this reference or number of the post. Raises Misread."""
    with runtime.store.begin() as rows:
        found = letters.by_code(rows, code_of(code), scope)
    if found is None:
        raise Misread(f"“{code.strip()[:40]}”不是这里的信：请扫信上的 XL 条码或邮件号 / none of ours: scan its XL barcode or waybill")

    return found


def find_in(runtime: Runtime, batch_id: int, code: str, scope: int | None) -> Posted:
    """A letter of this batch that wants its number. Raises Misread."""
    letter = find(runtime, code, scope)
    if letter.batch_id != batch_id:
        there = batch_name(letter.batch_id) if letter.batch_id is not None else "—"
        raise Misread(f"{code_of(code)} 属于批次 {there}，不在本批 / belongs to batch {there}, not to this one")
    if letter.batch_state == "open":
        raise Misread("本批尚未截单，截单后再扫 / this batch is still open: scan after its cut-off")
    if letter.waybill is not None:
        raise Misread(f"{code_of(code)} 已有邮件号 {letter.waybill}；扫错请先撤销 / it has {letter.waybill} already: undo that first")
    return letter


def number(runtime: Runtime, batch_id: int, code: str, scanned: str, by: str, scope: int | None) -> str:
    """Give a letter of a batch the post's number on its label; the number as it is kept. Raises Misread."""
    letter = find_in(runtime, batch_id, code, scope)
    try:
        given = waybill(scanned)
    except NotAWaybill as odd:
        raise Misread(str(odd)) from odd
    try:
        with runtime.store.begin() as rows:
            now, wall = runtime.now(), runtime.wall()
            letters.lock(rows, letter.attempt_id)
            taken = letters.by_waybill(rows, [given])
            if given in taken:
                other = reference(taken[given].attempt_id)
                raise Misread(f"{given} 已用于 {other} / {given} is on {other} already")
            letters.number(rows, {letter.attempt_id: given}, by, now, wall)
            letter_batches.acknowledge_if_whole(rows, batch_id, now)
    except IntegrityError as raced:
        raise Misread(f"{given} 刚被别人用了，请核对标签 / {given} was just given to another letter: look at the label") from raced
    return given


def undo(runtime: Runtime, batch_id: int, by: str) -> str:
    """Take back the number that this person scanned last in a batch; the letter's reference. Raises Misread."""
    with runtime.store.begin() as rows:
        last = letters.last_numbered(rows, batch_id, by)
        if last is None:
            raise Misread("没有可撤销的扫描 / there is no scan of yours to undo")
        letters.unnumber(rows, letters.lock(rows, last), by, runtime.now(), runtime.wall())
    return reference(last)


def came_back(runtime: Runtime, code: str, because: str, by: str, scope: int | None, photo: bytes = b"") -> Posted:
    """An envelope came back unopened: its reason as it stands on it, and a picture. It makes a task. Raises Misread, NotAnExhibit."""
    if because not in RETURNED:
        raise Misread(f"请选择退回原因 / choose why it came back: {', '.join(RETURNED)}")
    letter = find(runtime, code, scope)
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        letter = letters.lock(rows, letter.attempt_id)
        _keep(rows, runtime, letter, photo, by, now, wall)
        letters.returned(rows, letter.attempt_id, because)
        (outcome, error_class), said = RETURNED[because], {"read_by": by, "reason": because}
        hearing.keep(rows, [letter.word(f"envelope back: {because}", "undelivered", outcome, now, said, error_class)], now, wall)
        casefiles.add_task(rows, letter.case, "check", "returned", now)
    return letter


def signed_for(runtime: Runtime, code: str, signer: str, on: date, by: str, scope: int | None, photo: bytes = b"") -> Posted:
    """The signed return (回执): who signed, on which day. It outranks what the post's feed says. Raises Misread, NotAnExhibit.

    The day is the signer's own; its noon stands for the hour that nobody wrote down.
    """
    if signer not in SIGNERS:
        raise Misread(f"请选择签收人 / choose who signed: {', '.join(SIGNERS)}")
    letter = find(runtime, code, scope)
    now, wall = runtime.now(), runtime.wall()
    if not local_day(letter.posted_at or letter.sent_at, letter.timezone) <= on <= local_day(now, letter.timezone):
        raise Misread("签收日期应在交寄之后、今天之前 / the day of signing lies between posting and today")
    with runtime.store.begin() as rows:
        letter = letters.lock(rows, letter.attempt_id)
        _keep(rows, runtime, letter, photo, by, now, wall)
        letters.return_signed(rows, letter.attempt_id, now)
        said = {"read_by": by, "signer": signer, "on": on.isoformat()}
        at = min(opening(on, DAY_MINUTES // 2, letter.timezone), now)
        hearing.keep(rows, [letter.word(f"signed return: {signer} {on.isoformat()}", "delivered", "handed_over", at, said)], now, wall)
    return letter


def inserted(runtime: Runtime, code: str, photo: bytes, by: str, scope: int | None) -> Posted:
    """A picture of the letter going into its envelope: that this very letter was in it. Raises Misread, NotAnExhibit."""
    letter = find(runtime, code, scope)
    with runtime.store.begin() as rows:
        _keep(rows, runtime, letters.lock(rows, letter.attempt_id), photo, by, runtime.now(), runtime.wall())
    return letter


def _keep(rows: Rows, runtime: Runtime, letter: Posted, photo: bytes, by: str, now: datetime, wall: datetime) -> None:
    if photo:
        exhibits.keep(rows, runtime.settings.exhibits, photo, "photo", About(letter.case.id, letter.attempt_id), by, now, wall)
