"""A small community with rows as the program writes them, for what the web shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, text

from orchestrator import models, packs
from orchestrator.store import Rows, Store

PACKS = packs.load()
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai: every window is open."""


def put(rows: Rows, model: Any, **values: Any) -> int:
    return rows.execute(insert(model).values(**values).returning(model.id)).scalar_one()  # type: ignore[no-any-return]


@dataclass
class World:
    """One creditor and one community; homes are added one by one."""

    store: Store
    now: datetime = NOW
    community_name: str = "云栖花园"
    community_id: int = field(init=False)
    creditor_id: int = field(init=False)

    def __post_init__(self) -> None:
        with self.store.begin() as rows:
            self.creditor_id = put(
                rows, models.Creditor, name=f"{self.community_name}物业公司", phone="0571-80000000", address="文一西路1号"
            )
            self.community_id = put(
                rows,
                models.Community,
                creditor_id=self.creditor_id,
                name=self.community_name,
                address="杭州市云栖路1号",
                late_rate=Decimal("0.0005"),
                payments_as_of=self.now - timedelta(hours=6),
            )

    def home(
        self, label: str, name: str, number: str = "", *, charges: Sequence[tuple[date, date, str]] = (), item: str = "物业费"
    ) -> "Home":
        """A unit with one owner, their number and address, and charges as (first day, last day, amount)."""
        with self.store.begin() as rows:
            unit = put(rows, models.Unit, community_id=self.community_id, label=label, source_label=label, building=label.split("-")[0])
            party = put(rows, models.Party, creditor_id=self.creditor_id, name=name)
            debtor = put(rows, models.Debtor, creditor_id=self.creditor_id, key=str(party), name=name)
            rows.execute(insert(models.DebtorParty).values(debtor_id=debtor, party_id=party))
            account = put(rows, models.Account, unit_id=unit, debtor_id=debtor)
            point = self._point(rows, party, number) if number else None
            ids = [
                put(
                    rows,
                    models.Charge,
                    account_id=account,
                    debtor_id=debtor,
                    item=item,
                    period_start=start,
                    period_end=end,
                    period=f"{start:%Y-%m}" if (start.year, start.month) == (end.year, end.month) else f"{start:%Y-%m}..{end:%Y-%m}",
                    due_on=end,
                    amount=Decimal(amount),
                    created_at=self.now,
                )
                for start, end, amount in charges
            ]
        return Home(self, label, debtor, account, point, tuple(ids))

    def _point(self, rows: Rows, party: int, number: str) -> int:
        vault = self.store.vault
        point = put(
            rows, models.ContactPoint, creditor_id=self.creditor_id, kind="mobile", value=vault.seal(number), digest=vault.digest(number)
        )
        rows.execute(insert(models.PartyContact).values(party_id=party, contact_point_id=point))
        return point


