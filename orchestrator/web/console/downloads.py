"""文件 Files: what was asked for and takes longer than a page may, how far it is, and its download for a day."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from orchestrator import jobs
from orchestrator.store import jobs as job_rows
from orchestrator.store import pages, pages_cases
from orchestrator.store.jobs import Job
from orchestrator.web.console.page import LARGEST, Page, Visit, endpoint
from orchestrator.web.console.session import StaffUser

BUNDLES = frozenset({"bundle", "archive", "filing"})


class Files(Page):
    path = "/files"
    label = ("文件", "Files")

    def is_accessible(self, request: Request) -> bool:
        user: StaffUser = request.state.admin_user
        return user.person.may("read_evidence")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        self._may(visit)
        with self.runtime.store.begin() as rows:
            recent = job_rows.recent(rows, visit.scope)
        return self.draw(visit, "files.html", {"jobs": recent, "zone": self.runtime.settings.home_timezone})

    @endpoint("/filing", act="prepare_suit")
    def filing(self, visit: Visit) -> Response:
        """Ask for the packets of one case, or of the green ones of a community."""
        with self.runtime.store.begin() as rows:
            number = visit.field("case") or visit.field("community")
            wanted = int(number) if number.isdigit() and int(number) <= LARGEST else 0
            if visit.field("case"):
                case = pages_cases.one(rows, wanted, visit.scope)
                community_id = case.community_id if case else None
            else:
                community_id = next((each.id for each in pages.communities(rows, visit.scope) if each.id == wanted), None)
        if community_id is None:
            raise HTTPException(404)
        asked = {"cases": [wanted]} if visit.field("case") else {}
        return waiting(jobs.request(self.runtime, "filing", asked, visit.person.name, community_id))

    @endpoint("/{job:int}")
    def one(self, visit: Visit) -> Response:
        return self.draw(visit, "file.html", {"job": self._job(visit), "zone": self.runtime.settings.home_timezone})

    @endpoint("/{job:int}/live")
    def live(self, visit: Visit) -> Response:
        """How far it is, as the page draws it."""
        job = self._job(visit)
        drawn = self.draw(visit, "parts/job.html", {"job": job, "zone": self.runtime.settings.home_timezone})
        return JSONResponse({"parts": {"job": bytes(drawn.body).decode()}})

    @endpoint("/{job:int}/download")
    def download(self, visit: Visit) -> Response:
        """What goes to court is for those who may take it; that a bundle leaves is an entry, as the making of a packet is."""
        job = self._job(visit)
        if job.kind in BUNDLES and not visit.person.may("take_bundle"):
            raise HTTPException(403)
        path = jobs.file_of(self.runtime, job)
        if path is None:
            raise HTTPException(404, visit.say("文件尚未制成，或已删除。", "The file is not made yet, or is deleted."))
        if job.kind == "bundle":
            jobs.taken(self.runtime, job, path, visit.person.name)
        return FileResponse(path, filename=path.name, headers={"Cache-Control": "private, no-store"})

    def _job(self, visit: Visit) -> Job:
        self._may(visit)
        with self.runtime.store.begin() as rows:
            job = job_rows.one(rows, visit.request.path_params["job"], visit.scope)
        if job is None:
            raise HTTPException(404, visit.say("没有这个文件。", "There is no such file."))
        return job

    def _may(self, visit: Visit) -> None:
        if not visit.person.may("read_evidence"):
            raise HTTPException(403)


def waiting(job_id: int) -> Response:
    """Where whoever asked for a file waits for it."""
    return RedirectResponse(f"{Files.path}/{job_id}", status_code=303)
