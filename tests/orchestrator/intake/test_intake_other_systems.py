"""Arrears as other billing systems print them: lines over groups of rows, three rows of headings, shops and parking, other scripts."""

from datetime import date, datetime

import pytest
from intake_files import arrears, csv, workbook

from orchestrator.intake.rows import Unreadable

HEADINGS = ["收费项目", "账期", "应收金额", "已收金额", "未收金额"]
LISTED = ["房号", "业主", "费项", "账期", "欠费"]


def bill(month, amount, paid=0, item="物业费"):
    return [item, f"2026-{month:02d}", amount, paid, amount - paid]


def homes(came):
    return [(charge.unit.label, charge.payers[0], str(charge.unpaid)) for charge in came.charges]


def test_a_line_over_a_homes_bills_says_whose_they_are(tmp_path):
    first, second = ["房号：3栋2单元1201   业主：张三   电话：13800138000"], ["房号：3栋2单元1202   业主：李四"]
    rows = [["业主欠费清单"], HEADINGS, first, bill(1, 300), bill(2, 300), ["小计", None, 600, 0, 600], second, bill(1, 280, 100)]
    came = arrears(workbook(tmp_path / "a.xlsx", [*rows, ["总计", None, 880, 100, 780]]), community="云栖")
    assert (came.taken, homes(came)) == (3, [("3-2-1201", "张三", "300.00")] * 2 + [("3-2-1202", "李四", "180.00")])
    assert came.charges[0].phones[0].e164 == "+8613800138000"


def test_a_home_and_its_payer_over_their_bills_need_no_labels(tmp_path):
    rows = [HEADINGS, ["3栋2单元1201 张三 13800138000"], bill(1, 300), ["3栋2单元1202 李四"], bill(1, 280)]
    assert homes(arrears(workbook(tmp_path / "a.xlsx", rows), community="云栖")) == [
        ("3-2-1201", "张三", "300.00"),
        ("3-2-1202", "李四", "280.00"),
    ]


def test_statements_below_each_other_or_on_a_sheet_each_count_for_their_homes(tmp_path):
    first = [["催费单"], ["房号：", "3-1201", "业主：", "张三"], HEADINGS, bill(1, 300), ["合计", None, 300, 0, 300]]
    second = [["催费单"], ["房号：", "3-1202", "业主：", "李四"], HEADINGS, bill(1, 280), bill(2, 280)]
    expected = [("3-1201", "张三", "300.00"), ("3-1202", "李四", "280.00"), ("3-1202", "李四", "280.00")]
    assert homes(arrears(workbook(tmp_path / "a.xlsx", [*first, [], *second]), community="云栖")) == expected
    assert homes(arrears(workbook(tmp_path / "b.xlsx", first, 二=second), community="云栖")) == expected


@pytest.mark.parametrize(
    ("one", "other"), [("1栋", "2栋"), ("1栋（共1户）", "2栋（共1户）"), ("1栋1单元", "1栋2单元"), ("楼栋：1栋", "楼栋：2栋")]
)
def test_rooms_under_a_line_that_names_their_building_are_kept_apart(tmp_path, one, other):
    rows = [LISTED, [one], ["101", "张三", "物业费", "2026-01", 100], [other], ["101", "张三", "物业费", "2026-01", 100]]
    came = arrears(workbook(tmp_path / "a.xlsx", rows), community="云栖")
    assert came.counts == (2, 2, "200.00")


def test_what_a_line_says_does_not_reach_beyond_the_next_line_of_its_kind(tmp_path):
    rows = [LISTED, ["1栋"], ["101", "张三", "物业费", "2026-01", 9], ["项目：碧水湾"], ["101", "李四", "物业费", "2026-01", 9]]
    came = arrears(workbook(tmp_path / "a.xlsx", rows), community="云栖")
    assert [(charge.community, charge.unit.label) for charge in came.charges] == [("云栖", "1-101"), ("碧水湾", "101")]


