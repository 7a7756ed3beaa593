"""Who demands, of whom, for which homes, and how they can be reached."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, LargeBinary, Numeric, UniqueConstraint
from sqlmodel import Field, SQLModel

from orchestrator.models.base import Money, key, maybe_ref, one_of, ref


class Creditor(SQLModel, table=True):
    """The property-management company that bills and demands."""

    __tablename__ = "creditor"

    id: int | None = key()
    name: str = Field(unique=True)
    payee: str = ""
    payee_account: str = ""
    phone: str = ""
    address: str = ""
    signatory: str = ""
    credit_code: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """统一社会信用代码."""
    legal_representative: str = Field(default="", sa_column_kwargs={"server_default": ""})
    legal_title: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The legal representative's office, such as 总经理."""
    agent: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Who conducts its suits, as printed: name, firm, telephone."""
    service_address: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Where a court serves it."""
    electronic_service: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """How it agrees to be served electronically, as printed; empty: counsel decides."""


class Community(SQLModel, table=True):
    """A 小区: its terms, its rule pack and zone, and how old its payment data is."""

    __tablename__ = "community"
    __table_args__ = (
        CheckConstraint("billing_months BETWEEN 1 AND 12", name="billing_months_in_a_year"),
        CheckConstraint("billing_day BETWEEN 1 AND 31", name="billing_day_in_a_month"),
        CheckConstraint("plan_months BETWEEN 1 AND 12", name="plan_within_a_year"),
        CheckConstraint("late_rate >= 0 AND late_rate < 1", name="late_rate_is_a_daily_share"),
        CheckConstraint("post_cut_off ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'", name="post_cut_off_is_a_time_of_day"),
    )

    id: int | None = key()
    creditor_id: int = ref("creditor.id")
    name: str = Field(unique=True)
    address: str = ""
    pack: str = "cn-property"
    sequence: str = "standard"
    timezone: str = "Asia/Shanghai"
    country: str = "CN"
    language: str = "zh"
    currency: str = "CNY"
    billing_day: int = 28
    """The day of the month on which a charge falls due, and on which a new cycle is proposed."""
    billing_months: int | None = None
    """Months per billing period; None where the contract does not say."""
    late_rate: Decimal = Field(default=Decimal(0), sa_type=Numeric(8, 6))
    """Contract late charge per day as a share of principal, simple."""
    contract_clause: str = ""
    how_to_pay: str = ""
    how_to_object: str = ""
    deemed_service_clause: bool = False
    """The contract says that post to the agreed address counts as served (designated-address clause)."""
    notice_hours: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Within which a text message counts as arrived when it comes in, if the contract agreed on such hours: 09:00-18:00."""
    envelope: str = "gb-dl"
    """The envelope its letters go into, or the window of it: see orchestrator/wordings/envelopes.py."""
    payment_code: str = ""
    """What the QR code of a letter holds, with the blanks {reference} and {account}; empty: the payee's account as text."""
    plan_months: int = 3
    """In how many monthly instalments an offer splits the arrears; 1: none are offered."""
    voice_opt_in: bool = False
    service_number: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Where calls are put through to staff, in E.164."""
    service_hours: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """When they take them: 09:00-18:00 on the community's clock, every day."""
    automatic: bool = False
    """A proposed campaign is approved without a person; off unless the company chose it."""
    minimum: Decimal = Field(default=Decimal("0.01"), sa_type=Money)
    suit_minimum: Decimal = Field(default=Decimal("1000.00"), sa_type=Money)
    contract_title: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Of the property-service contract in force, such as 前期物业服务合同."""
    contract_number: str = Field(default="", sa_column_kwargs={"server_default": ""})
    contract_signed_on: date | None = None
    contract_signed_with: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Who signed for the owners: the developer, or the owners' committee."""
    contract_from: date | None = None
    contract_until: date | None = None
    contract_filing: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Under which number the housing authority has it on file (备案号)."""
    fee_standard: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """As agreed, such as 住宅2.40元/月·平方米."""
    payment_terms: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """When and how fees are paid, as agreed."""
    jurisdiction_clause: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The clause on courts or arbitration; 无 where there is none."""
    court: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Where its suits are filed."""
    post_cut_off: str = Field(default="16:00", sa_column_kwargs={"server_default": "16:00"})
    """The local time at which a working day's batch of letters is closed."""
    payments_as_of: datetime | None = None
    """Up to when payments are known; older than the allowed age and nothing is sent."""
    billing_total: Decimal | None = Field(default=None, sa_type=Money)
    """What the billing system itself says is unpaid, from its last snapshot."""
    clocks_seen_on: date | None = None
    """The last local day on which its limitation clocks were looked at."""


