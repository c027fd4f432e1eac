"""Spread over a real store: first appearance, sources in order of arrival, shares, no author."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from domain.annotation import AnnotatedPost, Annotation, CaseLink, Family, Sentiment, Target
from domain.posts import Platform, Post, PostKind, VerifiedType
from domain.protocols import Query, Store
from domain.spread import Reach, SpreadFamily, spread
from index import open_store

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path}/index.db")
    made.prepare()
    yield made
    made.close()


def put(store: Store, *posts: tuple[float, str, str, Family | None]) -> list[str]:
    """(minutes, source, text, family) → ids."""
    items = []
    for minutes, source, text, family in posts:
        at = NOON + timedelta(minutes=minutes)
        platform = Platform.NEWS if source == "news" else Platform.WEIBO
        post = Post(
            sha256(f"{minutes}{source}".encode()).hexdigest()[:32], source, platform,
            PostKind.POST, text, at, at, verified_type=VerifiedType.MEDIA,
        )  # fmt: skip
        label = Annotation(Target.COURT, Sentiment.NEGATIVE, ("filing_difficulty",))
        items.append(AnnotatedPost(post, label, (CaseLink("liang", "alias", ()),), family))
    store.upsert(items)
    return [item.post.id for item in items]


def test_the_largest_family_its_first_post_and_its_way(store: Store) -> None:
    big, small = Family("big", "kit"), Family("small", "kit")
    ids = put(
        store,
        (-90, "weibo_search", "更早的一帖", big),
        (3, "weibo_push", "原文", big),
        (21, "news", "转载", big),
        (22, "news", "再转载", big),
        (30, "weibo_search", "换了名字", small),
        (31, "weibo_search", "换了名字！", small),
        (1, "weibo_search", "只此一帖", None),
    )
    window = Query(cases=("liang",), since=NOON, until=NOON + timedelta(hours=1))
    found = spread(store, window)
    assert (found.posts, found.distinct, found.copied) == (6, 3, 5)
    assert found.first is not None
    assert found.first.id == ids[6]
    first, second = found.families
    assert (first.id, first.posts, first.template, first.earlier) == ("big", 3, 5, 1)
    assert first.first is not None
    assert first.first.id == ids[1]
    assert first.reach == (
        Reach("weibo_push", "weibo", 1, NOON),
        Reach("news", "news", 2, NOON + timedelta(minutes=20)),
    )
    assert (second.id, second.posts) == ("small", 2)


def test_a_deleted_first_post_hands_on_first_appearance(store: Store) -> None:
    family = Family("big", "big")
    ids = put(store, (0, "news", "原文", family), (5, "weibo_push", "原文", family),
              (9, "weibo_push", "原文", family))  # fmt: skip
    store.tombstone(ids[:1], NOON)
    found = spread(store, Query())
    assert found.first is not None
    assert found.first.id == ids[1]
    assert found.families[0].posts == 2


def test_nothing_spreads_where_nothing_is(store: Store) -> None:
    found = spread(store, Query())
    assert (found.posts, found.distinct, found.first, found.families) == (0, 0, None, ())


def test_no_field_names_an_author() -> None:
    names = {field.name for kind in (SpreadFamily, Reach, Post) for field in fields(kind)}
    assert not {name for name in names if "author" in name or "user" in name or "account" in name}
