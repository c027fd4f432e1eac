"""A busy index gets less at once and later; nothing is lost and nothing counts twice."""

from __future__ import annotations

import http.server
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from courtpulse import patience
from courtpulse.patience import LEAST_BATCH, MOST_REFUSALS, asked, upsert
from domain.annotation import AnnotatedPost, Annotation, Sentiment, Target
from domain.errors import StoreBusy, StoreFailure
from domain.posts import Platform, Post, PostKind
from domain.protocols import Query, Upserted
from index import open_store
from index import sqlite as sqlite_store

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def posts(count: int) -> list[AnnotatedPost]:
    label = Annotation(Target.COURT, Sentiment.NEUTRAL, (), model="none")
    return [
        AnnotatedPost(
            Post(f"{n:032x}", "feed", Platform.NEWS, PostKind.ARTICLE, f"第{n}条", NOW, NOW), label
        )
        for n in range(count)
    ]


class Overloaded:
    """A store that takes at most `most` posts at once, and nothing for the first `deaf` calls."""

    def __init__(self, most: int, deaf: int = 0) -> None:
        self.most, self.deaf = most, deaf
        self.calls: list[int] = []
        self.held: list[str] = []

    def upsert(self, batch: Sequence[AnnotatedPost]) -> Upserted:
        self.calls.append(len(batch))
        if self.deaf or len(batch) > self.most:
            self.deaf = max(0, self.deaf - 1)
            raise StoreBusy("es_rejected_execution_exception")
        self.held += [item.post.id for item in batch]
        return Upserted(len(batch), 0, 0)


def test_batches_shrink_until_they_fit_and_every_post_arrives_once() -> None:
    store = Overloaded(most=300)
    waits: list[float] = []
    many = posts(2_000)
    done = upsert(store, many, waits.append, lambda: 0.5)  # type: ignore[arg-type]
    assert done == Upserted(2_000, 0, 0)
    assert store.held == [item.post.id for item in many]
    assert store.calls[:4] == [2_000, 1_000, 500, 250]
    assert waits[:3] == [0.5, 1.0, 2.0]


def test_waits_differ_between_writers_and_stay_bounded() -> None:
    waits: list[float] = []
    with pytest.raises(StoreBusy):
        upsert(Overloaded(most=0), posts(10), waits.append, lambda: 0.999)  # type: ignore[arg-type]
    assert len(waits) == MOST_REFUSALS
    assert max(waits) <= 45
    early: list[float] = []
    upsert(Overloaded(10, deaf=3), posts(10), early.append, lambda: 0.0)  # type: ignore[arg-type]
    assert early == [0.25, 0.5, 1.0]
    assert LEAST_BATCH >= 10


def test_another_failure_is_not_waited_for() -> None:
    class Broken:
        def upsert(self, batch: Sequence[AnnotatedPost]) -> Upserted:
            raise StoreFailure("strict_dynamic_mapping_exception")

    with pytest.raises(StoreFailure, match="mapping"):
        upsert(Broken(), posts(1), lambda seconds: pytest.fail("it waited"))  # type: ignore[arg-type]


def test_a_locked_sqlite_file_is_busy_and_then_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_store, "BUSY_SECONDS", 0.05)
    store = open_store(f"sqlite:///{tmp_path}/index.db")
    store.prepare()
    other = sqlite3.connect(tmp_path / "index.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            other.execute("COMMIT")

    assert upsert(store, posts(60), sleep) == Upserted(60, 0, 0)
    assert len(waits) == 2
    assert store.total(Query()) == 60
    other.close()
    store.close()


@contextmanager
def node(answers: list[tuple[int, dict[str, Any]]]) -> Iterator[str]:
    """A cluster's endpoint that gives these answers in turn, the last one for ever."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            status, body = answers.pop(0) if len(answers) > 1 else answers[0]
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("x-elastic-product", "Elasticsearch")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("kind", ["opensearch", "elasticsearch"])
@pytest.mark.parametrize(
    "refusal",
    [
        (429, {"error": {"type": "es_rejected_execution_exception"}, "status": 429}),
        (503, {"error": {"type": "cluster_block_exception"}, "status": 503}),
        (200, {"docs": [{"_id": "a", "error": {"type": "es_rejected_execution_exception"}}]}),
    ],
    ids=["whole", "unavailable", "item"],
)
def test_a_cluster_that_sheds_load_is_busy_not_broken(
    kind: str, refusal: tuple[int, dict[str, Any]]
) -> None:
    with node([refusal]) as address:
        store = open_store(f"{kind}://{address}/court")
        waits: list[float] = []
        with pytest.raises(StoreBusy):
            asked(lambda: store.get(["a"]), waits.append)
        assert len(waits) == MOST_REFUSALS
        store.close()


def test_a_cluster_that_is_gone_fails_at_once() -> None:
    store = open_store("opensearch://127.0.0.1:9/court")
    with pytest.raises(StoreFailure) as caught:
        asked(lambda: store.get(["a"]), lambda seconds: pytest.fail("it waited"))
    assert not isinstance(caught.value, StoreBusy)
    store.close()
    assert patience.MOST_REFUSALS == MOST_REFUSALS
