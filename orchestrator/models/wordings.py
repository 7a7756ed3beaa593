"""Wordings as providers approved them."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from orchestrator.models.base import key, one_of


class WordingTemplate(SQLModel, table=True):
    """A provider's approved template for a wording in a language. A newer one retires it; what was sent by it stays explained."""

    __tablename__ = "wording_template"
    __table_args__ = (
        one_of("state", ("approved", "retired")),
        Index(
            "uq_wording_template_in_force",
            "provider",
            "wording",
            "language",
            unique=True,
            postgresql_where=text("state = 'approved'"),
        ),
    )

    id: int | None = key()
    provider: str
    wording: str
    language: str
    template_id: str
    signature: str
    content: str
    """The approved text, with its `${blanks}`."""
    state: str = Field(default="approved")
    approved_at: datetime
    set_by: str
