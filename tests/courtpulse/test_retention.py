"""A source that is kept for less leaves every place in time, and only what it says can be kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from courtpulse.families import families
from courtpulse.retention import expire_sources
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from crawlers.declarations import load
from domain.annotation import AnnotatedPost, Annotation, Demand, Sentiment, Target
from domain.errors import ConfigurationError
from domain.ledger import LedgerEntry
from domain.posts import CollectedPost, Platform, Post, PostKind
from domain.protocols import Query

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)
TEXT = "云岫区法院今日通报，网上立案系统升级已经完成，窗口恢复办理，群众可以凭身份证件现场取号。"


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    (tmp_path / "sources").mkdir()
    settings = Settings(data=tmp_path / "data", sources=(tmp_path / "sources",))
    opened = Rooms(settings, lambda: NOW)
    opened.settings.make_folder()
    yield opened
    opened.close()


def post(number: int, source: str, days: float, text: str = TEXT) -> Post:
    at = NOW - days * DAY
    return Post(f"{number:032x}", source, Platform.NEWS, PostKind.ARTICLE, text, at, at)


def take_in(rooms: Rooms, *posts: Post) -> str:
    """As annotating does, without a model."""
    name = rooms.inbox.write([CollectedPost(one, ()) for one in posts])
    label = Annotation(Target.COURT, Sentiment.NEUTRAL, (), Demand.NONE)
    alike = families(posts, (), rooms.lookalikes)
    rooms.store.upsert([AnnotatedPost(one, label, (), alike[one.id]) for one in posts])
    rooms.inbox.commit(name)
    return name


def test_posts_kept_for_less_leave_index_segments_and_the_table_of_near_duplicates(
    rooms: Rooms,
) -> None:
    short = LedgerEntry("brief", "短", "news", "feed", "公开网页", "新闻办", retention=7 * DAY)
    rooms.records.ledger.register([short])
    old, young, copied = post(1, "brief", 7.1), post(2, "brief", 6.9, "别的"), post(3, "news", 6)
    name = take_in(rooms, old, young, copied)
    assert rooms.lookalikes.texts() == 2, "one stands for the copies"
    cut = rooms.inbox.write([CollectedPost(post(4, "news", 1), ())])
    whole = rooms.settings.folder / "inbox" / "pending" / cut
    whole.write_bytes(whole.read_bytes()[:-9])

    assert expire_sources(rooms, NOW) == 1
    assert {one.post.id for one in rooms.inbox.read(name)} == {young.id, copied.id}
    assert [one.post.id for one in rooms.store.search(Query()).posts] == [copied.id, young.id]
    assert rooms.lookalikes.texts() == 2, "the copy that stays stands for them now"
    again = families([post(5, "news", 0)], (), rooms.lookalikes)
    [held] = rooms.store.get([copied.id])
    assert again[f"{5:032x}"] == held.family
    assert rooms.inbox.damaged() == [cut], "what can't be read is told of, not deleted"
    assert expire_sources(rooms, NOW) == 0


@pytest.mark.parametrize("retention", ["6d", "1h", "181d"])
def test_what_cannot_be_promised_is_refused_with_the_reason(tmp_path: Path, retention: str) -> None:
    path = tmp_path / "brief.yml"
    path.write_text(
        "title: 短\nkind: feed\nplatform: news\nbasis: 公开网页\nowner: 新闻办公室\n"
        f"schedule: {{every: 5m}}\nurls: [https://news.jianglan.example/rss]\nretention: {retention}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigurationError, match="retention: is 7d to 180d: rejected items stay"):
        load(path)
