"""What only the embedded store has to bear: several processes on one file, and kill -9."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.alerts import Count
from domain.annotation import AnnotatedPost
from domain.errors import StoreFailure
from domain.protocols import Query, Store
from index import open_store
from index.sqlite import SqliteStore

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
MakePost = Callable[..., AnnotatedPost]
OpenStore = Callable[[str], Store]

# A process of its own: writes batches of the same ids again and again until it is stopped.
WRITER = """
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from domain.annotation import AnnotatedPost, Annotation, CaseLink, Sentiment, Target
from domain.posts import Platform, Post, PostKind
from index import open_store
url, first, number, rounds = sys.argv[1], *map(int, sys.argv[2:])
noon = datetime(2026, 11, 2, 4, tzinfo=UTC)
store = open_store(url)
store.prepare()
for turn in range(rounds):
    fetched = noon + timedelta(seconds=turn)
    store.upsert([
        AnnotatedPost(
            Post(f"{n:032x}", "s", Platform.WEIBO, PostKind.POST, f"第{turn}轮开庭", noon, fetched),
            Annotation(Target.COURT, Sentiment.NEUTRAL, ("a", "b")),
            (CaseLink("liang", "alias", ("x",)), CaseLink(f"turn{turn % 2}", "alias", ("x",))),
        )
        for n in range(first, first + number)
    ])
    print(turn, flush=True)
