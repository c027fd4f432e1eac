"""Counts by case follow what a text says about that case; unsure and mixed ones stand apart."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.alerts import Count
from domain.annotation import (
    AnnotatedPost,
    Aspect,
    CaseLink,
    Certainty,
    Emotion,
    Sentiment,
    Target,
)
from domain.protocols import Query, Store
from index import open_store
from index.documents import entries, read
from index.sqlite_schema import MIGRATIONS

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
NEGATIVE = Query(relevant=True, targets=("court",), sentiments=("negative",), certainties=("sure",))
MakePost = Callable[..., AnnotatedPost]


def praise_and_blame(make_post: MakePost) -> AnnotatedPost:
    """Blames the court of one case and praises that of the other."""
    post = make_post(1, sentiment=Sentiment.NEGATIVE, mixed=True)
    return replace(
        post,
        links=(
            CaseLink("liang", "alias", ("梁某案",), True),
            CaseLink(
                "yu", "alias", ("余某案",), True, Aspect(Target.COURT, Sentiment.POSITIVE, 0.8)
            ),
            CaseLink(
                "filing", "alias", ("云岫立案",), False,
                Aspect(Target.COURT, Sentiment.NEGATIVE, 0.7),
            ),
        ),
    )  # fmt: skip


def test_a_count_by_case_follows_the_aspect(store: Store, make_post: MakePost) -> None:
    store.upsert([praise_and_blame(make_post), make_post(2, cases=("liang",))])
    assert store.counts(NEGATIVE, ["case"]) == [
        Count(("filing",), None, 1, 0),
        Count(("liang",), None, 1, 1),
    ]
    assert store.counts(Query(), ["case", "sentiment", "certainty"]) == [
        Count(("filing", "negative", "sure"), None, 1, 0),
        Count(("liang", "negative", "mixed"), None, 1, 1),
        Count(("liang", "negative", "sure"), None, 1, 1),
        Count(("yu", "positive", "sure"), None, 1, 1),
    ]


def test_a_case_in_the_query_asks_for_its_own_stance(store: Store, make_post: MakePost) -> None:
    mixed, plain = praise_and_blame(make_post), make_post(2, cases=("liang",))
    store.upsert([mixed, plain])
    assert store.total(replace(NEGATIVE, cases=("yu",))) == 0
    assert store.search(replace(NEGATIVE, cases=("filing",))).posts == (mixed,)
    assert store.counts(Query(cases=("yu",)), ["sentiment"]) == [
        Count(("positive",), None, 1, None)
    ]
    # Two cases asked for: the post is once in each cell that one of them gives it.
    assert store.counts(Query(cases=("yu", "filing", "liang")), ["sentiment"]) == [
        Count(("negative",), None, 2, None),
        Count(("positive",), None, 1, None),
    ]
    # It fits by `filing`; in the cell of `yu` it isn't, because there it is praise.
    assert store.counts(replace(NEGATIVE, cases=("filing", "yu")), ["case"]) == [
        Count(("filing",), None, 1, 0)
    ]


def test_without_a_case_the_whole_text_counts(store: Store, make_post: MakePost) -> None:
    unsure = make_post(3, unsure=("topics", "stance"))
    store.upsert([praise_and_blame(make_post), make_post(2), unsure])
    assert store.total(NEGATIVE) == 1
    assert store.counts(Query(), ["certainty"]) == [
        Count(("mixed",), None, 1, None),
        Count(("sure",), None, 1, None),
        Count(("unsure",), None, 1, None),
    ]
    assert store.search(Query(certainties=("unsure",))).posts == (unsure,)


def test_emotions_are_counted_and_may_be_unknown(store: Store, make_post: MakePost) -> None:
    store.upsert([make_post(1, emotion=Emotion.ANGRY), make_post(2)])
    assert [count.key for count in store.counts(Query(), ["emotion"])] == [("angry",), ("unknown",)]
    assert store.total(Query(emotions=("unknown",))) == 1
    assert store.get([make_post(1).post.id]) == [make_post(1, emotion=Emotion.ANGRY)]


def test_a_file_of_the_first_schema_is_read_and_counted(
    tmp_path: Path, make_post: MakePost
) -> None:
    post = make_post(1, cases=("liang",))
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as connection:
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        document = _as_written_before(post)
        labels = ("court", "negative", "speed_up", "jianglan_news", "weibo", "media")
        moment = int(NOON.timestamp()) * 1_000_000
        connection.execute(
            "INSERT INTO posts VALUES (1, ?, 1, ?, 1, 1, ?, ?, ?, ?, ?, ?)",
            (post.post.id, moment, *labels),
        )
        connection.execute(
            "INSERT INTO post_cases VALUES ('liang', ?, 1, 1, 0, 1, 1, ?, ?, ?, ?, ?, ?)",
            (moment, *labels),
        )
        connection.execute("INSERT INTO documents VALUES (1, ?)", (json.dumps(document),))
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    store = open_store(f"sqlite:///{path}")
    store.prepare()
    assert store.search(Query(cases=("liang",))).posts == (post,)
    assert store.counts(NEGATIVE, ["case", "certainty", "emotion"]) == [
        Count(("liang", "sure", "unknown"), None, 1, 1)
    ]
    store.close()


@pytest.mark.parametrize("certainty", list(Certainty))
def test_a_document_keeps_what_is_unsure(make_post: MakePost, certainty: Certainty) -> None:
    unsure = ("stance", "demand") if certainty is Certainty.UNSURE else ()
    post = make_post(1, unsure=unsure, mixed=certainty is Certainty.MIXED, emotion=Emotion.FEAR)
    [entry] = entries([post]).values()
    assert read(json.loads(entry.encoded)) == post
    assert post.annotation.stance.certainty is certainty
    assert post.annotation.court_negative is (certainty is Certainty.SURE)


def _as_written_before(post: AnnotatedPost) -> dict[str, object]:
    [entry] = entries([post]).values()
    return {
        name: value
        for name, value in entry.document.items()
        if name not in ("emotion", "unsure", "mixed")
    }
