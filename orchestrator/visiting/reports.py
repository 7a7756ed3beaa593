"""What a person before the door reports, with what they bring: photos, a signature. One report, however often the phone sends it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from orchestrator import casework, exhibits
from orchestrator.casework import NotAllowed
from orchestrator.exhibits import About, Exhibit, Kind
from orchestrator.runtime import Runtime
from orchestrator.store import casefiles, visits
from orchestrator.store.casefiles import NoSuchThing
from orchestrator.visiting import code

SIGNERS = ("self", "family", "authorised")
COMPANY_SIGNERS = ("legal_representative", "authorised", "mail_desk")
CHECKLIST = ("rang", "introduced", "handed_over", "photo_of_door_number", "readable_notice", "fixed", "outside_only")
"""What is ticked off; `outside_only`: nothing inside the home was entered or photographed."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Who saw it. Neutral: nobody of ours and nobody of theirs, such as a clerk of the neighbourhood committee."""

    name: str
    role: Literal["neutral", "colleague"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the phone says it was: degrees and metres, as text. A claim."""

    latitude: str
    longitude: str
    accuracy: str


@dataclass(frozen=True, slots=True)
class Report:
    """A visit as told by who made it.

    `key` is the phone's own name of the report: the same key twice is one report. `device_at` is what the phone's clock said, as a claim.
    `companion` is the second person, if there was one. `signer_name`: the name under the signature.
    """

    key: str
    outcome: str
    signer: str | None = None
    signer_name: str = ""
    companion: str | None = None
    witness: Witness | None = None
    place: Place | None = None
    device_at: datetime | None = None
    ticked: frozenset[str] = field(default_factory=frozenset)
    paid: bool = False
    note: str = ""


def bring(runtime: Runtime, task_id: int, data: bytes, kind: Kind, by: str) -> Exhibit:
    """Keep what was brought for an open task. Raises NotAnExhibit, CannotKeep, NoSuchThing."""
    with runtime.store.begin() as rows:
        task = casefiles.open_task(rows, task_id)
        about = About(task.case_id, task.attempt_id, task_id)
        return exhibits.keep(rows, runtime.settings.exhibits, data, kind, about, by, runtime.now(), runtime.wall())


def send(runtime: Runtime, task_id: int, community_id: int, day: date, report: Report, by: str) -> None:
    """Take a report: the visit ends, its attempt too, and one entry in the log holds the report with the hashes of what was brought.

    `day`: the local day of the route, whose code goes with it. Raises NotAllowed, NotNeutral, NoSuchThing.
    """
    if not report.key:
        raise NotAllowed("报告缺少编号，请刷新页面 / the report has no key: load the page again")
    if report.companion == by:
        raise NotAllowed("同行人须是另一人 / the companion is somebody else")
    if report.witness is not None and not report.witness.name.strip():
        raise NotAllowed("请填写见证人姓名 / a witness has a name")
    if unknown := report.ticked - set(CHECKLIST):
        raise NotAllowed(f"unknown item of the checklist: {', '.join(sorted(unknown))}")
    try:
        casework.complete_visit(
            runtime,
            task_id,
            by,
            report.outcome,
            signer=report.signer,
            note=report.note,
            said="paid" if report.paid else None,
            details=_details(runtime, community_id, day, report),
        )
    except NoSuchThing:
        with runtime.store.begin() as rows:
            if not visits.reported_as(rows, task_id, report.key):
                raise


def _details(runtime: Runtime, community_id: int, day: date, report: Report) -> Mapping[str, object]:
    witness, place = report.witness, report.place
    return {
        "key": report.key,
        "day": day,
        "code": code.of_day(runtime.settings.secret_key, community_id, day),
        "signer_name": report.signer_name,
        "companion": report.companion,
        "witness": {"name": witness.name, "role": witness.role} if witness else None,
        "place": {"latitude": place.latitude, "longitude": place.longitude, "accuracy": place.accuracy} if place else None,
        "device_at": report.device_at,
        "checklist": sorted(report.ticked),
    }


def look(runtime: Runtime, task_id: int, by: str, *, code_seen: bool, note: str = "") -> None:
    """Somebody who was not there says whether the code of the day is in the photos. Raises NotNeutral, NoSuchThing."""
    casework.check_neutral(note)
    with runtime.store.begin() as rows:
        visits.look(rows, task_id, code_seen=code_seen, by=by, note=note, now=runtime.now(), wall=runtime.wall())
