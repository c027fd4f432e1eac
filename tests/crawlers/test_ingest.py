"""Ingest: what is let in, in which form, and what waits in the quarantine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers import ingest as module
from crawlers.codec import decode_raw, encode_raw
from crawlers.inbox import Inbox
from crawlers.ingest import Ingest, post_id_of
from crawlers.items import RawItem
from crawlers.quarantine import Quarantine
from crawlers.tokens import TokenKeys
from domain.errors import BadInput
from domain.posts import CollectedPost, Platform, PostKind

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ITEM = RawItem(
    source="weibo_search",
    native_id="5367257342596743",
    platform=Platform.WEIBO,
    kind=PostKind.POST,
    text="云岫区法院网上立案又崩了",
    published_at=NOW - timedelta(minutes=5),
    fetched_at=NOW,
    url="https://weibo.com/1000000001/RsdI3bCqH?from=page#comment",
    author_id="1000000001",
)


@dataclass
class Bench:
    inbox: Inbox
    quarantine: Quarantine
    ingest: Ingest

    def commit(self) -> list[CollectedPost]:
        return [post for name in self.ingest.commit() for post in self.inbox.read(name)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


def make_bench(folder: Path) -> Bench:
    def clock() -> datetime:
        return NOW

    inbox = Inbox(str(folder / "inbox"), clock)
    quarantine = Quarantine(folder / "quarantine", clock)
    tokens = TokenKeys(folder / "keys", clock)
    return Bench(inbox, quarantine, Ingest(inbox, tokens, quarantine, clock))


def test_a_post_is_redacted_and_names_no_author_on_disk(bench: Bench, tmp_path: Path) -> None:
    text = "材料交了，电话19900001234，@江澜观察员 看看\ud800\u200b，时间到了"
    assert bench.ingest.accept(replace(ITEM, text=text))
    (collected,) = bench.commit()
    assert "19900001234" not in collected.post.text
    assert "江澜观察员" not in collected.post.text
    assert "\ud800" not in collected.post.text
    assert collected.post.redactions == {"handle": 1, "mobile": 1}
    assert "1000000001" not in collected.post.url
    assert len(collected.author_tokens) == 1
    stored = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"1000000001" in content for content in stored)


def test_ids_come_from_source_and_native_id_or_link() -> None:
    assert len(post_id_of(ITEM)) == 32
    assert post_id_of(ITEM) == post_id_of(replace(ITEM, text="别的", url=""))
    assert post_id_of(ITEM) != post_id_of(replace(ITEM, source="other"))
    link = replace(ITEM, native_id="", url="http://News.example/a?utm_source=x#top")
    assert post_id_of(link) == post_id_of(replace(link, url="http://news.example/a"))
    with pytest.raises(BadInput, match="neither"):
        post_id_of(replace(ITEM, native_id="", url=""))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"text": " \u200b "}, "no text"),
        ({"text": "长" * 100_001}, "100001 characters"),
        ({"title": "长" * 1_001}, "title"),
        ({"published_at": datetime(2026, 11, 23, 8, 0)}, "no zone"),  # noqa: DTZ001 - the case
        ({"published_at": NOW + timedelta(minutes=11)}, "future"),
        ({"published_at": datetime(1970, 1, 1, tzinfo=UTC)}, "before 1990"),
        ({"native_id": "", "url": ""}, "neither"),
        ({"url": "javascript:alert(1)"}, "http"),
        ({"sample_rate": 0.0}, "sample rate"),
        ({"edited_at": NOW + timedelta(days=1)}, "future"),
    ],
)
def test_what_is_wrong_waits_in_the_quarantine(
    bench: Bench, changes: dict[str, object], problem: str
) -> None:
    bad = replace(ITEM, **changes)  # type: ignore[arg-type]
    assert not bench.ingest.accept(bad)
    (item,) = bench.quarantine.list()
    assert problem in item.error
    assert item.source == "weibo_search"
    kept = decode_raw(bench.quarantine.read(item.id))
    assert kept == replace(bad, author_id="")
    assert bench.ingest.tally.rejected == 1
    assert bench.ingest.commit() == []


def test_a_clock_ten_minutes_ahead_is_let_in(bench: Bench) -> None:
    assert bench.ingest.accept(replace(ITEM, published_at=NOW + timedelta(minutes=10)))


def test_times_are_kept_in_utc(bench: Bench) -> None:
    shanghai = timezone(timedelta(hours=8))
    bench.ingest.accept(replace(ITEM, published_at=datetime(2026, 11, 23, 15, 0, tzinfo=shanghai)))
    (collected,) = bench.commit()
    assert collected.post.published_at == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    assert collected.post.published_at.utcoffset() == timedelta(0)


def test_a_duplicate_is_dropped_and_an_edit_wins(bench: Bench) -> None:
    assert bench.ingest.accept(ITEM)
    assert not bench.ingest.accept(ITEM)
    later = replace(ITEM, text="又好了", fetched_at=NOW + timedelta(minutes=1))
    assert not bench.ingest.accept(later)
    (collected,) = bench.commit()
    assert collected.post.text == "又好了"
    assert collected.post.edited_at == NOW + timedelta(minutes=1)
    assert bench.ingest.accept(ITEM), "a new run begins after the commit"


def test_the_tally_adds_up(bench: Bench) -> None:
    offered = [
        ITEM,
        ITEM,
        replace(ITEM, text="改"),
        replace(ITEM, text=""),
        replace(ITEM, native_id="2"),
    ]
    for item in offered:
        bench.ingest.accept(item)
    tally = bench.ingest.tally
    assert (tally.new, tally.edited, tally.duplicates, tally.rejected) == (2, 1, 1, 1)


def test_segments_hold_at_most_two_thousand_and_an_edit_comes_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEGMENT_POSTS", 10)
    for number in range(25):
        bench.ingest.accept(replace(ITEM, native_id=str(number)))
    bench.ingest.accept(replace(ITEM, native_id="0", text="改过的第一条"))
    names = bench.ingest.commit()
    assert names == sorted(names) == bench.inbox.pending()
    posts = [post.post for name in names for post in bench.inbox.read(name)]
    assert len(posts) == 26
    versions = [post.text for post in posts if post.id == post_id_of(replace(ITEM, native_id="0"))]
    assert versions == [ITEM.text, "改过的第一条"]


def test_weibo_authors_are_the_same_in_every_weibo_source(bench: Bench) -> None:
    other = replace(ITEM, source="vendor_weibo")
    forum = replace(ITEM, source="forum_a", platform=Platform.FORUM)
    for item in (ITEM, other, forum, replace(forum, source="forum_b")):
        bench.ingest.accept(item)
    tokens = [post.author_tokens for post in bench.commit()]
    assert tokens[0] == tokens[1]
    assert len(set(tokens)) == 3


def test_reject_counts_and_keeps_bytes(bench: Bench) -> None:
    bench.ingest.reject("feed", b"<rss", BadInput("cut off"), "http://feed.example/rss")
    assert bench.ingest.tally.rejected == 1
    (item,) = bench.quarantine.list()
    assert bench.quarantine.read(item.id) == b"<rss"


def test_a_corrected_item_leaves_the_quarantine_by_replay(bench: Bench) -> None:
    bench.ingest.accept(replace(ITEM, published_at=NOW + timedelta(days=1)))
    (waiting,) = bench.quarantine.list()

    def correct(content: bytes) -> None:
        assert bench.ingest.accept(replace(decode_raw(content), published_at=NOW))

    bench.quarantine.replay(waiting.id, correct)
    assert bench.quarantine.list() == []
    assert len(bench.commit()) == 1


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=st.text(max_size=300),
    title=st.text(max_size=40),
    native_id=st.text(max_size=20),
    url=st.text(max_size=40) | st.just("https://m.weibo.cn/status/5367257342596743"),
    author_id=st.text(max_size=20),
    seconds=st.integers(-(10**11), 10**11),
)
def test_nothing_from_outside_raises(
    bench: Bench, text: str, title: str, native_id: str, url: str, author_id: str, seconds: int
) -> None:
    moment = datetime.fromtimestamp(max(min(seconds, 250_000_000_000), -62_000_000_000), UTC)
    item = replace(
        ITEM, text=text, title=title, native_id=native_id, url=url, author_id=author_id,
        published_at=moment,
    )  # fmt: skip
    before = bench.ingest.tally
    bench.ingest.accept(item)
    after = bench.ingest.tally
    assert sum((after.new, after.edited, after.duplicates, after.rejected)) == 1 + sum(
        (before.new, before.edited, before.duplicates, before.rejected)
    )
    assert decode_raw(encode_raw(item)) == replace(item, author_id="")
