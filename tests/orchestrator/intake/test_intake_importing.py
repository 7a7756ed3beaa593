"""Files into the ledger: what they change, that a second time changes nothing, and what a snapshot, a correction or an undo does."""

from decimal import Decimal

import pytest
from intake_files import SAMPLES, csv
from sqlalchemy import text

from orchestrator.intake.bank import take_statement
from orchestrator.intake.importing import Order, import_file, undo
from orchestrator.intake.rows import Unreadable
from orchestrator.store.ledger import CannotUndo

HEADINGS = "小区,房号,业主,电话,收费项目,账期,应缴日期,应收金额,已收金额,欠费金额,备注"
ZHANG = "云栖,1-1-101,张三,13800000001,物业费,2026-01,2026-01-28,100,0,100,"
ZHANG_FEBRUARY = "云栖,1-1-101,张三,13800000001,物业费,2026-02,2026-02-28,100,0,100,"
LI = "云栖,1-2-102,李四,13800000002,物业费,2026-01,2026-01-28,250.50,0,250.50,"


@pytest.fixture
def take(runtime, tmp_path):
    """Take lines of an arrears export in."""

    def take(*lines, headings=HEADINGS, **order):
        return import_file(runtime, Order(csv(tmp_path / "arrears.csv", "\n".join((headings, *lines))), **order))

    return take


@pytest.fixture
def pay(runtime, tmp_path):
    """Take transfers in: (ref, payer, amount, memo)."""

    def pay(*transfers):
        lines = [f"2026-11-20 10:00:00,{ref},{payer},{amount},{memo}" for ref, payer, amount, memo in transfers]
        path = csv(tmp_path / "bank.csv", "\n".join(("交易时间,交易流水号,对方户名,收入金额,附言", *lines)))
        return import_file(runtime, Order(path, "payments"))

    return pay


@pytest.fixture
def ask(runtime):
    """Rows of a query, as tuples of text."""

    def ask(query):
        with runtime.store.begin() as rows:
            return [tuple(str(value) for value in row) for row in rows.execute(text(query))]

    return ask


def ledger(ask):
    return ask("""SELECT u.label, d.name, ch.period, ch.amount, ch.paid, ch.provisional, ch.cleared_at IS NOT NULL, ch.voided_at IS NOT NULL
                    FROM charge ch JOIN account a ON a.id = ch.account_id JOIN unit u ON u.id = a.unit_id
                    JOIN debtor d ON d.id = ch.debtor_id
                   ORDER BY u.label, ch.period""")


def everything(ask):
    tables = (
        "community",
        "unit",
        "party",
        "debtor",
        "account",
        "contact_point",
        "party_contact",
        "charge",
        "charge_version",
        "hold",
        "import_run",
    )
    return {
        table: ask(f"SELECT count(*), max(xmin::text::bigint) FROM {table}")
        for table in (*tables, "evidence_entry", "payment", "allocation")
    }


def test_the_sample_workbook_fills_the_ledger(runtime, ask):
    result = import_file(runtime, Order(SAMPLES / "arrears-2026-10.xlsx"))
    counts = result.counts
    assert (counts.rows, counts.accepted, counts.rejected, counts.duplicates) == (342, 325, 4, 13)
    assert (counts.charges, counts.accounts, counts.total) == (325, 160, Decimal("539521.43"))
    assert ask("SELECT count(*), sum(amount - paid) FROM charge") == [("325", "539521.43")]
    assert ask("SELECT count(*) FROM account") == ask("SELECT count(*) FROM unit") == [("160",)]


def test_the_same_file_twice_changes_nothing_and_states_the_same(runtime, ask):
    first = import_file(runtime, Order(SAMPLES / "arrears-2026-10.xlsx"))
    before = everything(ask)
    second = import_file(runtime, Order(SAMPLES / "arrears-2026-10.xlsx"))
    assert everything(ask) == before
    assert (second.counts, second.new, second.corrected, second.import_id) == (first.counts, 0, 0, None)


def test_the_same_export_as_csv_changes_nothing_but_the_record_of_it(runtime, ask):
    import_file(runtime, Order(SAMPLES / "arrears-2026-10.xlsx"))
    before = everything(ask)
    second = import_file(runtime, Order(SAMPLES / "arrears-2026-10.gb18030.csv"))
    after = everything(ask)
    assert (second.new, second.corrected, second.held) == (0, 0, ())
    assert {table for table in before if before[table] != after[table]} <= {"import_run", "community", "evidence_entry", "contact_point"}
    assert ask("SELECT count(*) FROM import_run") == [("2",)]


