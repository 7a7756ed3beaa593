"""搜索 Search, from every page. What is looked for may be a name or a number, so it is sent in a form and stands in no address."""

from starlette.responses import RedirectResponse, Response

from orchestrator.intake.phones import read_phones
from orchestrator.store import pages_cases, pages_search
from orchestrator.store.pages_cases import Listed, Wanted
from orchestrator.web.console.page import Page, Visit, endpoint
from policies.localtime import local_day

LONGEST = 100


class Search(Page):
    path = "/search"
    add_to_menu = False

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        return self.draw(visit, "search.html", {"words": "", "listed": Listed((), 0)})

    @endpoint("", method="POST")
    def find(self, visit: Visit) -> Response:
        """The one case that fits, or a list of those that do."""
        words = visit.field("q")[:LONGEST]
        listed = self._listed(visit, words) if words else Listed((), 0)
        if listed.total == 1:
            return RedirectResponse(f"/cases/{listed.rows[0].id}", status_code=303)
        return self.draw(visit, "search.html", {"words": words, "listed": listed})

    def _listed(self, visit: Visit, words: str) -> Listed:
        now = self.now()
        with self.runtime.store.begin() as rows:
            numbers = {phone.e164 for country in pages_search.countries(rows, visit.scope) for phone in read_phones(words, country)}
            digests = [self.runtime.store.vault.digest(number) for number in sorted(numbers) if number]
            found = pages_search.cases(rows, words, digests)
            today = local_day(now, self.runtime.settings.home_timezone)
            return pages_cases.listing(rows, Wanted(visit.scope, "all", only=found), now, today)
