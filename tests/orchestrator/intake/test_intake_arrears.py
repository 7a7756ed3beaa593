"""What a row must say to become a charge, and what happens where it contradicts itself or another."""

from datetime import date

import pytest
from intake_files import arrears, csv

from orchestrator.intake.rows import Terms


def reading(tmp_path, *rows, headings="小区,房号,业主,电话,收费项目,账期,应缴日期,应收金额,已收金额,欠费金额,备注", **options):
    return arrears(csv(tmp_path / "a.csv", "\n".join((headings, *rows))), **options)


GOOD = "云栖,1-1-101,张三,13800000000,物业费,2026-01,2026-01-28,100,30,70,"


def test_a_row_equal_in_content_to_an_earlier_one_is_a_duplicate_even_if_written_otherwise(tmp_path):
    came = reading(tmp_path, GOOD, "云栖,1栋1单元0101,张三,138-0000-0000,物业费,2026年1月,2026年1月28日,¥100.00,30.0,70元,")
    assert (came.taken, [(d.line, d.first_line) for d in came.duplicates]) == (1, [(3, 2)])


@pytest.mark.parametrize(
    "later",
    [
        "云栖,1-1-101,张三,13800000000,物业费,2026-01,2026-01-28,200,0,200,",
        "云栖,1-1-101,李四,13800000000,物业费,2026-01,2026-01-28,100,30,70,",
        "云栖,1-1-101,张三,13800000000,物业费,2026-01,2026-02-28,100,30,70,",
    ],
)
def test_a_row_that_contradicts_an_earlier_one_is_refused_naming_its_line(tmp_path, later):
    came = reading(tmp_path, GOOD, later)
    assert came.taken == 1
    assert "line 2" in came.rejects[0].reason


@pytest.mark.parametrize(
    ("amounts", "column"),
    [
        ("100,30,60", "欠费金额"),
        ("100,130,0", "欠费金额"),
        ("100,130,", "已收金额"),
        ("-1,0,0", "应收金额"),
        (",,", "应收金额"),
        ("0,0,0", "应收金额"),
        ("?,0,0", "应收金额"),
    ],
)
def test_amounts_that_do_not_agree_are_refused_at_their_column(tmp_path, amounts, column):
    came = reading(tmp_path, f"云栖,1-101,张三,,物业费,2026-01,2026-01-28,{amounts},")
    assert [reject.column for reject in came.rejects] == [column]


@pytest.mark.parametrize(
    ("amounts", "stated"),
    [
        ("100,30,70", ("100.00", "30.00")),
        ("100,,70", ("100.00", "30.00")),
        (",30,70", ("100.00", "30.00")),
        ("100,,", ("100.00", "0.00")),
        ("100,100,0", ("100.00", "100.00")),
    ],
)
def test_two_of_the_amounts_give_the_third(tmp_path, amounts, stated):
    (charge,) = reading(tmp_path, f"云栖,1-101,张三,,物业费,2026-01,2026-01-28,{amounts},").charges
    assert (str(charge.amount), str(charge.paid)) == stated


def test_a_reduction_lowers_what_is_owed(tmp_path):
    (charge,) = reading(
        tmp_path, "云栖,1-101,张三,2026-01,1000,100,0,900", headings="小区,房号,业主,账期,应收金额,减免金额,实收金额,欠费金额"
    ).charges
    assert (str(charge.amount), str(charge.unpaid)) == ("900.00", "900.00")


def test_amounts_in_ten_thousands_are_scaled(tmp_path):
    (charge,) = reading(tmp_path, "云栖,1-101,张三,2026-01,0.12", headings="小区,房号,业主,账期,欠费金额(万元)").charges
    assert str(charge.unpaid) == "1200.00"


def test_a_missing_due_date_follows_from_the_communitys_terms(tmp_path):
    (charge,) = reading(tmp_path, "云栖,1-101,张三,,物业费,2026-01至2026-02,,100,0,100,", terms=lambda community: Terms(31)).charges
    assert charge.due_on == date(2026, 2, 28)
    assert any("due date" in warning for warning in charge.warnings)


LONG = "云栖,1-101,张三,,物业费,2024-01至2026-03,2026-03-28,1000.01,500,500.01,"


def test_more_than_a_year_without_known_billing_months_is_refused(tmp_path):
    came = reading(tmp_path, LONG)
    assert (came.taken, "27 months" in came.rejects[0].reason) == (0, True)


def test_more_than_a_year_is_split_by_the_billing_months_and_the_sums_stay(tmp_path):
    charges = reading(tmp_path, LONG, terms=lambda community: Terms(28, 12)).charges
    # 12 of 27 months: 444.45 (444.4489 rounded), 24 of 27: 888.90 less 444.45, the rest 111.11
    assert [(c.period.label, str(c.amount), str(c.paid), c.due_on) for c in charges] == [
        ("2024-01..2024-12", "444.45", "444.45", date(2024, 12, 28)),
        ("2025-01..2025-12", "444.45", "55.55", date(2025, 12, 28)),
        ("2026-01..2026-03", "111.11", "0.00", date(2026, 3, 28)),
    ]


def test_an_unknown_zone_is_refused(tmp_path):
    came = reading(tmp_path, "云栖,1-101,张三,2026-01,100,Asia/Nowhere", headings="小区,房号,业主,账期,欠费,时区")
    assert [(reject.column, reject.value) for reject in came.rejects] == [("时区", "Asia/Nowhere")]


def test_a_companys_home_and_a_shop_are_commercial(tmp_path):
    came = reading(
        tmp_path,
        "云栖,1-101,张三,2026-01,100,商铺",
        "云栖,1-102,杭州云栖商贸有限公司,2026-01,100,",
        "云栖,1-103,杭州云栖商贸有限公司,2026-01,100,住宅",
        headings="小区,房号,业主,账期,欠费,房屋类型",
    )
    assert [charge.unit_use for charge in came.charges] == ["commercial", "commercial", "residential"]


def test_several_parking_spaces_of_one_home_are_several_debts(tmp_path):
    came = reading(
        tmp_path,
        "云栖,1-101,张三,车位费,A01,2026-01,300",
        "云栖,1-101,张三,车位费,A02,2026-01,300",
        headings="小区,房号,业主,收费项目,车位号,账期,欠费",
    )
    assert came.counts == (2, 1, "600.00")


@pytest.mark.parametrize(
    ("stated", "kept"), [("浙江省宁波市海曙区月湖街道12号", True), ("清苑县东吕乡东吕村", True), ("同上", False), ("1-1-101", False)]
)
def test_an_address_that_leads_to_no_door_is_left_out_with_a_warning(tmp_path, stated, kept):
    headings = "小区,房号,业主,电话,收费项目,账期,应缴日期,应收金额,已收金额,欠费金额,通讯地址"
    (charge,) = reading(tmp_path, f"云栖,1-1-101,张三,13800000000,物业费,2026-01,2026-01-28,100,30,70,{stated}", headings=headings).charges
    assert charge.address == (stated if kept else "")
    assert ("incomplete address left out 地址不完整，未采用" in charge.warnings) is not kept
