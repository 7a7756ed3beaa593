"""上门 Visits: a supervisor approves the routes of a day; who walks them reports from the phone, door by door."""

import logging
import re
import secrets
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import segno
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from orchestrator import casework, exhibits
from orchestrator.casework import NotAllowed
from orchestrator.exhibits import CannotKeep, Changed, NotAnExhibit
from orchestrator.models.visits import SHOTS
from orchestrator.store import cash as till
from orchestrator.store import exhibits as shelf
from orchestrator.store import routes as doors
from orchestrator.store import visits
from orchestrator.store.casefiles import NoSuchThing
from orchestrator.visiting import code, reports, routes, uploads
from orchestrator.visiting.reports import Place, Report, Witness
from orchestrator.visiting.uploads import Progress, WrongOffset
from orchestrator.web.console.page import Page, Visit, endpoint
from orchestrator.wording import payment_payload
from orchestrator.wordings.phrases import names

log = logging.getLogger(__name__)

PLACE_ALLOWED = "camera=(), microphone=(), geolocation=(self)"
"""Only this page may ask the phone where it is."""


class Visits(Page):
    path = "/visits"
    label = ("上门", "Visits")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        """The routes of a day; to whoever approves them also the doors that wait for one."""
        approves = visit.person.may("approve_route")
        day = _day(visit.asked("day")) or routes.today(self.runtime)
        walker = visit.person.name if visit.person.role == "collector" else None
        with self.runtime.store.begin() as rows:
            approved = doors.routes(rows, visit.scope, day, walker)
            stops = doors.stops(rows, [route.id for route in approved])
            to_look_at = visits.to_look_at(rows, visit.scope) if approves else []
        of_route: defaultdict[int, list[Any]] = defaultdict(list)
        for stop in stops:
            of_route[stop.route_id].append(stop)
        context = {
            "day": day,
            "today": routes.today(self.runtime),
            "routes": approved,
            "stops": of_route,
            "homes": {stop.task_id: routes.first_home(stop.units) for stop in stops},
            "proposals": routes.proposals(self.runtime, visit.scope, day) if approves else [],
            "walkers": routes.walkers(self.runtime) if approves else [],
            "to_look_at": to_look_at,
        }
        return self.draw(visit, "visits.html", context)

    @endpoint("/approve", act="approve_route")
    def approve(self, visit: Visit) -> Response:
        """One act for a building and day."""
        day, community_id = _day(visit.field("day")), visit.field("community")
        if day is None or not community_id.isdecimal() or visit.scope not in (None, int(community_id)):
            raise HTTPException(404)

        def approve() -> None:
            routes.approve(
                self.runtime,
                int(community_id),
                visit.field("building"),
                day,
                _numbers(visit, "stop"),
                visit.field("collector"),
                visit.person.name,
                companion=visit.field("companion") or None,
                flagged=_numbers(visit, "flagged"),
            )

        return self.done(visit, f"{self.path}?day={day}", approve, "路线已批准。", "The route is approved.")

    @endpoint("/{task:int}/remove", act="approve_route")
    def remove(self, visit: Visit) -> Response:
        stop = self._stop(visit)
        return self.done(
            visit,
            f"{self.path}?day={stop.day}",
            lambda: routes.remove(self.runtime, stop.task_id, visit.person.name, visit.field("because")),
            "已从路线中移除。",
            "Removed from the route.",
        )

    @endpoint("/{task:int}")
    def stop(self, visit: Visit) -> Response:
        """The door in hand."""
        stop = self._stop(visit)
        may_ring = routes.may_ring(self.runtime, stop)
        with self.runtime.store.begin() as rows:
            brought, receipts = visits.brought(rows, stop.task_id), till.of_task(rows, stop.task_id)
        context = {
            "stop": stop,
            "home": routes.first_home(stop.units),
            "may_ring": may_ring,
            "opens": None if may_ring else routes.opens_at(self.runtime, stop),
            "is_today": stop.day == routes.today(self.runtime),
            "code": code.of_day(self.runtime.settings.secret_key, stop.community_id, stop.day),
            "brought": brought,
            "outcomes": casework.VISIT_OUTCOMES,
            "signers": reports.COMPANY_SIGNERS if stop.company else reports.SIGNERS,
            "checklist": reports.CHECKLIST,
            "shots": SHOTS,
            "receipts": receipts,
            "number": till.number,
            "cash_key": secrets.token_hex(8),
            "payment_link": _payment(stop),
            "other_walker": stop.companion if stop.collector == visit.person.name else stop.collector,
        }
        answer = self.draw(visit, "visit.html", context)
        answer.headers["Permissions-Policy"] = PLACE_ALLOWED
        return answer

    @endpoint("/{task:int}/start", act="report_task")
    def start(self, visit: Visit) -> Response:
        stop = self._stop(visit)

        def start() -> None:
            if not routes.start(self.runtime, stop):
                visit.tell(visit.say("情况已变化，这次上门已取消。", "Things have changed: this visit is called off."))

        return self.done(visit, f"{self.path}/{stop.task_id}", start, again=self.path)

    @endpoint("/{task:int}/report", act="report_task")
    def report(self, visit: Visit) -> Response:
        """The report of a visit, from the page's script (which asks for JSON) or from a form without one."""
        task_id = visit.request.path_params["task"]
        by_script = visit.request.headers.get("accept", "") == "application/json"

        def send() -> None:
            stop = self._stop(visit)
            if stop.started_at is None:
                raise NotAllowed("请先点“开始” / press start before the door first: the question is asked once more")
            reports.send(self.runtime, task_id, stop.community_id, stop.day, _report(visit), visit.person.name)

        if by_script:
            return _answered(send, self.path)
        return self.done(visit, self.path, send, "上门结果已记录。", "The visit is on record.", again=f"{self.path}/{task_id}")

    @endpoint("/{task:int}/uploads", act="report_task")
    def begin_upload(self, visit: Visit) -> Response:
        stop, size = self._stop(visit), visit.field("size")

        def begin() -> Progress:
            shot = visit.field("shot") or None
            if shot not in (None, *SHOTS):
                raise NotAnExhibit(f"a photo shows one of {', '.join(SHOTS)}")
            return uploads.begin(
                self.runtime,
                stop.task_id,
                visit.field("key"),
                visit.field("kind"),
                shot,
                int(size) if size.isdecimal() else 0,
                visit.person.name,
            )

        return _uploaded(begin)

    @endpoint("/uploads/{upload:int}")
    def upload(self, visit: Visit) -> Response:
        """How far an upload is: asked by HEAD or GET after a lost connection."""
        return _uploaded(lambda: uploads.progress(self.runtime, visit.request.path_params["upload"], visit.person.name))

    @endpoint("/uploads/{upload:int}", act="report_task", method="PATCH", longest=uploads.LARGEST_PIECE)
    def append(self, visit: Visit) -> Response:
        offset = visit.request.headers.get("upload-offset", "")
        if not offset.isdecimal():
            raise HTTPException(400, "Upload-Offset is missing")
        return _uploaded(
            lambda: uploads.append(self.runtime, visit.request.path_params["upload"], int(offset), visit.body, visit.person.name)
        )

    @endpoint("/exhibits/{exhibit:int}")
    def exhibit(self, visit: Visit) -> Response:
        """What was brought, for those who read evidence and for who brought it. Never the file itself where it is a picture."""
        with self.runtime.store.begin() as rows:
            found = shelf.in_scope(rows, visit.request.path_params["exhibit"], visit.scope)
        if found is None or not (visit.person.may("read_evidence") or found.by == visit.person.name):
            raise HTTPException(404)
        try:
            shown = exhibits.shown(self.runtime.settings.exhibits, found)
        except Changed as changed:
            log.error("%s", changed)
            raise HTTPException(
                500,
                visit.say("存证文件缺失或已被改动，不予显示：请从备份恢复。", "The file is missing or changed: restore it."),
            ) from changed
        return Response(shown.data, media_type=shown.media_type, headers=dict(shown.headers))

    @endpoint("/photos")
    def photos(self, visit: Visit) -> Response:
        """Reported visits whose photos nobody has looked at, with the code that must be in them."""
        if not visit.person.may("read_evidence"):
            raise HTTPException(403)
        with self.runtime.store.begin() as rows:
            found = visits.to_look_at(rows, visit.scope)
        return self.draw(visit, "visit_photos.html", {"visits": found})

    @endpoint("/{task:int}/look", act="approve_route")
    def look(self, visit: Visit) -> Response:
        task_id = visit.request.path_params["task"]
        with self.runtime.store.begin() as rows:
            if doors.stop(rows, task_id, visit.scope, None) is None:
                raise HTTPException(404)
        return self.done(
            visit,
            f"{self.path}/photos",
            lambda: reports.look(
                self.runtime, task_id, visit.person.name, code_seen=visit.field("code_seen") == "yes", note=visit.field("note")
            ),
            "已记录。",
            "Written down.",
        )

    @endpoint("/{task:int}/pay.png")
    def payment_code(self, visit: Visit) -> Response:
        """What the code on a letter holds, for the debtor to scan at the door."""
        payload = _payment(self._stop(visit))
        if payload is None:
            raise HTTPException(404)
        drawn = BytesIO()
        segno.make(payload, error="m", micro=False).save(drawn, kind="png", scale=8, border=4)
        return Response(drawn.getvalue(), media_type="image/png")

    def _stop(self, visit: Visit) -> Any:
        """The stop of the path, if it is this person's to see: collectors see their own routes, approved."""
        walker = visit.person.name if visit.person.role == "collector" else None
        with self.runtime.store.begin() as rows:
            stop = doors.stop(rows, visit.request.path_params["task"], visit.scope, walker)
        if stop is None:
            raise HTTPException(404, visit.say("这一站不在你今天的路线上。", "This door is on no route of yours."))
        return stop


