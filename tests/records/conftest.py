"""Records on SQLite, and on PostgreSQL where POSTGRES_URL names one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from records import Records

NOW = datetime(2026, 3, 16, 4, tzinfo=UTC)


@dataclass
class FakeClock:
    """A clock that stands until it is set."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path, require) -> Iterator[str]:
    """An empty database: a file, or a schema of its own that is dropped afterwards."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/records.db"
        return
    server = os.environ.get("POSTGRES_URL")
    require(server, "POSTGRES_URL names no PostgreSQL (postgresql+psycopg://user@host/database)")
    assert server is not None
    schema = f"courtpulse_{uuid4().hex}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{schema}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def records(url, clock) -> Iterator[Records]:
    opened = Records.open(url, clock)
    yield opened
    opened.close()
