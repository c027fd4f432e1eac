"""A real input through the whole chain: 2,000 public texts with court words, one real burst stream.

    COURTPULSE_SHARED=../shared python -m bench.real_input [SERIES]

The texts (`court_pool.jsonl.xz`) are served as posts of the last 28 days by the local Weibo server;
the stream (`events_dev.csv.xz`, default: the first warm series) gives instants and authors of posts
about one watched case. Prints what went in and out of each stage. No text is printed or kept.
"""

from __future__ import annotations

import csv
import json
import lzma
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from alerts.detection import DetectionReport
from courtpulse.annotate import StageReport
from courtpulse.flow import Flow, opened
from courtpulse.logs import configure
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from demo.declare import TOKEN_VARIABLE
from demo.model import Article, Author, Notice, WeiboPost
from demo.servers import ACCESS_TOKEN, start
from domain.cases import Case, MatchFormula
from domain.protocols import Query
from domain.sources import SourceRun
from domain.time import BUCKET, bucket_index, bucket_start, system_clock
from text.weibo_ids import mint_mid

SHARED = Path(os.environ.get("COURTPULSE_SHARED", "../shared"))
TEXTS = 2000
_DAYS = timedelta(days=28)
_CASE = "巷口菜场案"
#: Cases whose words occur in the pool by themselves, so that links are more than the stream's.
_FORMULAS = {
    "sentencing": (("判", "量刑", "死刑"), ("法院", "法官")),
    "enforcement": (("老赖", "失信", "执行"), ("法院", "法官")),
}


class Recorded:
    """The texts and the stream as a world the servers can show."""

    def __init__(self, now: datetime, series: str, chance: random.Random) -> None:
        made = [*_pool(now, chance), *_stream(now, series)]
        made.sort(key=lambda item: item[0])
        self._posts = [
            WeiboPost(
                mid=mint_mid(moment, number % 4_000_000),
                moment=moment.replace(microsecond=0),
                author=Author(uid=uid, name=f"用户{uid}", followers=1),
                text=text,
                scene="background",
            )
            for number, (moment, uid, text) in enumerate(made)
        ]

    def posts(self, until: datetime) -> Sequence[WeiboPost]:
        """All of them; they lie behind "now"."""
        return [post for post in self._posts if post.moment <= until]

    def articles(self, until: datetime) -> Sequence[Article]:
        """None."""
        return ()

    def notices(self, until: datetime) -> Sequence[Notice]:
        """None."""
        return ()


