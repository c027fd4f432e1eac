"""Tables. Times are stored as aware UTC; nested values as JSON made by pydantic from the domain."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    DateTime,
    Float,
    Index,
    Integer,
    String,
    Text,
    event,
    false,
)  # fmt: skip
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from domain.errors import BadInput


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite keeps no zone, so it is taken off and put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time instead of storing a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive time: attach a zone before storing")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Declarative base; `Base.metadata` is what Alembic compares against."""


@event.listens_for(Base, "attribute_instrument", propagate=True)
def _bound(_owner: type[Base], _name: str, attribute: InstrumentedAttribute[Any]) -> None:
    """Refuse text that its column can't hold: PostgreSQL would break off, SQLite would take it."""
    column = next(iter(getattr(attribute.property, "columns", ())), None)
    length = getattr(column.type, "length", None) if column is not None else None
    if not isinstance(length, int):
        return

    def check(_row: object, value: object, _old: object, _initiator: object) -> None:
        if isinstance(value, str) and len(value) > length:
            raise BadInput(
                f"{column} has {len(value)} characters, {length} at most (过长)",
                remedy="write it shorter (请写短一些)",
                where=value[:20],
            )

    event.listen(attribute, "set", check)


class CaseRow(Base):
    """A case of the registry; `document` is the whole `domain.cases.Case`.

    `relink` says that its posts are still to be linked: whoever was at it has not come to the end.
    """

    __tablename__ = "cases"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16), index=True, server_default="watched")
    cause: Mapped[str] = mapped_column(String(200), index=True, default="", server_default="")
    relink: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    court: Mapped[str] = mapped_column(String(200), index=True)
    watched_since: Mapped[datetime] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)


class AlertRow(Base):
    """An alert; `why` is the whole `domain.alerts.Why`."""

    __tablename__ = "alerts"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    level: Mapped[str] = mapped_column(String(16))
    confirmed_level: Mapped[str | None] = mapped_column(String(16))
    first_published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    detected_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    last_bucket_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(Integer, default=1)
    why: Mapped[dict[str, Any]] = mapped_column(JSON)
    confirmed_by: Mapped[str] = mapped_column(String(64), default="", server_default="")
    acknowledged_by: Mapped[str] = mapped_column(String(64), default="", server_default="")
    relapses: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    relapsed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_from: Mapped[str | None] = mapped_column(String(16))
    earlier: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class AlertEventRow(Base):
    """What happened to an alert, appended only."""

    __tablename__ = "alert_events"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    alert_id: Mapped[str] = mapped_column(String(32), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kind: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text, default="")
    made_by: Mapped[str] = mapped_column(String(64), default="", server_default="")


class SourceRow(Base):
    """A source as declared, so that one that never ran is shown too."""

    __tablename__ = "sources"
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    platform: Mapped[str] = mapped_column(String(32))
    every_seconds: Mapped[int | None] = mapped_column(Integer)
    sample_rate: Mapped[float] = mapped_column(Float, default=1.0)
    basis: Mapped[str] = mapped_column(Text, default="")


class SourceRunRow(Base):
    """One run of one source."""

    __tablename__ = "source_runs"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    source: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)
    window_start: Mapped[datetime] = mapped_column(UtcDateTime)
    window_end: Mapped[datetime] = mapped_column(UtcDateTime)
    requests: Mapped[int] = mapped_column(Integer)
    seen: Mapped[int] = mapped_column(Integer)
    new: Mapped[int] = mapped_column(Integer)
    rejected: Mapped[int] = mapped_column(Integer)
    gap: Mapped[str | None] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (Index("ix_source_runs_source_finished", "source", "finished_at"),)


class GapRow(Base):
    """A stretch of blindness; open while `end` is null."""

    __tablename__ = "gaps"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    source: Mapped[str] = mapped_column(String(64), index=True)
    start: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    end: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    reason: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text, default="")


class DeliveryRow(Base):
    """A notification and where it stands; the key makes at-least-once harmless.

    `parts` of it the receiver has; more than one only where a message was too long for the channel.
    """

    __tablename__ = "deliveries"
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    channel: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24), default="alert", server_default="alert")
    state: Mapped[str] = mapped_column(String(16), index=True)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    parts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
    notification: Mapped[dict[str, Any]] = mapped_column(JSON)


class SendRow(Base):
    """A request to a channel, for its rate limit; forgotten after an hour."""

    __tablename__ = "sends"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    channel: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (Index("ix_sends_channel_at", "channel", "at"),)


class SeenRow(Base):
    """When a viewer last looked at the feed ("从上次查看以来")."""

    __tablename__ = "seen"
    viewer: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReportRow(Base):
    """A report's frozen aggregates: every number on it can be computed again from these."""

    __tablename__ = "reports"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    aggregates: Mapped[dict[str, Any]] = mapped_column(JSON)
    files: Mapped[dict[str, str]] = mapped_column(JSON)


class MarkRow(Base):
    """A named instant a stage reached, e.g. "detect"."""

    __tablename__ = "marks"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DecisionRow(Base):
    """What the policy said of an alert; `document` is the whole `domain.policy.Decision`."""

    __tablename__ = "decisions"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    alert_id: Mapped[str] = mapped_column(String(32), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    outcome: Mapped[str] = mapped_column(String(16))
    waiting: Mapped[bool] = mapped_column(Boolean, index=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)


class SilenceRow(Base):
    """A stretch for which nobody is told of what it covers."""

    __tablename__ = "silences"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    scope: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(64))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str] = mapped_column(String(64), default="")


class FlagMarkRow(Base):
    """A person's word on a fact behind a ★ line, appended only."""

    __tablename__ = "flag_marks"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    alert_id: Mapped[str] = mapped_column(String(32), index=True)
    fact: Mapped[str] = mapped_column(String(32))
    value: Mapped[bool | None] = mapped_column(Boolean)
    made_by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")


class ActRow(Base):
    """Something the court did about an alert."""

    __tablename__ = "acts"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    alert_id: Mapped[str] = mapped_column(String(32), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text, default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str] = mapped_column(String(64), default="")


class ThresholdStepRow(Base):
    """One step of a court's threshold."""

    __tablename__ = "threshold_steps"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    court: Mapped[str] = mapped_column(String(200), index=True)
    alert_id: Mapped[str] = mapped_column(String(32), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    amount: Mapped[float] = mapped_column(Float)
    made_by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str] = mapped_column(String(64), default="")