@pytest.mark.parametrize("merged", [["A1:A3", "B1:B3", "C1:F1", "G1:H1", "C2:D2", "E2:F2", "G2:H2"], []])
def test_fees_over_months_over_kinds_of_amount_are_three_rows_of_headings(tmp_path, merged):
    rows = [
        ["房号", "业主", "物业费", None, None, None, "车位费", None],
        [None, None, "2026年1月", None, "2026年2月", None, "2026年1月", None],
        [None, None, "应收", "实收", "应收", "实收", "应收", "实收"],
        ["1-101", "张三", 100, 0, 100, 50, 30, 0],
        ["1-102", "李四", 100, 100, 100, 0, None, None],
    ]
    came = arrears(workbook(tmp_path / "a.xlsx", rows, merge=merged), community="云栖")
    assert (came.taken, came.counts) == (2, (5, 2, "280.00"))
    assert [(c.item, c.period.label) for c in came.charges[:3]] == [("物业费", "2026-01"), ("物业费", "2026-02"), ("车位费", "2026-01")]


def test_columns_that_cannot_be_told_apart_are_not_guessed(tmp_path):
    path = csv(tmp_path / "a.csv", "小区,房号,业主,2026年1月,2026年1月\n云栖,1-101,张三,100,40\n")
    with pytest.raises(Unreadable, match="period"):
        arrears(path)


def test_a_first_row_whose_amount_is_missing_is_no_row_of_headings(tmp_path):
    came = arrears(workbook(tmp_path / "a.xlsx", [LISTED, ["1-101", "张三", "物业费", "2026-01", "=1+1"]]), community="云栖")
    assert [(reject.line, reject.column) for reject in came.rejects] == [(2, "欠费")]


def test_a_former_debt_beside_the_periods_own_is_refused_unless_it_is_nothing(tmp_path):
    rows = [
        ["房号", "业主", "账期", "本期", None, None, "往期欠费", "欠收合计"],
        [None, None, None, "应收", "实收", "欠收", None, None],
        ["1-101", "张三", "2026-06", 100, 0, 100, 0, 100],
        ["1-102", "李四", "2026-06", 100, 0, 100, 250, 350],
    ]
    came = arrears(workbook(tmp_path / "a.xlsx", rows, merge=["A1:A2", "B1:B2", "C1:C2", "D1:F1", "G1:G2", "H1:H2"]), community="云栖")
    assert (came.counts, [(reject.line, reject.column) for reject in came.rejects]) == ((1, 1, "100.00"), [(4, "往期欠费")])


def test_homes_shops_and_parking_spaces_on_sheets_of_their_own_all_count(tmp_path):
    shops = [["商铺号", "经营户", "费用名称", "费用月份", "应收", "已收", "欠费"], ["S-101", "李四", "物业费", "2026-01", 500, 100, 400]]
    spaces = [["车位编号", "车主", "费用名称", "费用月份", "欠费"], ["B1-001", "张三", "车位费", "2026-01", 80]]
    homes = [LISTED, ["1-1-101", "张三", "物业费", "2026-01", 100]]
    came = arrears(workbook(tmp_path / "a.xlsx", homes, title="住宅", 商铺=shops, 车位=spaces), community="云栖")
    assert came.counts == (3, 3, "580.00")
    assert [(charge.unit.label, charge.item) for charge in came.charges][1:] == [("S-101", "物业费"), ("B1-001", "车位费")]


def test_a_parking_space_without_a_home_is_its_own_unit(tmp_path):
    rows = "小区,房号,车位号,业主,费项,账期,欠费\n云栖,1-101,B1-01,张三,车位费,2026-01,9\n云栖,,B1-03,李四,车位费,2026-01,9\n"
    came = arrears(csv(tmp_path / "a.csv", rows))
    assert [(c.unit.label, c.item) for c in came.charges] == [("1-101", "车位费 B1-01"), ("B1-03", "车位费")]


def test_a_sheet_that_is_left_out_is_told_of(tmp_path):
    told: list[str] = []
    homes = [LISTED, ["1-1-101", "张三", "物业费", "2026-01", 100]]
    other = [["车牌", "车主", "费用名称", "费用月份", "欠费"], ["浙A12345", "张三", "车位费", "2026-01", 80]]
    arrears(workbook(tmp_path / "a.xlsx", homes, 临停=other, 汇总=homes), community="云栖", left_out=told.append)
    assert told == [
        "sheet 临停 was left out 未读取的工作表: no column for house (房屋编号)",
        "sheet 汇总 was left out 未读取的工作表: a summary of the others 汇总表",
    ]


