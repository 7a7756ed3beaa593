"""原件 Originals: the custody register of paper originals; where each lies, its scan, and through whose hands it went."""

from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from orchestrator import exhibits
from orchestrator.exhibits import About, content
from orchestrator.models.papers import ORIGINAL_KINDS
from orchestrator.store import exhibits as kept
from orchestrator.store import pages_cases, pages_originals, papers
from orchestrator.store.casefiles import NoSuchThing
from orchestrator.store.pages_originals import PAGE, Wanted
from orchestrator.web.console import session
from orchestrator.web.console.page import LARGEST, Page, Visit, endpoint
from orchestrator.web.console.words_evidence import CUSTODY


class Originals(Page):
    path = "/originals"
    label = ("原件", "Originals")

    def is_accessible(self, request: Request) -> bool:
        user = getattr(request.state, "admin_user", None)
        return isinstance(user, session.StaffUser) and user.person.may("read_evidence")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        """The register, and with a case chosen the form by which an original of it is laid down."""
        _reads(visit)
        case_id = visit.number("case", 0) or None
        at = visit.asked("at") if visit.asked("at") in CUSTODY else ""
        wanted = Wanted(visit.scope, visit.asked("shelf")[:40], case_id, at, visit.number("page", 1))
        with self.runtime.store.begin() as rows:
            listed = pages_originals.register(rows, wanted)
            case = pages_cases.one(rows, case_id, visit.scope) if case_id else None
            contacts = pages_cases.attempts(rows, case.id) if case else ()
            scans = kept.of_case(rows, case.id) if case else ()
        context = {
            "listed": listed,
            "wanted": wanted,
            "last": -(-listed.total // PAGE),
            "case": case,
            "contacts": [each for each in contacts if each.sent_at and each.purpose != "answer"],
            "scans": scans,
            "kinds": ORIGINAL_KINDS,
            "places": tuple(CUSTODY),
        }
        return self.draw(visit, "originals.html", context)

    @endpoint("", act="keep_originals")
    def lay(self, visit: Visit) -> Response:
        """An original was received and lies on a shelf; a scan brought with it becomes an exhibit of the case."""
        case, made = visit.field("case"), list[int]()
        again = f"{self.path}?case={case}" if case.isdecimal() else self.path
        answer = self.done(visit, again, lambda: made.append(self._laid(visit)), "原件已登记。", "The original is on record.")
        return RedirectResponse(f"{self.path}/{made[0]}", status_code=303) if made else answer

    def _laid(self, visit: Visit) -> int:
        """The number of the original. Raises ValueError and NoSuchThing: nothing was written."""
        _confirmed(visit)
        shelf, what, case_id = visit.field("shelf"), visit.field("what"), _number(visit, "case")
        if case_id is None:
            raise ValueError("请填写案件号 / enter the number of the case")
        if not shelf:
            raise ValueError("请填写架位号 / enter the shelf number")
        if what not in ORIGINAL_KINDS:
            raise ValueError("请选择原件种类 / choose what it is")
        attempt_id, exhibit_id, picture = _number(visit, "attempt"), _number(visit, "exhibit"), _scan(visit)
        if picture and exhibit_id is not None:
            raise ValueError("上传扫描件或选用已有证物，二者选一 / bring a scan or choose an exhibit, not both")
        now, wall, by = self.now(), self.runtime.wall(), visit.person.name
        with self.runtime.store.begin() as rows:
            if pages_cases.one(rows, case_id, visit.scope) is None:
                raise NoSuchThing(f"没有案件 {case_id}，请核对案件号 / there is no case {case_id}: look at its number")
            if picture:
                about = About(case_id)
                exhibit_id = exhibits.keep(rows, self.runtime.settings.exhibits, picture, "scan", about, by, now, wall).id
            more = {"attempt_id": attempt_id, "exhibit_id": exhibit_id}
            return papers.receive(rows, shelf, what, case_id, by, now, wall, remark=visit.field("remark"), **more)

    @endpoint("/{original:int}")
    def one(self, visit: Visit) -> Response:
        _reads(visit)
        original = self._original(visit)
        with self.runtime.store.begin() as rows:
            history = pages_originals.history(rows, original.id)
        return self.draw(visit, "original.html", {"original": original, "history": history, "places": tuple(CUSTODY)})

    @endpoint("/{original:int}/move", act="keep_originals")
    def move(self, visit: Visit) -> Response:
        original = self._original(visit)

        def hand_over() -> None:
            _confirmed(visit)
            to, given, taken = visit.field("to"), visit.field("given_by"), visit.field("taken_by")
            if to not in CUSTODY:
                raise ValueError("请选择去向 / choose where it goes")
            if not given or not taken:
                raise ValueError("请填写交出人和接收人 / name who hands it over and who takes it")
            with self.runtime.store.begin() as rows:
                now, wall = self.now(), self.runtime.wall()
                papers.move(rows, original.shelf, to, given, taken, visit.person.name, now, wall, visit.field("remark"))

        return self.done(visit, f"{self.path}/{original.id}", hand_over, "移交已登记。", "The hand-over is on record.")

    def _original(self, visit: Visit) -> Any:
        with self.runtime.store.begin() as rows:
            found = pages_originals.one(rows, visit.request.path_params["original"], visit.scope)
        if found is None:
            raise HTTPException(404, visit.say("没有这件原件。", "There is no such original."))
        return found


def _reads(visit: Visit) -> None:
    if not visit.person.may("read_evidence"):
        raise HTTPException(403)


def _confirmed(visit: Visit) -> None:
    """The register is only added to, so somebody looks at the paper in hand first. Raises ValueError."""
    if not visit.field("confirm"):
        raise ValueError("请核对实物后勾选确认：登记后不能更改 / look at the paper and confirm: what is on record stays")


def _number(visit: Visit, name: str) -> int | None:
    stated = visit.field(name)
    return int(stated) if stated.isascii() and stated.isdecimal() and 0 < int(stated) <= LARGEST else None


def _scan(visit: Visit) -> bytes:
    """The picture that was brought, one byte more than may be at most; none where none was chosen."""
    upload = visit.form.get("scan")
    return upload.file.read(content.limit("scan") + 1) if isinstance(upload, UploadFile) else b""
