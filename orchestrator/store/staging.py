"""Rows of an arrears export by COPY into temporary tables, from where set-based SQL applies them (`store/ledger.py`).

Memory stays bounded: rows leave in chunks, and only a hash of each account is kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from sqlalchemy import text

from orchestrator.store import Rows
from orchestrator.store.vault import Vault

CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class StagedContact:
    """A number or address in the clear, on its way into the vault. Lower rank is tried first; `timezone` empty where unknown."""

    value: str
    kind: str
    country: str
    rank: int
    timezone: str


@dataclass(frozen=True, slots=True)
class StagedAccount:
    """A home and who pays for it, as the file states them. `unit_key` is the label without leading zeros, for comparing."""

    community: str
    unit_key: str
    unit_label: str
    unit_source: str
    building: str
    use: str
    area: Decimal | None
    payers: tuple[str, ...]
    kinds: tuple[str, ...]
    identities: tuple[str, ...]

    @property
    def name(self) -> str:
        return "、".join(self.payers)

    @property
    def which(self) -> int:
        return hash((self.community, self.unit_key, self.payers))


@dataclass(frozen=True, slots=True)
class StagedCharge:
    """One charge as the file states it, with the reason for which a person must look at its debtor first, if its note gives one."""

    item: str
    period_start: date
    period_end: date
    period: str
    due_on: date
    amount: Decimal
    paid: Decimal
    note: str
    review: str | None


class Staging:
    """An open stage: `add` rows, then `flush` before anything is applied. Counts what the file states."""

    def __init__(self, rows: Rows, vault: Vault) -> None:
        for statement in _TABLES:
            rows.execute(statement)
        self.charges = 0
        self.total = Decimal("0.00")
        self._rows, self._vault = rows, vault
        self._sealed = lru_cache(maxsize=20_000)(lambda value: (vault.digest(value), vault.seal(value)))
        self._accounts: dict[int, int] = {}
        self._new_accounts: list[tuple[object, ...]] = []
        self._charges: list[tuple[object, ...]] = []
        self._contacts: list[tuple[object, ...]] = []

    @property
    def accounts(self) -> int:
        """How many accounts the file states."""
        return len(self._accounts)

    def add(self, account: StagedAccount, charge: StagedCharge, contacts: Sequence[StagedContact]) -> None:
        number = self._accounts.get(account.which)
        if number is None:
            number = self._accounts[account.which] = len(self._accounts) + 1
            self._new_accounts.append(_account(number, account, self._vault))
        self.charges += 1
        self.total += charge.amount - charge.paid
        self._charges.append(
            (
                number,
                self.charges,
                charge.item,
                charge.period_start,
                charge.period_end,
                charge.period,
                charge.due_on,
                charge.amount,
                charge.paid,
                charge.note,
                charge.review,
            )
        )
        for contact in contacts:
            digest, sealed = self._sealed(contact.value)
            self._contacts.append((number, contact.rank, digest, sealed, contact.kind, contact.country, contact.timezone or None))
        if len(self._charges) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Send what is waiting."""
        _copy(self._rows, "staged_account", _ACCOUNT_COLUMNS, self._new_accounts)
        _copy(self._rows, "staged_charge", _CHARGE_COLUMNS, self._charges)
        _copy(self._rows, "staged_contact", _CONTACT_COLUMNS, self._contacts)
        for waiting in (self._new_accounts, self._charges, self._contacts):
            waiting.clear()


def _account(number: int, account: StagedAccount, vault: Vault) -> tuple[object, ...]:
    return (
        number,
        account.community,
        account.unit_key,
        account.unit_label,
        account.unit_source,
        account.building,
        account.use,
        account.area,
        list(account.payers),
        list(account.kinds),
        [vault.digest(identity) for identity in account.identities],
        account.name,
    )


def _copy(rows: Rows, table: str, columns: Sequence[str], records: Iterable[Sequence[object]]) -> None:
    driver = rows.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for record in records:
            copy.write_row(record)


_ACCOUNT_COLUMNS = (
    "g",
    "community",
    "unit_key",
    "unit_label",
    "unit_source",
    "building",
    "use",
    "area",
    "payers",
    "kinds",
    "identities",
    "name",
)
_CHARGE_COLUMNS = ("g", "n", "item", "period_start", "period_end", "period", "due_on", "amount", "paid", "note", "review")
_CONTACT_COLUMNS = ("g", "rank", "digest", "sealed", "kind", "country", "timezone")

_TABLES = tuple(
    text(f"CREATE TEMPORARY TABLE {table} ON COMMIT DROP")
    for table in (
        """staged_account (
            g bigint NOT NULL, community text NOT NULL, unit_key text NOT NULL, unit_label text NOT NULL, unit_source text NOT NULL,
            building text NOT NULL, use text NOT NULL, area numeric(12, 2), payers text[] NOT NULL, kinds text[] NOT NULL,
            identities bytea[] NOT NULL, name text NOT NULL,
            community_id bigint, creditor_id bigint, unit_id bigint, debtor_id bigint, account_id bigint)""",
        """staged_charge (
            g bigint NOT NULL, n bigint NOT NULL, item text NOT NULL, period_start date NOT NULL, period_end date NOT NULL,
            period text NOT NULL, due_on date NOT NULL, amount numeric(14, 2) NOT NULL, paid numeric(14, 2) NOT NULL,
            note text NOT NULL, review text, charge_id bigint)""",
        """staged_contact (
            g bigint NOT NULL, rank int NOT NULL, digest bytea NOT NULL, sealed bytea NOT NULL, kind text NOT NULL,
            country text NOT NULL, timezone text)""",
    )
)
