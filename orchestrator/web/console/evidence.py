"""证据 Evidence: how much is in the log, and whether it verifies. Payloads are for counsel's bundle, not for a page."""

from starlette.responses import Response

from orchestrator import auditing
from orchestrator.store import pages_work
from orchestrator.web.console.page import Page, Visit, endpoint


class Evidence(Page):
    path = "/evidence"
    label = ("证据", "Evidence")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        with self.runtime.store.begin() as rows:
            kinds, newest = pages_work.evidence(rows)
        return self.draw(
            visit, "evidence.html", {"kinds": kinds, "newest": newest, "audit": None, "zone": self.runtime.settings.home_timezone}
        )

    @endpoint("/audit", act="read_evidence")
    def audit(self, visit: Visit) -> Response:
        """The whole log computed anew, now."""
        zone = self.runtime.settings.home_timezone
        found = auditing.audit(self.runtime)
        with self.runtime.store.begin() as rows:
            kinds, newest = pages_work.evidence(rows)
        return self.draw(visit, "evidence.html", {"kinds": kinds, "newest": newest, "audit": found, "audited_at": self.now(), "zone": zone})
