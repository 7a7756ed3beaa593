"""Looking up at a server that follows Twilio's API in its own way: pages, addresses, clocks, filters that are not heeded."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from channels import open_channels
from channels.contract import CLOCK_SKEW, LookupFailed, Refused, Sought

LEFT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TO, BODY = "+8619900001234", "3-1-0401 物业费合计1200.40元"
SOUGHT = Sought(41, TO, BODY, LEFT)


def a_text(sid="SM1", to=TO, body=BODY, created=LEFT, **more):
    stamp = format_datetime(created) if isinstance(created, datetime) else created
    return {
        "sid": sid,
        "to": to,
        "body": body,
        "status": "sent",
        "date_created": stamp,
        "date_sent": None,
        "direction": "outbound-api",
        **more,
    }


@pytest.fixture
def asking(carrier_stage, settings):
    """An SMS line on a server that answers everything by one function, and where that server is."""
    stage, url = carrier_stage

    @contextmanager
    def at(answer, prefix=""):
        async def served(request: Request) -> Response:
            return answer(request)

        line = open_channels(replace(settings, twilio_api_url=url + prefix), lambda: LEFT).of("sms")
        with stage.play(Starlette(routes=[Route("/{path:path}", served, methods=["GET", "POST"])])):
            yield line

    return at


def pages(*listed, following=lambda request, number: f"{request.url.path}?Page={number}"):
    """Each list a page of its own."""

    def answer(request):
        number = int(request.query_params.get("Page", 0))
        more = number + 1 < len(listed)
        return JSONResponse({"messages": listed[number], "next_page_uri": following(request, number + 1) if more else None})

    return answer


@pytest.mark.parametrize("prefix", ["", "/twilio"])
@pytest.mark.parametrize(
    "following",
    [
        lambda request, number: f"{request.url.path}?Page={number}&PageToken=PA%2B1",
        lambda request, number: f"http://{request.url.netloc}{request.url.path}?Page={number}",
        lambda request, number: f"https://api.twilio.com{request.url.path}?Page={number}",
    ],
    ids=["relative", "absolute", "of another host"],
)
def test_every_page_is_read_however_the_next_one_is_named_and_none_elsewhere(asking, following, prefix):
    with asking(pages([], [a_text(body="another")], [a_text()], following=following), prefix) as line:
        assert line.find(SOUGHT).provider_id == "SM1"


@pytest.mark.parametrize("off", [-CLOCK_SKEW, timedelta(minutes=-4), timedelta(0), timedelta(minutes=4), CLOCK_SKEW])
def test_a_clock_that_is_minutes_off_hides_nothing(asking, off):
    with asking(pages([a_text(created=LEFT + off)])) as line:
        assert line.find(SOUGHT).provider_id == "SM1"


@pytest.mark.parametrize(
    "listed",
    [
        a_text(created=LEFT - CLOCK_SKEW - timedelta(seconds=1)),
        a_text(created=LEFT + CLOCK_SKEW + timedelta(seconds=1)),
        a_text(created=None),
        a_text(created="yesterday"),
        a_text(to="+8619900009999"),
        a_text(body=BODY + " 又及"),
        a_text(direction="inbound"),
        a_text(sid=None),
    ],
    ids=["long before", "long after", "no time", "no time at all", "another number", "another text", "inbound", "no name"],
)
def test_what_is_listed_beside_it_is_not_taken_for_it(asking, listed):
    with asking(pages([listed])) as line:
        assert line.find(SOUGHT) is None


@pytest.mark.parametrize("listed", [a_text(to="+86 199 0000 1234"), a_text(body=f" {BODY}\r\n"), a_text(sid="MM1", error_code=30003)])
def test_what_a_server_writes_in_its_own_way_is_the_same_message(asking, listed):
    with asking(pages([a_text(sid="SM0", created=LEFT + timedelta(minutes=3)), listed])) as line:
        assert line.find(SOUGHT).provider_id == listed["sid"]


def test_what_belongs_to_other_attempts_is_passed_over(asking):
    with asking(pages([a_text(sid="SM1"), a_text(sid="SM2", created=LEFT + timedelta(minutes=1))])) as line:
        assert line.find(replace(SOUGHT, taken=frozenset({"SM1"}))).provider_id == "SM2"


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({"messages": None, "next_page_uri": None}),
        JSONResponse({"messages": ["SM1"], "next_page_uri": None}),
        JSONResponse(["SM1"]),
        JSONResponse({"code": 20500, "message": "Internal Server Error"}, 500),
        JSONResponse({"messages": []}, 404),
        Response("<html>", 200),
        Response("", 200),
    ],
    ids=["null", "names only", "a list", "500", "404", "a page", "nothing"],
)
def test_a_listing_that_is_none_says_nothing_about_the_attempt(asking, answer):
    with asking(lambda request: answer) as line, pytest.raises(LookupFailed):
        line.find(SOUGHT)


@pytest.mark.parametrize("status", [307, 308])
def test_who_only_asks_goes_where_it_is_sent_and_who_sends_does_not(asking, a_message, status):
    posted = []

    def moved(request):
        if request.method == "POST":
            posted.append(request.url.path)
        if request.url.path.startswith("/moved"):
            return JSONResponse({"messages": [a_text()], "next_page_uri": None})
        return RedirectResponse(f"/moved{request.url.path}", status)

    with asking(moved) as line:
        assert line.find(SOUGHT).provider_id == "SM1"
        refused = line.send(a_message("sms", TO))
    assert isinstance(refused, Refused)
    assert (refused.error_class, refused.error_code) == ("config", str(status))
    assert len(posted) == 1
