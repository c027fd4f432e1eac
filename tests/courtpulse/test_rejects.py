"""Replaying rejects: counted rightly, repeated without effect, never past a deletion."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from courtpulse.rejects import Replayed, replay_rejects
from crawlers.codec import encode_raw
from crawlers.ingest import post_id_of
from crawlers.items import RawItem
from domain.deletion import DeletionReason
from domain.errors import BadInput
from domain.posts import Platform, PostKind

WRONG = BadInput("the time of publication lies in the future")


def item(court: Any, number: int, **changes: Any) -> RawItem:
    now = court.clock.now
    made = RawItem(
        source="court_feed",
        native_id=f"reject-{number}",
        platform=Platform.NEWS,
        kind=PostKind.ARTICLE,
        text=f"云岫区法院第{number}次公告",
        published_at=now - timedelta(minutes=5),
        fetched_at=now,
    )
    return replace(made, **changes)


def seal(flow: Any, *items: RawItem) -> list[str]:
    return [flow.rooms.quarantine.add(one.source, encode_raw(one), WRONG) for one in items]


def test_what_is_mended_is_taken_and_what_is_not_waits_once(court: Any) -> None:
    with court.flow() as flow:
        future = item(court, 3, published_at=court.clock.now + timedelta(days=2))
        ids = seal(flow, item(court, 1), item(court, 2), future)
        assert replay_rejects(flow.rooms, "all") == Replayed(3, 2, 1)
        assert [one.id for one in flow.rooms.quarantine.list()] == [ids[2]]
        assert replay_rejects(flow.rooms, "all") == Replayed(1, 0, 1), "no second copy of it"
        assert [one.id for one in flow.rooms.quarantine.list()] == [ids[2]]
        court.clock.now += timedelta(days=3)
        assert replay_rejects(flow.rooms, ids[2]) == Replayed(1, 1, 0)
        before = flow.annotate([name for batch in flow.batches() for name in batch])
        assert (before.posts, before.created) == (3, 3)
        seal(flow, item(court, 1, fetched_at=court.clock.now - timedelta(days=3)))
        replay_rejects(flow.rooms, "all")
        again = flow.annotate([name for batch in flow.batches() for name in batch])
        assert again.created == 0, "a second replay counts nothing twice"


def test_rejects_of_one_source_alone(court: Any) -> None:
    with court.flow() as flow:
        [mine] = seal(flow, item(court, 1))
        [other] = seal(flow, item(court, 2, source="news_online"))
        assert replay_rejects(flow.rooms, "news_online") == Replayed(1, 1, 0)
        assert [one.id for one in flow.rooms.quarantine.list()] == [mine]
        assert other != mine
        assert replay_rejects(flow.rooms, "0" * 32) == Replayed(1, 0, 1)


def test_a_reject_of_a_deleted_post_does_not_return(court: Any) -> None:
    with court.flow() as flow:
        gone = item(court, 1)
        flow.forget([post_id_of(gone)], DeletionReason.PUSHED, gone.source)
        seal(flow, gone, item(court, 2))
        assert replay_rejects(flow.rooms, "all") == Replayed(2, 1, 0, deleted=1)
        assert flow.rooms.quarantine.list() == []
        held = [
            post.post.id
            for name in flow.rooms.inbox.pending()
            for post in flow.rooms.inbox.read(name)
        ]
        assert held == [post_id_of(item(court, 2))]
