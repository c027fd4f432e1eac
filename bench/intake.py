"""Posts a second from a parsed page to the committed index, without the neural model.

    COURTPULSE_SHARED=../shared python -m bench.intake [POSTS]          default 20,000
    python -m bench.intake memory [POSTS]                               default 1,000,000
    python -m bench.intake profile [POSTS]

The program's own steps in its own order: the Weibo spider's `parse` on recorded pages, the ingest
pipeline (versions known, cleaning, checks, redaction, author tokens, segments), then annotate with a
constant in place of the model (linking, author flags, names, near-duplicates, index, commit).
Figures are posts per second of processor time, which other work on the machine changes less than
the clock on the wall. Beside it, on the same posts: JSON parsed and inserted into SQLite and
nothing else (no chain can be faster), and Scrapy's JSON-lines feed export of the parsed items.
"""

from __future__ import annotations

import cProfile
import json
import multiprocessing
import os
import pstats
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from scrapy import Request
from scrapy.exporters import JsonLinesItemExporter
from scrapy.http import Response

from bench.intake_input import PAGE, T0, NoModel, cases, origin, pages
from courtpulse.flow import Flow
from courtpulse.replay.rooms import DataClock
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from crawlers.declarations import adapter
from crawlers.heap import settle
from crawlers.items import RawItem
from crawlers.jobs import Job, Places
from crawlers.kinds import spider_class
from crawlers.pipeline import IngestPipeline
from crawlers.state import SourceState
from domain.protocols import Query

_DECLARATION = {
    "source": "weibo_search", "title": "微博检索", "kind": "weibo_api", "platform": "weibo",
    "basis": "本机测试", "license_ref": "测试-2026-001", "owner": "新闻办", "schedule": {"every": "1m"},
    "endpoint": "https://weibo.example/2/search/statuses.json", "queries": ["法院"],
    "credentials": {"access_token": "BENCH_TOKEN"}, "max_pages": 50, "delay": "10ms",
    "backfill": "1d", "timeout": "5m",
}  # fmt: skip
_LIMITS = {"one core": 3000, "two cores": 5000, "1,000 cases / 200": 1.2, "memory growth": 1.1}


class BenchRooms(Rooms):
    """The program's rooms with a constant in place of the model."""

    @property
    def annotator(self) -> Any:
        """No model."""
        return NoModel()


def rooms_of(folder: Path, watched: int) -> BenchRooms:
    """Rooms over `folder` that watch so many cases."""
    rooms = BenchRooms(Settings(data=folder, log_level="ERROR"), DataClock(T0 + timedelta(days=30)))
    if not rooms.records.cases.all():
        for case in cases(watched):
            rooms.records.cases.save(case)
    return rooms


def collect(rooms: Rooms, answers: Sequence[bytes]) -> list[str]:
    """Parse pages and ingest them; names of the segments."""
    declaration = adapter().validate_python(_DECLARATION, strict=False)
    job = Job(
        declaration=declaration,
        places=Places.under(rooms.settings.folder),
        now=rooms.clock(),
        window_start=T0,
        window_end=rooms.clock(),
        covered_until=None,
        contact="",
    )
    spider = spider_class(declaration)(job, SourceState(), rooms.ingest(), rooms.clock)
    crawler = SimpleNamespace(spider=spider, signals=SimpleNamespace(connect=lambda *_, **__: None))
    pipeline = IngestPipeline(crawler)  # type: ignore[arg-type]
    second = _second_page(spider)
    for answer in answers:
        for found in spider.parse(_response(answer), **second):
            if isinstance(found, RawItem):
                pipeline.process_item(found)
    if spider.report.blind or spider.report.rejected:
        raise SystemExit(f"the pages were not read: {spider.report}")
    return list(spider.ingest.commit())


def _second_page(spider: Any) -> dict[str, Any]:
    """Arguments of the callback for a page in the middle of a search: neither first nor last."""
    first = next(iter(spider._requests()))
    return {**first.cb_kwargs, "page": 2, "delivered": PAGE}


def _response(answer: bytes) -> Response:
    url = str(_DECLARATION["endpoint"])
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return Response(url, headers=headers, body=answer, request=Request(url))


def intake(folder: Path, answers: Sequence[bytes], watched: int) -> dict[str, float]:
    """The whole chain over `answers`; processor seconds of each half, and posts indexed."""
    rooms = rooms_of(folder, watched)
    flow = Flow(rooms)
    _ = rooms.store, rooms.authors
    settle()  # as the spider's process does before it reads, and `Flow.annotate`
    began, wall = time.process_time(), time.perf_counter()
    segments = collect(rooms, answers)
    collected = time.process_time()
    report = flow.annotate(segments)
    done = time.process_time()
    rooms.close()
    return {
        "posts": report.created,
        "linked": report.linked,
        "collect": collected - began,
        "annotate": done - collected,
        "seconds": done - began,
        "wall": time.perf_counter() - wall,
    }


def _two(folder: Path, halves: Sequence[Sequence[bytes]]) -> float:
    """Posts a second by the clock of two processes over one inbox and one index."""
    rooms_of(folder, 200).close()
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(3)

    def work(answers: Sequence[bytes]) -> None:
        barrier.wait()
        intake(folder, answers, 200)

    workers = [context.Process(target=work, args=(half,)) for half in halves]
    for worker in workers:
        worker.start()
    barrier.wait()
    began = time.perf_counter()
    for worker in workers:
        worker.join()
        if worker.exitcode:
            raise SystemExit("a worker of the bench failed")
    return time.perf_counter() - began


