"""Tables of the case registry beside `cases` itself."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from records.models import Base, UtcDateTime


class CaseEventRow(Base):
    """What happened to a case, appended only."""

    __tablename__ = "case_events"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    act: Mapped[str] = mapped_column(String(16))
    made_by: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(Text, default="")


class KeyDateRow(Base):
    """A day of a case; the same day of the same kind stands once, whatever was said of it."""

    __tablename__ = "key_dates"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    day: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(100))
    review: Mapped[str] = mapped_column(String(16), index=True)
    entered_by: Mapped[str] = mapped_column(String(64))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (UniqueConstraint("case_id", "kind", "day", name="uq_key_dates_day"),)


class CaseImportRow(Base):
    """What a court's system said of a case last; of its litigants no name."""

    __tablename__ = "case_imports"
    system: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    fields: Mapped[dict[str, str]] = mapped_column(JSON)


class CaseImportKeyRow(Base):
    """The one key of the digests that stand for litigants in `case_imports`."""

    __tablename__ = "case_import_keys"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)


class CaseNumberRow(Base):
    """Case numbers by case, so that ten thousand cases are searched by an index."""

    __tablename__ = "case_numbers"
    number: Mapped[str] = mapped_column(String(100), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    __table_args__ = (Index("ix_case_numbers_case", "case_id"),)


class CandidateRow(Base):
    """A candidate case; `document` is the whole `domain.candidates.Candidate`."""

    __tablename__ = "candidates"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    score: Mapped[float] = mapped_column(Float)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
