"""What texts can do in each country, and whether any could leave now."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from channels import open_channels
from channels.contract import Capabilities

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
SERVICE = "MG" + "0" * 32
NUMBERS = "/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers.json"


def sms(settings, **changes):
    return open_channels(replace(settings, **changes), lambda: MORNING).of("sms")


def test_a_text_to_the_mainland_can_do_nothing(settings):
    assert sms(settings, sandbox=False).capabilities("CN") == Capabilities(available=False)


def test_nobody_can_answer_a_name_and_north_america_takes_none(settings):
    named = sms(settings, sandbox=False, twilio_from="Qingyuan").capabilities
    assert (named("GB").available, named("GB").inbound) == (True, False)
    assert not named("US").available
    numbered = sms(settings, sandbox=False).capabilities
    assert (numbered("US").available, numbered("US").inbound) == (True, True)


def test_a_messaging_service_chooses_a_number_where_names_are_not_allowed(settings):
    assert sms(settings, sandbox=False, twilio_messaging_service_sid=SERVICE).capabilities("US").inbound


def test_a_price_that_is_not_known_is_not_made_up(settings):
    prices = sms(settings, sandbox=False).capabilities
    assert (prices("US").cost, prices("US").currency) == ("0.0083", "USD")
    assert prices("GB").cost is None


@pytest.fixture
def twilio(carrier_stage, settings):
    """A server that shows an account and its senders as told."""
    stage, url = carrier_stage

    def showing(account, numbers=(), service_numbers=(), http=200, **changes):
        async def show_account(request):
            return JSONResponse(account, http)

        async def show_numbers(request):
            return JSONResponse({"incoming_phone_numbers": list(numbers), "next_page_uri": None})

        async def show_service_numbers(request):
            return JSONResponse({"phone_numbers": list(service_numbers), "meta": {"key": "phone_numbers"}})

        app = Starlette(
            routes=[
                Route("/2010-04-01/Accounts/{sid}.json", show_account),
                Route(NUMBERS, show_numbers),
                Route("/v1/Services/{sid}/PhoneNumbers", show_service_numbers),
            ]
        )
        with stage.play(app):
            return sms(settings, twilio_api_url=url, **changes).check()

    return showing


OPEN = {"sid": "AC1", "status": "active"}


def a_number(**can):
    return {"sid": "PN1", "phone_number": "+8657100000000", "capabilities": can}


def test_an_open_account_with_its_sender_is_well(twilio):
    assert twilio(OPEN, [a_number(sms=True, voice=True)]).state == "ok"
    assert twilio(OPEN, service_numbers=[{"sid": "PN1"}], twilio_messaging_service_sid=SERVICE).state == "ok"
    assert twilio(OPEN, twilio_from="Qingyuan").state == "ok"


@pytest.mark.parametrize(
    ("numbers", "says"),
    [([], "none of the account's numbers"), ([a_number(sms=False, voice=True)], "cannot send texts")],
)
def test_a_sender_that_lacks_is_for_a_person_to_see_to(twilio, numbers, says):
    health = twilio(OPEN, numbers)
    assert health.state == "warning"
    assert says in health.says


def test_a_messaging_service_without_numbers_is_for_a_person_to_see_to(twilio):
    assert twilio(OPEN, twilio_messaging_service_sid=SERVICE).state == "warning"


def test_a_suspended_account_sends_nothing(twilio):
    health = twilio({"sid": "AC1", "status": "suspended"})
    assert (health.state, "suspended" in health.says) == ("down", True)


def test_credentials_that_are_not_taken_are_named_as_the_cure(twilio):
    health = twilio({"code": 20003, "message": "Authenticate", "status": 401}, http=401)
    assert health.state == "down"
    assert "20003" in health.says
    assert "TWILIO_AUTH_TOKEN" in health.says


def test_an_account_that_is_not_shown_may_still_send(twilio):
    assert twilio({"code": 20404, "message": "not found", "status": 404}, http=404).state == "warning"


def test_a_provider_that_is_not_there_is_told_as_that(settings):
    assert sms(settings, twilio_api_url="http://127.0.0.1:9").check().state == "down"


def test_a_sender_that_cannot_be_looked_up_leaves_the_account_open(carrier_stage, settings):
    stage, url = carrier_stage

    async def show_account(request):
        return JSONResponse(OPEN)

    with stage.play(Starlette(routes=[Route("/2010-04-01/Accounts/{sid}.json", show_account)])):
        health = sms(settings, twilio_api_url=url).check()
    assert (health.state, "could not be looked up" in health.says) == ("warning", True)
