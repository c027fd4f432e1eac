"""Table of the cross-checks of our news volume."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from records.models import Base, UtcDateTime


class CrossCheckRow(Base):
    """The newest cross-check of an outside news index: numbers only."""

    __tablename__ = "cross_checks"
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
