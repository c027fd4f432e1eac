"""The three stores, each fresh for a test, and posts to put into them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from domain.annotation import (
    AnnotatedPost,
    Annotation,
    CaseLink,
    Demand,
    Family,
    Sentiment,
    Target,
)
from domain.posts import Engagement, Platform, Post, PostKind, VerifiedType
from domain.protocols import Store
from index import open_store
from index.cluster_schema import SCHEMA

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
KINDS = ("sqlite", "opensearch", "elasticsearch")
Require = Callable[[object, str], None]
MakePost = Callable[..., AnnotatedPost]
OpenStore = Callable[[str], Store]


def _make_post(
    number: int = 1,
    text: str = "云岫区法院立案窗口排队很久",
    *,
    minutes: float = 0,
    cases: tuple[str, ...] = (),
    uncounted: tuple[str, ...] = (),
    family: Family | None = None,
    **changes: object,
) -> AnnotatedPost:
    """A fictional post; `changes` go to the post or to its annotation, whichever has the field."""
    post = Post(
        id=sha256(str(number).encode()).hexdigest()[:32],
        source="jianglan_news",
        platform=Platform.WEIBO,
        kind=PostKind.POST,
        text=text,
        published_at=NOON + timedelta(minutes=minutes),
        fetched_at=NOON + timedelta(days=1),
        title="",
        url=f"https://weibo.com/detail/{number}",
        verified_type=VerifiedType.MEDIA,
        engagement=Engagement(reposts=3, comments=None, likes=0),
        sample_rate=0.5,
        redactions={"mobile": 1},
    )
    annotation = Annotation(
        target=Target.COURT,
        sentiment=Sentiment.NEGATIVE,
        topics=("filing_difficulty",),
        demand=Demand.SPEED_UP,
        irony=True,
        scores={"target": 0.91},
        model="linear-1",
    )
    of_post = {name: value for name, value in changes.items() if hasattr(post, name)}
    of_annotation = {name: value for name, value in changes.items() if name not in of_post}
    links = [CaseLink(case, "alias", ("云岫立案",), True) for case in cases]
    links += [CaseLink(case, "formula", ("云岫", "立案"), False) for case in uncounted]
    return AnnotatedPost(
        replace(post, **of_post), replace(annotation, **of_annotation), tuple(links), family
    )


@pytest.fixture(scope="session")
def make_post() -> MakePost:
    """Builds posts: ``make_post(7, "文字", minutes=5, cases=("liang",), demand=Demand.NONE)``."""
    return _make_post


@pytest.fixture(scope="session")
def cluster_url(require: Require) -> Callable[[str], str]:
    """Base URL of a real node, from OPENSEARCH_URL or ELASTICSEARCH_URL."""

    def find(kind: str) -> str:
        variable = f"{kind.upper()}_URL"
        url = os.environ.get(variable, "")
        require(url, f"{variable} names no node, e.g. {variable}=http://127.0.0.1:9201")
        return url.rstrip("/")

    return find


@pytest.fixture
def fresh_store(tmp_path: Path, cluster_url: Callable[[str], str]) -> Iterator[OpenStore]:
    """Opens an empty, prepared store of a kind; removes it afterwards."""
    opened: list[Store] = []
    made: list[tuple[str, str]] = []

    def open_fresh(kind: str) -> Store:
        if kind == "sqlite":
            url = f"sqlite:///{tmp_path}/posts.db"
        else:
            base, prefix = cluster_url(kind), f"test-{uuid.uuid4().hex[:12]}"
            made.append((base, prefix))
            url = f"{kind}://{base.removeprefix('http://')}/{prefix}"
        store = open_store(url)
        opened.append(store)
        store.prepare()
        return store

    yield open_fresh
    for store in opened:
        store.close()
    for base, prefix in made:
        for name in (f"{prefix}-posts-v{SCHEMA}", f"{prefix}-tombstones"):
            httpx.delete(f"{base}/{name}", timeout=30)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, fresh_store: OpenStore) -> Store:
    """Each store in turn."""
    return fresh_store(request.param)
