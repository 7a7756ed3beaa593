"""What a demand names: what was not named was not demanded (Civil Code 944(1); 195 and the limitation rules).

Where a wording is saved, its blanks are asked for; where a text is written by hand, what it shows. That a rendered text names every unit,
item, period and sum of the facts is read from the text itself, in the shell, which knows how they are written.
"""

from policies.actions import Sentence
from policies.wording_rules.findings import Mandatory

MANDATORY: tuple[Mandatory, ...] = (
    Mandatory("creditor", Sentence("缺少收费单位。", "It does not name the creditor."), frozenset({"creditor"})),
    Mandatory("debtor", Sentence("缺少缴费义务人。", "It does not name the debtor."), frozenset({"debtors", "salutation"})),
    Mandatory(
        "unit",
        Sentence("缺少房屋。", "It names no unit."),
        frozenset({"charges", "units"}),
        r"(?<!\d)\d{1,3}\s*[-栋幢号#]\s*\d{1,4}(?!\d)|\d+室|\bunit\b",
    ),
    Mandatory(
        "periods",
        Sentence("缺少账期。", "It names no billing period."),
        frozenset({"charges"}),
        r"(19|20)\d{2}\s*年|(?<!\d)(19|20)\d{2}(?!\d)",
    ),
    Mandatory(
        "amount",
        Sentence("缺少金额。", "It names no amount."),
        frozenset({"total", "grand_total"}),
        r"[¥€£$]\s*\d|\d\s*元|\b(cny|rmb|usd|gbp)\s*\d|\d\s*(cny|rmb|yuan)\b",
    ),
    Mandatory("late-charge", Sentence("缺少违约金。", "It does not name the late charge."), frozenset({"late_charge"})),
    Mandatory(
        "pay-by",
        Sentence("缺少付款期限。", "It names no pay-by date."),
        frozenset({"pay_by"}),
        r"日\s*(\(含(当日)?\))?\s*(之)?(以)?前|截止|\b(by|before|until|no later than)\b",
    ),
    Mandatory(
        "how-to-pay",
        Sentence("缺少缴费方式。", "It does not say how to pay."),
        frozenset({"how_to_pay", "payee_account", "pay_url"}),
        r"账户|账号|扫码|缴费方式|支付方式|缴费渠道|缴纳|转账|\b(pay|account|transfer|qr)\b",
    ),
    Mandatory(
        "contract-clause",
        Sentence("缺少合同依据。", "It does not name the contract clause."),
        frozenset({"contract_clause"}),
        r"合同|协议|规约|公约|\b(agreement|contract|declaration|lease|section|clause)\b",
    ),
    Mandatory(
        "how-to-object",
        Sentence("缺少异议途径。", "It does not say how to object."),
        frozenset({"how_to_object"}),
        r"异议|疑问|核对|申诉|\b(object|objection|dispute|query|queries|questions?)\b",
    ),
)

OPT_OUT = Mandatory(
    "opt-out",
    Sentence("缺少退订方式。", "It does not say how to have no more of these messages."),
    frozenset({"opt_out"}),
    r"退订|拒收|\b(opt out|unsubscribe|reply stop)\b",
)
"""What an electronic message names where the pack asks for it (12 CFR 1006.6(e)), whatever it says besides."""
