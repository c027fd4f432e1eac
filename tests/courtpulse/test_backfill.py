"""An outage, end to end: what arrives in one lump afterwards fills the counts and raises nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from courtpulse.flow import Flow, opened
from courtpulse.settings import Settings
from demo.model import Author, WeiboPost
from demo.servers.failures import Control, Failure
from demo.servers.http import LocalServer
from demo.servers.weibo import ACCESS_TOKEN, weibo_site
from domain.alerts import AlertState
from domain.cases import Case
from domain.protocols import Query
from text.weibo_ids import mint_mid

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
CASES = {"still": "青崖拖行案", "over": "望川仓储案", "calm": "白榆水渠案"}
SOURCE = """
title: 微博检索（试验）
kind: weibo_api
platform: weibo
basis: 本机服务器，内容全部虚构
license_ref: 演示许可-无需合同
owner: 新闻办公室
schedule: {every: 5m}
endpoint: URL/2/search/statuses.json
queries: [案]
credentials: {access_token: COURTPULSE_TRIAL_TOKEN}
delay: 0s
backfill: 8d
"""


class World:
    """A quiet week of three cases; bursts are added."""

    def __init__(self) -> None:
        self.all: list[WeiboPost] = []
        for case in CASES.values():
            for n in range(32):
                self.say(case, NOON - n * 6 * HOUR - HOUR)

    def say(self, case: str, moment: datetime) -> None:
        number = len(self.all)
        author = Author(1_000_000_000 + number, f"示例用户{number}", 10)
        text = f"{case}今天有什么进展吗，第{number}个人问"
        mid = mint_mid(moment, number)
        self.all.append(WeiboPost(mid, moment, author, text, "burst"))

    def burst(self, case: str, since: datetime, until: datetime, every: timedelta) -> None:
        while since < until:
            self.say(case, since)
            since += every

    def posts(self, until: datetime) -> Sequence[WeiboPost]:
        return sorted(
            (post for post in self.all if post.moment <= until), key=lambda post: post.moment
        )

    def articles(self, until: datetime) -> Sequence[Any]:
        return []

    def notices(self, until: datetime) -> Sequence[Any]:
        return []


class Office:
    """A program over the local platform at a clock that is set."""

    def __init__(self, folder: Path) -> None:
        self.now, self.world, self.control = NOON, World(), Control()
        site = weibo_site(self.world, self.control)
        self.server = LocalServer("weibo", site, self.control, self.clock, 0)
        sources = folder / "sources"
        sources.mkdir()
        (sources / "weibo_trial.yml").write_text(SOURCE.replace("URL", self.server.url), "utf-8")
        self.settings = Settings(data=folder, sources=(sources,))

    def clock(self) -> datetime:
        return self.now

    def tick(self, flow: Flow, now: datetime) -> list[str]:
        """Collect, annotate, detect at `now`; returns the cases with an open alert."""
        self.now = now
        flow.collect("weibo_trial")
        for batch in flow.batches():
            flow.annotate(batch)
        flow.detect()
        return sorted(alert.case_id for alert in flow.rooms.records.alerts.open())


@pytest.fixture
def office(tmp_path: Path, environment: pytest.MonkeyPatch) -> Iterator[Office]:
    environment.setenv("COURTPULSE_TRIAL_TOKEN", ACCESS_TOKEN)
    found = Office(tmp_path)
    yield found
    found.server.stop()


def test_a_lump_after_an_outage_is_counted_and_only_live_posts_raise(office: Office) -> None:
    back = NOON + 4 * HOUR
    office.world.burst(CASES["over"], NOON + HOUR, NOON + 2 * HOUR, MINUTE)
    office.world.burst(CASES["still"], NOON + 2 * HOUR, back + 40 * MINUTE, MINUTE)
    with opened(office.settings, office.clock) as flow:
        for case_id, title in CASES.items():
            flow.rooms.records.cases.save(
                Case(case_id, title, "江澜市中级人民法院", NOON - 8 * 24 * HOUR, aliases=(title,))
            )
        flow.register_sources()
        assert office.tick(flow, NOON) == []
        office.control.fail(Failure.SERVER_ERROR, "weibo")
        assert office.tick(flow, NOON + 3 * HOUR) == [], "blind"
        office.control.heal()

        # Of the lump only the last hour is fresh enough to raise anything.
        assert office.tick(flow, back) == ["still"]
        held = flow.rooms.store.counts(Query(since=NOON), ("case",))
        counts = {count.key[0]: count.posts for count in held}
        assert counts == {"over": 60, "still": 120}, "it is counted all the same"
        assert flow.detect().held == 1, "the burst that is over"

        [alert] = flow.rooms.records.alerts.open()
        assert any(
            line.startswith("补采：11-23") and "—15:00" in line for line in alert.why.level_lines
        )
        [raised] = flow.rooms.records.alerts.history(alert.id)
        assert "中断后补采" in raised.detail
        assert alert.why.posts >= 110, "and tells nearly the whole of it"

        assert office.tick(flow, back + 14 * HOUR) == []
        alerts = {alert.case_id: alert for alert in flow.rooms.records.alerts.recent(10)}
        assert set(alerts) == {"still", "over"}
        assert alerts["over"].state is AlertState.CLOSED, "on record, nobody was called"
        kinds = [event.kind for event in flow.rooms.records.alerts.history(alerts["over"].id)]
        assert kinds == ["found_in_backfill"]
