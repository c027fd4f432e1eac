"""A post that kills or never ends goes to the quarantine alone; the rest of its segment goes on."""

from __future__ import annotations

import re
import signal
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from courtpulse import poison
from courtpulse.annotate import StageReport
from courtpulse.poison import MOST_TRIES, SCRATCH, Isolation, TookTooLong, Tries, carefully, limited
from courtpulse.rejects import Replayed, replay_rejects
from courtpulse.scratch import scratch, sweep
from domain.errors import BadInput, CourtpulseError, StoreFailure
from domain.posts import CollectedPost, Platform, Post, PostKind
from domain.protocols import Query
from index.documents import MAX_KEY_BYTES

#: A probe whose model dies of one word and hangs on another, as a native library may; of a third
#: it dies when it decides the family, of a fourth when it makes the index document.
DEADLY = """
import os, signal, sys, time
from nlp.encoder.serving import NeuralAnnotator
sound = NeuralAnnotator.annotate
def annotate(self, readings):
    for one in readings:
        if "致命" in one.text:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "无尽" in one.text:
            time.sleep(600)
    return sound(self, readings)
NeuralAnnotator.annotate = annotate
import index.documents, index.lookalikes
def deadly(sound, word):
    def sounds(text):
        if word in str(text):
            os.kill(os.getpid(), signal.SIGSEGV)
        return sound(text)
    return sounds
index.lookalikes.sketches = deadly(index.lookalikes.sketches, "难比")
index.documents.searchable = deadly(index.documents.searchable, "难收")
from courtpulse.probe import main
sys.exit(main())
"""


def segment(flow: Any, court: Any, *texts: str) -> str:
    at = court.clock.now - timedelta(minutes=1)
    posts = [
        Post(f"{n:032x}", "court_feed", Platform.NEWS, PostKind.ARTICLE, text, at, at)
        for n, text in enumerate(texts, start=1)
    ]
    name: str = flow.rooms.inbox.write([CollectedPost(post, ("token",)) for post in posts])
    return name


@pytest.fixture
def deadly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "deadly.py"
    script.write_text(DEADLY, encoding="utf-8")
    monkeypatch.setattr(poison, "COMMAND", (sys.executable, str(script)))


@pytest.mark.usefixtures("deadly")
def test_the_deadly_and_the_endless_are_set_aside_alone(court: Any) -> None:
    with court.flow() as flow:
        name = segment(flow, court, "第一条", "致命的一条", "第三条", "无尽的一条", "难比的一条",
                       "难收的一条", "第七条")  # fmt: skip
        before = flow.rooms.store.total(Query()), flow.rooms.lookalikes.texts()
        assert Isolation(flow.rooms, item_seconds=8).clean(name) == 4
        assert list((court.folder / "private" / SCRATCH).iterdir()) == []
        assert (flow.rooms.store.total(Query()), flow.rooms.lookalikes.texts()) == before
        held = {item.where.rpartition(" ")[2]: item for item in flow.rooms.quarantine.list()}
        assert set(held) == {"1", "3", "4", "5"}
        assert "code -11" in held["4"].error
        assert "code -11" in held["5"].error
        assert "code -11" in held["1"].error
        assert "longer than 8 seconds" in held["3"].error
        assert held["1"].post_id == f"{2:032x}"
        assert b'"author_tokens":[]' in flow.rooms.quarantine.read(held["1"].id)
        report = flow.annotate([name])
        assert (report.posts, report.created) == (3, 3)
        assert flow.rooms.inbox.pending() == []
        # After a fix the post comes in as it was; twice changes nothing.
        assert replay_rejects(flow.rooms, held["1"].id) == Replayed(1, 1, 0)
        [again] = flow.rooms.inbox.pending()
        assert flow.annotate([again]).created == 1


