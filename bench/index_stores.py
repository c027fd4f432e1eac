"""Ingest and counting speed of the three stores, as a table.

    python -m bench.index_stores [POSTS] [URL …]

Posts are made up. Without URLs: a fresh SQLite file, and the nodes of OPENSEARCH_URL and
ELASTICSEARCH_URL, if set. Indices made on a cluster are left for a look; delete `bench-*`.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from domain.annotation import AnnotatedPost, Annotation, CaseLink, Demand, Sentiment, Target
from domain.posts import Platform, Post, PostKind
from domain.protocols import Query, Store
from index import open_store

START = datetime(2026, 11, 2, tzinfo=UTC)
WORDS = (
    *("云岫区", "法院", "立案", "窗口", "排队", "法官", "判决", "开庭", "老赖"),
    *("执行", "网上", "系统", "崩了", "什么时候", "说法", "梁某案", "今天", "感谢"),
)
TOPICS = ("filing_difficulty", "trial_delay", "digital_court", "support_praise", "court_work")
BATCH = 5_000


def posts(number: int) -> Iterator[AnnotatedPost]:
    """`number` posts over two weeks, about 60 characters each, a third of them in 50 cases."""
    chance = random.Random(3)
    for index in range(number):
        moment = START + timedelta(minutes=chance.uniform(0, 14 * 1440))
        links = ()
        if index % 3 == 0:
            case = f"case{chance.randrange(50)}"
            links = (CaseLink(case, "alias", (case,), chance.random() < 0.8),)
        yield AnnotatedPost(
            Post(
                f"{index:032x}",
                "bench",
                chance.choice(list(Platform)),
                PostKind.POST,
                "，".join("".join(chance.choices(WORDS, k=4)) for _ in range(6)),
                moment,
                moment + timedelta(minutes=3),
            ),
            Annotation(
                chance.choice(list(Target)),
                chance.choice(list(Sentiment)),
                tuple(chance.sample(TOPICS, 2)),
                chance.choice(list(Demand)),
            ),
            links,
        )


def measure(store: Store, batches: list[list[AnnotatedPost]]) -> list[str]:
    """One row: posts/s new, posts/s again, then medians in milliseconds."""
    store.prepare()
    rates = []
    for _ in range(2):
        began = time.perf_counter()
        for batch in batches:
            store.upsert(batch)
        rates.append(sum(map(len, batches)) / (time.perf_counter() - began))
    five, hour = timedelta(minutes=5), timedelta(hours=1)
    case, week = Query(cases=("case7",)), Query(since=START + timedelta(days=7))
    questions: list[Callable[[], object]] = [
        lambda: store.counts(case, ["case"], five),
        lambda: store.counts(case, ["case", "target", "sentiment"], hour),
        lambda: store.counts(week, ["topic", "sentiment"]),
        lambda: store.counts(week, ["case"], hour),
        lambda: store.search(Query(text="法院 开庭"), limit=50),
        lambda: store.total(Query(text='"梁某案"')),
    ]
    return [f"{rate:,.0f}" for rate in rates] + [f"{_median_ms(ask):.1f}" for ask in questions]


def _median_ms(ask: Callable[[], object]) -> float:
    elapsed = []
    for _ in range(7):
        began = time.perf_counter()
        ask()
        elapsed.append(time.perf_counter() - began)
    return statistics.median(elapsed) * 1000


def main() -> None:
    """Measure and print."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        urls = sys.argv[2:] or [f"sqlite:///{folder}/bench.db"]
        for kind in ("opensearch", "elasticsearch"):
            base = os.environ.get(f"{kind.upper()}_URL", "")
            if base and len(sys.argv) < 3:
                prefix = f"bench-{uuid.uuid4().hex[:8]}"
                urls.append(f"{kind}://{base.removeprefix('http://').rstrip('/')}/{prefix}")
        made = list(posts(number))
        batches = [made[start : start + BATCH] for start in range(0, number, BATCH)]
        table = Table(title=f"{number:,} posts, batches of {BATCH:,}; medians of 7")
        for heading in (
            "store",
            "new posts/s",
            "again posts/s",
            "case × 5 min ms",
            "case × label × h ms",
            "week × topic × stance ms",
            "week × cases × h ms",
            "2 words, 50 newest ms",
            "quoted total ms",
        ):
            table.add_column(heading, justify="left" if heading == "store" else "right")
        for url in urls:
            store = open_store(url)
            table.add_row(url.split(":")[0], *measure(store, batches))
            store.close()
        Console(width=150).print(table)


if __name__ == "__main__":
    main()
