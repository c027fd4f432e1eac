"""Near-duplicates in every store: counts of different texts are exact, old posts stand alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.alerts import Count
from domain.annotation import AnnotatedPost, Family, Sentiment
from domain.chronology import oldest
from domain.protocols import Page, Query, Store
from domain.spread import spread
from index import open_store
from index.sqlite_schema import MIGRATIONS

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
MakePost = Callable[..., AnnotatedPost]
OpenStore = Callable[[str], Store]


def family(copies: str, template: str = "") -> Family:
    return Family(copies, template or copies)


def test_posts_and_texts_are_counted_together(store: Store, make_post: MakePost) -> None:
    store.upsert(
        [
            make_post(1, cases=("liang",), family=family("a")),
            make_post(2, cases=("liang",), family=family("a")),
            make_post(3, uncounted=("liang",), family=family("b", "a")),
            make_post(4, cases=("yu",), family=family("a")),
            make_post(5, minutes=10),
        ]
    )
    assert store.counts(Query(), ["case"], distinct=True) == [
        Count(("liang",), None, 3, 2, 2),
        Count(("yu",), None, 1, 1, 1),
    ]
    assert store.counts(Query(), [], distinct=True) == [Count((), None, 5, None, 3)]
    later = NOON + timedelta(minutes=10)
    assert store.counts(Query(), [], timedelta(minutes=5), distinct=True) == [
        Count((), NOON, 4, None, 2),
        Count((), later, 1, None, 1),
    ]
    assert store.counts(Query(), ["template"]) == [
        Count(("a",), None, 4, None),
        Count((make_post(5).post.id,), None, 1, None),
    ]


def test_a_text_in_two_windows_counts_in_both(store: Store, make_post: MakePost) -> None:
    """What a stored flag “first of its family” would get wrong."""
    store.upsert([make_post(n, minutes=60 * n, family=family("a")) for n in range(4)])
    for hour in range(4):
        since = NOON + timedelta(hours=hour)
        window = Query(since=since, until=since + timedelta(hours=1))
        assert store.counts(window, [], distinct=True) == [Count((), None, 1, None, 1)]


def test_an_attitude_on_a_case_has_its_own_texts(store: Store, make_post: MakePost) -> None:
    store.upsert(
        [
            make_post(n, cases=("liang",), sentiment=mood, family=family(name))
            for n, (mood, name) in enumerate(
                [(Sentiment.NEGATIVE, "a"), (Sentiment.NEGATIVE, "a"), (Sentiment.NEUTRAL, "a")]
            )
        ]
    )
    query = Query(cases=("liang",))
    assert store.counts(query, ["case", "sentiment"], distinct=True) == [
        Count(("liang", "negative"), None, 2, 2, 1),
        Count(("liang", "neutral"), None, 1, 1, 1),
    ]


def test_more_texts_than_a_cluster_gives_at_once(store: Store, make_post: MakePost) -> None:
    posts = [make_post(n, family=family(f"text{n % 10_500}")) for n in range(11_000)]
    store.upsert(posts)
    assert store.counts(Query(), [], distinct=True) == [Count((), None, 11_000, None, 10_500)]


def test_families_are_found_and_kept(store: Store, make_post: MakePost) -> None:
    posts = [
        make_post(1, family=family("a")),
        make_post(2, family=family("b", "a")),
        make_post(3),
    ]
    store.upsert(posts)
    assert [item.family for item in store.get([post.post.id for post in posts])] == [
        post.family for post in posts
    ]
    assert store.total(Query(copies=("a",))) == 1
    assert store.total(Query(templates=("a",))) == 2
    [alone] = store.search(Query(copies=(posts[2].post.id,))).posts
    assert alone == posts[2]


def test_an_index_from_before_counts_each_post_as_a_text(
    tmp_path: Path, make_post: MakePost
) -> None:
    path = tmp_path / "posts.db"
    store = open_store(f"sqlite:///{path}")
    store.prepare()
    store.upsert([make_post(n, cases=("liang",)) for n in range(3)])
    store.close()
    _set_back(path)
    store = open_store(f"sqlite:///{path}")
    store.prepare()
    assert store.counts(Query(), ["case"], distinct=True) == [Count(("liang",), None, 3, 3, 3)]
    store.upsert([make_post(0, cases=("liang",), family=family("a"))])
    store.upsert([make_post(1, cases=("liang",), family=family("a"))])
    assert store.counts(Query(), [], distinct=True) == [Count((), None, 3, None, 2)]
    store.close()


def _set_back(path: Path) -> None:
    """Make the file one of schema 2: without the columns, and documents without the fields."""
    connection = sqlite3.connect(path)
    connection.execute("DROP INDEX posts_copies")
    connection.execute("DROP INDEX posts_template")
    for table in ("posts", "post_cases"):
        for name in ("copies", "template"):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    for post, text in connection.execute("SELECT post, document FROM documents").fetchall():
        document = json.loads(text)
        del document["copies"], document["template"]
        connection.execute(
            "UPDATE documents SET document = ? WHERE post = ?", (json.dumps(document), post)
        )
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) - 1}")
    connection.commit()
    connection.close()


class _Watched:
    """A store that says how far its searches reach."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.reached = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def search(self, query: Query, *, limit: int = 50, offset: int = 0) -> Page:
        self.reached = max(self.reached, offset + limit)
        return self._store.search(query, limit=limit, offset=offset)


def test_the_first_of_a_large_family_is_found_without_walking_through_it(
    store: Store, make_post: MakePost
) -> None:
    """300 posts in one second, 300 in the minutes after, and the first a millisecond ahead."""
    family_of = family("a")
    crowd = [make_post(n, minutes=(n % 9) / 60_000, family=family_of) for n in range(1, 301)]
    later = [make_post(n, minutes=n / 20, family=family_of) for n in range(301, 601)]
    ahead = make_post(0, minutes=-1 / 60_000, family=family_of)
    earlier = make_post(700, minutes=-60, family=family_of)
    other = make_post(701, minutes=-1 / 60_000 - 1, family=family("b"))
    store.upsert([*crowd, *later, ahead, earlier, other])
    watched = _Watched(store)
    found = spread(watched, Query(since=NOON - timedelta(minutes=30)))  # type: ignore[arg-type]
    [largest] = found.families
    assert (largest.posts, largest.earlier) == (601, 1)
    assert largest.first == ahead.post
    assert found.first == other.post
    in_order = [item.post for item in oldest(watched, Query(copies=("a",)))]  # type: ignore[arg-type]
    assert in_order[:2] == [earlier.post, ahead.post]
    assert [post.published_at for post in in_order] == sorted(
        post.published_at for post in in_order
    )
    assert len({post.id for post in in_order}) == 602
    assert watched.reached <= 200