def test_a_segment_is_examined_only_after_three_deaths(
    court: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    examined: list[str] = []
    monkeypatch.setattr(Isolation, "clean", lambda self, name: examined.append(name))

    class Death(BaseException):
        """Stands for a process that is gone: nothing after it runs."""

    def die(_: list[str]) -> StageReport:
        raise Death

    with court.flow() as flow:
        name = segment(flow, court, "一条")
        for _ in range(MOST_TRIES):
            with pytest.raises(Death):
                carefully(flow.rooms, [name], die)
        assert examined == []
        assert flow.annotate([name]).posts == 1
        assert examined == [name]
        assert list((court.folder / "tries").iterdir()) == [], "a success forgets the tries"


def test_an_index_that_is_down_is_not_the_segments_fault(tmp_path: Path) -> None:
    tries = Tries(tmp_path)
    for _ in range(5):
        with pytest.raises(StoreFailure), tries.one("a") as number:
            raise StoreFailure("down")
        assert number == 1
    with pytest.raises(MemoryError), tries.one("a"):
        raise MemoryError
    with tries.one("a") as number:
        assert number == 2


def test_a_post_the_index_refuses_holds_its_segment_up_three_times_and_then_goes(
    court: Any,
) -> None:
    at = court.clock.now - timedelta(minutes=1)
    sources = ("court_feed", "x" * (MAX_KEY_BYTES + 1))
    posts = [
        Post(f"{n:032x}", source, Platform.NEWS, PostKind.ARTICLE, "一条", at, at)
        for n, source in enumerate(sources, start=1)
    ]
    with court.flow() as flow:
        name = flow.rooms.inbox.write([CollectedPost(post, ("token",)) for post in posts])
        for _ in range(MOST_TRIES):
            with pytest.raises(BadInput):
                flow.annotate([name])
        assert flow.annotate([name]).created == 1
        assert flow.rooms.inbox.pending() == []
        assert [item.post_id for item in flow.rooms.quarantine.list()] == [posts[1].id]


def test_what_a_killed_process_left_is_removed_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    left = tmp_path / "left"
    left.mkdir()
    (left / "posts").write_text("原文", encoding="utf-8")
    with scratch(tmp_path) as made:
        assert [*tmp_path.iterdir()] == [made]
        assert made.stat().st_mode & 0o077 == 0
        assert sweep(tmp_path) == 0
        assert made.exists()
    assert list(tmp_path.iterdir()) == []
    assert sweep(tmp_path / "nowhere") == 0
    (tmp_path / "file").touch()
    with pytest.raises(StoreFailure), scratch(tmp_path / "file"):
        pass


def test_a_folder_that_goes_while_it_is_looked_at_is_nobodys_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    listed = [tmp_path / "ended", tmp_path / "gone"]
    monkeypatch.setattr(Path, "glob", lambda *_: iter(listed))
    assert sweep(tmp_path) == 1


def test_a_probe_that_cannot_start_blames_no_post(
    court: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poison, "COMMAND", (sys.executable, "-c", "import sys; sys.exit(9)"))
    with court.flow() as flow:
        name = segment(flow, court, "一条")
        with pytest.raises(CourtpulseError, match="code 9"):
            Isolation(flow.rooms).clean(name)
        assert flow.rooms.quarantine.list() == []
        assert name in flow.rooms.inbox.pending()


def test_what_a_library_prints_is_not_the_end(court: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dies = "import os, sys; sys.stdin.read(); print('\\nloaded\\n0\\n\\n', flush=True); os.abort()"
    monkeypatch.setattr(poison, "COMMAND", (sys.executable, "-c", dies))
    with court.flow() as flow:
        name = segment(flow, court, "一条")
        assert Isolation(flow.rooms).clean(name) == 1
        assert list(flow.rooms.inbox.read(name)) == []


def test_an_expression_that_never_ends_is_given_up() -> None:
    with pytest.raises(TookTooLong), limited("s", 0.2):
        re.match(r"(a+)+$", "a" * 64 + "b")


def test_the_alarm_of_others_goes_on() -> None:
    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _: rung.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    with limited("s", 60):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 30
    time.sleep(0.4)
    signal.signal(signal.SIGALRM, before)
    assert rung == [signal.SIGALRM]


def test_outside_the_main_thread_nothing_is_timed() -> None:
    done: list[bool] = []

    def work() -> None:
        with limited("s", 0.01):
            time.sleep(0.05)
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
