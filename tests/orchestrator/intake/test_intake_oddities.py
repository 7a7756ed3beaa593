"""What exports leave out, write once, guard or mark, and how it is understood without guessing whose debt it is."""

from datetime import date

from intake_files import arrears, csv, workbook

HEADINGS = ["房号", "业主", "费项", "账期", "应缴日期", "欠费金额"]


def row(home, payer, month, amount, item="物业费"):
    return [home, payer, item, f"2026-{month:02d}", f"2026-{month:02d}-28", amount]


def test_a_home_written_only_on_its_first_row_holds_for_the_rows_below(tmp_path):
    rows = [HEADINGS, row("1-101", "张三", 1, 100), row("", "", 2, 100), row("", "", 2, 50, "车位费"), ["", "", "", "", "", 250]]
    path = workbook(tmp_path / "a.xlsx", [*rows, row("1-102", "李四", 1, 100), row("", "", 2, 100), ["", "", "", "合 计", "", 450]])
    came = arrears(path, community="云栖")
    assert came.counts == (5, 2, "450.00")
    assert {charge.payers for charge in came.charges if charge.unit.label == "1-102"} == {("李四",)}


def test_one_row_without_a_home_is_a_slip_and_is_refused(tmp_path):
    rows = [HEADINGS, *(row(f"1-1{floor:02d}", f"张{floor}", 1, 100) for floor in range(1, 21)), row("", "", 2, 100)]
    came = arrears(workbook(tmp_path / "a.xlsx", rows), community="云栖")
    assert (came.taken, [reject.line for reject in came.rejects]) == (20, [22])


def test_a_row_that_names_its_home_but_nobody_is_refused_even_where_homes_are_written_once(tmp_path):
    rows = [HEADINGS, row("1-101", "张三", 1, 1), row("", "", 2, 1), row("", "", 3, 1), row("1-102", "", 1, 1)]
    came = arrears(workbook(tmp_path / "a.xlsx", rows), community="云栖")
    assert (came.taken, [reject.line for reject in came.rejects]) == (3, [5])


def test_sheets_named_after_buildings_keep_their_rooms_apart(tmp_path):
    headings = ["房号", "业主", "账期", "欠费"]
    sheets = {"2号楼": [headings, ["101", "王五", "2026-01", 1]]}
    came = arrears(workbook(tmp_path / "a.xlsx", [headings, ["101", "张三", "2026-01", 1]], title="1号楼", **sheets), community="云栖")
    assert [charge.unit.label for charge in came.charges] == ["1-101", "2-101"]


def test_two_gardens_of_one_community_keep_their_homes_apart(tmp_path):
    path = csv(
        tmp_path / "a.csv", "小区,房号,业主,账期,欠费\n云栖,桂花苑3栋1单元101,张三,2026-01,1\n云栖,梅花苑3栋1单元101,李四,2026-01,1\n"
    )
    assert [charge.unit.label for charge in arrears(path).charges] == ["桂花苑3-1-101", "梅花苑3-1-101"]


def test_months_across_take_their_year_from_the_row(tmp_path):
    path = csv(tmp_path / "a.csv", "小区,房号,业主,年度,1月,2月\n云栖,1-101,张三,2025,1,2\n云栖,1-101,张三,2026,3,\n")
    assert [charge.period.label for charge in arrears(path).charges] == ["2025-01", "2025-02", "2026-01"]


def test_the_months_of_several_fees_stand_under_each_fee(tmp_path):
    rows = [
        ["房号", "业主", "物业费", "", "车位费", ""],
        ["", "", "2026年1月", "2026年2月", "2026年1月", "2026年2月"],
        ["1-101", "张三", 1, 2, 3, ""],
    ]
    came = arrears(workbook(tmp_path / "a.xlsx", rows, merge=["A1:A2", "B1:B2", "C1:D1", "E1:F1"]), community="云栖")
    assert [(charge.item, charge.period.label) for charge in came.charges] == [
        ("物业费", "2026-01"),
        ("物业费", "2026-02"),
        ("车位费", "2026-01"),
    ]


def test_a_bill_that_its_state_calls_paid_owes_nothing_and_a_void_one_is_refused(tmp_path):
    path = csv(
        tmp_path / "a.csv",
        "小区,房号,业主,账期,应收金额,缴费状态\n云栖,1-1,张三,2026-01,9,未缴\n云栖,1-2,李四,2026-01,9,已缴\n云栖,1-3,王五,2026-01,9,作废\n",
    )
    came = arrears(path)
    assert ([str(charge.unpaid) for charge in came.charges], [reject.line for reject in came.rejects]) == (["9.00", "0.00"], [4])


def test_marks_that_guard_digits_from_a_spreadsheet_are_taken_off(tmp_path):
    path = csv(
        tmp_path / "a.csv",
        '小区,房号,业主,电话,帐期,欠费\n云栖,="0102",张三,"=""13800000000""",2026-01,1\n云栖,\'0103,李四,\t13800000001,2026-01,1\n',
    )
    assert [(charge.unit.label, charge.phones[0].e164) for charge in arrears(path).charges] == [
        ("0102", "+8613800000000"),
        ("0103", "+8613800000001"),
    ]


def test_a_remark_behind_a_name_becomes_part_of_the_note(tmp_path):
    (charge,) = arrears(csv(tmp_path / "a.csv", "小区,房号,业主,账期,欠费,备注\n云栖,1-101,张三（已故）,2026-01,1,见台账\n")).charges
    assert (charge.payers, charge.note) == (("张三",), "见台账; 已故")


def test_a_title_names_community_item_and_period_where_no_column_does(tmp_path):
    rows = [["云栖花园2026年第三季度物业服务费催缴清单"], ["打印时间:2026-10-08"], ["户号", "户名", "单价", "本期应收", "滞纳金", "合计"]]
    came = arrears(workbook(tmp_path / "a.xlsx", [*rows, ["3-1-101", "张三", 2, 600, 10, 610], ["合计", "", "", 600, 10, 610]]))
    (charge,) = came.charges
    assert (charge.community, charge.item, charge.period.label, str(charge.unpaid)) == (
        "云栖花园",
        "物业服务费",
        "2026-07..2026-09",
        "600.00",
    )


def test_a_british_service_charge_demand_is_read_day_first(tmp_path):
    path = csv(
        tmp_path / "a.csv",
        "Development,Flat,Leaseholder,Charge Type,Period From,Period To,Due,Amount,Received,Outstanding\n"
        "Oak House,Flat 3,A. Jones & B. Jones,Service Charge,25/03/2026,28/09/2026,05/04/2026,£1200.00,£200.00,£1000.00\n",
    )
    (charge,) = arrears(path).charges
    assert (charge.payers, charge.due_on, charge.period.label) == (("A. Jones", "B. Jones"), date(2026, 4, 5), "2026-03-25..2026-09-28")


def test_ageing_columns_are_no_periods(tmp_path):
    path = csv(tmp_path / "a.csv", "小区,房号,业主,账期,欠费,0-30,31-60,61-90\n云栖,1-101,张三,2026-01,6,1,2,3\n")
    assert arrears(path).counts == (1, 1, "6.00")
