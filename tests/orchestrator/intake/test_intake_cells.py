"""What single cells say: money, dates, periods, phones, names, homes, notes."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from orchestrator.intake.cells import CellError, day, moment, money
from orchestrator.intake.names import kind_of, read_names
from orchestrator.intake.notes import review_reason
from orchestrator.intake.periods import read_period
from orchestrator.intake.phones import read_phones
from orchestrator.intake.units import mentioned_unit, read_unit

MIDNIGHT = datetime.fromisoformat("2026-01-01T00:00:00")


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("1,344.08元", "1344.08"),
        ("¥5,977.44", "5977.44"),
        ("￥ １２０．５", "120.50"),
        ("人民币1200", "1200.00"),
        ("(35.50)", "-35.50"),
        ("-120", "-120.00"),
        ("1.2万元", "12000.00"),
        ("$1,339.00", "1339.00"),
        ("1.234,56", "1234.56"),
        ("234,50", "234.50"),
        (1131.1000000000001, "1131.10"),
        (0.125, "0.13"),
    ],
)
def test_money_is_read_to_the_cent(said, amount):
    assert money(said) == Decimal(amount)


@pytest.mark.parametrize("said", ["待核", "12.3.4", "1,23.4", True, float("nan"), MIDNIGHT, "99999999999999"])
def test_what_is_not_money_is_refused(said):
    with pytest.raises(CellError):
        money(said)


@pytest.mark.parametrize("said", ["", " ", "-", "—", "无", None])
def test_a_mark_for_nothing_is_no_amount(said):
    assert money(said) is None


@pytest.mark.parametrize(
    "said",
    [
        "2026-01-28",
        "2026/1/28",
        "2026.01.28",
        "2026年1月28日",
        "20260128",
        "46050",
        46050.0,
        "２０２６-０１-２８",
        "2026-01-28 00:00:00",
        date(2026, 1, 28),
        datetime.fromisoformat("2026-01-28T09:00:00"),
        "28/01/2026",
        "1/28/2026",
        "28 Jan 2026",
        "Jan 28, 2026",
    ],
)
def test_a_day_is_read_in_any_dress(said):
    assert day(said) == date(2026, 1, 28)


def test_an_ambiguous_day_follows_the_country():
    assert (day("03/04/2026"), day("03/04/2026", month_first=True)) == (date(2026, 4, 3), date(2026, 3, 4))


@pytest.mark.parametrize("said", ["2026-02-30", "soon", "1026-01-01", "2026-13-01"])
def test_a_day_that_does_not_exist_is_refused(said):
    with pytest.raises(CellError):
        day(said)


def test_a_transfers_time_is_kept():
    assert moment("2026-11-13 07:25:29") == datetime.fromisoformat("2026-11-13T07:25:29")


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("2025.02~2025.04", "2025-02..2025-04"),
        ("2024年12月-2025年11月", "2024-12..2025-11"),
        ("202408-202410", "2024-08..2024-10"),
        ("2025-05至2025-07", "2025-05..2025-07"),
        ("2025年4月", "2025-04"),
        ("202603", "2026-03"),
        (202603.0, "2026-03"),
        (45958.0, "2025-10"),
        (MIDNIGHT, "2026-01"),
        ("2025年第1季度", "2025-01..2025-03"),
        ("2026年一季度", "2026-01..2026-03"),
        ("2025Q1", "2025-01..2025-03"),
        ("Q1 2026", "2026-01..2026-03"),
        ("2025上半年", "2025-01..2025-06"),
        ("2025年下半年", "2025-07..2025-12"),
        ("2025年度", "2025-01..2025-12"),
        ("2025-01-01至2025-03-31", "2025-01..2025-03"),
        ("20260101-20260331", "2026-01..2026-03"),
        ("2025-12-26~2026-01-25", "2025-12-26..2026-01-25"),
        ("2026年1月1日-3月31日", "2026-01..2026-03"),
        ("Jan 2026", "2026-01"),
        ("Jan-Mar 2026", "2026-01..2026-03"),
        ("01/2026", "2026-01"),
        ("2026.1-3", "2026-01..2026-03"),
        ("2026年1-3月", "2026-01..2026-03"),
        ("26年1月", "2026-01"),
        ("2025年11月-2月", "2025-11..2026-02"),
        ("2026年1、2、3月", "2026-01..2026-03"),
        ("202601,202602,202603", "2026-01..2026-03"),
        ("2026年1月（第1期）", "2026-01"),
        ("２０２６年１月", "2026-01"),
        ("2026 Jan", "2026-01"),
        ("[2026-01]", "2026-01"),
        ("2026年前三季度", "2026-01..2026-09"),
        ("2025年12月-次年2月", "2025-12..2026-02"),
    ],
)
def test_a_period_is_read_in_any_form(said, label):
    period = read_period(said)
    assert period is not None
    assert period.label == label


@pytest.mark.parametrize("said", ["2026-13", "2026-00", "季度", "2026-03至2026-01", "202601,202603", 2026.1, "1月", "20268"])
def test_a_period_that_cannot_be_is_refused(said):
    with pytest.raises(CellError):
        read_period(said)


@pytest.mark.parametrize(
    ("said", "months"),
    [("2026-01-01~2026-01-28", 1), ("2025-12-26~2026-01-25", 1), ("2024-01~2025-01", 13), ("2024-01-15~2025-01-14", 12), ("2025年", 12)],
)
def test_the_months_of_a_period_are_counted(said, months):
    period = read_period(said)
    assert period is not None
    assert period.months == months


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("19900004866、0571-89374395", ["+8619900004866", "+8657189374395"]),
        ("19900002692/19900009746", ["+8619900002692", "+8619900009746"]),
        ("199-0000-4866", ["+8619900004866"]),
        ("１９９００００４１２４", ["+8619900004124"]),
        ("+86 19900007202", ["+8619900007202"]),
        (19900003958.0, ["+8619900003958"]),
        ("13800000000 13900000000", ["+8613800000000", "+8613900000000"]),
        ("(0571)89374395转801", ["+8657189374395"]),
        ("19900004866,19900004866", ["+8619900004866"]),
        ("+12025550100", ["+12025550100"]),
        ("无", []),
    ],
)
def test_every_number_of_a_cell_is_found(said, numbers):
    assert [phone.e164 for phone in read_phones(said, "CN")] == numbers


@pytest.mark.parametrize("said", ["1990000268", "13800000000(妻子)", "租客:13800000000"])
def test_a_number_that_must_not_be_used_is_kept_but_flagged(said):
    (phone,) = read_phones(said, "CN")
    assert phone.unusable
    assert (phone.e164, phone.source) == ("", said)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("褚磊、何平", ("褚磊", "何平")),
        ("张三 李四", ("张三", "李四")),
        ("杭州云栖商贸有限公司", ("杭州云栖商贸有限公司",)),
        ("A、B有限公司", ("A、B有限公司",)),
        ("Doe, Jane", ("Doe, Jane",)),
        ("张三(业主)", ("张三",)),
        ("无", ()),
    ],
)
def test_joint_debtors_become_several_and_a_company_stays_one(said, names):
    assert read_names(said).names == names


@pytest.mark.parametrize("said", ["郑丽、", "张三等3人"])
def test_a_name_that_is_cut_off_is_said_to_be(said):
    payer = read_names(said)
    assert len(payer.names) == 1
    assert payer.warning


def test_companies_are_told_from_persons():
    assert [kind_of(name) for name in ("绍兴越城餐饮店", "褚桂英", "Maple LLC", "Jane Doe")] == ["company", "person", "company", "person"]


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("3-1-1201", "3-1-1201"),
        ("3栋1单元1201", "3-1-1201"),
        ("云栖花园3号楼1单元1201室", "3-1-1201"),
        ("云栖花园-3栋-1单元-1201", "3-1-1201"),
        ("云栖花园/3幢/1单元/1201", "3-1-1201"),
        ("3#1-1201", "3-1-1201"),
        ("三号楼二单元301", "3-2-301"),
        ("3幢1201室", "3-1201"),
        ("A座1201", "A-1201"),
        ("一期3栋1单元101", "一期3-1-101"),
        ("12C", "12C"),
        ("地下车位A023", "地下车位A023"),
    ],
)
def test_a_home_has_one_label_however_it_is_written(said, label):
    unit = read_unit(said)
    assert unit is not None
    assert (unit.label, unit.source) == (label, said)


@pytest.mark.parametrize(
    "parts",
    [
        {"building": "1栋", "entrance": "1单元", "room": "0102"},
        {"building": 1.0, "entrance": 1.0, "room": 102.0},
        {"building": "1栋1单元", "room": "0102室"},
        {"building": "1号楼", "room": "1栋1单元0102"},
        {"house": "1-1-0102"},
    ],
)
def test_separate_columns_and_whole_labels_name_the_same_home(parts):
    unit = read_unit(**parts)
    assert unit is not None
    assert (unit.key, unit.building) == ("1-1-102", "1")


def test_a_memo_names_a_home_only_where_it_does():
    assert [unit and unit.label for unit in map(mentioned_unit, ("7幢0403室 物业费", "2026-11-05 物业费", "陈明 物业", "13812345678"))] == [
        "7-0403",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("律师代理", "represented"),
        ("房屋已过户", "transferred"),
        ("漏水未修", "repair"),
        ("电梯投诉处理中", "dispute"),
        ("业主出国", None),
        ("要求书面通知", None),
        ("", None),
    ],
)
def test_a_note_that_matters_asks_for_review(note, reason):
    assert review_reason(note) == reason
