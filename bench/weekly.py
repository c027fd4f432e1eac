"""How long the weekly takes: ``python -m bench.weekly``.

    python -m bench.weekly [--posts 50000] [--share 0.25] [--formats html docx]

Fills a fresh SQLite index with that many relevant posts of eight weeks (`--share` of them in the
week of the report, one in five a copy), then times counting, writing, and asking again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import index
from domain.annotation import AnnotatedPost, Annotation, Demand, Sentiment, Target
from domain.posts import Platform, Post, PostKind
from domain.protocols import Store
from nlp import topics as catalogue
from records import Records
from reports.aggregates import Issue, collect, recompute
from reports.period import Week
from reports.weekly import model_of
from reports.write import write_weekly

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
_WORDS = (
    *("云岫区", "法院", "材料", "窗口", "系统", "案款", "电话", "通知", "开庭", "文书"),
    *("排队", "补正", "号码", "答复", "期限", "大厅", "青崖县", "执行"),
)
_BATCH = 5000
#: Of the issue that ordered this: a weekly over 50,000 posts in at most this many seconds.
_LIMIT_SECONDS = 20


def posts(many: int, share: float, week: Week, topics: list[str]) -> Iterator[AnnotatedPost]:
    """Fictional posts, the same for the same number."""
    chance = random.Random(20261120)
    copies: list[str] = ["云岫区法院立案窗口收了材料四十天没有回音，请大家都看看"]
    for number in range(many):
        back = 0 if chance.random() < share else chance.randrange(1, 8)
        published = week.earlier(back).since + timedelta(seconds=chance.randrange(7 * 86400))
        if chance.random() < 0.2:
            text = chance.choice(copies)
        else:
            text = "，".join(
                "".join(chance.choices(_WORDS, k=6)) + str(chance.randrange(1000))
                for _ in range(chance.randrange(1, 6))
            )
            if chance.random() < 0.01:
                copies.append(text)
        yield AnnotatedPost(
            Post(
                id=hashlib.sha256(str(number).encode()).hexdigest()[:32],
                source=f"source_{number % 6}",
                platform=chance.choice(list(Platform)),
                kind=PostKind.POST,
                text=text,
                published_at=published,
                fetched_at=published,
            ),
            Annotation(
                chance.choice(list(Target)),
                chance.choice(list(Sentiment)),
                tuple(chance.sample(topics, chance.randrange(1, 4))),
                chance.choice(list(Demand)),
                model="bench",
            ),
        )


def fill(store: Store, many: int, share: float, week: Week, topics: list[str]) -> None:
    """Write the posts in batches."""
    batch: list[AnnotatedPost] = []
    for post in posts(many, share, week, topics):
        batch.append(post)
        if len(batch) == _BATCH:
            store.upsert(batch)
            batch.clear()
    store.upsert(batch)


def main() -> None:
    """Measure and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=50_000)
    parser.add_argument("--share", type=float, default=0.25)
    parser.add_argument("--formats", nargs="+", default=["html", "docx"])
    arguments = parser.parse_args()
    week = Week.beginning(date(2026, 11, 13))
    topics = catalogue.load()
    named = [name for name, topic in topics.items() if topic.group == "concern"]
    with tempfile.TemporaryDirectory() as folder:
        store = index.open_store(f"sqlite:///{folder}/index.sqlite")
        store.prepare()
        fill(store, arguments.posts, arguments.share, week, named)
        records = Records.open(f"sqlite:///{folder}/records.sqlite", lambda: NOW)
        issue = Issue(1, "江澜市中级人民法院", "江澜市中级人民法院新闻办公室")
        began, worked = time.perf_counter(), time.process_time()
        aggregates = collect(store, records, topics, lambda: NOW, week, issue)
        counted = time.perf_counter()
        write_weekly(model_of(aggregates), Path(folder, "out"), arguments.formats)
        written, worked = time.perf_counter(), time.process_time() - worked
        differences = recompute(store, aggregates)
        asked_again = time.perf_counter()
        store.close()
    print(
        json.dumps(
            {
                "posts": arguments.posts,
                "share_in_week": arguments.share,
                "count_seconds": round(counted - began, 2),
                "write_seconds": round(written - counted, 2),
                "weekly_seconds": round(written - began, 2),
                "weekly_cpu_seconds": round(worked, 2),
                "limit_seconds": _LIMIT_SECONDS,
                "recompute_seconds": round(asked_again - written, 2),
                "differences": len(differences),
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
