"""The exports as billing systems really make them. The expected figures were counted by hand and by another script."""

from datetime import date
from decimal import Decimal

from intake_files import SAMPLES, arrears

from orchestrator.intake.payments import read_payments
from orchestrator.intake.rows import Duplicate, Options, PaymentRow, Taken, Terms


def test_the_csv_in_gb18030_comes_to_325_charges_of_160_accounts():
    came = arrears(SAMPLES / "arrears-2026-10.gb18030.csv")
    assert (came.taken, came.rejects, came.duplicates) == (325, [], [])
    assert came.counts == (325, 160, "539521.43")


def test_the_workbook_comes_to_the_same_with_thirteen_duplicates_and_four_rejects():
    came = arrears(SAMPLES / "arrears-2026-10.xlsx")
    assert (came.taken, len(came.rejects), len(came.duplicates)) == (325, 4, 13)
    assert came.counts == (325, 160, "539521.43")


def test_each_bad_row_of_the_workbook_is_named_by_line_column_and_value():
    rejects = arrears(SAMPLES / "arrears-2026-10.xlsx").rejects
    assert [(reject.line, reject.column, reject.value) for reject in rejects] == [
        (356, "应收金额", "待核"),
        (357, "账期", "2026-13"),
        (358, "应收金额", "-120"),
        (359, "业主姓名", ""),
    ]


def test_workbook_and_csv_state_the_very_same_charges():
    def stated(name):
        return {(c.unit.label, c.payers, c.item, c.period, c.due_on, c.amount, c.paid) for c in arrears(SAMPLES / name).charges}

    assert stated("arrears-2026-10.xlsx") == stated("arrears-2026-10.gb18030.csv")


def test_a_row_without_a_usable_phone_is_taken_with_a_warning():
    charges = arrears(SAMPLES / "arrears-2026-10.gb18030.csv").charges
    without = [charge for charge in charges if not any(phone.e164 for phone in charge.phones)]
    assert len(without) == 89
    assert all("no usable phone 无有效电话" in charge.warnings for charge in without)


def test_the_english_export_keeps_each_debtors_zone():
    came = arrears(SAMPLES / "arrears-en.csv")
    assert came.counts == (40, 40, "9849.00")
    first = came.charges[0]
    assert (first.unit.label, first.timezone, first.due_on) == ("12C", "America/Los_Angeles", date(2026, 6, 28))
    assert first.phones[0].country == "US"


def test_a_transfer_seen_twice_in_a_statement_counts_once():
    lines = list(read_payments(SAMPLES / "payments-2026-11.csv", Options(lambda community: Terms(28))))
    payments: list[PaymentRow] = [row for line in lines if isinstance(line, Taken) for row in line.rows]
    assert (len(payments), sum(isinstance(line, Duplicate) for line in lines), len(lines)) == (60, 4, 64)
    assert sum(payment.amount for payment in payments) == Decimal("87125.15")


def test_the_home_is_found_in_the_memo_of_a_transfer():
    payments = [
        row
        for line in read_payments(SAMPLES / "payments-2026-11.csv", Options(lambda community: Terms(28)))
        if isinstance(line, Taken)
        for row in line.rows
    ]
    found = {payment.ref[-2:]: payment.unit.label for payment in payments if payment.unit}
    assert (found["00"], found["07"], found["09"]) == ("3-2-0504", "7-1-0203", "7-0403")
    assert len(found) == 34
