"""What all tables share: constraint names, money that refuses floats, vocabularies as CHECKs."""

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Dialect, Identity, Numeric
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Money(TypeDecorator[Decimal]):
    """numeric(14,2) in the community's currency. A float would round silently, so it is refused."""

    impl = Numeric(14, 2)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Decimal | None:
        if isinstance(value, float):
            raise TypeError("money is Decimal, never float")
        return None if value is None else Decimal(value)


def key() -> Any:
    """A bigint primary key the database hands out."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=(Identity(),))


def ref(target: str, *, index: bool = False, primary_key: bool = False) -> Any:
    """A required reference; what others refer to is never deleted."""
    return Field(foreign_key=target, ondelete="RESTRICT", sa_type=BigInteger, index=index, primary_key=primary_key)


def maybe_ref(target: str, *, index: bool = False) -> Any:
    """An optional reference."""
    return Field(default=None, foreign_key=target, ondelete="RESTRICT", sa_type=BigInteger, index=index)


def one_of(column: str, words: tuple[str, ...]) -> CheckConstraint:
    """The column holds one of these words (or null, where it may)."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")
