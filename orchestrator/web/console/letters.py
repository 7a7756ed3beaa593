"""信件 Letters: batches with their cut-off and files, the post's numbers scanned in, what came back, and the tracking to be fetched."""

import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette_admin import flash

from orchestrator.exhibits import content
from orchestrator.intake.tracking import TrackingResult, import_tracking
from orchestrator.posting import batches, scanning
from orchestrator.posting.printed import FILES, LETTERS, SHEET, batch_name, folder_of, reference
from orchestrator.posting.scanning import Misread
from orchestrator.store import letters as letter_rows
from orchestrator.store import pages_letters
from orchestrator.web.console.page import Page, Visit, endpoint

_TYPES = {LETTERS: "application/pdf", SHEET: "text/csv"}


class LetterBatches(Page):
    path = "/letters"
    label = ("信件", "Letters")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        now = self.now()
        with self.runtime.store.begin() as rows:
            found = pages_letters.batches(rows, visit.scope)
            due = letter_rows.due_snapshots(rows, now, visit.scope)
        left = {each.id: _left(now, each.cut_off_at) for each in found if each.state == "open"}
        names = {each.id: batch_name(each.id) for each in found}
        context = {"batches": found, "left": left, "names": names, "due": due, "reference": reference}
        return self.draw(visit, "letters.html", context | {"signers": scanning.SIGNERS, "returns": tuple(scanning.RETURNED)})

    @endpoint("/batches/{batch:int}")
    def one(self, visit: Visit) -> Response:
        batch = self._batch(visit)
        with self.runtime.store.begin() as rows:
            lying = pages_letters.letters(rows, batch.id)
        context = {"batch": batch, "name": batch_name(batch.id), "letters": lying, "files": FILES, "reference": reference}
        context |= {"left": _left(self.now(), batch.cut_off_at), "by_house": self.runtime.settings.print_house_url is not None}
        return self.draw(visit, "letter_batch.html", context)

    @endpoint("/batches/{batch:int}/files/{name}")
    def file(self, visit: Visit) -> Response:
        """A file of a closed batch, as it was made; read from the disk bit by bit."""
        batch, name = self._batch(visit), visit.request.path_params["name"]
        path = folder_of(self.runtime.settings.exhibits, batch.id) / name
        if not batch.made or name not in FILES or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, media_type=_TYPES.get(name, "application/json"), filename=f"{batch_name(batch.id)}-{name}")

    @endpoint("/batches/{batch:int}/scan")
    def scanner(self, visit: Visit) -> Response:
        """One field: the letter's own barcode, then the post's number; Enter after each."""
        batch, waiting = self._batch(visit), scanning.code_of(visit.asked("letter"))
        context = {"batch": batch, "name": batch_name(batch.id), "waiting": waiting if scanning.is_reference(waiting) else ""}
        return self.draw(visit, "letter_scan.html", context)

    @endpoint("/batches/{batch:int}/scan", act="report_task")
    def scan(self, visit: Visit) -> Response:
        """What fails is said and the letter in hand stays in hand."""
        batch, code, waiting = self._batch(visit), scanning.code_of(visit.field("code")), scanning.code_of(visit.field("letter"))
        try:
            waiting = self._scanned(visit, batch.id, code, waiting)
        except Misread as misread:
            flash(visit.request, str(misread), "error")
        query = f"?letter={waiting}" if scanning.is_reference(waiting) else ""
        return RedirectResponse(f"{self.path}/batches/{batch.id}/scan{query}", status_code=303)

    def _scanned(self, visit: Visit, batch_id: int, code: str, waiting: str) -> str:
        """The letter that waits for its number now, if any. Raises Misread."""
        if scanning.is_reference(code):
            scanning.find_in(self.runtime, batch_id, code, visit.scope)
            return code
        if not waiting:
            raise Misread("请先扫信上的 XL 条码 / scan the XL barcode on the letter first")
        given = scanning.number(self.runtime, batch_id, waiting, code, visit.person.name, visit.scope)
        visit.tell(f"{waiting} → {given}")
        return ""

    @endpoint("/batches/{batch:int}/undo", act="report_task")
    def undo(self, visit: Visit) -> Response:
        batch = self._batch(visit)
        back = f"{self.path}/batches/{batch.id}/scan"

        def take_back() -> None:
            undone = scanning.undo(self.runtime, batch.id, visit.person.name)
            visit.tell(visit.say(f"已撤销 {undone} 的邮件号。", f"The number of {undone} is taken back."))

        return self.done(visit, back, take_back)

    @endpoint("/batches/{batch:int}/handover", act="report_task")
    def hand_over(self, visit: Visit) -> Response:
        batch = self._batch(visit)
        return self.done(
            visit,
            f"{self.path}/batches/{batch.id}",
            lambda: batches.hand_over(self.runtime, batch.id, visit.person.name),
            "已记为交寄。",
            "On record as posted.",
        )

    @endpoint("/batches/{batch:int}/pulled", act="report_task")
    def pulled(self, visit: Visit) -> Response:
        batch, code = self._batch(visit), visit.field("letter")
        back = f"{self.path}/batches/{batch.id}"

        def pull() -> None:
            batches.pulled(self.runtime, scanning.find(self.runtime, code, visit.scope).attempt_id, visit.person.name)

        return self.done(visit, back, pull, "已记为抽回。", "On record as pulled out.")

    @endpoint("/returned", act="report_task")
    def returned(self, visit: Visit) -> Response:
        def come_back() -> None:
            photo = _file(visit, "photo", content.limit("photo"))
            scanning.came_back(self.runtime, visit.field("code"), visit.field("because"), visit.person.name, visit.scope, photo)

        return self.done(visit, self.path, come_back, "退信已登记，并生成任务。", "The returned letter is on record, with a task.")

    @endpoint("/signed", act="report_task")
    def signed(self, visit: Visit) -> Response:
        def sign() -> None:
            on = _day(visit.field("on"))
            photo = _file(visit, "photo", content.limit("photo"))
            scanning.signed_for(self.runtime, visit.field("code"), visit.field("signer"), on, visit.person.name, visit.scope, photo)

        return self.done(visit, self.path, sign, "回执已登记。", "The signed return is on record.")

    @endpoint("/inserted", act="report_task")
    def inserted(self, visit: Visit) -> Response:
        def keep() -> None:
            photo = _file(visit, "photo", content.limit("photo"))
            scanning.inserted(self.runtime, visit.field("code"), photo, visit.person.name, visit.scope)

        return self.done(visit, self.path, keep, "装封照片已保存。", "The photo of the insertion is kept.")

    @endpoint("/tracking", act="report_task")
    def tracking(self, visit: Visit) -> Response:
        return self.done(visit, self.path, self._import(visit))

    def _import(self, visit: Visit) -> Callable[[], None]:
        def take_in() -> None:
            raw = _file(visit, "file", content.limit("tracking"))
            if not raw:
                raise Misread("请选择文件 / choose a file")
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "tracking"
                path.write_bytes(raw)
                result = import_tracking(self.runtime, path, visit.person.name, visit.scope)
            visit.tell(visit.say(*_summary(result)))
            for reject in result.rejected[:20]:
                flash(visit.request, f"{reject.line}: {reject.value} — {reject.reason}; {reject.cure}", "error")
            for words, times in result.unknown.most_common(20):
                flash(visit.request, visit.say(f"无法识别的状态“{words}”×{times}", f"unknown words “{words}” ×{times}"), "error")

        return take_in

    def _batch(self, visit: Visit) -> Any:
        with self.runtime.store.begin() as rows:
            found = pages_letters.batches(rows, visit.scope, visit.request.path_params["batch"])
        if not found:
            raise HTTPException(404)
        return found[0]


def _summary(it: TrackingResult) -> tuple[str, str]:
    return (
        f"{it.rows} 行，{it.letters} 封信，新快照 {it.snapshots} 份；妥投 {it.delivered}，退回 {it.returned}。",
        f"{it.rows} rows, {it.letters} letters, {it.snapshots} new snapshots; {it.delivered} delivered, {it.returned} sent back.",
    )


def _left(now: datetime, cut_off_at: datetime) -> tuple[int, int]:
    """Hours and minutes until the cut-off."""
    minutes = max(0, int((cut_off_at - now).total_seconds()) // 60)
    return minutes // 60, minutes % 60


def _file(visit: Visit, name: str, most: int) -> bytes:
    """The bytes of an uploaded file, one more than may be at most; none where none was chosen."""
    upload = visit.form.get(name)
    return upload.file.read(most + 1) if isinstance(upload, UploadFile) else b""


def _day(stated: str) -> date:
    try:
        return date.fromisoformat(stated)
    except ValueError:
        raise Misread("请填写签收日期 / enter the day of signing") from None
