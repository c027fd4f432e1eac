"""The contract of `domain.protocols.Store`: writing, reading back, deleting; every store passes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.alerts import Count
from domain.annotation import AnnotatedPost, Sentiment
from domain.errors import BadInput
from domain.protocols import Query, Store, Upserted

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
MakePost = Callable[..., AnnotatedPost]


def ids(posts: tuple[AnnotatedPost, ...] | list[AnnotatedPost]) -> list[str]:
    return [post.post.id for post in posts]


def test_prepare_may_be_repeated_and_keeps_posts(store: Store, make_post: MakePost) -> None:
    store.upsert([make_post(1)])
    store.prepare()
    assert store.total(Query()) == 1


def test_a_post_comes_back_as_it_went_in(store: Store, make_post: MakePost) -> None:
    full = make_post(
        1,
        '一行\n第二行 “引号” \\ " 😀 𠮷',
        title="标题",
        cases=("liang", "filing"),
        uncounted=("other",),
        edited_at=NOON + timedelta(microseconds=123456),
        published_at=NOON + timedelta(microseconds=1),
        topics=("trial_delay", "service_conduct"),
    )
    bare = AnnotatedPost(replace(make_post(2).post, url="", redactions={}), make_post(2).annotation)
    assert store.upsert([full, bare]) == Upserted(2, 0, 0)
    assert store.get([full.post.id, bare.post.id]) == [full, bare]
    assert store.search(Query()).posts == (bare, full) or store.search(Query()).posts == (
        full,
        bare,
    )


def test_a_time_of_another_zone_is_the_same_instant(store: Store, make_post: MakePost) -> None:
    east = timezone(timedelta(hours=8))
    store.upsert([make_post(1, published_at=datetime(2026, 11, 2, 12, 0, tzinfo=east))])
    [held] = store.get([make_post(1).post.id])
    assert held.post.published_at == NOON
    assert held.post.published_at.tzinfo == UTC
    until_noon = Query(until=datetime(2026, 11, 2, 12, 0, tzinfo=east))
    assert store.total(until_noon) == 0


def test_get_keeps_the_order_and_skips_unknown_ids(store: Store, make_post: MakePost) -> None:
    posts = [make_post(number) for number in range(4)]
    store.upsert(posts)
    wanted = [posts[3].post.id, "unknown", posts[0].post.id, posts[2].post.id]
    assert store.get(wanted) == [posts[3], posts[0], posts[2]]
    assert store.get([]) == []


def test_get_takes_thousands_of_ids(store: Store, make_post: MakePost) -> None:
    store.upsert([make_post(1)])
    many = [f"{number:032x}" for number in range(40_000)]
    assert store.get([*many, make_post(1).post.id]) == [make_post(1)]


def test_upsert_is_idempotent(store: Store, make_post: MakePost) -> None:
    posts = [make_post(number, cases=("liang",)) for number in range(3)]
    assert store.upsert(posts) == Upserted(3, 0, 0)
    assert store.upsert(posts) == Upserted(0, 3, 0)
    assert store.upsert([]) == Upserted(0, 0, 0)
    assert store.counts(Query(), ["case"]) == [Count(("liang",), None, 3, 3)]
    assert store.search(Query(text="排队")).total == 3


def test_an_id_twice_in_a_batch_is_one_post(store: Store, make_post: MakePost) -> None:
    later = NOON + timedelta(hours=1)
    edited, original = make_post(1, "改后", edited_at=later), make_post(1, "改前")
    assert store.upsert([edited, original]) == Upserted(1, 0, 0)
    assert store.get([original.post.id]) == [edited]


def test_the_latest_edit_wins_and_old_words_are_forgotten(
    store: Store, make_post: MakePost
) -> None:
    original = make_post(1, "青崖县法院开庭", cases=("qingya",), topics=("trial_delay",))
    edited = make_post(
        1,
        "望川区法院休庭",
        cases=("wangchuan",),
        topics=("digital_court",),
        edited_at=NOON + timedelta(hours=1),
        published_at=NOON + timedelta(minutes=30),
    )
    store.upsert([original])
    assert store.upsert([edited]) == Upserted(0, 1, 0)
    assert store.search(Query(text="青崖")).total == 0
    assert store.search(Query(text="望川")).posts == (edited,)
    cell = [Count(("wangchuan", "digital_court"), NOON + timedelta(minutes=30), 1, 1)]
    assert store.counts(Query(), ["case", "topic"], timedelta(minutes=5)) == cell


def test_replaying_an_older_version_changes_nothing(store: Store, make_post: MakePost) -> None:
    original = make_post(1, "旧文字")
    edited = make_post(1, "新文字", edited_at=NOON + timedelta(hours=1))
    refetched = make_post(2, "后看到", fetched_at=NOON + timedelta(days=2))
    store.upsert([edited, refetched])
    assert store.upsert([original, make_post(2, "先看到")]) == Upserted(0, 0, 0)
    assert store.get([original.post.id, refetched.post.id]) == [edited, refetched]
    assert store.total(Query(text="旧")) == 0


def test_a_new_annotation_of_the_same_version_replaces_the_old(
    store: Store, make_post: MakePost
) -> None:
    store.upsert([make_post(1, sentiment=Sentiment.NEGATIVE)])
    again = make_post(1, sentiment=Sentiment.POSITIVE, model="linear-2")
    assert store.upsert([again]) == Upserted(0, 1, 0)
    assert store.get([again.post.id]) == [again]
    assert [count.key for count in store.counts(Query(), ["sentiment"])] == [("positive",)]


@pytest.mark.parametrize("text", ["前\ud800后", "\udfff"])
def test_a_lone_surrogate_is_refused_and_nothing_is_written(
    store: Store, make_post: MakePost, text: str
) -> None:
    with pytest.raises(BadInput, match=make_post(2).post.id):
        store.upsert([make_post(1), make_post(2, text)])
    assert store.total(Query()) == 0


def test_a_naive_time_is_refused_and_nothing_is_written(store: Store, make_post: MakePost) -> None:
    naive = NOON.replace(tzinfo=None)
    for field in ("published_at", "fetched_at", "edited_at"):
        with pytest.raises(BadInput, match=make_post(2).post.id):
            store.upsert([make_post(1), make_post(2, **{field: naive})])
    with pytest.raises(BadInput):
        store.total(Query(since=naive))
    with pytest.raises(BadInput):
        store.tombstone(["a"], naive)
    with pytest.raises(BadInput):
        store.delete_before(naive)
    assert store.total(Query()) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": "x" * 513},
        {"source": "源" * 171},
        {"topics": ("",)},
        {"scores": {"target": float("nan")}},
    ],
)
def test_keys_and_numbers_no_store_can_hold_are_refused(
    store: Store, make_post: MakePost, changes: dict[str, object]
) -> None:
    with pytest.raises(BadInput):
        store.upsert([make_post(1, **changes)])


def test_a_tombstone_deletes_for_good(store: Store, make_post: MakePost) -> None:
    posts = [make_post(number, cases=("liang",)) for number in range(3)]
    store.upsert(posts)
    gone = [posts[1].post.id, "f" * 32]
    assert store.tombstone(gone, NOON) == 1
    assert store.tombstone(gone, NOON) == 0
    assert store.get(ids(posts)) == [posts[0], posts[2]]
    assert store.total(Query(text="排队")) == 2
    assert store.counts(Query(), ["case"]) == [Count(("liang",), None, 2, 2)]
    never_seen = AnnotatedPost(replace(posts[0].post, id="f" * 32), posts[0].annotation)
    edited = make_post(1, edited_at=NOON + timedelta(days=3))
    assert store.upsert([posts[0], edited, never_seen]) == Upserted(0, 1, 2)
    assert store.total(Query()) == 2


def test_delete_before_of_one_source_leaves_the_others(store: Store, make_post: MakePost) -> None:
    posts = [make_post(number, minutes=number) for number in range(4)]
    others = [replace(one, post=replace(one.post, source="other")) for one in posts[:2]]
    store.upsert([*others, *posts[2:]])
    assert store.delete_before(NOON + timedelta(hours=1), "other") == 2
    assert store.delete_before(NOON + timedelta(hours=1), "nobody") == 0
    assert store.get(ids(posts)) == posts[2:]


def test_delete_before_takes_the_past_and_leaves_the_rest(
    store: Store, make_post: MakePost
) -> None:
    posts = [make_post(number, minutes=number, cases=("liang",)) for number in range(6)]
    store.upsert(posts)
    assert store.delete_before(NOON + timedelta(minutes=2)) == 2
    assert store.delete_before(NOON + timedelta(minutes=2)) == 0
    assert store.get(ids(posts)) == posts[2:]
    assert store.counts(Query(), ["case"]) == [Count(("liang",), None, 4, 4)]
    assert store.upsert(posts[:1]) == Upserted(1, 0, 0)  # retention is no tombstone
    assert store.total(Query(text="排队")) == 5


@pytest.mark.parametrize("bad", ["", "\ud800", "x" * 513])
def test_an_impossible_id_is_unknown_and_no_tombstone(store: Store, bad: str) -> None:
    assert store.get([bad]) == []
    with pytest.raises(BadInput):
        store.tombstone([bad], NOON)