def test_headings_in_traditional_script_are_the_same_words(tmp_path):
    path = csv(
        tmp_path / "a.csv",
        "大廈,單位,業主姓名,聯絡電話,收費項目,帳期,到期日,應繳金額,已繳金額,欠繳金額\n"
        "翠湖閣,12A,陳大文,9123 4567,管理費,2026年1月,2026-01-31,1200,0,1200\n"
        "翠湖閣,12B,李小明,9123 4568,管理費,2026年1月,2026-01-31,1200,200,1000\n總計,,,,,,,2400,200,2200\n",
    )
    came = arrears(path, community="翠湖")
    assert (came.taken, came.counts) == (2, (2, 2, "2200.00"))


def test_sums_carried_from_page_to_page_and_signatures_are_no_rows(tmp_path):
    rows = [LISTED, ["1-101", "张三", "物业费", "2026-01", 100], ["过次页", None, None, None, 100], ["承前页", None, None, None, 100]]
    rows += [["1-102", "李四", "物业费", "2026-01", 100], ["制表：王", None, "复核：", None, "2026年11月1日"]]
    came = arrears(workbook(tmp_path / "a.xlsx", rows), community="云栖")
    assert (came.taken, came.rejects, came.counts) == (2, [], (2, 2, "200.00"))


def test_a_lease_ledger_names_suites_occupants_and_open_amounts(tmp_path):
    headings = ["Building ID", "Suite ID", "Occupant Name", "Income Category", "Period", "Invoice Amount", "Open Amount"]
    rows = [["Open Charges Report"], headings, ["B1", "S-101", "Blue Cafe Ltd", "CAM", "01/2026", 2000, 1500]]
    rows += [["B1", "S-102", "Red Books", "CAM", "01/2026", 900, 900], ["Building Total", None, None, None, None, 2900, 2400]]
    came = arrears(workbook(tmp_path / "a.xlsx", rows), community="Maple Court")
    assert (came.taken, came.counts) == (2, (2, 2, "2400.00"))


def test_a_column_called_project_that_lists_fees_is_the_item(tmp_path):
    path = csv(tmp_path / "a.csv", "小区,房号,业主,项目,年月,金额\n云栖,1-101,张三,物业费,2026-10,100\n云栖,1-101,张三,车位费,2026-10,50\n")
    assert [charge.item for charge in arrears(path).charges] == ["物业费", "车位费"]


def test_a_year_and_a_quarter_in_two_columns_make_a_period(tmp_path):
    path = csv(tmp_path / "a.csv", "小区,房号,业主,年度,季度,欠费\n云栖,1-101,张三,2026,第一季度,300\n云栖,1-101,张三,2026年,2季度,300\n")
    assert [charge.period.label for charge in arrears(path).charges] == ["2026-01..2026-03", "2026-04..2026-06"]


def test_a_number_written_behind_its_owners_name_is_his(tmp_path):
    (charge,) = arrears(csv(tmp_path / "a.csv", "小区,房号,业主姓名及电话,账期,欠费\n云栖,1-101,张三 13800138000,2026-01,1\n")).charges
    assert (charge.payers, [phone.e164 for phone in charge.phones]) == (("张三",), ["+8613800138000"])


def test_quarters_and_years_beside_their_months_are_totals_and_must_be_right(tmp_path):
    path = csv(
        tmp_path / "a.csv",
        "2026年云栖花园物业费欠费\n房号,业主,1月,2月,3月,一季度,4月,上半年,合计\n"
        "1-101,张三,100,100,100,300,50,350,350\n1-102,李四,,,100,100,,100,100\n1-103,王五,,,,300,,300,300\n",
    )
    came = arrears(path)
    assert came.counts == (5, 2, "450.00")
    assert [(reject.line, reject.column, reject.value) for reject in came.rejects] == [(5, "一季度", "300")]