def test_a_dry_run_says_what_would_happen_and_changes_nothing(runtime, ask):
    before = everything(ask)
    result = import_file(runtime, Order(SAMPLES / "arrears-2026-10.xlsx", dry_run=True))
    assert (result.new, result.import_id) == (325, None)
    assert everything(ask) == before


def test_a_corrected_file_updates_the_charge_and_keeps_what_it_said_before(take, ask):
    take(ZHANG, LI)
    result = take(ZHANG.replace(",100,0,100,", ",100,40,60,"), LI)
    assert (result.new, result.corrected) == (0, 1)
    assert [row[4] for row in ledger(ask)] == ["40.00", "0.00"]
    assert ask("SELECT amount, paid FROM charge_version") == [("100.00", "0.00")]


def test_a_charge_gone_from_a_snapshot_is_held_at_once_and_listed(take, ask):
    take(ZHANG, LI)
    result = take(ZHANG, snapshot=True)
    assert [(gone.unit, gone.period, gone.unpaid) for gone in result.cleared] == [("1-2-102", "2026-01", Decimal("250.50"))]
    assert [row[6] for row in ledger(ask)] == ["False", "True"]
    assert ask("SELECT billing_total FROM community") == [("100.00",)]


def test_a_charge_that_comes_back_in_a_later_file_is_owed_again(take, ask):
    take(ZHANG, LI)
    take(ZHANG, snapshot=True)
    assert take(ZHANG, LI).corrected == 1
    assert [row[6] for row in ledger(ask)] == ["False", "False"]


def test_a_file_that_is_no_snapshot_leaves_the_others_alone(take, ask):
    take(ZHANG, LI)
    assert take(ZHANG).cleared == ()
    assert [row[6] for row in ledger(ask)] == ["False", "False"]


def test_payers_are_one_only_on_the_same_name_and_the_same_number(take, ask):
    take(
        "云栖,1-1-101,王芳,13800000001,物业费,2026-01,2026-01-28,1,0,1,",
        "云栖,1-1-102,王芳,13800000002,物业费,2026-01,2026-01-28,1,0,1,",
        "云栖,1-1-103,王芳,13800000002/13800000003,物业费,2026-01,2026-01-28,1,0,1,",
        "云栖,1-1-104,王芳,13800000003,物业费,2026-01,2026-01-28,1,0,1,",
        "云栖,1-1-105,王芳,,物业费,2026-01,2026-01-28,1,0,1,",
        "云栖,1-1-106,李雷,13800000001,物业费,2026-01,2026-01-28,1,0,1,",
    )
    same = ask(
        "SELECT string_agg(u.label, ' ' ORDER BY u.label) FROM account a JOIN unit u ON u.id = a.unit_id GROUP BY a.debtor_id ORDER BY 1"
    )
    assert [row[0] for row in same] == ["1-1-101", "1-1-102 1-1-103 1-1-104", "1-1-105", "1-1-106"]


def test_a_payer_known_from_an_earlier_file_is_known_again_at_another_home(take, ask):
    take("云栖,1-1-101,王芳,13800000001,物业费,2026-01,2026-01-28,1,0,1,")
    take("云栖,1-1-102,王芳,13800000001,物业费,2026-01,2026-01-28,1,0,1,")
    assert ask("SELECT count(*) FROM debtor") == ask("SELECT count(*) FROM party") == [("1",)]


def test_joint_debtors_are_one_debtor_of_two_parties(take, ask):
    take("云栖,1-1-101,褚磊、何平,13800000001,物业费,2026-01,2026-01-28,1,0,1,")
    assert ask("SELECT name, key FROM debtor") == [("褚磊、何平", "1,2")]
    assert ask("SELECT name FROM party ORDER BY id") == [("褚磊",), ("何平",)]


def test_a_number_is_kept_sealed_and_found_by_its_digest(runtime, take):
    take(ZHANG)
    with runtime.store.begin() as rows:
        value, digest = rows.execute(text("SELECT value, digest FROM contact_point")).one()
    assert b"13800000001" not in value
    assert runtime.store.vault.open(value) == "+8613800000001"
    assert digest == runtime.store.vault.digest("+8613800000001")