class SteeringDay(SQLModel, table=True):
    """What a community could still collect in court on a local day: charges with a court-safe demand and more than 180 days left."""

    __tablename__ = "steering_day"

    community_id: int = ref("community.id", primary_key=True)
    day: date = Field(primary_key=True)
    charges: int
    amount: Decimal = Field(sa_type=Money)


class SiteDay(SQLModel, table=True):
    """A day on which this community is left in peace, chosen by a named person, until one takes it back."""

    __tablename__ = "site_day"

    community_id: int = ref("community.id", primary_key=True)
    day: date = Field(primary_key=True)
    reason: str
    author: str
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lifted_because: str | None = None


class Unit(SQLModel, table=True):
    """A 房屋. `label` is canonical (3-1-1201), `source_label` what the billing system writes."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("community_id", "label"), one_of("use", ("residential", "commercial")))

    id: int | None = key()
    community_id: int = ref("community.id")
    label: str
    source_label: str
    building: str = ""
    use: str = "residential"
    area: Decimal | None = Field(default=None, sa_type=Numeric(12, 2))


class Party(SQLModel, table=True):
    """A person or company. Two are one only on the same name and the same number or identity; merging is a staff act."""

    __tablename__ = "party"
    __table_args__ = (one_of("kind", ("person", "company")),)

    id: int | None = key()
    creditor_id: int = ref("creditor.id")
    name: str = Field(index=True)
    kind: str = "person"
    identity_digest: bytes | None = Field(default=None, sa_type=LargeBinary)


class ContactPoint(SQLModel, table=True):
    """A number or address, encrypted; found again by its keyed digest. Families share numbers: several parties may link to one."""

    __tablename__ = "contact_point"
    __table_args__ = (UniqueConstraint("creditor_id", "digest"), one_of("kind", ("mobile", "landline", "address")))

    id: int | None = key()
    creditor_id: int = ref("creditor.id")
    kind: str
    value: bytes = Field(sa_type=LargeBinary)
    digest: bytes = Field(sa_type=LargeBinary)
    country: str = "CN"
    timezone: str | None = None
    unusable_reason: str | None = None
    unusable_until: datetime | None = None


class PartyContact(SQLModel, table=True):
    """A party's link to a contact point; `designated` where the contract names it for notices. Lower rank is tried first."""

    __tablename__ = "party_contact"

    party_id: int = ref("party.id", primary_key=True)
    contact_point_id: int = ref("contact_point.id", primary_key=True)
    rank: int = 0
    designated: bool = False


class Debtor(SQLModel, table=True):
    """One party, or several liable together. `key` is the sorted party ids, so that the same set is the same debtor."""

    __tablename__ = "debtor"
    __table_args__ = (UniqueConstraint("creditor_id", "key"),)

    id: int | None = key()
    creditor_id: int = ref("creditor.id")
    key: str
    name: str
    """The parties' names as printed."""


class DebtorParty(SQLModel, table=True):
    """Who belongs to a debtor."""

    __tablename__ = "debtor_party"

    debtor_id: int = ref("debtor.id", primary_key=True)
    party_id: int = ref("party.id", primary_key=True)


class Account(SQLModel, table=True):
    """A unit's fee relation with one debtor. A transfer of ownership opens another account; old charges stay where they are."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("unit_id", "debtor_id"),)

    id: int | None = key()
    unit_id: int = ref("unit.id")
    debtor_id: int = ref("debtor.id", index=True)
    closed_on: date | None = None


CONSENT_SOURCES = ("reply", "key", "page", "staff", "contract", "carrier")


class Consent(SQLModel, table=True):
    """That a number may or may not be reached on a channel, said once: the last word of a number and channel holds (view `opt_out`).

    A number belongs to one creditor (`ContactPoint`), so a consent does too. `proof` are the raw bytes it was said in, where they are not
    the receipt's; `by` the member of staff who wrote it down.
    """

    __tablename__ = "consent"
    __table_args__ = (
        one_of("channel", ("sms", "voice", "call")),
        one_of("source", CONSENT_SOURCES),
        Index("ix_consent_number", "contact_point_id", "channel", "id"),
    )

    id: int | None = key()
    contact_point_id: int = ref("contact_point.id")
    channel: str
    given: bool
    source: str
    by: str = ""
    at: datetime
    at_wall: datetime
    receipt_id: int | None = maybe_ref("receipt.id")
    proof: bytes | None = Field(default=None, sa_type=LargeBinary)
