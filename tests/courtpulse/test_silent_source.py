"""A source that falls silent is told over the routes once, and once when it is back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.source_silence import CALM
from courtpulse.flow import Flow
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from domain.sources import Gap, GapReason, SourceRun
from records.runs import SourceInfo

MINUTE = timedelta(minutes=1)


class StandingClock:
    now = datetime(2026, 3, 16, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def routes(folder: Path) -> Path:
    """One webhook nobody answers on: what is queued stays to be counted."""
    path = folder / "routes.yml"
    path.write_text(
        "channels:\n  desk: {kind: webhook, url_env: DESK_URL, secret_env: DESK_SECRET,"
        " allow_private: true}\nroutes:\n  - {name: all, to: [desk]}\notherwise: [desk]\n",
        encoding="utf-8",
    )
    return path


def test_told_once_and_once_when_over(tmp_path, monkeypatch):
    monkeypatch.setenv("DESK_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("DESK_SECRET", "s" * 32)
    clock = StandingClock()
    rooms = Rooms(Settings(data=tmp_path, routes=routes(tmp_path)), clock)
    flow, runs = Flow(rooms), rooms.records.runs
    source = "weibo_search"
    runs.register([SourceInfo(source, "微博搜索", "weibo", 5 * MINUTE)])
    try:
        runs.add_run(SourceRun(source, clock(), clock(), clock() - MINUTE, clock()))
        runs.open_gap(Gap(source, clock(), None, GapReason.LOGIN_PAGE))
        clock.now += 20 * MINUTE
        titles = []
        for _ in range(2):
            flow.notify()
            titles.append(_queued(rooms))
        assert len(titles[0]) == 1
        assert "失联" in titles[0][0]
        assert titles[1] == titles[0]
        runs.close_gap(source, clock())
        runs.add_run(SourceRun(source, clock(), clock(), clock() - MINUTE, clock()))
        flow.notify()
        assert len(_queued(rooms)) == 1, "it may go again"
        clock.now += CALM
        runs.add_run(SourceRun(source, clock(), clock(), clock() - MINUTE, clock()))
        flow.notify()
        flow.notify()
        assert [("恢复" in title) for title in sorted(_queued(rooms))].count(True) == 1
        assert len(_queued(rooms)) == 2
    finally:
        rooms.close()


def _queued(rooms: Rooms) -> list[str]:
    return [delivery.notification.title for delivery in rooms.records.deliveries.listed()]