_LINK = re.compile(r"https://[^\s，。；、“”（）()]+")


def _payment(stop: Any) -> str | None:
    """What the community's payment code holds for these homes, or else the address in what it prints about paying."""
    if stop.payment_code:
        reference = f"XL{stop.attempt_id:08d}" if stop.attempt_id else f"XLC{stop.case_id:08d}"
        return payment_payload(stop.payment_code, "", names([each["label"] for each in stop.units], "zh"), reference)
    found = _LINK.search(stop.how_to_pay)
    return found[0] if found else None


def _uploaded(step: Callable[[], Progress]) -> Response:
    """An upload's state in headers (as tus says it: Upload-Offset, Upload-Length) and as JSON; refusals with their reason."""
    try:
        done = step()
    except WrongOffset as wrong:
        return JSONResponse({"offset": int(str(wrong))}, 409, {"Upload-Offset": str(wrong)})
    except NotAnExhibit as refused:
        return JSONResponse({"error": str(refused)}, 422)
    except CannotKeep as full:
        return JSONResponse({"error": str(full)}, 507)
    except NoSuchThing as unknown:
        return JSONResponse({"error": str(unknown)}, 404)
    said = {"id": done.id, "offset": done.offset, "size": done.size, "exhibit": done.exhibit_id}
    return JSONResponse(said, headers={"Upload-Offset": str(done.offset), "Upload-Length": str(done.size)})


