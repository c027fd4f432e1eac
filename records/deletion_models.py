"""Tables of deletion: tombstones, count records, and what left the house with which posts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models import Base, UtcDateTime


class TombstoneRow(Base):
    """A deleted post's id; kept for ever, because a backup or a source may bring the post back."""

    __tablename__ = "tombstones"
    post_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    deletion_id: Mapped[int] = mapped_column(Integer, index=True)
    source: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class DeletionRow(Base):
    """A count record; pending while `finished_at` is null."""

    __tablename__ = "deletions"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    source: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    asked: Mapped[int] = mapped_column(Integer)
    held: Mapped[int] = mapped_column(Integer)
    cases: Mapped[list[str]] = mapped_column(JSON)
    places: Mapped[list[Any]] = mapped_column(JSON)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


class ExportRow(Base):
    """Something that left."""

    __tablename__ = "exports"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    version: Mapped[str] = mapped_column(String(128))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    posts: Mapped[int] = mapped_column(Integer)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str] = mapped_column(String(64), default="", server_default="")
    __table_args__ = (UniqueConstraint("kind", "name", "version", name="uq_exports_version"),)


class ExportPostRow(Base):
    """A post that something which left rests on."""

    __tablename__ = "export_posts"
    post_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    export_id: Mapped[int] = mapped_column(Integer, primary_key=True, index=True)
