"""Items no well-meaning source would deliver: each ends in the inbox or in the quarantine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers.inbox import Inbox
from crawlers.ingest import Ingest
from crawlers.items import RawItem
from crawlers.quarantine import Quarantine
from crawlers.tokens import TokenKeys
from domain.annotation import AnnotatedPost, Annotation, Sentiment, Target
from domain.posts import Engagement, Platform, PostKind
from index.documents import entries

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ITEM = RawItem(
    source="weibo_search",
    native_id="5367257342596743",
    platform=Platform.WEIBO,
    kind=PostKind.POST,
    text="云岫区法院网上立案又崩了",
    published_at=NOW - timedelta(minutes=5),
    fetched_at=NOW,
)
_EASTMOST, _WESTMOST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
_ANY = st.text(st.characters(), max_size=40)  # lone surrogates and control characters included
_ADDRESS = st.one_of(_ANY, _ANY.map("https://a.example/{}".format), _ANY.map("http://{}".format))
_MOMENT = st.datetimes(timezones=st.sampled_from([UTC, _EASTMOST, _WESTMOST]))
_COUNT = st.none() | st.integers()


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    """Some fields of an item with something hostile in them."""
    every = {
        "native_id": _ANY,
        "title": _ANY,
        "text": _ANY,
        "url": _ADDRESS,
        "author_id": _ANY,
        "published_at": _MOMENT,
        "edited_at": _MOMENT,
        "engagement": st.builds(Engagement, _COUNT, _COUNT, _COUNT),
        "sample_rate": st.floats(),
    }
    names = draw(st.sets(st.sampled_from(sorted(every)), min_size=1))
    return {name: draw(every[name]) for name in sorted(names)}


class Door:
    """An ingest and what lies behind it."""

    def __init__(self, folder: Path) -> None:
        def clock() -> datetime:
            return NOW

        self.inbox = Inbox(str(folder / "inbox"), clock)
        self.quarantine = Quarantine(folder / "quarantine", clock)
        tokens = TokenKeys(folder / "keys", clock)
        self.ingest = Ingest(self.inbox, tokens, self.quarantine, clock)

    def pass_through(self, item: RawItem) -> tuple[int, int]:
        """Offer `item`; how many posts any store would take, and how many rejects wait."""
        self.ingest.accept(item)
        collected = [post for name in self.ingest.commit() for post in self.inbox.read(name)]
        label = Annotation(Target.OTHER, Sentiment.NEUTRAL, (), model="test")
        stored = entries([AnnotatedPost(one.post, label, ()) for one in collected])
        for entry in stored.values():
            assert all(
                count is None or 0 <= count < 2**63
                for count in entry.document["engagement"].values()
            )
        return len(stored), len(self.quarantine.list())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(change=changes())
def test_whatever_comes_is_kept_or_put_aside(
    change: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    door = Door(tmp_path_factory.mktemp("door"))
    assert sum(door.pass_through(replace(ITEM, **change))) == 1


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"url": "https://a.example/\ud800"}, "an address is malformed"),
        ({"published_at": datetime.max.replace(tzinfo=_WESTMOST)}, "outside the calendar"),
        ({"edited_at": datetime.min.replace(tzinfo=_EASTMOST)}, "outside the calendar"),
        ({"engagement": Engagement(likes=2**63)}, "the count of likes"),
        ({"engagement": Engagement(reposts=-1)}, "the count of reposts"),
        ({"engagement": Engagement(reposts=True)}, "the count of reposts"),
        ({"engagement": Engagement(comments=3.5)}, "the count of comments"),  # type: ignore[arg-type]
    ],
)
def test_what_no_store_could_hold_says_why(
    tmp_path: Path, change: dict[str, Any], problem: str
) -> None:
    door = Door(tmp_path)
    assert door.pass_through(replace(ITEM, **change)) == (0, 1)
    assert problem in door.quarantine.list()[0].error
