"""Exports of other billing systems: where their headings stand, what they call things, and how they spread amounts."""

from datetime import date

import pytest
from intake_files import arrears, csv, workbook

from orchestrator.intake.lines import data_rows
from orchestrator.intake.rows import Options, Terms, Unreadable


def test_a_ledger_export_with_start_and_end_dates_principal_and_late_fee(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        [
            ["应收明细表"],
            ["资源编号", "客户名称", "费用名称", "费用起始日期", "费用截止日期", "应收日期", "本金", "滞纳金", "未收金额"],
            ["云栖花园-3栋-1单元-1201", "张三", "物业费", date(2026, 1, 1), date(2026, 3, 31), date(2026, 3, 28), 1000.0, 12.3, 1012.3],
            ["云栖花园-3栋-1单元-1202", "李四", "车位费", "2026-01-01", "2026-03-31", "2026-03-28", "900", "0", "450"],
            ["合计", "", "", "", "", "", 1900, 12.3, 1462.3],
        ],
    )
    came = arrears(path)
    assert came.counts == (2, 2, "1450.00")
    assert [(c.community, c.unit.label, c.item, c.period.label) for c in came.charges] == [
        ("云栖花园", "3-1-1201", "物业费", "2026-01..2026-03"),
        ("云栖花园", "3-1-1202", "车位费", "2026-01..2026-03"),
    ]


def test_one_row_per_home_with_the_months_under_a_merged_year(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        [
            ["云栖花园2026年物业费欠费表"],
            ["房号", "业主", "电话", "2026年", "", "", "合计"],
            ["", "", "", "1月", "2月", "3月", ""],
            ["3-1-1201", "张三", "13800000000", 100, "", 200, 300],
            ["3-1-1202", "李四", "13800000001", "已缴", 100.5, 0, 100.5],
            ["合计", "", "", 100, 100.5, 200, 400.5],
        ],
        merge=["A1:G1", "A2:A3", "B2:B3", "C2:C3", "D2:F2", "G2:G3"],
    )
    came = arrears(path)
    assert (came.taken, came.counts) == (2, (3, 2, "400.50"))
    assert {charge.period.label for charge in came.charges} == {"2026-01", "2026-02", "2026-03"}


def test_each_month_with_what_was_charged_paid_and_owed(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        [
            ["房屋编号", "客户名称", "2026年1月", "", "", "2026年2月", "", ""],
            ["", "", "应收", "已收", "欠费", "应收", "已收", "欠费"],
            ["3-1-1201", "张三", 100, 0, 100, 100, 50, 50],
        ],
        merge=["A1:A2", "B1:B2", "C1:E1", "F1:H1"],
    )
    came = arrears(path, community="云栖花园")
    assert came.counts == (2, 1, "150.00")
    assert [str(charge.paid) for charge in came.charges] == ["0.00", "50.00"]


def test_bare_months_take_their_year_from_the_title(tmp_path):
    path = csv(tmp_path / "a.csv", "2026年度云栖花园物业费统计\n楼栋,房号,业主姓名,1月,12月,欠费合计\n1栋,101,张三,100,50,150\n")
    came = arrears(path)
    assert [charge.period.label for charge in came.charges] == ["2026-01", "2026-12"]
    assert came.charges[0].community == "云栖花园"


def test_fees_across_become_one_charge_each(tmp_path):
    path = csv(
        tmp_path / "a.csv", "小区,房号,业主,账期,物业费,车位费,公摊水电,合计\n云栖,1-1-101,张三,2026-01,100,50,,150\n总计,,,,100,50,,150\n"
    )
    came = arrears(path)
    assert [(charge.item, str(charge.amount)) for charge in came.charges] == [("物业费", "100.00"), ("车位费", "50.00")]


def test_an_amount_of_former_years_without_its_periods_is_refused(tmp_path):
    path = csv(tmp_path / "a.csv", "小区,房号,业主,2026年1月,2026年2月,往年欠费\n云栖,1-101,张三,1,2,\n云栖,1-102,李四,1,2,900\n")
    came = arrears(path)
    assert (came.taken, [reject.column for reject in came.rejects]) == (1, ["往年欠费"])


def test_identity_cells_merged_over_several_rows_hold_for_each_of_them(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        [
            ["小区", "房号", "业主", "电话", "收费项目", "账期", "应缴日期", "欠费金额"],
            ["云栖", "1-1-101", "张三", "13800000000", "物业费", "2026-01", "2026-01-28", 100],
            ["", "", "", "", "物业费", "2026-02", "2026-02-28", 100],
            ["", "", "", "", "小计", "", "", 200],
        ],
        merge=["A2:A4", "B2:B4", "C2:C4", "D2:D4"],
    )
    assert arrears(path).counts == (2, 1, "200.00")


