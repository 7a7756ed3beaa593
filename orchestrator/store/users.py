"""Members of staff and the billing system's key."""

from dataclasses import dataclass

from sqlalchemy import text

from orchestrator.store import Rows


@dataclass(frozen=True, slots=True)
class Account:
    """A row of `user`."""

    id: int
    name: str
    role: str
    community_id: int | None
    password_hash: str
    language: str
    active: bool


_COLUMNS = "id, name, role, community_id, password_hash, language, active"


def named(rows: Rows, name: str) -> Account | None:
    found = rows.execute(text(f"""SELECT {_COLUMNS} FROM "user" WHERE name = :name"""), {"name": name}).one_or_none()
    return Account(*found) if found else None


def of_id(rows: Rows, user_id: int) -> Account | None:
    found = rows.execute(text(f"""SELECT {_COLUMNS} FROM "user" WHERE id = :id"""), {"id": user_id}).one_or_none()
    return Account(*found) if found else None


def insert(rows: Rows, name: str, role: str, community_id: int | None, password_hash: str) -> bool:
    """False where the name is taken."""
    inserted = rows.execute(
        text("""
            INSERT INTO "user" (name, role, community_id, password_hash, language, active)
            VALUES (:name, :role, :community, :hash, 'zh', true) ON CONFLICT (name) DO NOTHING
        """),
        {"name": name, "role": role, "community": community_id, "hash": password_hash},
    )
    return inserted.rowcount == 1


def set_hash(rows: Rows, user_id: int, password_hash: str) -> None:
    rows.execute(text("""UPDATE "user" SET password_hash = :hash WHERE id = :id"""), {"id": user_id, "hash": password_hash})


def set_phone(rows: Rows, name: str, sealed: bytes | None) -> bool:
    """False where nobody is called so."""
    return bool(rows.execute(text("""UPDATE "user" SET phone = :phone WHERE name = :name"""), {"name": name, "phone": sealed}).rowcount)


def phone(rows: Rows, name: str) -> bytes | None:
    """Their own number, sealed."""
    found: bytes | None = rows.execute(text("""SELECT phone FROM "user" WHERE name = :name"""), {"name": name}).scalar()
    return found


def community_id(rows: Rows, name: str) -> int | None:
    found: int | None = rows.execute(text("SELECT id FROM community WHERE name = :name"), {"name": name}).scalar()
    return found