def test_a_home_that_a_spreadsheet_program_made_a_date_is_refused(tmp_path):
    rows = "小区,房号,业主,账期,欠费\n云栖,3月12日,张三,2026-01,1\n云栖,12-Mar,张三,2026-01,1\n云栖,3-1202,李四,2026-01,1\n"
    came = arrears(csv(tmp_path / "a.csv", rows))
    assert (came.taken, [(reject.line, reject.column) for reject in came.rejects]) == (1, [(2, "房号"), (3, "房号")])
    turned = [LISTED, [datetime.fromisoformat("2026-03-12"), "张三", "物业费", "2026-01", 1]]
    assert [reject.value for reject in arrears(workbook(tmp_path / "a.xlsx", turned), community="云栖").rejects] == ["2026-03-12"]


def test_a_remark_behind_a_home_or_a_blank_within_a_name_makes_no_second_account(tmp_path):
    rows = (
        "小区,房号,业主,账期,欠费\n云栖,3-1-101（空置）,张　三,2026-01,1\n云栖,3-1-101,张三,2026-02,1\n云栖,3栋1单元101室,#N/A,2026-03,1\n"
    )
    came = arrears(csv(tmp_path / "a.csv", rows))
    assert (came.counts, [reject.line for reject in came.rejects]) == ((2, 1, "2.00"), [4])


def test_a_unit_number_that_looks_like_building_and_room_stays_in_its_tower(tmp_path):
    path = csv(
        tmp_path / "a.csv",
        "Property,Building,Unit,Owner,Item,Period,Balance\nMaple,Tower A,12-01,John,HOA,2026-01,1\nMaple,Tower B,12-01,Ann,HOA,2026-01,1\n",
    )
    assert arrears(path).counts == (2, 2, "2.00")
    path = csv(tmp_path / "a.csv", "小区,楼栋,房屋,业主,账期,欠费\n云栖,3栋,2-101,张三,2026-01,1\n云栖,云栖3栋,3-2-102,张三,2026-01,1\n")
    assert [charge.unit.label for charge in arrears(path).charges] == ["3-2-101", "3-2-102"]


def test_headings_in_two_languages_mean_one_thing(tmp_path):
    headings = ["房号 Room No.", "业主 Owner", "收费项目 Item", "账期 Period", "应缴日期 Due Date", "应收金额 Amount", "已收金额 Paid"]
    rows = [headings, ["1-101", "张三", "车位费", "2026-01", "2026-01-31", 100, 20]]
    (charge,) = arrears(workbook(tmp_path / "a.xlsx", rows), community="云栖").charges
    assert (charge.item, charge.due_on, str(charge.unpaid)) == ("车位费", date(2026, 1, 31), "80.00")


def test_a_closing_date_beside_a_whole_period_is_the_day_to_pay_by(tmp_path):
    (charge,) = arrears(csv(tmp_path / "a.csv", "小区,房号,业主,费用期间,截止日期,欠费\n云栖,1-101,张三,2026-01,2026-02-15,1\n")).charges
    assert charge.due_on == date(2026, 2, 15)


@pytest.mark.parametrize("heading", ["往年欠费", "2024年以前欠费", "物业费历史欠费", "期初余额", "Previous Balance"])
def test_an_amount_of_former_years_is_refused_whatever_it_is_called(tmp_path, heading):
    came = arrears(
        csv(tmp_path / "a.csv", f"小区,房号,业主,账期,欠费,{heading}\n云栖,1-101,张三,2026-01,1,0\n云栖,1-102,李四,2026-01,1,9\n")
    )
    assert (came.taken, [(reject.line, reject.column) for reject in came.rejects]) == (1, [(3, heading)])


@pytest.mark.parametrize("heading", ["期初读数", "往期应收", "上期欠费月数"])
def test_a_meter_or_what_former_periods_were_charged_is_no_debt(tmp_path, heading):
    assert arrears(csv(tmp_path / "a.csv", f"小区,房号,业主,账期,欠费,{heading}\n云栖,1-101,张三,2026-01,1,9\n")).counts == (1, 1, "1.00")


def test_a_report_by_age_alone_says_which_export_is_needed_instead(tmp_path):
    path = csv(tmp_path / "a.csv", "Property,Unit,Resident,0-30 Days,31-60 Days,Over 60 Days,Total Owed\nMaple Court,101,John,1,1,0,2\n")
    with pytest.raises(Unreadable, match=r"ageing columns 账龄 say how old.*请导出逐笔欠费明细"):
        arrears(path)