@dataclass
class Home:
    """A unit with its debtor; its case is opened by `open_case`."""

    world: World
    label: str
    debtor_id: int
    account_id: int
    point_id: int | None
    charge_ids: tuple[int, ...]
    case_id: int = 0

    def open_case(self, *, rule: str = "wait_for_gap", until: timedelta = timedelta(days=2), cursor: int = 1) -> "Home":
        with self.world.store.begin() as rows:
            self.case_id = put(
                rows,
                models.Case,
                community_id=self.world.community_id,
                debtor_id=self.debtor_id,
                sequence="standard",
                sequence_digest=PACKS.sequence("standard").digest,
                pack="cn-property",
                pack_digest=PACKS.pack("cn-property").digest,
                cursor=cursor,
                entered_at=self.world.now - timedelta(days=10),
                ask_at=self.world.now + until,
            )
            put(
                rows,
                models.Decision,
                case_id=self.case_id,
                asked_at=self.world.now,
                asked_at_wall=self.world.now,
                action="wait",
                step="notice-sms",
                channel="sms",
                until=self.world.now + until,
                rule=rule,
                because=[{"zh": "上一步刚刚生效，先等三天。", "en": "The step before has just taken effect."}],
                pack="cn-property@0",
                calendar="cn-2026@0",
                cursor=cursor,
            )
        return self

    def attempt(
        self,
        channel: str,
        state: str,
        *,
        outcome: str | None = None,
        step: str = "notice-sms",
        body: str = "您好，请于约定日期前缴纳物业费。",
        document: bytes | None = None,
        names: Sequence[int] | None = None,
        sent: timedelta = timedelta(days=-3),
        signer: str | None = None,
        provider_id: str | None = None,
    ) -> int:
        at = self.world.now + sent
        arrived = state in ("delivered", "undelivered", "failed", "cancelled")
        with self.world.store.begin() as rows:
            attempt_id = put(
                rows,
                models.Attempt,
                case_id=self.case_id,
                community_id=self.world.community_id,
                debtor_id=self.debtor_id,
                purpose="demand",
                step=step,
                channel=channel,
                contact_point_id=self.point_id if channel in ("sms", "voice") else None,
                state=state,
                outcome=outcome,
                signer=signer,
                provider="twilio" if channel in ("sms", "voice") else "post",
                provider_id=provider_id or f"{channel}-{self.label}-{step}-{abs(sent.total_seconds()):.0f}",
                planned_at=at,
                sent_at=at,
                sent_at_wall=at,
                concluded_at=at + timedelta(hours=1) if arrived else None,
                sending_until=at if state == "sending" else None,
            )
            rows.execute(
                insert(models.Message).values(
                    attempt_id=attempt_id,
                    wording=f"{step}@0",
                    language="zh",
                    body=body,
                    document=document,
                    digest=sha256(document or body.encode()).digest(),
                    pay_by=at.date() + timedelta(days=15),
                    valid_until=at,
                    composed_at=at,
                )
            )
            for charge_id in self.charge_ids if names is None else names:
                rows.execute(insert(models.NamedCharge).values(attempt_id=attempt_id, charge_id=charge_id, unpaid=Decimal("400.00")))
        return attempt_id

    def another_number(self, number: str) -> int:
        """A second mobile number of its owner, to be tried after the first."""
        return self._another("mobile", number, rank=1)

    def another_address(self, address: str, rank: int = 0) -> int:
        """An address that its owner gave."""
        return self._another("address", address, rank)

    def _another(self, kind: str, value: str, rank: int) -> int:
        vault = self.world.store.vault
        with self.world.store.begin() as rows:
            point = put(
                rows,
                models.ContactPoint,
                creditor_id=self.world.creditor_id,
                kind=kind,
                value=vault.seal(value),
                digest=vault.digest(value),
            )
            party = rows.execute(text("SELECT party_id FROM debtor_party WHERE debtor_id = :id"), {"id": self.debtor_id}).scalar_one()
            rows.execute(insert(models.PartyContact).values(party_id=party, contact_point_id=point, rank=rank))
        return point

    def asks_approval(self, step: str = "lawyer-letter") -> int:
        with self.world.store.begin() as rows:
            return put(
                rows,
                models.Approval,
                case_id=self.case_id,
                step=step,
                requested_by="policy",
                requested_at=self.world.now,
                expires_at=self.world.now + timedelta(days=7),
                snapshot={"unpaid": "400.00"},
                snapshot_digest=b"0" * 32,
            )

    def task(self, kind: str, attempt_id: int | None = None, about: str = "visit") -> int:
        with self.world.store.begin() as rows:
            return put(
                rows,
                models.Task,
                kind=kind,
                community_id=self.world.community_id,
                case_id=self.case_id,
                attempt_id=attempt_id,
                due_at=self.world.now,
                about=about,
                report={},
            )

    def pay(self, charge_id: int, amount: str) -> None:
        with self.world.store.begin() as rows:
            rows.execute(text("UPDATE charge SET paid = :amount WHERE id = :id"), {"id": charge_id, "amount": Decimal(amount)})


def month(year: int, number: int, amount: str = "400.00") -> tuple[date, date, str]:
    """One month's charge, due on its last day."""
    first = date(year, number, 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1), amount
