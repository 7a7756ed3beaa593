"""Notices that the tests of wordings, and their benchmark, render."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from orchestrator.wording import Creditor, Instalment, Line, Notice

YUNQI = Creditor(
    name="杭州云栖物业服务有限公司",
    phone="0571-88886666",
    address="杭州市西湖区云栖路88号 310024",
    payee_account="户名：杭州云栖物业服务有限公司\n开户行：中国工商银行杭州云栖支行\n账号：1202024519900123456",
    letterhead="客服热线 0571-88886666",
)
MAPLE = Creditor(
    name="Maple Court Homeowners Association",
    phone="+1 202 555 0100",
    address="12 Maple Avenue, Springfield, CA 94000",
    payee_account="First National Bank, account 4455 6677",
)


def line(
    period: str, due: str, amount: str = "400.00", *, unit: str = "3-1-1201", item: str = "物业费", paid: str = "0.00", **more: object
) -> Line:
    return Line(unit, item, period, date.fromisoformat(due), Decimal(amount), Decimal(paid), **more)  # type: ignore[arg-type]


MONTHS = (
    line("2025-02", "2025-02-28", late_charge=Decimal("12.60")),
    line("2025-03", "2025-03-31", late_charge=Decimal("11.90")),
    line("2025-04", "2025-04-30", late_charge=Decimal("10.20")),
    line("2025-11", "2025-11-30", paid="150.00", late_charge=Decimal("3.30")),
    line("2025-08..2025-10", "2025-10-28", "150.00", unit="B2-118", item="车位费"),
)
OLD = line("2021-01..2021-03", "2021-03-28", "1170.62", time_barred=True)

DEMAND = Notice(
    purpose="demand",
    language="zh",
    reference="XL-2026-000123",
    creditor=YUNQI,
    community="云栖花园",
    debtors=("王平",),
    address="浙江省杭州市西湖区云栖路99号\n云栖花园3幢1单元1201室\n310024",
    lines=MONTHS,
    dated=date(2026, 11, 24),
    as_of=date(2026, 11, 23),
    pay_by=date(2026, 12, 9),
    how_to_pay="微信、支付宝扫码，或到物业服务中心刷卡、现金缴纳。",
    contract_clause="《云栖花园前期物业服务合同》第18条",
    how_to_object="致电0571-88886666或向物业服务中心提交书面意见",
    signatory="客户服务部 陈静",
    late_charge_terms="自应缴日期次日起每日万分之五，不计复利",
    qr_payload="https://pay.example.cn/b/7Q2F9KZ",
)
DEMAND_EN = replace(
    DEMAND,
    language="en",
    creditor=MAPLE,
    community="Maple Court",
    debtors=("Alexandra Featherstonehaugh-Montgomery", "José Ibáñez"),
    address="12 Maple Avenue, Unit 12C\nSpringfield, CA 94000",
    lines=tuple(line(f"2026-0{month}", f"2026-0{month}-28", "339.00", unit="12C", item="HOA dues") for month in (1, 2, 3, 6)),
    how_to_pay="Online or at the office",
    contract_clause="Declaration, section 7.3",
    how_to_object="write to the office or call +1 202 555 0100",
    signatory="Dana Wells, Community Manager",
    late_charge_terms="",
    currency="USD",
    law="us",
)
PLAN = tuple(Instalment(date(2026, month, 28) if month < 13 else date(2027, 1, 28), Decimal("546.00")) for month in (11, 12, 13))
EXAMPLES = {
    "demand": (DEMAND, replace(DEMAND, lines=(*MONTHS, OLD), debtors=("王平", "李娟"), instalments=PLAN), DEMAND_EN),
    "bill_notice": (replace(DEMAND, purpose="bill_notice"), replace(DEMAND_EN, purpose="bill_notice")),
    "thank_you": (
        replace(DEMAND, purpose="thank_you", received=Decimal("1600.00")),
        replace(DEMAND_EN, purpose="thank_you", received=Decimal("339.00")),
    ),
    "promise_reminder": (replace(DEMAND, purpose="promise_reminder"), replace(DEMAND_EN, purpose="promise_reminder")),
    "help": (
        replace(DEMAND, purpose="help", lines=(), opt_out="退订回复TD"),
        replace(DEMAND_EN, purpose="help", lines=(), opt_out="Reply STOP to opt out"),
    ),
    "answer": (
        replace(DEMAND, purpose="answer", lines=(), promised_on=date(2026, 12, 5)),
        replace(DEMAND_EN, purpose="answer", lines=(), promised_on=date(2026, 12, 5)),
    ),
    "withdrawal": (
        replace(DEMAND, purpose="withdrawal", withdraws="XL-2026-000100", reason="金额计算"),
        replace(DEMAND_EN, purpose="withdrawal", withdraws="XL-2026-000100"),
    ),
    "committee": (
        replace(DEMAND, purpose="committee", debtors=("云栖花园业主委员会",)),
        replace(DEMAND_EN, purpose="committee", debtors=("Maple Court Owners' Committee",)),
    ),
}
