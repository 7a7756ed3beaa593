"""催缴批次 Campaigns: who is worked, who is left out and why, how far it is; a person approves."""

from itertools import groupby
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from orchestrator import campaigns
from orchestrator.store import pages_work
from orchestrator.web.console.page import Page, Visit, endpoint
from policies.segments import BECAUSE

PROGRESS: Final = ("delivered", "sent", "accepted", "sending", "claimed", "planned", "undelivered", "failed", "unknown")
"""Attempt states in the order the bar shows them: what arrived first, what went wrong last."""


EXPLAINED: Final = {segment: {"zh": said.zh, "en": said.en} for segment, said in BECAUSE.items()}

SHOWN: Final = 60
"""Debtors listed on a campaign's page; the list of cases has them all."""


class Campaigns(Page):
    path = "/campaigns"
    label = ("催缴批次", "Campaigns")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        with self.runtime.store.begin() as rows:
            found = pages_work.campaigns(rows, visit.scope)
        return self.draw(visit, "campaigns.html", {"campaigns": found})

    @endpoint("/{campaign:int}")
    def one(self, visit: Visit) -> Response:
        campaign = self._campaign(visit)
        with self.runtime.store.begin() as rows:
            inside = pages_work.candidates(rows, campaign.id, left_out=False, limit=SHOWN)
            outside = pages_work.candidates(rows, campaign.id, left_out=True)
        lacking = campaigns.lacking(self.runtime, campaign.id) if campaign.state == "proposed" else ()
        by_reason = {reason: list(group) for reason, group in groupby(outside, key=lambda each: each.left_out)}
        return self.draw(
            visit,
            "campaign.html",
            self._progress(campaign) | {"inside": inside, "outside": by_reason, "because": EXPLAINED, "lacking": lacking},
        )

    @endpoint("/{campaign:int}/live")
    def live(self, visit: Visit) -> Response:
        context = self._progress(self._campaign(visit))
        assert self.templates is not None
        part = self.templates.env.get_template("parts/progress.html").render(request=visit.request, person=visit.person, **context)
        return JSONResponse({"parts": {"progress": part}})

    @endpoint("/{campaign:int}/approve", act="approve_campaign")
    def approve(self, visit: Visit) -> Response:
        """Approve exactly the list that was shown: its count and total come back with the form."""
        campaign = self._campaign(visit)

        def approve() -> None:
            if (visit.field("count"), visit.field("total")) != (str(campaign.chosen), str(campaign.arrears)):
                raise ValueError(visit.say("名单已变化，请重新核对后再批准。", "The list has changed: look at it again before approving."))
            campaigns.approve(self.runtime, campaign.id, visit.person.name)

        return self.done(visit, f"/campaigns/{campaign.id}", approve, "已批准，案件已开立。", "Approved: its cases are open.")

    def _campaign(self, visit: Visit) -> Any:
        with self.runtime.store.begin() as rows:
            campaign = pages_work.campaign(rows, visit.request.path_params["campaign"], visit.scope)
        if campaign is None:
            raise HTTPException(404, visit.say("没有这个批次。", "There is no such campaign."))
        return campaign

    def _progress(self, campaign: Any) -> dict[str, Any]:
        with self.runtime.store.begin() as rows:
            attempts, rests = pages_work.campaign_attempts(rows, campaign.id), pages_work.campaign_rests(rows, campaign.id)
        channels = {channel: {row.state: row.n for row in group} for channel, group in groupby(attempts, key=lambda row: row.channel)}
        return {"campaign": campaign, "channels": channels, "rests": rests, "order": PROGRESS}
