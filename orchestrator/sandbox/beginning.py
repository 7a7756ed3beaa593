"""The sandbox's first morning: staff, the community and its terms, the billing system's workbook, the campaign of its cycle."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from orchestrator import campaigns, people
from orchestrator.intake.importing import Order, import_file
from orchestrator.runtime import Runtime
from orchestrator.sandbox import staff
from orchestrator.store import communities, sandbox
from orchestrator.store.campaigns import Summary

SEED = 1
"""Of the people at the other end of the sandbox's lines."""
BEGAN = datetime(2026, 11, 21, tzinfo=UTC)  # 08:00 in Shanghai, whatever today is
WORKBOOK = Path(__file__).parent / "samples" / "arrears-2026-10.xlsx"
CYCLE = "2026-10"
COMMUNITY = "云栖花园"
CREDITOR = "云栖物业服务有限公司（示例）"
TERMS = {
    "address": "浙江省杭州市西湖区云栖路1号云栖花园",
    "late_rate": Decimal("0.0005"),
    "billing_months": 3,
    "contract_clause": "《前期物业服务合同》第十八条",
    "how_to_pay": "微信公众号“云栖物业”在线缴费，或至物业服务中心",
    "how_to_object": "致电0571-00000000或向物业服务中心提交书面意见",
    "voice_opt_in": True,
    "creditor_payee": CREDITOR,
    "creditor_payee_account": "示例银行杭州分行 0000 0000 0000 0000",
    "creditor_phone": "0571-00000000",
    "creditor_address": "浙江省杭州市西湖区云栖路1号物业服务中心",
    "creditor_signatory": CREDITOR,
    "creditor_credit_code": "91330000SANDBOX00X",
    "creditor_legal_representative": "示例法定代表人",
    "creditor_service_address": "浙江省杭州市西湖区云栖路1号物业服务中心",
    "contract_title": "云栖花园前期物业服务合同（示例）",
    "contract_signed_on": date(2021, 5, 20),
    "contract_signed_with": "云栖房地产开发有限公司（示例）",
    "contract_from": date(2021, 6, 1),
    "fee_standard": "住宅2.40元/月·平方米（示例）",
    "payment_terms": "按季缴纳，每季末日前付清（示例）",
    "jurisdiction_clause": "无",
    "court": "示例区人民法院",
}
STAFF = {"admin": "administrator", "supervisor": "supervisor", "collector": "collector", "counsel": "counsel", "auditor": "auditor"}
USERS_FILE = "sandbox-users.json"


def begin(runtime: Runtime, days: int) -> None:
    """Start the sandbox's clock, unless it runs already: then only its end may move, and the rest goes on where it stood."""
    with runtime.store.begin() as rows:
        sandbox.begin(rows, BEGAN, BEGAN + timedelta(days=days))


def hire(runtime: Runtime) -> dict[str, str]:
    """One user per role, with random passwords kept in the state folder for whoever tries the console; names to passwords."""
    kept = runtime.settings.state_dir / USERS_FILE
    if kept.exists():
        known: dict[str, str] = json.loads(kept.read_text(encoding="utf-8"))
        return known
    hired = {name: people.add(runtime, name, role) for name, role in STAFF.items()}
    descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(hired, file, indent=2)
    return hired


def open_cycle(runtime: Runtime, seed: int, workbook: Path = WORKBOOK) -> Summary | None:
    """Import the workbook, clear most of what its notes raise, propose and approve the campaign. None where that was done before."""
    with runtime.store.begin() as rows:
        clock = sandbox.clock(rows)
        if clock is not None and clock.community_id is not None:
            return None
        community_id = communities.create(rows, COMMUNITY, CREDITOR)
        communities.set_terms(rows, COMMUNITY, TERMS, "admin", runtime.now(), runtime.wall())
    import_file(runtime, Order(workbook, by="billing", fresh=True))
    staff.clear_reviews(runtime, seed)
    proposed = campaigns.propose(runtime, COMMUNITY, CYCLE, campaigns.BY_ITSELF)
    approved = campaigns.approve(runtime, proposed.campaign_id, staff.SUPERVISOR)
    with runtime.store.begin() as rows:
        sandbox.settle_in(rows, community_id)
    return approved