def test_a_total_merged_over_an_owners_rows_is_not_counted_on_each(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        [
            ["小区", "房号", "业主", "账期", "应收金额", "已收金额"],
            ["云栖", "1-101", "张三", "2026-01", 100, 30],
            ["", "", "", "2026-02", 100, ""],
        ],
        merge=["A2:A3", "B2:B3", "C2:C3", "F2:F3"],
    )
    assert [str(charge.paid) for charge in arrears(path).charges] == ["30.00", "0.00"]


HEADINGS = ["房号", "业主姓名", "费项", "费用期间", "到期日", "应收", "已收", "未收"]


def test_every_sheet_with_headings_counts_and_a_summary_sheet_does_not(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        [HEADINGS, ["1-1-101", "张三", "物业费", "2026年1-3月", "2026-03-28", 100, 0, 100]],
        title="1栋",
        二栋=[["2栋明细"], HEADINGS, ["2-1-101", "王五", "物业费", "2026年1-3月", "2026-03-28", 100, 0, 100]],
        汇总=[["房号", "业主", "欠费期间", "欠费金额"], ["1-1-101", "张三", "2026年1-3月", 100]],
        说明=[["本表由收费系统自动生成"]],
    )
    assert arrears(path, community="云栖花园").counts == (2, 2, "200.00")


def test_an_american_report_with_stamps_above_and_month_first_dates(tmp_path):
    path = csv(
        tmp_path / "a.csv",
        "Delinquency Report\nAs of 11/30/2026\n"
        "Property,Unit,Resident,Charge Code,Post Month,Due Date,Amount Due,Amount Paid,Balance,Phone\n"
        'Maple Court,12C,"Doe, Jane",HOA Dues,06/2026,06/05/2026,"$1,339.00",$0.00,"$1,339.00",(202) 555-0100\n'
        "Maple Court,12D,Rick & Ann Roe,Late Fee,07/2026,07/28/2026,(50.00),0,(50.00),\nTotal,,,,,,1289.00,,1289.00,\n",
    )
    came = arrears(path, lambda community: Terms(28, None, "US"))
    assert [(c.payers, c.due_on, c.phones[0].e164) for c in came.charges] == [(("Doe, Jane",), date(2026, 6, 5), "+12025550100")]
    assert [reject.reason for reject in came.rejects] == ["-50.00 is negative 金额为负"]


def test_a_column_under_an_unknown_heading_is_named_with_its_nearest_candidates(tmp_path):
    path = csv(tmp_path / "a.csv", "小区,房号,业主,记账区段,欠费\n云栖,1-101,张三,2026-01,100\n")
    with pytest.raises(Unreadable, match=r"period .账期.*记账区段"):
        arrears(path)


def test_a_mapping_names_the_column_the_table_does_not_know(tmp_path):
    path = csv(tmp_path / "a.csv", "小区,房号,业主,记账区段,欠费\n云栖,1-101,张三,2026-01,100\n")
    assert arrears(path, mapping={"period": ("记账区段",)}).counts == (1, 1, "100.00")


def test_a_mapping_to_a_column_that_is_not_there_says_so(tmp_path):
    path = csv(tmp_path / "a.csv", "小区,房号,业主,账期,欠费\n云栖,1-101,张三,2026-01,100\n")
    with pytest.raises(Unreadable, match="no column is called 期数; nearest headings: 账期"):
        arrears(path, mapping={"period": ("期数",)})


def test_a_file_without_headings_cannot_be_read(tmp_path):
    with pytest.raises(Unreadable, match="no heading row found"):
        list(data_rows(csv(tmp_path / "a.csv", "1,2,3\n4,5,6\n"), "arrears", Options(lambda community: Terms(28))))


def test_a_file_that_names_no_community_asks_for_one(tmp_path):
    with pytest.raises(Unreadable, match="--community"):
        arrears(csv(tmp_path / "a.csv", "房号,业主,账期,欠费\n1-101,张三,2026-01,100\n"))


def test_a_heading_repeated_on_every_page_and_footers_are_no_rows(tmp_path):
    path = csv(
        tmp_path / "a.csv",
        "小区,房号,业主,账期,欠费\n云栖,1-101,张三,2026-01,100\n第1页 共2页,,,,\n小区,房号,业主,账期,欠费\n云栖,1-102,李四,2026-01,100\n"
        ",,,,200\n1栋小计,,,,200\n制表人:王,,,审核:赵,\n",
    )
    came = arrears(path)
    assert (came.taken, came.rejects, came.counts) == (2, [], (2, 2, "200.00"))