def test_a_home_written_with_and_without_leading_zeros_is_one(take, ask):
    take("云栖,1-1-0101,张三,13800000001,物业费,2026-01,2026-01-28,100,0,100,")
    take("云栖,1栋1单元101,张三,13800000001,物业费,2026-02,2026-02-28,100,0,100,")
    assert ask("SELECT label FROM unit") == [("1-1-0101",)]
    assert ask("SELECT count(*) FROM account") == [("1",)]


def test_a_new_name_on_an_old_charge_asks_for_review_and_leaves_the_debt_where_it_is(take, ask):
    take(ZHANG)
    result = take(ZHANG.replace("张三", "赵六"), ZHANG_FEBRUARY.replace("张三", "赵六"))
    assert [(row[1], row[2]) for row in ledger(ask)] == [("张三", "2026-01"), ("赵六", "2026-02")]
    assert [held.reason for held in result.held] == ["transferred"]


def test_a_note_that_matters_holds_its_debtor_once(take, ask):
    noted = ZHANG + "律师代理"
    assert [held.reason for held in take(noted, LI + "长期出租").held] == ["represented"]
    ask("UPDATE hold SET lifted_at = now(), lifted_by = 'collector' RETURNING 1")
    assert take(noted, LI + "长期出租", ZHANG_FEBRUARY + "律师代理").held == ()


def test_payment_data_is_as_fresh_as_the_file(take, ask, clock):
    take(ZHANG)
    clock.pass_days(5)
    take(ZHANG)
    assert ask("SELECT payments_as_of AT TIME ZONE 'UTC' FROM community") == [("2026-11-21 00:00:00",)]
    take(ZHANG, snapshot=True)
    assert ask("SELECT payments_as_of AT TIME ZONE 'UTC' FROM community") == [("2026-11-26 00:00:00",)]


def test_debtors_abroad_keep_their_zones(runtime, ask):
    import_file(runtime, Order(SAMPLES / "arrears-en.csv"))
    assert ask("SELECT name, country, pack, currency FROM community") == [("Maple Court", "US", "us-regf", "USD")]
    assert ask("SELECT timezone FROM contact_point GROUP BY timezone ORDER BY 1") == [("America/Los_Angeles",), ("America/New_York",)]


def test_rejected_rows_are_written_where_asked(runtime, tmp_path):
    told = []
    import_file(runtime, Order(SAMPLES / "arrears-2026-10.xlsx", rejects=tmp_path / "rejects.csv"), told=told.append)
    assert [reject.line for reject in told] == [356, 357, 358, 359]
    assert (tmp_path / "rejects.csv").read_text("utf-8-sig").count("\n") == 5


def test_a_mapping_file_names_columns(take, tmp_path, ask):
    mapping = csv(tmp_path / "mapping.toml", 'period = "记账区段"\nunpaid = ["拖了多少"]\n')
    take("云栖,1-101,张三,2026-01,100", headings="小区,房号,业主,记账区段,拖了多少", mapping=mapping)
    assert [row[3] for row in ledger(ask)] == ["100.00"]


def test_undoing_an_import_voids_what_it_added_and_restores_what_it_changed(runtime, take, ask):
    take(ZHANG)
    second = take(ZHANG.replace(",100,0,100,", ",100,40,60,"), LI + "律师代理")
    assert undo(runtime, second.import_id, "admin") == 2
    assert [(row[4], row[7]) for row in ledger(ask)] == [("0.00", "False"), ("0.00", "True")]
    assert ask("SELECT lifted_by FROM hold") == [("admin",)]


def test_what_was_undone_can_be_taken_in_again(runtime, take, ask):
    first = take(ZHANG)
    undo(runtime, first.import_id, "admin")
    assert take(ZHANG).corrected == 1
    assert [row[7] for row in ledger(ask)] == ["False"]


def test_an_import_that_a_later_one_built_upon_is_not_undone(runtime, take):
    first = take(ZHANG)
    take(ZHANG.replace(",100,0,100,", ",100,40,60,"))
    with pytest.raises(CannotUndo, match="undo that one first"):
        undo(runtime, first.import_id, "admin")
    with pytest.raises(CannotUndo, match="no import 99"):
        undo(runtime, 99, "admin")


def test_a_transfer_is_matched_by_the_home_in_its_memo(take, pay, ask):
    take(ZHANG, ZHANG_FEBRUARY, LI)
    assert pay(("r1", "某亲属", "150.00", "1-1-101物业费")).unmatched == ()
    assert [row[5] for row in ledger(ask)] == ["100.00", "50.00", "0.00"]
    assert ask("SELECT state, matched_by FROM payment") == [("matched", "unit")]


