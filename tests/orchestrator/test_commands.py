"""The commands as an operator types them: each a process of its own, in one sandbox of an otherwise empty environment."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchestrator import embedded, packs
from policies.calendar import unpublished

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests/orchestrator/intake/samples"
COMMUNITY = "云栖花园"
OURS = ("XIANLI_", "DATABASE_URL", "REDIS_URL", "TWILIO_", "ALIBABA_")


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    complaint: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def line(self) -> dict[str, Any]:
        (only,) = self.lines
        return only


Xianli = Callable[..., Said]


@pytest.fixture(scope="module")
def xianli(tmp_path_factory) -> Iterator[Xianli]:
    """`xianli …` in a sandbox of this module's own. Its servers stay up from the first command to the last."""
    state = tmp_path_factory.mktemp("commands")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    environment |= {"XIANLI_STATE": str(state), "PYTHONUTF8": "1", "COLUMNS": "200"}

    def run(*words: str, **more: str) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "orchestrator", *words],
            cwd=ROOT,
            env=environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    try:
        with embedded.postgres(state, durable=False), embedded.valkey(state):
            yield run
    finally:
        embedded.remove(state)


@pytest.fixture(scope="module")
def imported(xianli) -> dict[str, Any]:
    done = xianli("import", str(SAMPLES / "arrears-2026-10.gb18030.csv"))
    assert done.status == 0, done.complaint
    return done.line


@pytest.fixture(scope="module")
def terms(xianli, imported) -> dict[str, Any]:
    named = ("--creditor", "云栖物业", "--address", "云栖路99号", "--contract-clause", "第18条", "--creditor-address", "文三路1号")
    done = xianli("community", "set", COMMUNITY, *named, "--json")
    assert done.status == 0, done.complaint
    return done.line


@pytest.fixture(scope="module")
def approved(xianli, terms) -> dict[str, Any]:
    """The campaign of one cycle, proposed and approved."""
    proposed = xianli("propose", "--community", COMMUNITY, "--cycle", "2026-11", "--json")
    assert proposed.status == 0, proposed.complaint
    done = xianli("approve", str(proposed.line["campaign"]), "--as", "陈静", "--json")
    assert done.status == 0, done.complaint
    return done.line


@pytest.fixture(scope="module")
def cases(xianli, approved) -> list[dict[str, Any]]:
    return xianli("case", "list", "--json").lines


@pytest.fixture(scope="module")
def first_case(xianli, cases) -> list[dict[str, Any]]:
    return xianli("case", "show", str(cases[0]["id"]), "--json").lines


def test_an_import_counts_what_the_file_states(imported):
    assert imported["rows"] == imported["accepted"] + imported["rejected"] + imported["duplicates"]
    assert (imported["charges"], imported["accounts"], imported["total"]) == (325, 160, "539521.43")


def test_a_community_says_what_a_lawful_demand_still_lacks(terms):
    assert {"how_to_pay", "how_to_object", "creditor_phone"} <= set(terms["lacking"])
    assert (terms["address"], terms["creditor_address"], terms["creditor"]) == ("云栖路99号", "文三路1号", "云栖物业")


def test_a_community_is_left_in_peace_on_a_day_of_its_own(xianli, terms):
    chosen = ("community", "site-day", "add", COMMUNITY, "2027-03-20", "--as", "李敏")
    assert xianli(*chosen, "--reason", " ").status == 2
    assert xianli(*chosen, "--reason", "小区祭扫").status == 0
    assert xianli("community", "site-day", "list", COMMUNITY, "--json").lines == [
        {"day": "2027-03-20", "reason": "小区祭扫", "author": "李敏"}
    ]
    back = xianli("community", "site-day", "remove", COMMUNITY, "2027-03-20", "--reason", "改期", "--as", "李敏", "--json")
    assert back.line["removed"] is True
    assert xianli("community", "site-day", "list", COMMUNITY, "--json").lines == []


def test_an_approved_campaign_opens_its_cases_one_line_each(approved, cases):
    assert approved["state"] == "approved"
    assert len(cases) == approved["cases"] > 50
    assert {"id", "debtor", "units", "state", "cursor", "attempts", "arrears", "asks_again_at"} <= cases[0].keys()
    assert {case["state"] for case in cases} == {"open"}


def test_a_case_shows_its_limitation_clocks_and_what_would_be_answered_now(first_case):
    charges = [line for line in first_case if line["kind"] == "charge"]

    assert charges
    assert all(line["court_safe_until"] <= line["optimistic_until"] for line in charges)
    assert all(line["clock"][-1].endswith(f"→ {line['court_safe_until']}") for line in charges)
    assert first_case[-1]["kind"] == "now"


def test_a_case_shows_what_lacks_before_each_grave_step_and_what_to_do(first_case):
    lacks = [line for line in first_case if line["kind"] == "lack"]

    assert {line["step"] for line in lacks} == {"lawyer-letter", "suit"}
    assert all("还没有催缴列明这笔费用" in line["because"] and "正式催缴函" in line["cure"] for line in lacks)
    assert first_case[-1]["because"]


