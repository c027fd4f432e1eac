"""A source whose posts were lost is read anew, although its state says that it delivered them."""

from __future__ import annotations

from typing import Any

from crawlers import anew
from crawlers.state import CURSOR_AT, SourceState


def _feed(count: int) -> bytes:
    entries = "".join(
        f"<item><title>第{number}条</title><guid>n{number}</guid>"
        f"<link>https://a.example/n{number}</link>"
        "<pubDate>Mon, 06 Jul 2026 08:00:00 +0800</pubDate>"
        "<description>江澜市中级人民法院今天公开宣判。</description></item>"
        for number in range(count)
    )
    return f"<rss version='2.0'><channel>{entries}</channel></rss>".encode()


def test_what_was_delivered_and_lost_is_delivered_again(
    crawl: Any, local_site: Any, page: Any
) -> None:
    local_site.pages["/rss"] = page(_feed(3), headers={"ETag": '"a"'})
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    assert crawl.run(source).new == 3
    for segment in (crawl.data / "inbox" / "pending").iterdir():
        segment.unlink()  # damaged: its posts are nowhere any more
    assert crawl.run(source).new == 0, "its state says that all is well"
    anew.mark(crawl.data / "state", source.source)
    run = crawl.run(source)
    assert (run.new, run.gap) == (3, None)
    assert len({post.id for post in crawl.posts}) == 3
    assert crawl.run(source).new == 0, "once"


def test_a_stream_goes_on_and_does_not_claim_what_was_lost(tmp_path: Any) -> None:
    state = SourceState(cursors={"10542": "77", CURSOR_AT: "2026-07-06T08:00:00+00:00"})
    state.remember("a", "b")
    state.save(tmp_path / "push.json")
    anew.mark(tmp_path, "push")
    anew.begin(tmp_path, "push")
    left = SourceState.load(tmp_path / "push.json")
    assert (left.cursors, left.seen) == ({"10542": "77"}, {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["push.json"]


def test_a_source_without_a_state_only_loses_its_mark(tmp_path: Any) -> None:
    anew.mark(tmp_path, "fresh")
    anew.begin(tmp_path, "fresh")
    assert list(tmp_path.iterdir()) == []
