"""Tables of the ledger: footings, readings of robots.txt, coverage by hour, changes of state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from records.models import Base, UtcDateTime


class LedgerRow(Base):
    """What a declaration said of its source from `since` on, appended only.

    `document` is the whole `domain.ledger.LedgerEntry`; null when the declaration was taken away.
    """

    __tablename__ = "ledger"
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(200))
    changed: Mapped[list[str]] = mapped_column(JSON)
    document: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class RobotsRow(Base):
    """A reading of robots.txt; the same answer again only moves `checked_at`."""

    __tablename__ = "robots_readings"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    source: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(16))
    status: Mapped[int | None] = mapped_column(Integer)
    disallowed: Mapped[list[str]] = mapped_column(JSON)
    detail: Mapped[str] = mapped_column(Text, default="")
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (Index("ix_robots_readings_source_checked", "source", "checked_at"),)


class HourRow(Base):
    """One hour of one source; see `domain.hours.SourceHour`."""

    __tablename__ = "source_hours"
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    start: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True, index=True)
    got: Mapped[int] = mapped_column(Integer)
    arrived: Mapped[int] = mapped_column(Integer)
    rate: Mapped[float] = mapped_column(Float)
    expected: Mapped[float | None] = mapped_column(Float)
    low: Mapped[float | None] = mapped_column(Float)
    basis: Mapped[str] = mapped_column(String(16))
    history: Mapped[int] = mapped_column(Integer)
    covered: Mapped[float] = mapped_column(Float)
    blind: Mapped[float] = mapped_column(Float)
    reason: Mapped[str | None] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text, default="")
    settled: Mapped[bool] = mapped_column(Boolean)


class StandingRow(Base):
    """Where a source stands in one respect, as last told, and since when it looks otherwise."""

    __tablename__ = "source_standings"
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject: Mapped[str] = mapped_column(String(16), primary_key=True)
    bad: Mapped[bool] = mapped_column(Boolean)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    turning: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SourceChangeRow(Base):
    """A change of a source's state, appended only; told once, under `key`."""

    __tablename__ = "source_changes"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    source: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str] = mapped_column(String(16))
    bad: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    began: Mapped[datetime] = mapped_column(UtcDateTime)
    noticed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text, default="")
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
