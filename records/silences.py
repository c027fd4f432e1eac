"""Silences: made, ended early, listed; never deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, sessionmaker

from domain.alerts import Level
from domain.errors import BadInput, NotAllowed, NotFound
from domain.policy import Silence, SilenceScope
from domain.time import Clock
from records.models import SilenceRow


class SilenceRecords:
    """Silences by number."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def add(
        self, scope: SilenceScope, value: str, reason: str, made_by: str, ends_at: datetime
    ) -> Silence:
        """Tell nobody of what it covers, from now to `ends_at`.

        Raises:
            BadInput: value, reason or name is missing, there is no such level, or it would end
                before it begins.
        """
        now = self._clock()
        for words, what in ((value, "要静默什么"), (reason, "理由"), (made_by, "姓名")):
            if not words.strip():
                raise BadInput(f"静默缺少{what}", remedy="补上后再提交")
        levels = [level.value for level in Level]
        if scope is SilenceScope.LEVEL and value.strip() not in levels:
            raise BadInput(f"没有“{value}”这个级别", remedy=f"可用：{'、'.join(levels)}")
        if ends_at <= now:
            raise BadInput("静默的结束时间已经过去", remedy="选一个以后的时间")
        row = SilenceRow(
            scope=scope.value,
            value=value.strip(),
            reason=reason.strip(),
            made_by=made_by.strip(),
            starts_at=now,
            ends_at=ends_at,
        )
        with self._sessions.begin() as session:
            session.add(row)
            session.flush()
            return _silence(row)

    def end(self, silence_id: int, made_by: str) -> Silence:
        """End it now.

        Raises:
            NotFound: no such silence.
            NotAllowed: it is over, or nobody gave a name.
        """
        now = self._clock()
        if not made_by.strip():
            raise NotAllowed("结束静默要写姓名", remedy="写下谁结束它")
        with self._sessions.begin() as session:
            row = session.get(SilenceRow, silence_id, with_for_update=True)
            if row is None:
                raise NotFound(f"no silence {silence_id}", remedy="courtpulse silences list")
            if not _silence(row).active(now):
                raise NotAllowed("这条静默已经结束", remedy="刷新页面看最新状态")
            row.ended_at, row.ended_by = now, made_by.strip()
            return _silence(row)

    def active(self) -> list[Silence]:
        """Silences that hold now, the first to end first."""
        now = self._clock()
        statement = select(SilenceRow).where(
            SilenceRow.ends_at > now, SilenceRow.ended_at.is_(None)
        )
        return self._silences(statement.order_by(SilenceRow.ends_at, SilenceRow.id))

    def recent(self, limit: int = 100) -> list[Silence]:
        """The newest ones, over or not."""
        return self._silences(select(SilenceRow).order_by(SilenceRow.id.desc()).limit(limit))

    def _silences(self, statement: Select[SilenceRow]) -> list[Silence]:
        with self._sessions() as session:
            return [_silence(row) for row in session.scalars(statement)]


def _silence(row: SilenceRow) -> Silence:
    return Silence(
        id=row.id,
        scope=SilenceScope(row.scope),
        value=row.value,
        reason=row.reason,
        made_by=row.made_by,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by or "",
    )
