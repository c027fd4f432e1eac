"""Cases, posts and stores of the alert tests. All places and cases are invented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from alerts.detection import Detection
from domain.annotation import AnnotatedPost, Annotation, CaseLink, Sentiment, Target
from domain.cases import Case
from domain.posts import Platform, Post, PostKind, VerifiedType
from domain.protocols import Store
from index import open_store
from records import Records

#: Monday noon in Asia/Shanghai.
NOW = datetime(2026, 3, 16, 4, tzinfo=UTC)


@dataclass
class FakeClock:
    """A clock that stands until it is set."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


class PlainTerms:
    """A term finder whose answer can be worked out by hand: two-character words by count."""

    def terms(
        self, texts: Sequence[str], background: Sequence[str], limit: int = 10
    ) -> list[tuple[str, float]]:
        known = {text[i : i + 2] for text in background for i in range(len(text) - 1)}
        counts: dict[str, int] = {}
        for text in texts:
            for word in {text[i : i + 2] for i in range(len(text) - 1)} - known:
                counts[word] = counts.get(word, 0) + 1
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [(word, float(count)) for word, count in ranked[:limit]]


def make_post(
    native: str,
    at: datetime,
    case: str = "liang",
    *,
    text: str = "",
    source: str = "weibo_search",
    platform: Platform = Platform.WEIBO,
    verified: VerifiedType = VerifiedType.ORDINARY,
    target: Target = Target.EVENT,
    sentiment: Sentiment = Sentiment.NEUTRAL,
    topics: tuple[str, ...] = ("case_discussion",),
    counts: bool = True,
    unsure: tuple[str, ...] = (),
    mixed: bool = False,
) -> AnnotatedPost:
    """One post about a case, as the index holds it."""
    return AnnotatedPost(
        Post(
            id=sha256(f"{source}/{native}".encode()).hexdigest()[:32],
            source=source,
            platform=platform,
            kind=PostKind.POST,
            text=text or f"江澜市这件案子的第{native}种说法，{sha256(native.encode()).hexdigest()}",
            published_at=at,
            fetched_at=at,
            verified_type=verified,
        ),
        Annotation(target, sentiment, topics, model="test", unsure=unsure, mixed=mixed),
        (CaseLink(case, "alias", ("梁某案",), counts_as_author=counts),),
    )


def background(
    case: str, since: datetime, until: datetime, per_hour: float, seed: int, **fields: object
) -> list[AnnotatedPost]:
    """A quiet case: Poisson posts at a steady rate."""
    generator = np.random.default_rng(seed)
    hours = (until - since).total_seconds() / 3600
    moments = np.sort(generator.uniform(0, hours, generator.poisson(per_hour * hours)))
    return [
        make_post(f"{case}-bg{seed}-{n}", since + timedelta(hours=float(at)), case, **fields)
        for n, at in enumerate(moments)
    ]


def burst(
    case: str, since: datetime, minutes: float, posts: int, seed: int = 0, **fields: object
) -> list[AnnotatedPost]:
    """`posts` posts spread evenly over `minutes`."""
    return [
        make_post(
            f"{case}-burst{seed}-{n}",
            since + timedelta(minutes=minutes * n / posts),
            case,
            **fields,
        )
        for n in range(posts)
    ]


@dataclass
class Bench:
    """A store and records of one test, with the builders beside them."""

    store: Store
    records: Records
    clock: FakeClock
    terms: PlainTerms

    post = staticmethod(make_post)
    #: θ of the detections here; .03 false alarms a case in four weeks.
    theta = 5.0
    background = staticmethod(background)
    burst = staticmethod(burst)

    def detection(self) -> Detection:
        """A detection as a run opens it."""
        return Detection(self.store, self.records, self.terms, self.clock, theta=self.theta)

    def quiet(
        self,
        days: float = 14,
        per_hour: float = 0.5,
        until: datetime | None = None,
        **fields: object,
    ) -> None:
        """Lay a quiet past of the case "liang" into the index."""
        until = until or self.clock.now
        since = until - timedelta(days=days)
        self.store.upsert(self.background("liang", since, until, per_hour, 1, **fields))

    def watch(self, case_id: str = "liang", days: float = 14, **fields: object) -> Case:
        case = Case(
            id=case_id,
            title="梁某案",
            court="江澜市中级人民法院",
            watched_since=self.clock.now - timedelta(days=days),
            **fields,
        )
        return self.records.cases.save(case)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    clock = FakeClock()
    store = open_store(f"sqlite:///{tmp_path}/index.db")
    store.prepare()
    records = Records.open(f"sqlite:///{tmp_path}/records.db", clock)
    yield Bench(store, records, clock, PlainTerms())
    store.close()
    records.close()