def test_a_transfer_is_matched_by_payer_and_exact_amount(take, pay, ask):
    take(ZHANG, ZHANG_FEBRUARY, LI)
    assert pay(("r1", "李四", "250.50", "物业"), ("r2", "张三、", "200.00", "")).unmatched == ()
    assert [row[5] for row in ledger(ask)] == ["100.00", "100.00", "250.50"]


def test_what_fits_two_debtors_or_none_waits_for_a_person(take, pay, ask):
    take(ZHANG, "云栖,2-1-101,张三,13800000009,物业费,2026-01,2026-01-28,100,0,100,", LI)
    assert pay(("r1", "张三", "100.00", ""), ("r2", "李四", "99.00", "李四 物业")).unmatched == ("r1", "r2")
    assert {row[5] for row in ledger(ask)} == {"0.00"}


def test_a_name_cut_off_by_the_bank_still_fits_with_the_exact_amount(take, pay):
    take("云栖,2-2-1701,绍兴越城餐饮店,13800000003,物业费,2026-01,2026-01-28,2563.86,0,2563.86,")
    assert pay(("r1", "绍兴越", "2563.86", "")).unmatched == ()


def test_a_transfer_booked_before_is_left_alone(take, pay, ask):
    take(ZHANG)
    pay(("r1", "张三", "60.00", "1-1-101"))
    again = pay(("r1", "张三", "60.00", "1-1-101"), ("r2", "张三", "40.00", "1-1-101"))
    assert again.new == 1
    assert [row[5] for row in ledger(ask)] == ["100.00"]


def test_a_later_snapshot_takes_the_place_of_what_the_bank_said(take, pay, ask):
    take(ZHANG, LI)
    pay(("r1", "张三", "60.00", "1-1-101"))
    take(ZHANG.replace(",100,0,100,", ",100,60,40,"), LI, snapshot=True)
    assert [(row[4], row[5]) for row in ledger(ask)] == [("60.00", "0.00"), ("0.00", "0.00")]
    assert ask("SELECT superseded_at IS NOT NULL FROM allocation") == [("True",)]


def test_undoing_a_statement_reverses_its_payments(runtime, take, pay, ask):
    take(ZHANG)
    result = pay(("r1", "张三", "60.00", "1-1-101"))
    undo(runtime, result.import_id, "admin")
    assert [row[5] for row in ledger(ask)] == ["0.00"]
    assert ask("SELECT state FROM payment") == [("reversed",)]


def test_the_sample_statement_leaves_only_the_doubtful_unmatched(runtime, ask):
    import_file(runtime, Order(SAMPLES / "arrears-2026-10.xlsx"))
    result = import_file(runtime, Order(SAMPLES / "payments-2026-11.csv", "payments"))
    assert (result.counts.rows, result.counts.accepted, result.counts.duplicates, result.new) == (64, 60, 4, 60)
    assert len(result.unmatched) == 12
    again = import_file(runtime, Order(SAMPLES / "payments-2026-11.csv", "payments"))
    assert (again.new, again.import_id, again.counts) == (0, None, result.counts)


def test_the_morning_statement_makes_payment_data_fresh_even_when_empty(runtime, take, ask, clock):
    take(ZHANG)
    clock.pass_days(2)
    take_statement(runtime, "交易时间,交易流水号,对方户名,对方账号,收入金额,摘要,附言\n")
    assert ask("SELECT payments_as_of AT TIME ZONE 'UTC' FROM community") == [("2026-11-23 00:00:00",)]


def test_a_statement_of_one_of_several_communities_must_say_which(runtime, take, pay):
    take(ZHANG, ZHANG.replace("云栖", "枫林"))
    with pytest.raises(Unreadable, match="--community"):
        pay(("r1", "张三", "60.00", "1-1-101"))


def test_records_of_services_are_kept_once(runtime, take, tmp_path, ask):
    take(ZHANG)
    path = csv(
        tmp_path / "s.csv", "小区,楼栋,日期,服务类别,服务内容\n云栖,1栋,2026-10-01,保洁,楼道清扫\n云栖,1栋,2026年10月1日,保洁,楼道清扫\n"
    )
    result = import_file(runtime, Order(path, "service-records"))
    assert (result.counts.accepted, result.counts.duplicates, result.new) == (1, 1, 1)
    import_file(runtime, Order(path, "service-records"))
    assert ask("SELECT count(*) FROM service_record") == [("1",)]