def _upper_bound(folder: Path, answers: Sequence[bytes]) -> float:
    """Processor seconds of parsing the pages and inserting rows, one transaction a page."""
    connection = sqlite3.connect(folder / "bound.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(
        "CREATE TABLE posts (id TEXT PRIMARY KEY, text TEXT, at TEXT, document TEXT)"
    )
    began = time.process_time()
    for answer in answers:
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO posts VALUES (?, ?, ?, ?)",
            [
                (one["idstr"], one["text"], one["created_at"], json.dumps(one, ensure_ascii=False))
                for one in json.loads(answer)["statuses"]
            ],
        )
        connection.execute("COMMIT")
    connection.close()
    return time.process_time() - began


def _feed_export(folder: Path, answers: Sequence[bytes]) -> float:
    """Processor seconds of the spider's parsing and Scrapy's own JSON-lines export of the items."""
    rooms = rooms_of(folder, 1)
    declaration = adapter().validate_python(_DECLARATION, strict=False)
    job = Job(declaration, Places.under(folder), rooms.clock(), T0, rooms.clock(), None, "")
    spider = spider_class(declaration)(job, SourceState(), None, rooms.clock)
    began = time.process_time()
    with (folder / "items.jsonl").open("wb") as file:
        exporter = JsonLinesItemExporter(file, encoding="utf-8")
        exporter.start_exporting()
        second = _second_page(spider)
        for answer in answers:
            for found in spider.parse(_response(answer), **second):
                if isinstance(found, RawItem):
                    exporter.export_item(asdict(found))
        exporter.finish_exporting()
    rooms.close()
    return time.process_time() - began


def _best(measure: Callable[[Path], float], times: int = 2) -> float:
    """The smallest of some runs, each in a fresh folder."""
    found = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            found.append(measure(Path(folder)))
    return min(found)


def speed(posts: int) -> int:
    """Print one JSON document; 1 when a limit is missed."""
    os.environ["BENCH_TOKEN"] = "bench"
    answers = list(pages(posts))
    with tempfile.TemporaryDirectory() as folder:
        first = intake(Path(folder), answers, 200)
    if first["posts"] != posts:
        raise SystemExit(f"{first['posts']} of {posts} posts were indexed")
    one = _best(lambda folder: intake(folder, answers, 200)["seconds"])
    thousand = _best(lambda folder: intake(folder, answers, 1000)["seconds"])
    halves = [answers[: len(answers) // 2], answers[len(answers) // 2 :]]
    two = _best(lambda folder: _two(folder, halves))
    alone = _best(lambda folder: intake(folder, answers, 200)["wall"])
    report = {
        "posts": posts,
        "texts": origin(),
        "linked": first["linked"],
        "posts/s, one core": round(posts / one),
        "posts/s, one process by the clock": round(posts / alone),
        "posts/s, two processes by the clock": round(posts / two),
        "1,000 cases / 200": round(thousand / one, 2),
        "microseconds a post: collect": round(first["collect"] / posts * 1e6),
        "microseconds a post: annotate": round(first["annotate"] / posts * 1e6),
        "posts/s, JSON into SQLite and nothing else": round(
            posts / _best(lambda folder: _upper_bound(folder, answers))
        ),
        "posts/s, the same spider and Scrapy's feed export": round(
            posts / _best(lambda folder: _feed_export(folder, answers))
        ),
    }
    report["met"] = {
        f"one core >= {_LIMITS['one core']}": posts / one >= _LIMITS["one core"],
        f"two cores >= {_LIMITS['two cores']}": posts / two >= _LIMITS["two cores"],
        f"1,000 cases <= {_LIMITS['1,000 cases / 200']} x 200": thousand / one
        <= _LIMITS["1,000 cases / 200"],
    }
    print(json.dumps(report, indent=2, ensure_ascii=False))
    return 0 if all(report["met"].values()) else 1


def memory(posts: int) -> int:
    """Peak memory of one process at a tenth, a half and all of `posts`; 1 when it isn't flat."""
    os.environ["BENCH_TOKEN"] = "bench"
    steps = [posts // 10, posts // 2, posts]
    peaks: dict[str, int] = {}
    chunk = 10_000
    with tempfile.TemporaryDirectory() as name:
        rooms = rooms_of(Path(name), 200)
        flow, done, began = Flow(rooms), 0, time.perf_counter()
        while done < posts:
            size = min(chunk, posts - done)
            flow.annotate(collect(rooms, list(pages(size, first=done))))
            done += size
            if done in steps:
                peaks[f"{done:,}"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
                print(json.dumps(peaks), file=sys.stderr, flush=True)
        seconds = time.perf_counter() - began
        held = rooms.store.total(Query())
        size = (Path(name) / "index.db").stat().st_size
        rooms.close()
    first, *_, last = peaks.values()
    flat = last <= first * _LIMITS["memory growth"]
    report = {
        "peak MiB after posts": peaks, "indexed": held, "index GiB": round(size / 2**30, 2),
        "seconds": round(seconds), "met": {"flat within 10 %": flat},
    }  # fmt: skip
    print(json.dumps(report, indent=2))
    return 0 if flat and held == posts else 1


def profile(posts: int) -> int:
    """Print where the time goes."""
    os.environ["BENCH_TOKEN"] = "bench"
    answers = list(pages(posts))
    profiler = cProfile.Profile()
    with tempfile.TemporaryDirectory() as folder:
        profiler.enable()
        intake(Path(folder), answers, 200)
        profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
    return 0


def main() -> int:
    """Measure what is asked for."""
    words = sys.argv[1:]
    what = words.pop(0) if words and not words[0].isdigit() else "speed"
    default = {"speed": 20_000, "memory": 1_000_000, "profile": 5_000}[what]
    posts = int(words[0]) if words else default
    return {"speed": speed, "memory": memory, "profile": profile}[what](posts // PAGE * PAGE)


if __name__ == "__main__":
    sys.exit(main())
