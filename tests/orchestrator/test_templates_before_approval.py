"""A campaign that would need a template which no provider approved is refused before it is approved, never first at sending."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import text

from channels.contract import Capabilities
from channels.lines import Lines
from orchestrator import campaigns, outreach, templating
from orchestrator.campaigns import Refused
from orchestrator.runtime import Runtime
from orchestrator.store.composed import Draft, _fact
from orchestrator.wordings.approved import Approved
from tests.conftest import Clock
from tests.lines import Line
from tests.orchestrator.conftest import River
from tests.orchestrator.test_approved_templates import COURTESY_CALL, NOTICE_SMS
from tests.world import World, month

CREDITOR = "云栖花园物业公司"
TEXTS: Mapping[str, str] = {
    "notice-sms": NOTICE_SMS.text,
    "recap": NOTICE_SMS.text.replace("：", "：刚才的通话小结。", 1),
    "bill-notice": "${debtors}：${community}的${charges}，应缴日${due}，本期应缴${amount}。缴费：${how_to_pay}。编号${reference}",
    "thank-you": "${debtors}：已收到您缴纳的${community}的${covered}，共${received}。感谢您的支持！",
    "promise-reminder": "${debtors}：您约定在${pay_by}缴纳${community}的${charges}，共${amount}。缴费：${how_to_pay}。编号${reference}",
}


@dataclass
class ByTemplate(Line):
    """A line to the mainland that takes only what was approved."""

    def capabilities(self, country: str) -> Capabilities:
        return Capabilities(available=country == "CN", template_only=True)


@pytest.fixture
def mainland(river: River, clock: Clock) -> Runtime:
    """Texts and calls to the mainland by a provider of templates; letters, calls and visits by staff."""
    lines = [ByTemplate(channel, provider="alibaba", sender="alibaba") for channel in ("sms", "voice")]
    staff = tuple(Line(channel) for channel in ("letter", "call", "visit"))
    return replace(river.runtime, lines=Lines(general=staff, by_country={"CN": tuple(lines)}))


@pytest.fixture
def owing(world: World) -> World:
    """Two homes with numbers in the mainland."""
    for number, name in enumerate(("王芳", "李娟"), start=1):
        world.home(f"3-1-120{number}", name, f"+861990000000{number}", charges=[month(2026, 8), month(2026, 9)])
    return world


def take_over(runtime: Runtime, *names: str) -> None:
    for name in names:
        put(runtime, text_of(name) if name in TEXTS else COURTESY_CALL)


def text_of(name: str) -> Approved:
    return replace(NOTICE_SMS, wording=name, text=TEXTS[name], signature=CREDITOR)


def put(runtime: Runtime, made: Approved) -> None:
    templating.put(runtime, made, runtime.now(), "陈静")


def test_a_proposal_says_which_wordings_lack_whose_template_for_how_many_numbers(mainland: Runtime, owing: World) -> None:
    proposed = campaigns.propose(mainland, owing.community_name, "2026-11", "陈静")

    assert {lack.split(":")[0] for lack in proposed.lacking} == {
        f"{name} [zh] by alibaba for 2 numbers"
        for name in ("notice-sms", "courtesy-call", "recap", "bill-notice", "thank-you", "promise-reminder")
    }
    with pytest.raises(Refused, match=r"notice-sms .* no approved template"):
        campaigns.approve(mainland, proposed.campaign_id, "supervisor")


def test_with_all_templates_it_is_approved(mainland: Runtime, owing: World) -> None:
    take_over(mainland, *TEXTS, "courtesy-call")
    proposed = campaigns.propose(mainland, owing.community_name, "2026-11", "陈静")

    assert proposed.lacking == ()
    assert campaigns.approve(mainland, proposed.campaign_id, "supervisor").cases == 2


def test_who_is_called_by_staff_needs_a_template_of_the_text_that_says_the_call_again(
    mainland: Runtime, owing: World, river: River
) -> None:
    take_over(mainland, *(name for name in TEXTS if name != "recap"), "courtesy-call")
    river.execute("UPDATE community SET voice_opt_in = false")
    (lack,) = campaigns.propose(mainland, owing.community_name, "2026-11", "陈静").lacking
    assert lack.startswith("recap [zh] by alibaba for 2 numbers: no approved template")


def test_a_template_taken_out_of_force_stops_the_approval_again(mainland: Runtime, owing: World) -> None:
    take_over(mainland, *TEXTS, "courtesy-call")
    proposed = campaigns.propose(mainland, owing.community_name, "2026-11", "陈静")
    templating.retire(mainland, ("alibaba", "thank-you", "zh"), "陈静")
    with pytest.raises(Refused, match="thank-you"):
        campaigns.approve(mainland, proposed.campaign_id, "supervisor")


def test_a_signature_that_is_not_the_creditors_name_does_not_name_the_creditor(mainland: Runtime, owing: World) -> None:
    take_over(mainland, *TEXTS, "courtesy-call")
    put(mainland, replace(text_of("notice-sms"), signature="别家物业"))
    (lack,) = campaigns.propose(mainland, owing.community_name, "2026-11", "陈静").lacking
    assert "does not name the creditor" in lack


def test_words_of_the_community_that_do_not_fit_are_told_before_approval(mainland: Runtime, owing: World, river: River) -> None:
    take_over(mainland, *TEXTS, "courtesy-call")
    river.execute("UPDATE community SET how_to_pay = :long", long="请" * 40)
    (lack, *_) = campaigns.propose(mainland, owing.community_name, "2026-11", "陈静").lacking
    assert "how_to_pay has 40 characters, more than 35" in lack


def test_a_line_that_takes_free_text_needs_no_template(mainland: Runtime, owing: World) -> None:
    free = Line("sms"), Line("voice")
    served = replace(mainland, lines=replace(mainland.lines, general=(*mainland.lines.general, *free)))
    assert campaigns.propose(served, owing.community_name, "2026-11", "陈静").lacking == ()


def test_numbers_elsewhere_need_no_template(mainland: Runtime, owing: World, river: River) -> None:
    river.execute("UPDATE contact_point SET country = 'SG'")
    assert campaigns.propose(mainland, owing.community_name, "2026-11", "陈静").lacking == ()


def test_who_did_not_ask_for_automated_calls_needs_no_template_of_one(mainland: Runtime, owing: World, river: River) -> None:
    river.execute("UPDATE community SET voice_opt_in = false")
    lacking = campaigns.propose(mainland, owing.community_name, "2026-11", "陈静").lacking
    assert not any(lack.startswith("courtesy-call") for lack in lacking)
    assert any(lack.startswith("notice-sms") for lack in lacking)


def test_what_leaves_is_the_template_and_what_is_stored_is_its_filled_text(mainland: Runtime, owing: World, river: River) -> None:
    take_over(mainland, *TEXTS, "courtesy-call")
    home = owing.home("3-1-1301", "孙丽", "+8619900000009", charges=[month(2026, 8)]).open_case(cursor=1)
    river.runtime = mainland
    attempt = river.plan(home)
    outreach.deliver([attempt], mainland)

    line = mainland.lines.of("sms", "alibaba")
    assert isinstance(line, ByTemplate)
    (sent,) = line.sent
    assert sent.template is not None
    assert sent.template.id == NOTICE_SMS.template_id
    assert sent.body == str(river.value("SELECT body FROM message WHERE attempt_id = :id", id=attempt))
    assert sent.body.startswith("【云栖花园物业公司】孙丽：云栖花园的3-1-1301物业费2026.08")
    assert _fact(Draft(sent, home.case_id, "", None, (), False))["template"] == {
        "provider": "alibaba",
        "id": NOTICE_SMS.template_id,
        "signature": CREDITOR,
        "variables": dict(sent.template.variables),
    }


def test_a_text_that_does_not_fit_its_template_is_parked_with_its_length(mainland: Runtime, owing: World, river: River) -> None:
    take_over(mainland, *TEXTS, "courtesy-call")
    scattered = [month(2025, each) for each in (1, 3, 5, 7)]
    home = owing.home("3-1-1401", "孙丽", "+8619900000008", charges=scattered).open_case(cursor=1)
    river.runtime = mainland
    attempt = river.plan(home)
    outreach.deliver([attempt], mainland)

    assert river.state(attempt) == "cancelled"
    parked = str(river.value('SELECT parked FROM "case" WHERE id = :id', id=home.case_id))
    assert "charges has" in parked


def test_history_of_templates_is_kept(mainland: Runtime) -> None:
    take_over(mainland, "thank-you")
    put(mainland, replace(text_of("thank-you"), template_id="SMS_2"))
    with mainland.store.begin() as rows:
        kept = rows.execute(text("SELECT template_id, state FROM wording_template ORDER BY id")).all()
        entries = rows.execute(text("SELECT kind FROM evidence_entry WHERE kind LIKE 'template%' ORDER BY id")).scalars().all()
    assert [tuple(row) for row in kept] == [(NOTICE_SMS.template_id, "retired"), ("SMS_2", "approved")]
    assert list(entries) == ["template set", "template retired", "template set"]