def test_nothing_is_attempted_before_a_worker_asks(xianli, approved):
    attempts = xianli("attempts", "--since", "2026-11-24T09:00:00+08:00", "--json")

    assert (attempts.status, attempts.lines) == (0, [])


def test_a_voided_charge_is_owed_no_more(xianli, cases, first_case):
    charge = next(line for line in first_case if line["kind"] == "charge")
    voided = xianli("charge", "void", charge["id"], "--reason", "重复开票", "--as", "陈静", "--json")

    assert voided.line == {"charge": int(charge["id"]), "voided": True, "reason": "重复开票", "demands_sent": 0}
    owed = next(case["arrears"] for case in xianli("case", "list", "--json").lines if case["id"] == cases[0]["id"])
    assert Decimal(owed) == Decimal(cases[0]["arrears"]) - Decimal(charge["unpaid"])


def test_a_user_is_told_their_password_once(xianli, imported):
    added = xianli("user", "add", "陈静", "--role", "supervisor", "--community", COMMUNITY, "--json")

    assert added.line["password"]


def test_the_log_is_verified_after_all_that(xianli, approved):
    audited = xianli("evidence", "audit", "--json")

    assert audited.status == 0
    assert audited.line["verified"] is True
    assert audited.line["entries"] > 1


def test_the_senders_of_a_new_installation_are_at_work(xianli, imported):
    listed = xianli("sender", "list", "--json").lines
    assert {each["channel"]: each["state"] for each in listed}.items() >= {"sms": "at work", "letter": "at work"}.items()
    assert xianli("sender", "reset", "sms", "--as", "陈静", "--json").line == {"channel": "sms", "put_to_work": []}


def test_a_channel_that_does_not_exist_is_named_with_those_that_do(xianli, imported):
    done = xianli("sender", "reset", "fax", "--as", "陈静")
    assert done.status == 2
    assert "there is no channel fax: " in done.complaint
    assert "letter" in done.complaint


def test_the_doctor_finds_what_lacks_and_nothing_down(xianli, approved):
    examined = xianli("doctor", "--json")
    found = {line["check"]: line for line in examined.lines}

    assert examined.status == 0
    assert {found[check]["state"] for check in ("database", "schema", "broker", "backlog", "seal")} == {"ok"}
    assert found[f"terms of {COMMUNITY}"]["state"] == "warning"
    assert "how_to_pay" in found[f"terms of {COMMUNITY}"]["says"]


def test_the_doctor_warns_of_each_year_whose_holidays_are_not_published(xianli, approved):
    examined = xianli("doctor", "--json").lines
    (clock,) = (line["says"] for line in examined if (line["check"], line["state"]) == ("clock", "ok"))
    missed = unpublished(packs.load().calendar("cn"), date.fromisoformat(clock[:10]))
    warned = [line["says"] for line in examined if (line["check"], line["state"]) == ("calendar cn", "warning")]
    assert len(warned) == len(missed)
    assert all(f"the holiday notice of {year} is not in" in says for year, says in zip(missed, warned, strict=True))


def test_nothing_starts_with_a_certificate_that_cannot_sign(xianli, tmp_path):
    (tmp_path / "seal.p12").write_bytes(b"no seal")
    given = {"XIANLI_SIGNING_P12": str(tmp_path / "seal.p12"), "XIANLI_SIGNING_PASSWORD": "hunter2", "XIANLI_SANDBOX": "1"}
    for command in (["up", "--sandbox"], ["doctor"]):
        refused = xianli(*command, **given)
        assert refused.status == 2
        assert "seal.p12 is no PKCS#12 file, or XIANLI_SIGNING_PASSWORD is not its password" in refused.complaint
        assert "hunter2" not in refused.complaint
        assert "Traceback" not in refused.complaint


def test_the_doctor_fails_where_the_broker_is_down(xianli, imported):
    examined = xianli("doctor", REDIS_URL="redis://127.0.0.1:1/0", XIANLI_SANDBOX="1")

    assert examined.status == 1
    assert "down  broker" in examined.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("propose", "--community", COMMUNITY, "--cycle", "2026-13"), "2026-13"),
        (("case", "show", "999999"), "999999"),
    ],
    ids=["a month that is none", "no such case"],
)
def test_bad_input_is_refused_in_a_sentence(xianli, imported, words, complaint):
    refused = xianli(*words)

    assert refused.status == 2
    assert complaint in refused.complaint
    assert "Traceback" not in refused.complaint
    assert refused.out == ""


def test_a_database_that_does_not_answer_is_a_failure_told_in_a_sentence(xianli):
    failed = xianli("case", "list", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none", XIANLI_SANDBOX="1")

    assert failed.status == 1
    assert "DATABASE_URL" in failed.complaint
    assert "Traceback" not in failed.complaint


def test_the_number_to_steer_by_is_said_over_all_communities_or_of_one(xianli):
    assert xianli("evidence", "matrix", "--json").lines == []
    assert xianli("evidence", "matrix").out.strip() == "charges=0  unpaid=0.00"
    nowhere = xianli("evidence", "matrix", "--community", "nowhere")
    assert (nowhere.status, "no community is called nowhere" in nowhere.complaint) == (2, True)