"""


def _start(url: str, first: int, number: int, rounds: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, url, str(first), str(number), str(rounds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def _assert_consistent(path: Path) -> int:
    """Every table tells of the same posts; returns how many there are."""
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.execute("INSERT INTO post_terms (post_terms) VALUES ('integrity-check')")
        posts = {row[0] for row in connection.execute("SELECT post FROM posts")}
        for table in ("documents", "post_cases", "post_topics"):
            assert {row[0] for row in connection.execute(f"SELECT post FROM {table}")} == posts
        assert {row[0] for row in connection.execute("SELECT rowid FROM post_terms")} == posts
        links = connection.execute("SELECT COUNT(*) FROM post_cases").fetchone()[0]
        assert links == 2 * len(posts)
        return len(posts)
    finally:
        connection.close()


def test_two_processes_write_the_same_posts_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/posts.db"
    writers = [_start(url, first, 400, 6) for first in (0, 200)]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    store = open_store(url)
    assert store.total(Query()) == 600
    assert store.total(Query(text="第5轮")) == 600
    assert store.counts(Query(cases=("liang",)), ["case"]) == [
        Count(("liang",), None, 600, 600),
        Count(("turn1",), None, 600, 600),
    ]
    assert _assert_consistent(tmp_path / "posts.db") == 600


def test_a_kill_in_the_middle_of_an_upsert_leaves_whole_posts(tmp_path: Path) -> None:
    path, url = tmp_path / "posts.db", f"sqlite:///{tmp_path}/posts.db"
    chance = random.Random(1)
    for _ in range(6):
        writer = _start(url, 0, 5000, 1000)
        assert writer.stdout is not None
        writer.stdout.readline()  # from here on it writes without pause
        time.sleep(chance.uniform(0, 0.5))
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        assert _assert_consistent(path) == 5000
    store = open_store(url)
    [first, *_] = store.search(Query(), limit=1).posts
    assert store.total(Query(text=f'"{first.post.text}"')) > 0


def test_readers_see_whole_batches_while_another_thread_writes(
    fresh_store: OpenStore, make_post: MakePost
) -> None:
    store = fresh_store("sqlite")
    batches = [
        [make_post(n, cases=("liang",)) for n in range(start, start + 50)]
        for start in range(0, 1000, 50)
    ]
    seen: list[int] = []
    done = threading.Event()

    def read_on() -> None:
        while not done.is_set():
            page = store.search(Query(text="排队"), limit=0)
            seen.append(page.total)

    readers = [threading.Thread(target=read_on) for _ in range(3)]
    for reader in readers:
        reader.start()
    for batch in batches:
        store.upsert(batch)
    done.set()
    for reader in readers:
        reader.join()
    assert seen
    assert {number % 50 for number in seen} == {0}
    assert store.total(Query()) == 1000


def _write_in_child(store: Store, post: AnnotatedPost) -> None:
    store.upsert([post])


def test_a_forked_process_opens_its_own_connection(
    fresh_store: OpenStore, make_post: MakePost
) -> None:
    store = fresh_store("sqlite")
    store.upsert([make_post(1)])
    child = multiprocessing.get_context("fork").Process(
        target=_write_in_child, args=(store, make_post(2))
    )
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert store.total(Query()) == 2


def test_closing_in_a_forked_child_leaves_the_parent_whole(
    fresh_store: OpenStore, make_post: MakePost
) -> None:
    store = fresh_store("sqlite")
    store.upsert([make_post(1)])
    child = multiprocessing.get_context("fork").Process(target=store.close)
    child.start()
    child.join(30)
    assert child.exitcode == 0
    store.upsert([make_post(2)])
    assert store.total(Query()) == 2


def test_many_processes_may_prepare_a_new_file_at_once(tmp_path: Path) -> None:
    program = "import sys; from index import open_store; open_store(sys.argv[1]).prepare()"
    for turn in range(3):
        url = f"sqlite:///{tmp_path}/new{turn}.db"
        starters = [
            subprocess.Popen([sys.executable, "-c", program, url], cwd=ROOT) for _ in range(6)
        ]
        assert [starter.wait(timeout=60) for starter in starters] == [0] * 6
        assert open_store(url).total(Query()) == 0


def test_threads_that_ended_leave_no_connection(
    fresh_store: OpenStore, make_post: MakePost
) -> None:
    store = fresh_store("sqlite")
    store.upsert([make_post(1)])
    for _ in range(20):
        thread = threading.Thread(target=store.total, args=(Query(),))
        thread.start()
        thread.join()
    store.total(Query())
    assert isinstance(store, SqliteStore)
    assert len(store._open) <= 2


def test_a_deleted_post_leaves_no_byte_in_the_file(
    fresh_store: OpenStore, make_post: MakePost, tmp_path: Path
) -> None:
    store = fresh_store("sqlite")
    secret = "白榆县法院外景秘语"
    store.upsert([make_post(1, secret), *(make_post(n, "别的话") for n in range(2, 50))])
    store.tombstone([make_post(1).post.id], NOON)
    held = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for trace in (secret, "秘语", "景秘"):
        assert trace.encode() not in held


def test_an_unprepared_or_foreign_file_is_a_store_failure(
    tmp_path: Path, make_post: MakePost
) -> None:
    for path in (tmp_path / "missing" / "posts.db", tmp_path / "empty.db"):
        with pytest.raises(StoreFailure, match="prepare"):
            open_store(f"sqlite:///{path}").total(Query())
    (tmp_path / "text.db").write_text("no database" * 1000)
    with pytest.raises(StoreFailure, match=r"text\.db"):
        open_store(f"sqlite:///{tmp_path}/text.db").prepare()


def test_a_file_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "posts.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreFailure, match="schema 99"):
        open_store(f"sqlite:///{path}").prepare()
    assert path.stat().st_size <= 4096


def test_no_table_has_a_column_for_a_person(fresh_store: OpenStore, tmp_path: Path) -> None:
    fresh_store("sqlite")
    connection = sqlite3.connect(tmp_path / "posts.db")
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
    columns = {
        row[1] for table in tables for row in connection.execute(f"PRAGMA table_info({table})")
    }
    connection.close()
    assert {"case_id", "published_us", "counts_as_author"} <= columns
    banned = ("token", "gender", "sex", "region", "author", "user", "nick", "handle")
    assert {c for c in columns if any(word in c for word in banned)} == {"counts_as_author"}


def test_hourly_counts_of_a_case_in_100_000_posts_take_milliseconds(
    fresh_store: OpenStore, make_post: MakePost
) -> None:
    store = fresh_store("sqlite")
    for start in range(0, 100_000, 10_000):
        store.upsert(
            [
                make_post(n, "开庭", minutes=n % 20160, cases=(f"case{n % 50}",))
                for n in range(start, start + 10_000)
            ]
        )
    query, elapsed = Query(cases=("case7",)), []
    for _ in range(5):
        began = time.perf_counter()
        cells = store.counts(query, ["case", "sentiment"], timedelta(hours=1))
        elapsed.append(time.perf_counter() - began)
    assert sum(cell.posts for cell in cells) == 2000
    assert min(elapsed) < 0.05  # 3 ms when measured; the rest is for a busy machine
