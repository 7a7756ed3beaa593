"""证据 Evidence: how the log is sealed, stamped and audited, and what of it may be shown to anybody. Payloads are for counsel's bundle."""

from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.responses import Response

from orchestrator import jobs
from orchestrator.store import checkpoints, pages_evidence, tree
from orchestrator.store import jobs as job_rows
from orchestrator.web.console.downloads import waiting
from orchestrator.web.console.page import Page, Visit, endpoint
from orchestrator.web.console.today import evidence_warnings
from policies.localtime import local_day

DAYS = 60
AUDIT_TOO_OLD = timedelta(days=2)
"""It runs once a day."""


class Evidence(Page):
    path = "/evidence"
    label = ("证据", "Evidence")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        now, zone = self.now(), self.runtime.settings.home_timezone
        with self.runtime.store.begin() as rows:
            audit = pages_evidence.last_audit(rows)
            context = {
                "kinds": pages_evidence.kinds(rows),
                "newest": pages_evidence.newest(rows),
                "audit": audit,
                "days": pages_evidence.sealed_days(rows, zone, local_day(now, zone), DAYS),
                "signed": checkpoints.newest(rows),
                "unsealed": tree.waiting(rows)[0],
                "warnings": evidence_warnings(visit, self.runtime, rows, audit) if visit.person.may("read_evidence") else [],
            }
        return self.draw(
            visit,
            "evidence.html",
            context
            | {
                "zone": zone,
                "vkey": self.runtime.log_key.verifying.vkey,
                "authorities": [each.name for each in self.runtime.authorities],
                "overdue": audit is not None and now - audit.at > AUDIT_TOO_OLD,
            },
        )

    @endpoint("/audit", act="read_evidence")
    def audit(self, visit: Visit) -> Response:
        """Ask for the whole log to be computed anew: a worker does it, the log may have millions of entries.

        Who asks while it is waited for waits for the same one.
        """
        with self.runtime.store.begin() as rows:
            asked = job_rows.alike(rows, "audit", {}, most=1)
        under_way = next((each.id for each in asked if each.state in ("waiting", "running") and each.community_id == visit.scope), None)
        return waiting(under_way or jobs.request(self.runtime, "audit", {}, visit.person.name, visit.scope))

    @endpoint("/log-key.pem")
    def pem(self, visit: Visit) -> Response:
        """The log's public key as openssl takes it."""
        return _attached(self.runtime.log_key.verifying.pem, "log-key.pem", "application/x-pem-file")

    @endpoint("/log-key.vkey")
    def vkey(self, visit: Visit) -> Response:
        """The log's public key as witnesses take it."""
        return _attached(f"{self.runtime.log_key.verifying.vkey}\n".encode(), "log-key.vkey", "text/plain; charset=utf-8")

    @endpoint("/newest.checkpoint")
    def checkpoint(self, visit: Visit) -> Response:
        """The newest checkpoint, which names nobody: to be published."""
        with self.runtime.store.begin() as rows:
            signed = checkpoints.newest(rows)
        if signed is None:
            raise HTTPException(404, visit.say("还没有检查点。", "There is no checkpoint yet."))
        return _attached(signed.note, f"{signed.size}.checkpoint", "text/plain; charset=utf-8")


def _attached(content: bytes, name: str, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
