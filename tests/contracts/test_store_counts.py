"""The contract of `Store.counts`; every store counts the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts import Count
from domain.annotation import AnnotatedPost, CaseLink, Family, Sentiment
from domain.errors import BadInput
from domain.posts import VerifiedType
from domain.protocols import Query, Store

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
MakePost = Callable[..., AnnotatedPost]


def test_counts_by_case_bucket_and_label(store: Store, make_post: MakePost) -> None:
    negative, positive = {"sentiment": Sentiment.NEGATIVE}, {"sentiment": Sentiment.POSITIVE}
    store.upsert(
        [
            make_post(1, minutes=0, cases=("liang",), **negative),
            make_post(2, minutes=4.999, uncounted=("liang",), **negative),
            make_post(3, minutes=5, cases=("liang",), **positive),
            make_post(4, minutes=5, cases=("yu",), uncounted=("liang",), **positive),
            make_post(5, minutes=6),
        ]
    )
    five = NOON + timedelta(minutes=5)
    assert store.counts(Query(), ["case", "sentiment"], timedelta(minutes=5)) == [
        Count(("liang", "negative"), NOON, 2, 1),
        Count(("liang", "positive"), five, 2, 1),
        Count(("yu", "positive"), five, 1, 1),
    ]
    assert store.counts(Query(), ["sentiment"], timedelta(minutes=5)) == [
        Count(("negative",), NOON, 2, None),
        Count(("negative",), five, 1, None),
        Count(("positive",), five, 2, None),
    ]
    assert store.counts(Query(), ["case"]) == [
        Count(("liang",), None, 4, 2),
        Count(("yu",), None, 1, 1),
    ]
    assert store.counts(Query(), []) == [Count((), None, 5, None)]
    assert store.counts(Query(text="无此词"), []) == []


def test_a_filtered_post_is_still_in_every_cell_it_has(store: Store, make_post: MakePost) -> None:
    store.upsert(
        [
            make_post(1, cases=("liang", "yu"), topics=("trial_delay", "digital_court")),
            make_post(2, cases=("yu",), topics=("trial_delay",)),
        ]
    )
    assert store.counts(Query(cases=("liang",)), ["case"]) == [
        Count(("liang",), None, 1, 1),
        Count(("yu",), None, 1, 1),
    ]
    assert store.counts(Query(topics=("digital_court",)), ["topic"]) == [
        Count(("digital_court",), None, 1, None),
        Count(("trial_delay",), None, 1, None),
    ]
    assert store.counts(Query(cases=("liang", "yu")), ["topic"]) == [
        Count(("digital_court",), None, 1, None),
        Count(("trial_delay",), None, 2, None),
    ]


def test_links_of_one_post_to_one_case_count_once(store: Store, make_post: MakePost) -> None:
    post = make_post(1)
    links = (CaseLink("liang", "alias", ("梁某案",), False), CaseLink("liang", "number", ("x",)))
    store.upsert([AnnotatedPost(post.post, replace(post.annotation, topics=("a", "a")), links)])
    assert store.counts(Query(), ["case", "topic"]) == [Count(("liang", "a"), None, 1, 1)]


@pytest.mark.parametrize(
    "bucket",
    [
        timedelta(milliseconds=7),
        timedelta(seconds=7),
        timedelta(minutes=5),
        timedelta(minutes=7),
        timedelta(days=1),
        timedelta(days=7),
    ],
)
def test_buckets_are_aligned_to_the_epoch(
    store: Store, make_post: MakePost, bucket: timedelta
) -> None:
    posts = [make_post(number, minutes=number * 1.37 - 1) for number in range(60)]
    posts.append(make_post(99, published_at=datetime(1969, 12, 31, 23, 58, 59, 999999, UTC)))
    store.upsert(posts)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    expected: dict[datetime, int] = {}
    for post in posts:
        start = epoch + (post.post.published_at - epoch) // bucket * bucket
        expected[start] = expected.get(start, 0) + 1
    counted = {count.start: count.posts for count in store.counts(Query(), [], bucket)}
    assert counted == expected


@pytest.mark.parametrize(
    ("by", "bucket"),
    [
        (["author"], None),
        (["case", "case"], None),
        ([], timedelta(0)),
        ([], timedelta(microseconds=1500)),
        ([], timedelta(minutes=-5)),
    ],
)
def test_impossible_counts_are_refused(
    store: Store, by: list[str], bucket: timedelta | None
) -> None:
    with pytest.raises(BadInput):
        store.counts(Query(), by, bucket)  # type: ignore[arg-type]


def test_every_dimension_counts(store: Store, make_post: MakePost) -> None:
    family = Family("c0ffee", "7ea")
    store.upsert(
        [make_post(1, cases=("liang",), verified_type=VerifiedType.GOVERNMENT, family=family)]
    )
    keys = {
        "case": "liang",
        "target": "court",
        "sentiment": "negative",
        "certainty": "sure",
        "emotion": "unknown",
        "topic": "filing_difficulty",
        "demand": "speed_up",
        "source": "jianglan_news",
        "platform": "weibo",
        "verified_type": "government",
        "copies": "c0ffee",
        "template": "7ea",
    }
    for dimension, key in keys.items():
        [count] = store.counts(Query(), [dimension])  # type: ignore[list-item]
        assert (count.key, count.posts) == ((key,), 1)
    [count] = store.counts(Query(), list(keys))  # type: ignore[arg-type]
    assert count == Count(tuple(keys.values()), None, 1, 1)
