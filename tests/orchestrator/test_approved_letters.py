"""A grave step before a person: their yes sends the very bytes they saw, and is worth nothing once something else they saw has changed."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from certificates import PASSWORD, issued, p12
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import text

from orchestrator import casework, outreach
from orchestrator.evidence.seals import load as load_seal
from orchestrator.evidence.seals import make_sandbox_seal
from orchestrator.packs import load
from tests.logged import facts
from tests.orchestrator.conftest import River
from tests.world import Home, World, month

STEPS = [step.name for step in load().sequence("standard").steps]


@pytest.fixture
def ripe(world: World) -> Home:
    """Three periods old enough for a lawyer letter, demanded by a registered letter that was signed for two months ago."""
    home = world.home("3-1-1201", "王芳", "+8619900000001", charges=[month(2026, 4), month(2026, 5), month(2026, 6)])
    home.open_case(cursor=STEPS.index("lawyer-letter"))
    home.attempt("letter", "delivered", outcome="handed_over", signer="self", step="formal-demand", sent=timedelta(days=-60))
    return home


def asked(river: River, home: Home) -> Any:
    """What lies before a person now, after the case was asked."""
    river.ask(home)
    outreach.advance([home.case_id], river.runtime)
    return pending(river, home)


def ended(river: River) -> str:
    """Why approvals ended, as the log has it."""
    with river.runtime.store.begin() as rows:
        return str(facts(rows, "approval ended"))


def pending(river: River, home: Home) -> Any:
    with river.runtime.store.begin() as rows:
        return rows.execute(text("SELECT * FROM approval WHERE case_id = :id AND state = 'pending'"), {"id": home.case_id}).one()


def states(river: River, home: Home) -> list[str]:
    with river.runtime.store.begin() as rows:
        return list(rows.execute(text("SELECT state FROM approval WHERE case_id = :id ORDER BY id"), {"id": home.case_id}).scalars())


def approve(river: River, approval: Any) -> None:
    casework.approve(river.runtime, approval.id, "陈静")
    river.clock.at += timedelta(seconds=1)


def test_a_request_shows_the_letter_that_a_yes_would_send(river: River, ripe: Home) -> None:
    request = asked(river, ripe)
    assert bytes(request.document).startswith(b"%PDF")
    assert request.snapshot["document"] == sha256(request.document).hexdigest()
    assert request.snapshot["principal"] == {str(charge): "400.00" for charge in ripe.charge_ids}
    assert request.snapshot["recipients"][0] == "王芳"
    assert request.snapshot["as_of"] == "2026-11-24"
    assert request.snapshot["late_charge"] == "106.40"  # 400.00 × 0.5‰ × (208 + 177 + 147) days


def test_what_was_approved_is_what_is_sent_byte_for_byte_days_later(river: River, ripe: Home) -> None:
    request = asked(river, ripe)
    river.clock.at += timedelta(days=3)
    river.execute("UPDATE community SET payments_as_of = :now", now=river.clock.at)
    approve(river, request)
    river.flow()
    (sent,) = river.lines["letter"].sent
    assert sent.document == bytes(request.document)
    assert river.value("SELECT digest FROM message WHERE attempt_id = :id", id=sent.attempt_id) == sha256(request.document).digest()
    assert str(river.value("SELECT sum(late_charge) FROM named_charge WHERE attempt_id = :id", id=sent.attempt_id)) == "106.40"


def test_a_letter_is_signed_before_it_is_seen_and_sent_as_it_was_signed(river: River, ripe: Home, tmp_path: Path) -> None:
    make_sandbox_seal(tmp_path / "seal.p12", "password")
    river.runtime = replace(river.runtime, seal=load_seal(tmp_path / "seal.p12", "password", river.clock.at))
    request = asked(river, ripe)
    (signature,) = PdfFileReader(BytesIO(bytes(request.document))).embedded_signatures
    assert signature.self_reported_timestamp == river.clock.at
    approve(river, request)
    river.flow()
    (sent,) = river.lines["letter"].sent
    assert sent.document == bytes(request.document)
    assert river.value("SELECT digest FROM message WHERE attempt_id = :id", id=sent.attempt_id) == sha256(request.document).digest()


def test_an_expired_certificate_parks_the_case_with_the_cure_and_asks_for_nothing(river: River, ripe: Home, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    path = p12(tmp_path, key, issued(key, until=river.clock.at + timedelta(hours=1)))
    river.runtime = replace(river.runtime, seal=load_seal(path, PASSWORD, river.clock.at))
    river.clock.at += timedelta(days=1)
    river.execute("UPDATE community SET payments_as_of = :now", now=river.clock.at)
    river.ask(ripe)
    outreach.advance([ripe.case_id], river.runtime)
    assert states(river, ripe) == []
    parked = str(river.value('SELECT parked FROM "case" WHERE id = :id', id=ripe.case_id))
    assert "expired at 2026-11-24" in parked
    assert "XIANLI_SIGNING_P12" in parked


def falls_due(river: River) -> None:
    """November's fee of the same home is overdue since yesterday."""
    river.execute("""
        INSERT INTO charge (account_id, debtor_id, item, period_start, period_end, period, due_on,
                            amount, paid, provisional, note, created_at)
        SELECT account_id, debtor_id, item, '2026-11-01', '2026-11-30', '2026-11', '2026-11-23', 400, 0, 0, '', created_at
          FROM charge LIMIT 1
    """)


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ("UPDATE charge SET provisional = 100 WHERE id = (SELECT min(id) FROM charge)", "本金由1200.00变为1100.00"),
        ("UPDATE charge SET provisional = amount WHERE id = (SELECT min(id) FROM charge)", "有1项已付清、撤销或有争议"),
        ("UPDATE party SET name = '王芳芳'", "收件人或地址已变化"),
        ("UPDATE community SET address = '杭州市云栖路2号'", "收件人或地址已变化"),
        ('INSERT INTO claimed_charge SELECT c.id, ch.id, now() FROM "case" c, charge ch LIMIT 2', "诉请的费用范围已变化"),
    ],
)
def test_a_yes_to_something_else_sends_nothing_and_is_asked_for_anew(river: River, ripe: Home, change: str, because: str) -> None:
    request = asked(river, ripe)
    approve(river, request)
    river.execute("UPDATE community SET payments_as_of = :now", now=river.clock.at)
    river.execute(change)
    river.flow()
    assert river.lines["letter"].sent == []
    assert states(river, ripe) == ["withdrawn", "pending"]
    assert because in ended(river)


