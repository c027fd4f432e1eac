"""Who counts: an author once a case in a rolling day, decided once and repeatably."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import StoreFailure
from records.authors import Appearance, AuthorWindow

NOW = datetime(2026, 3, 16, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def window(tmp_path):
    opened = AuthorWindow(tmp_path / "private" / "authors.db")
    yield opened
    opened.close()


def post(name: str, hours: float, *tokens: str, case: str = "liang") -> Appearance:
    return Appearance(case, tokens or ("t1",), name, NOW + hours * HOUR)


@pytest.mark.parametrize(
    ("hours", "flags"),
    [
        ([0, 1, 23.9], [True, False, False]),
        ([0, 24], [True, True]),
        ([0, 23, 25, 47], [True, False, True, False]),
        ([5, 0], [True, False]),
        ([30, 0, 15], [True, True, False]),
    ],
)
def test_once_in_a_rolling_day(window, hours, flags):
    posts = [post(f"p{position}", hour) for position, hour in enumerate(hours)]
    assert window.decide(posts, NOW) == flags


def test_each_case_and_each_author_by_itself(window):
    posts = [post("a", 0), post("a", 0, case="wang"), post("b", 1, "t2"), post("c", 1)]
    assert window.decide(posts, NOW) == [True, True, True, False]


def test_a_source_that_names_no_author_counts_every_post(window):
    anonymous = [Appearance("liang", (), f"p{n}", NOW) for n in range(3)]
    assert window.decide(anonymous, NOW) == [True, True, True]


def test_an_author_is_known_across_the_change_of_keys(window):
    assert window.decide([post("a", 0, "monday")], NOW) == [True]
    assert window.decide([post("b", 2, "tuesday", "monday")], NOW + 2 * HOUR) == [False]
    assert window.decide([post("c", 25, "tuesday", "monday")], NOW + 25 * HOUR) == [True]
    assert window.decide([post("d", 30, "wednesday", "tuesday")], NOW + 30 * HOUR) == [False]


appearances = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 60), st.sampled_from(["t1", "t2"])),
    max_size=12,
    unique_by=lambda item: item[0],
)


@settings(max_examples=60, deadline=None)
@given(appearances, st.integers(0, 12))
def test_running_a_segment_again_gives_the_same_flags(tmp_path_factory, drawn, killed_at):
    path = tmp_path_factory.mktemp("authors") / "authors.db"
    posts = [post(name, hour, token) for name, hour, token in drawn]
    window = AuthorWindow(path)
    window.decide(posts[:killed_at], NOW)
    window.close()
    window = AuthorWindow(path)
    flags = window.decide(posts, NOW + HOUR)
    assert window.decide(posts, NOW + 2 * HOUR) == flags
    assert window.decide(list(reversed(posts)), NOW + 3 * HOUR) == list(reversed(flags))
    window.close()
    for case_token in ("t1", "t2"):
        counted = sorted(
            item.published_at
            for item, flag in zip(posts, flags, strict=True)
            if flag and item.tokens == (case_token,)
        )
        assert all(later - earlier >= 24 * HOUR for earlier, later in pairwise(counted))


def test_rows_die_after_forty_eight_hours_and_leave_no_trace(tmp_path):
    path = tmp_path / "authors.db"
    window = AuthorWindow(path)
    window.decide([post("a", 0, "token-that-must-die")], NOW)
    window.decide([], NOW + 47 * HOUR)
    assert rows(path) == 1
    window.decide([], NOW + 49 * HOUR)
    assert rows(path) == 0
    window.close()
    held = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"token-that-must-die" not in held


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM first_posts").fetchone()[0])


def test_the_file_is_the_owner_s_alone(window, tmp_path):
    mode = stat.S_IMODE((tmp_path / "private" / "authors.db").stat().st_mode)
    assert mode == 0o600


def test_the_files_beside_it_never_were_anybody_else_s(tmp_path):
    folder = tmp_path / "private"
    before = os.umask(0o000)
    try:
        window = AuthorWindow(folder / "authors.db")
        window.decide([post("a", 0)], NOW)
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
        window.close()
    finally:
        os.umask(before)
    assert set(modes) == {"authors.db", "authors.db-wal", "authors.db-shm"}
    assert set(modes.values()) == {0o600}, modes


def test_two_processes_count_an_author_once(tmp_path):
    path = tmp_path / "authors.db"
    script = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from domain.errors import StoreFailure
from records.authors import Appearance, AuthorWindow
now = datetime(2026, 3, 16, 4, tzinfo=UTC)
window = AuthorWindow(Path(sys.argv[1]))
flags = []
for author in range(150):
    post = Appearance("liang", (f"t{author}",), f"{sys.argv[2]}-{author}", now)
    flags += window.decide([post], now)
print(json.dumps(flags))
"""
    root = Path(__file__).parents[2]
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(path), name],
            cwd=root, stdout=subprocess.PIPE, text=True,
        )
        for name in ("one", "two")
    ]  # fmt: skip
    one, two = (json.loads(program.communicate(timeout=120)[0]) for program in programs)
    assert [first + second for first, second in zip(one, two, strict=True)] == [1] * 150


def test_any_thread_may_ask(window):
    """Pages answer in threads; a case watched from a page decides over its past there."""
    with ThreadPoolExecutor(8) as threads:
        asked = [
            threads.submit(window.decide, [post(f"p{number}", 0, f"t{number % 50}")], NOW)
            for number in range(200)
        ]
    assert sum(flag for answer in asked for flag in answer.result()) == 50


def test_a_full_disk_is_an_error_of_ours_and_decides_nothing(window):
    assert window.decide([post("first", 0)], NOW) == [True]
    pages = window._connection.execute("PRAGMA page_count").fetchone()[0]
    window._connection.execute(f"PRAGMA max_page_count = {pages}")
    many = [post(f"p{number}", 0, f"u{number}") for number in range(2_000)]
    with pytest.raises(StoreFailure, match="private author table"):
        window.decide(many, NOW)
    window._connection.execute("PRAGMA max_page_count = 1000000")
    assert window.decide(many, NOW) == [True] * 2_000