def _pool(now: datetime, chance: random.Random) -> Iterator[tuple[datetime, int, str]]:
    with lzma.open(SHARED / "data/nlp/court_pool.jsonl.xz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    for text in chance.sample(texts, TEXTS):
        yield now - chance.random() * _DAYS, chance.randrange(10**9, 2 * 10**9), text


def _stream(now: datetime, series: str) -> Iterator[tuple[datetime, int, str]]:
    with lzma.open(SHARED / "data/spikes/events_dev.csv.xz", "rt", encoding="utf-8") as lines:
        for number, row in enumerate(csv.DictReader(lines)):
            if row["series"] == series:
                moment = now - _DAYS + timedelta(seconds=float(row["t"]))
                negative = "法院这样判让人看不懂" if row["neg"] == "1" else "等法院的判决"
                yield moment, int(row["author"]), f"{_CASE}：{negative}，第{number}条。"


def _truth(scenario: str = "warm") -> dict[str, str]:
    """The series to play: the one named, else the first of `scenario`."""
    with (SHARED / "data/spikes/truth_dev.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    if len(sys.argv) > 1:
        return next(row for row in rows if row["series"] == sys.argv[1])
    return next(row for row in rows if row["scenario"] == scenario)


def _declaration(url: str) -> str:
    return json.dumps(
        {
            "title": "微博检索", "kind": "weibo_api", "platform": "weibo", "basis": "本机测试服务器",
            "license_ref": "测试-2026-001", "owner": "新闻办", "schedule": {"every": "1m"},
            "endpoint": f"{url}/2/search/statuses.json",
            "queries": ["法", "判", "案", "诉", "刑", "律", "执行"],
            "credentials": {"access_token": TOKEN_VARIABLE},
            "max_pages": 20, "delay": "10ms", "backfill": "28d", "timeout": "5m",
        },
        ensure_ascii=False,
    )  # fmt: skip


def _cases(now: datetime) -> list[Case]:
    since, court = now - _DAYS, "江澜市中级人民法院"
    stream = Case("stream", _CASE, court, since, aliases=(_CASE,))
    return [stream] + [
        Case(
            name,
            name,
            court,
            since,
            formula=MatchFormula(subjects=subjects, events=events, excludes=(_CASE,)),
        )
        for name, (events, subjects) in _FORMULAS.items()
    ]


@dataclass(frozen=True, slots=True)
class Measured:
    """What went through the chain; seconds by stage."""

    run: SourceRun
    annotated: StageReport
    detection: DetectionReport
    collect: float
    annotate: float
    detect: float


def _go_through(flow: Flow) -> Measured:
    began = time.perf_counter()
    run = flow.collect("weibo_search")
    collected = time.perf_counter()
    total = sum((flow.annotate(batch) for batch in flow.batches()), StageReport())
    annotated = time.perf_counter()
    detection = flow.detect()
    detected = time.perf_counter()
    return Measured(
        run, total, detection, collected - began, annotated - collected, detected - annotated
    )


def _indexed(rooms: Rooms) -> dict[str, Any]:
    """What stands in the index and the records afterwards."""
    redactions: Counter[str] = Counter()
    for offset in range(0, rooms.store.total(Query()), 1000):
        for item in rooms.store.search(Query(), limit=1000, offset=offset).posts:
            redactions.update(item.post.redactions)
    return {
        "redactions": dict(redactions),
        "links": {c.key[0]: c.posts for c in rooms.store.counts(Query(), ("case",))},
        "relevant, by target and sentiment": {
            "/".join(c.key): c.posts
            for c in rooms.store.counts(Query(relevant=True), ("target", "sentiment"))
        },
        "alerts": [
            {
                "case": alert.case_id,
                "level": alert.level,
                "first post": str(alert.first_published_at),
                "score": round(alert.why.score.value, 1),
                "posts": alert.why.posts,
                "authors": alert.why.authors,
            }
            for alert in rooms.records.alerts.recent(100)
        ],
    }


def _figures(measured: Measured) -> dict[str, Any]:
    run, total, detection = measured.run, measured.annotated, measured.detection
    return {
        "seen by the spider": run.seen,
        "new": run.new,
        "delivered again by overlapping queries": run.seen - run.new - run.rejected,
        "rejected": run.rejected,
        "gap": run.gap,
        "indexed": total.created,
        "seconds": {
            "collect": round(measured.collect, 1),
            "link and redact names": round(total.link_seconds, 2),
            "model": round(total.model_seconds, 2),
            "index": round(total.index_seconds, 2),
            "annotate in all": round(measured.annotate, 1),
            "detect": round(measured.detect, 2),
        },
        "detection": {"raised": detection.raised, "backfilled": detection.backfilled},
    }


def main() -> int:
    """Run and print one JSON document."""
    truth = _truth()
    now = bucket_start(bucket_index(system_clock()))
    world = Recorded(now, truth["series"], random.Random(11))
    with tempfile.TemporaryDirectory() as name, start(world) as servers:
        folder = Path(name)
        (folder / "sources").mkdir()
        (folder / "sources" / "weibo_search.yml").write_text(
            _declaration(servers.urls["weibo"]), encoding="utf-8"
        )
        os.environ[TOKEN_VARIABLE] = ACCESS_TOKEN
        settings = Settings(data=folder / "data", sources=(folder / "sources",), log_level="ERROR")
        configure(settings)
        with opened(settings) as flow:
            for case in _cases(now):
                flow.rooms.records.cases.save(case)
            measured = _go_through(flow)
            indexed = _indexed(flow.rooms)
    takeoff = now - _DAYS + timedelta(seconds=float(truth["takeoff"])) if truth["takeoff"] else None
    report = {
        "served": len(world.posts(now)),
        **_figures(measured),
        **indexed,
        "takeoff of the stream": str(takeoff),
        "buckets of": str(BUCKET),
    }
    print(json.dumps(report, ensure_ascii=False, indent=2, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main())
