"""The sandbox carrier itself: people who act, a bank that books, a journal that outlives a kill."""

import csv
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from channels.carrier import bank
from channels.carrier.bank import Transfer
from channels.carrier.consignments import Event
from channels.carrier.personas import KINDS, at_the_door, on_the_phone, persona
from channels.carrier.reading import Demand, read_demand
from channels.carrier.world import World
from channels.contract import Refused

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def rows_of(statement):
    return list(csv.DictReader(statement.splitlines()))


def test_a_person_moved_to_pay_does_so_days_later_by_bank_transfer(channels, sandbox, somebody, a_message):
    channels["sms"].send(a_message("sms", somebody(lambda who: who.kind == "prompt" and who.sms_fault is None)))
    sandbox.move(hours=12)
    assert rows_of(sandbox.statement()) == []
    sandbox.move(days=4)
    (row,) = rows_of(sandbox.statement())
    assert (row["对方户名"], row["收入金额"], row["摘要"]) == ("孙秀英", "1,200.40", "转账")
    sandbox.move(days=30)
    assert len(rows_of(sandbox.statement())) == 1


def test_nobody_pays_on_a_thank_you(channels, sandbox, somebody, a_message):
    thanks = "3-1-0401 业主：已收到您缴纳的物业费1200.40元，谢谢。"
    channels["sms"].send(a_message("sms", somebody(lambda who: who.kind == "prompt" and who.sms_fault is None), body=thanks))
    sandbox.move(days=30)
    assert rows_of(sandbox.statement()) == []


def test_who_pays_in_part_leaves_the_rest(channels, sandbox, somebody, a_message):
    channels["sms"].send(a_message("sms", somebody(lambda who: who.kind == "part" and who.sms_fault is None)))
    sandbox.move(days=6)
    assert [row["收入金额"] for row in rows_of(sandbox.statement())] == ["500.00"]


@pytest.mark.parametrize(("word", "refused"), [("STOP", True), ("TD", False), ("退订", False)])
def test_the_carrier_refuses_who_texted_a_stop_that_it_understands_itself(channels, sandbox, house, somebody, a_message, word, refused):
    message = a_message("sms", somebody(lambda who: who.reply == word and who.sms_fault is None))
    channels["sms"].send(message)
    sandbox.move(hours=2)
    assert [(text.body, text.sender) for text in house.texts] == [(word, message.to)]
    assert isinstance(channels["sms"].send(message), Refused) is refused


def test_a_promise_given_to_staff_is_booked_on_its_day(sandbox):
    promise = {"unit": "3-1-0401", "amount": "88.00", "payer": "孙秀英", "at": (MORNING + timedelta(days=3)).isoformat(), "memo": ""}
    answers = [requests.post(f"{sandbox.url}/sandbox/payments", json=promise, timeout=5) for _ in range(2)]
    assert [answer.json()["paying_already"] for answer in answers] == [False, True]
    assert sandbox.clock()["next"] == promise["at"]
    sandbox.move(days=3)
    (row,) = rows_of(sandbox.statement())
    assert (row["交易时间"], row["收入金额"], row["附言"]) == ("2026-11-27 10:00:00", "88.00", "")


def test_the_log_tells_what_was_seen_of_each_contact(channels, sandbox, somebody, a_message):
    message = a_message("sms", somebody(lambda who: who.kind == "silent" and who.sms_fault is None))
    sent = channels["sms"].send(message)
    sandbox.move(seconds=20)
    (line,) = sandbox.log()
    assert (line["sid"], line["kind"], line["to"], line["body"], line["attempt"]) == (sent.provider_id, "sms", message.to, message.body, 41)
    assert [event["name"] for event in line["events"]] == ["sent", "delivered"]
    assert line["events"][1]["at"] == "2026-11-24T02:00:20+00:00"


def test_a_fault_that_does_not_exist_is_refused(sandbox):
    answer = requests.post(f"{sandbox.url}/sandbox/faults", json={"kind": "earthquake"}, timeout=5)
    assert answer.status_code == 422
    assert "accept_then_reset" in answer.json()["error"]


def test_the_statement_has_the_form_of_the_banks_export():
    transfers = [
        Transfer(datetime(2026, 11, 13, 0, 0, tzinfo=UTC), "孙秀英", Decimal("1200.40"), "3栋2单元0504"),
        Transfer(datetime(2026, 11, 14, 0, 0, tzinfo=UTC), "王平", Decimal("500.00"), ""),
    ]
    text = bank.statement(transfers, None, None)
    assert text.startswith(
        "\ufeff交易时间,交易流水号,对方户名,对方账号,收入金额,摘要,附言\r\n2026-11-13 08:00:00,20261110000000,孙秀英,6222****"
    )
    assert '"1,200.40",转账,3栋2单元0504\r\n' in text
    later = bank.statement(transfers, transfers[0].at, None)
    assert [row["交易流水号"] for row in rows_of(later.removeprefix("\ufeff"))] == ["20261110000001"]