def _answered(act: Callable[[], None], afterwards: str) -> Response:
    """What a script is told: where to go on, or why not."""
    try:
        act()
    except (ValueError, NoSuchThing) as refused:
        return JSONResponse({"error": str(refused)}, 422)
    return JSONResponse({"next": afterwards})


def _report(visit: Visit) -> Report:
    """What the form says. Raises NotAllowed."""
    witness, latitude, longitude = visit.field("witness"), visit.field("latitude"), visit.field("longitude")
    return Report(
        key=visit.field("key"),
        outcome=visit.field("outcome"),
        signer=visit.field("signer") or None,
        signer_name=visit.field("signer_name"),
        companion=visit.field("companion") or None,
        witness=Witness(witness, "neutral" if visit.field("witness_role") == "neutral" else "colleague") if witness else None,
        place=Place(latitude, longitude, visit.field("accuracy")) if latitude and longitude else None,
        device_at=_time_of_phone(visit.field("device_at")),
        ticked=frozenset(str(item) for item in visit.form.getlist("ticked")),
        paid=visit.field("paid") == "yes",
        note=visit.field("note"),
    )


def _time_of_phone(written: str) -> datetime | None:
    """What the phone's clock said, in UTC. Raises NotAllowed for a time of no zone: nobody could tell later when that was."""
    if not written:
        return None
    with suppress(ValueError, OverflowError):
        said = datetime.fromisoformat(written)
        if said.tzinfo is not None:
            return said.astimezone(UTC)
    raise NotAllowed("手机时间无法识别，请刷新页面 / the phone's time cannot be read: load the page again")


def _numbers(visit: Visit, name: str) -> frozenset[int]:
    return frozenset(int(each) for each in visit.form.getlist(name) if isinstance(each, str) and each.isdecimal())


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