def test_a_charge_that_falls_due_outside_the_frozen_claim_set_withdraws_no_letter(river: River, ripe: Home) -> None:
    river.execute('INSERT INTO claimed_charge SELECT c.id, ch.id, now() FROM "case" c JOIN charge ch USING (debtor_id)')
    request = asked(river, ripe)
    approve(river, request)
    falls_due(river)
    river.execute("UPDATE community SET payments_as_of = :now", now=river.clock.at)
    river.flow()
    (sent,) = river.lines["letter"].sent
    assert sent.document == bytes(request.document)
    assert states(river, ripe) == ["approved"]


def test_a_grave_letter_names_the_claim_set_and_nothing_that_fell_due_later(river: River, ripe: Home) -> None:
    river.execute('INSERT INTO claimed_charge SELECT c.id, ch.id, now() FROM "case" c JOIN charge ch USING (debtor_id)')
    falls_due(river)
    request = asked(river, ripe)
    assert request.snapshot["principal"].keys() == {str(charge) for charge in ripe.charge_ids}
    assert "2026-11" not in request.snapshot["letter"]["summary"]
    assert [charge for charge, *_ in request.snapshot["letter"]["named"]] == list(ripe.charge_ids)


def test_a_charge_disputed_since_it_was_seen_is_not_demanded_by_the_letter(river: River, ripe: Home) -> None:
    approve(river, asked(river, ripe))
    until = river.clock.at + timedelta(days=30)
    river.execute("UPDATE charge SET disputed_until = :until WHERE id = (SELECT min(id) FROM charge)", until=until)
    river.flow()
    assert river.lines["letter"].sent == []
    assert states(river, ripe) == ["withdrawn", "pending"]
    assert "有1项已付清、撤销或有争议" in ended(river)


def test_a_yes_to_what_was_planned_before_it_changed_calls_the_letter_off(river: River, ripe: Home) -> None:
    approve(river, asked(river, ripe))
    (attempt,) = outreach.advance([ripe.case_id], river.runtime)
    river.execute("UPDATE party SET name = '王芳芳'")
    outreach.deliver([attempt], river.runtime)
    assert river.state(attempt) == "cancelled"
    assert river.lines["letter"].sent == []


def test_an_answer_of_before_snapshots_held_recipients_is_asked_for_anew(river: River, ripe: Home) -> None:
    ripe.asks_approval()
    river.execute("UPDATE approval SET state = 'approved', decided_by = '陈静'")
    asked(river, ripe)
    assert states(river, ripe) == ["withdrawn", "pending"]


def test_bytes_that_are_not_those_that_were_seen_never_leave(river: River, ripe: Home) -> None:
    approve(river, asked(river, ripe))
    river.execute("UPDATE approval SET document = 'another letter'")
    river.flow()
    assert river.lines["letter"].sent == []
    assert "lawyer-letter: the letter that was approved" in str(river.value('SELECT parked FROM "case" WHERE id = :id', id=ripe.case_id))


def test_a_part_payment_breaks_the_late_charge_in_the_letter_and_in_what_it_names(river: River, ripe: Home) -> None:
    first = ripe.charge_ids[0]
    river.execute(
        """
        WITH paid AS (INSERT INTO payment (community_id, source_ref, at, payer, memo, amount, state, debtor_id, created_at)
                      SELECT 1, 'b-1', '2026-11-13T16:00:00Z', '', '', 100, 'matched', :debtor, created_at FROM charge LIMIT 1 RETURNING id)
        INSERT INTO allocation (payment_id, charge_id, amount, at) SELECT id, :charge, 100, now() FROM paid
        """,
        debtor=ripe.debtor_id,
        charge=first,
    )
    river.execute("UPDATE charge SET provisional = 100 WHERE id = :charge", charge=first)
    request = asked(river, ripe)
    # 400.00 to the day of the payment, 300.00 for ten days after it: 39.60 + 1.50 where it was 41.60
    assert request.snapshot["letter"]["named"][0] == [first, "300.00", "41.10"]
    assert request.snapshot["late_charge"] == "105.90"


def test_a_letter_that_lacks_something_is_put_before_nobody(river: River, ripe: Home) -> None:
    river.execute("UPDATE community SET how_to_object = ''")
    river.ask(ripe)
    outreach.advance([ripe.case_id], river.runtime)
    assert states(river, ripe) == []
    assert "how_to_object" in str(river.value('SELECT parked FROM "case" WHERE id = :id', id=ripe.case_id))


def test_a_suit_is_asked_for_without_a_letter(river: River, ripe: Home) -> None:
    river.execute('UPDATE "case" SET cursor = :suit', suit=STEPS.index("suit"))
    request = asked(river, ripe)
    assert (request.step, request.document, request.snapshot["document"]) == ("suit", None, "")
    approve(river, request)
    river.flow()
    assert river.value('SELECT rest FROM "case" WHERE id = :id', id=ripe.case_id) == "ready_for_suit"