@pytest.mark.parametrize(
    ("text", "demand"),
    [
        ("尊敬的孙秀英业主：3-1-0401 物业费合计1,200.40元", Demand(("3-1-0401",), Decimal("1200.40"), "孙秀英")),
        ("3栋1单元0402室 物业费¥88.10、车位费¥300.00，共计¥388.10", Demand(("3-1-0402",), Decimal("388.10"))),
        ("7幢0403室 物业费 2026年8月 500元；公摊 20元", Demand(("7-0403",), Decimal("500"))),
        ("【某物业】王平、李丽：3-1-0401物业费2025.02共1期，应缴1344.08元", Demand(("3-1-0401",), Decimal("1344.08"), "王平")),
        (
            "3-1-1201物业费，1450元；B2-118车位费，150元，合计1600元4角，电话0571-88886666",
            Demand(("3-1-1201", "B2-118"), Decimal("1600.4")),
        ),
        ("3-1-0401物业费，合计1344元零8分", Demand(("3-1-0401",), Decimal("1344.08"))),
        ("for unit 12C, HOA dues, together 1356 dollars", Demand(("12C",), Decimal("1356"))),
        ("Unit 12C: HOA dues June 2026, total $339.00", Demand(("12C",), Decimal("339.00"))),
        ("3-1-0401与3-1-0402两户合计900.00元", Demand(("3-1-0401", "3-1-0402"), Decimal("900.00"))),
        ("您好，小区明日停水", None),
    ],
)
def test_people_read_home_sum_and_name_out_of_a_demand(text, demand):
    assert read_demand(text) == demand


def test_people_are_the_same_in_every_run_and_most_of_them_never_pay():
    people = [persona(7, f"+8619900{number:06d}") for number in range(2000)]
    assert people == [persona(7, who.key) for who in people]
    never = sum(all(who.days_to_pay(trigger) is None for trigger in ("sms", "call", "letter", "demand")) for who in people)
    assert 0.53 < never / len(people) < 0.63
    assert {who.kind for who in people} == {kind for kind, _ in KINDS}
    assert sum(weight for _, weight in KINDS) == 1000


def test_at_the_door_and_on_the_phone_all_kinds_of_things_happen():
    keys = [f"3-1-{number:04d}" for number in range(500)]
    assert {at_the_door(7, key).outcome for key in keys} == {"handed_over", "affixed", "no_one"}
    talks = [on_the_phone(7, key) for key in keys]
    assert {talk.outcome for talk in talks} == {"conversation", "no_answer", "busy"}
    assert all(talk.promise_days for talk in talks if talk.keeps)


def live(world, until):
    """All that happens by then, one event after the other, with nobody to tell."""
    world.move_clock(until)
    while world.next_at is not None and world.next_at <= until:
        for event in list(world.due()):
            world.change(event)
            for follower in world.settle(event):
                world.schedule(follower)


def test_a_journal_read_again_brings_the_same_state_and_the_same_future(tmp_path, somebody):
    journal = tmp_path / "carrier.jsonl"
    promise = Event(MORNING + timedelta(days=9), "bank:1", "payment", {"payer": "王平", "amount": "5.00", "memo": "", "unit": "1-1-0101"})
    with closing(World(7, MORNING, lambda: MORNING, journal)) as first:
        payer = somebody(lambda who: who.kind == "prompt" and who.sms_fault is None)
        taken = first.take("sms", to=payer, sender="+8657100000000", asked={}, body="3-1-0401合计88元")
        first.promise(promise)
        live(first, MORNING + timedelta(minutes=1))
    with journal.open("a") as cut_off:
        cut_off.write('{"consignment": {"sid": "SM')

    with closing(World(7, MORNING, lambda: MORNING, journal)) as again:
        assert (again.now, again.next_at, again.in_flight) == (first.now, first.next_at, 0)
        assert again.consignments[taken.sid].status == "delivered"
        live(again, MORNING + timedelta(days=10))
        assert [transfer.amount for transfer in again.transfers] == [Decimal("88"), Decimal("5.00")]

    with closing(World(7, MORNING, lambda: MORNING, journal)) as third:
        assert (third.transfers, third.now) == (again.transfers, again.now)


def test_killed_and_started_again_it_goes_on_where_it_was(tmp_path: Path, somebody):
    account = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "t"}
    environment = os.environ | account | {"XIANLI_STATE": str(tmp_path)}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = ["--port", str(port), "--seed", "7", "--now", MORNING.isoformat()]
    command = [sys.executable, "-m", "orchestrator.sandbox.far_side", *told]
    url, auth = f"http://127.0.0.1:{port}", ("AC" + "0" * 32, "t")

    def start():
        process = subprocess.Popen(command, env=environment)
        for _ in range(200):
            try:
                return process, requests.get(f"{url}/sandbox/clock", timeout=1).json()
            except requests.ConnectionError:
                time.sleep(0.05)
        raise AssertionError("the carrier did not start")

    process, _ = start()
    form = {"To": somebody(lambda who: who.sms_fault is None), "From": "+8657100000000", "Body": "3-1-0401"}
    requests.post(f"{url}/2010-04-01/Accounts/{auth[0]}/Messages.json", data=form, auth=auth, timeout=5).raise_for_status()
    process.send_signal(signal.SIGKILL)
    process.wait(5)
    process, clock = start()
    assert (clock["next"], clock["in_flight"]) == ("2026-11-24T02:00:01+00:00", 1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) in (0, -signal.SIGTERM)
