"""证据, a tab of a case: each demand with its words, what came back and its grade, the chain of entries, and the bundle for the court."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from orchestrator import bundling, jobs
from orchestrator.store import exhibits, pages_cases, pages_chain, pages_matrix, pages_originals, proofs
from orchestrator.store import jobs as job_rows
from orchestrator.store.exhibits import Exhibit
from orchestrator.store.pages_chain import Link
from orchestrator.store.pages_matrix import Owed
from orchestrator.store.proofs import Served
from orchestrator.web.console.downloads import waiting
from orchestrator.web.console.page import Page, Visit, endpoint


@dataclass(frozen=True, slots=True)
class Said:
    """A word of a provider, the post or the debtor about an attempt."""

    at: datetime
    kind: str
    status: str
    text: str


@dataclass(frozen=True, slots=True)
class Demanded:
    """A demand with all that is held of it. `standings`: what the rules make of it, and the charges for which they do."""

    attempt: Any
    standings: list[tuple[Served, list[str]]] = field(default_factory=list)
    words: list[Said] = field(default_factory=list)
    exhibits: list[Exhibit] = field(default_factory=list)
    entries: list[Link] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chain:
    """A case's entries in order. `size` is the stamped checkpoint that covers the last of those covered; `first` and `last` are stamped."""

    links: Sequence[Link]

    @property
    def stamped(self) -> Sequence[Link]:
        return [each for each in self.links if each.size is not None]

    @property
    def size(self) -> int | None:
        return max((each.size for each in self.links if each.size is not None), default=None)

    @property
    def first(self) -> Link | None:
        return next(iter(self.stamped), None)

    @property
    def last(self) -> Link | None:
        return next(reversed(self.stamped), None)

    @property
    def later(self) -> int:
        return len(self.links) - len(self.stamped)


class CaseEvidence(Page):
    path = "/cases/{case:int}/evidence"
    add_to_menu = False

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        if not visit.person.may("read_evidence"):
            raise HTTPException(403)
        case = self._case(visit)
        with self.runtime.store.begin() as rows:
            owed = pages_matrix.read(rows, case.community_id, case.debtor_id)
            served = proofs.served(rows, [each.charge_id for each in owed])
            attempts = pages_cases.attempts(rows, case.id)
            kept = exhibits.of_case(rows, case.id)
            originals = pages_originals.of_case(rows, case.id)
            links = pages_chain.chain(rows, case.id)
            made = job_rows.alike(rows, "bundle", {"case": case.id})
        demands = _demands(attempts, _standings(owed, served), kept, links)
        named = {exhibit.id for each in demands for exhibit in each.exhibits}
        context = {
            "case": case,
            "demands": demands,
            "others": [each for each in kept if each.id not in named],
            "originals": originals,
            "chain": Chain(links),
            "kinds": sorted({each.kind for each in links if not each.deleted} & bundling.FOR_THE_COURT),
            "bundles": made,
            "authorities": [each.name for each in self.runtime.authorities],
            "zone": self.runtime.settings.home_timezone,
        }
        return self.draw(visit, "case_evidence.html", context)

    @endpoint("/bundle", act="take_bundle")
    def bundle(self, visit: Visit) -> Response:
        """Ask for the bundle with the kinds of entries and the demands that counsel chose; a worker makes it."""
        case = self._case(visit)
        choice = {
            "kinds": [str(kind) for kind in visit.form.getlist("kind")],
            "without": sorted(
                {_number(each) for each in visit.form.getlist("known")} - {_number(each) for each in visit.form.getlist("attempt")}
            ),
        }
        return waiting(jobs.request(self.runtime, "bundle", {"case": case.id} | choice, visit.person.name, case.community_id))

    def _case(self, visit: Visit) -> Any:
        with self.runtime.store.begin() as rows:
            case = pages_cases.one(rows, visit.request.path_params["case"], visit.scope)
        if case is None:
            raise HTTPException(404, visit.say("没有这个案件。", "There is no such case."))
        return case


def _number(value: object) -> int:
    return int(value) if isinstance(value, str) and value.isdigit() and len(value) < 19 else 0


def _standings(owed: Iterable[Owed], served: Mapping[int, Sequence[Served]]) -> Mapping[int, list[tuple[Served, list[str]]]]:
    """By attempt: the same demand may prove more for one charge than for another, as when only one was paid on."""
    found: defaultdict[int, list[tuple[Served, list[str]]]] = defaultdict(list)
    for each in owed:
        name = f"{each.charge.item} {each.charge.period}"
        for one in served.get(each.charge_id, ()):
            alike = next((names for known, names in found[one.attempt_id] if known == one), None)
            if alike is None:
                found[one.attempt_id].append((one, [name]))
            else:
                alike.append(name)
    return found


def _demands(
    attempts: Sequence[Any], standings: Mapping[int, list[tuple[Served, list[str]]]], kept: Sequence[Exhibit], links: Sequence[Link]
) -> list[Demanded]:
    """The demands of a case that left, the newest first."""
    return [
        Demanded(
            attempt=each,
            standings=standings[each.id],
            words=[_said(word) for word in each.receipts or ()],
            exhibits=[exhibit for exhibit in kept if _is_about(exhibit, each.id, standings[each.id])],
            entries=[link for link in links if link.attempt_id == each.id],
        )
        for each in reversed(attempts)
        if each.id in standings
    ]


def _is_about(exhibit: Exhibit, attempt_id: int, standings: Sequence[tuple[Served, list[str]]]) -> bool:
    tasks = {one.task_id for one, _ in standings if one.task_id is not None}
    return exhibit.attempt_id == attempt_id or exhibit.task_id in tasks


def _said(word: Mapping[str, Any]) -> Said:
    detail = word["detail"] or {}
    return Said(datetime.fromisoformat(word["at"]), word["kind"], word["status"] or "", str(detail.get("text", "")))
