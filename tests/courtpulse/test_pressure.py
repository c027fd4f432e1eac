"""Intake slows and pauses before it harms, drops nothing, and resumes by itself."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.blindness import missing
from courtpulse.flow import Flow, opened
from courtpulse.pressure import Pressure
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from crawlers.inbox import Inbox
from domain.errors import StoreFailure
from domain.posts import CollectedPost, Platform, Post, PostKind
from domain.sources import GapReason, Health
from domain.time import system_clock

MB = 1024 * 1024


def feed_of(flow: Flow) -> str:
    """A source that is read in one request."""
    return next(name for name, one in flow.rooms.sources.items() if one.kind == "feed")


def pile(folder: Path, count: int, at: Any) -> Inbox:
    """So many really existing segments of one post each, fetched a second apart before `at`."""
    inbox = Inbox(str(folder / "inbox"))
    for number in range(count):
        moment = at - timedelta(seconds=count - number)
        post = Post(
            f"{number:032x}",
            "pile",
            Platform.NEWS,
            PostKind.ARTICLE,
            f"第{number}条",
            moment,
            moment,
        )
        inbox.write([CollectedPost(post)])
    return inbox


def test_a_full_disk_pauses_every_fetch_and_opens_by_itself(court: Any) -> None:
    free = [10_000 * MB]
    with court.flow() as flow:
        flow.rooms.pressure = Pressure(flow.rooms, lambda _: free[0])
        name, runs = feed_of(flow), flow.rooms.records.runs
        covered = runs.last_covered(name)
        free[0] = 2000 * MB
        asked = sum(len(court.servers.seen(one)) for one in court.servers.urls)
        court.clock.now += timedelta(minutes=10)
        run = flow.collect(name)
        assert (run.gap, run.new) == (GapReason.DISK_FULL, 0)
        assert "2000 MB" in run.detail
        assert sum(len(court.servers.seen(one)) for one in court.servers.urls) == asked
        status = next(one for one in runs.statuses() if one.source == name)
        assert (status.health, status.reason) == (Health.BLIND, GapReason.DISK_FULL)
        assert runs.last_covered(name) == covered, "the window waits"
        free[0] = 2100 * MB  # above the least, not yet by a quarter
        assert flow.collect(name).gap is GapReason.DISK_FULL
        free[0] = 2600 * MB
        court.clock.now += timedelta(minutes=10)
        assert flow.collect(name).gap is None
        status = next(one for one in runs.statuses() if one.source == name)
        assert status.health is not Health.BLIND
        free[0] = 2100 * MB  # open stays open above the least
        assert flow.rooms.pressure.state().paused is None


def test_a_backlog_slows_then_stops_and_drops_nothing(court: Any) -> None:
    settings = court.settings.model_copy(update={"waiting_segments": 8})
    with opened(settings, court.clock) as flow:
        name = feed_of(flow)
        inbox = pile(court.folder, 8, court.clock.now)
        state = flow.rooms.pressure.state()
        assert (state.segments, state.slowed, state.paused) == (8, True, None)
        assert state.oldest_at == court.clock.now - timedelta(seconds=8)
        every = flow.rooms.sources[name].schedule.every
        assert every is not None
        court.clock.now += every
        run = flow.collect(name)
        assert (run.requests, run.gap) == (0, None)
        assert "隔次" in run.detail
        court.clock.now += every
        assert flow.collect(name).requests > 0, "every second interval it is asked"
        for segment in inbox.pending()[:3]:
            inbox.commit(segment)
        assert flow.rooms.pressure.state().slowed, "between the marks it stays slow"
        pile(court.folder, 90, court.clock.now)
        assert flow.rooms.pressure.state().paused is GapReason.BACKLOG
        assert flow.collect(name).gap is GapReason.BACKLOG
        for segment in flow.rooms.inbox.pending()[:45]:
            inbox.commit(segment)
        assert flow.rooms.pressure.state().paused is GapReason.BACKLOG
        for segment in flow.rooms.inbox.pending()[:15]:
            inbox.commit(segment)
        assert flow.rooms.pressure.state().paused is None
        for segment in flow.rooms.inbox.pending():
            inbox.commit(segment)
        state = flow.rooms.pressure.state()
        assert (state.segments, state.slowed, state.minutes_behind) == (0, False, 0)


def test_what_is_not_indexed_yet_is_missing_not_zero(court: Any) -> None:
    with court.flow() as flow:
        records, name = flow.rooms.records, feed_of(flow)
        flow.detect()
        court.clock.now += timedelta(minutes=7)
        now = court.clock.now
        assert [gap for gap in gaps(flow) if gap.reason is GapReason.BACKLOG] == []
        covered = records.runs.last_covered(name)
        assert covered is not None
        post = Post("e" * 32, name, Platform.NEWS, PostKind.ARTICLE, "新的一条", now, now)
        segment = flow.rooms.inbox.write([CollectedPost(post)])
        run = records.runs.runs(name, 1)[0]
        records.runs.add_run(
            type(run)(
                name, now, now + timedelta(seconds=1), covered, now, requests=1, seen=1, new=1
            )
        )
        flow.detect()
        [gap] = [gap for gap in gaps(flow) if gap.reason is GapReason.BACKLOG]
        assert (gap.source, gap.end) == (name, None)
        assert covered <= gap.start < now
        court.clock.now += timedelta(minutes=1)
        flow.annotate([segment])
        assert [gap for gap in gaps(flow) if gap.reason is GapReason.BACKLOG] == []


def fill(path: Path) -> None:
    """Write until nothing more fits."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        while True:
            os.write(descriptor, b"x" * 4096)
    except OSError as error:
        reason = error.errno
    finally:
        os.close(descriptor)
    assert reason == errno.ENOSPC


def gaps(flow: Flow) -> list[Any]:
    now = flow.rooms.clock()
    return missing(flow.rooms.records, now - timedelta(days=1), now + timedelta(minutes=5))


def test_five_thousand_segments_are_listed_batched_and_written_to(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    settings = Settings(data=folder)
    now = system_clock()
    (folder / "inbox" / "pending").mkdir(parents=True)
    inbox = pile(folder, 1, now)
    [first] = inbox.pending()
    content = (folder / "inbox" / "pending" / first).read_bytes()
    for number in range(4_999):
        moment = now - timedelta(seconds=number)
        name = f"{moment:%Y%m%dT%H%M%S.%fZ}-{number:016x}.jsonl.zst"
        (folder / "inbox" / "pending" / name).write_bytes(content)
    rooms = Rooms(settings)
    batches = Flow(rooms).batches()
    names = [name for batch in batches for name in batch]
    assert len(batches) <= 64
    assert (len(names), len(set(names))) == (5_000, 5_000)
    assert names == sorted(names)
    state = rooms.pressure.state()
    assert (state.segments, state.slowed, state.paused) == (5_000, True, None)
    assert 82 <= state.minutes_behind <= 85
    rooms.close()


@pytest.fixture
def small_disk(tmp_path: Path, require: Any) -> Iterator[Path]:
    """A file system of 24 MB of its own."""
    mount = tmp_path / "disk"
    mount.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(mount)],
        capture_output=True, check=False,
    ) if os.geteuid() == 0 else None  # fmt: skip
    if done is None or done.returncode:
        pytest.skip("a file system can be mounted by root alone, where the kernel lets it")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


def test_a_really_full_disk_loses_nothing(court: Any, small_disk: Path) -> None:
    court.settings.make_folder()
    ballast = small_disk / "ballast"
    settings = Settings(
        data=small_disk / "data", sources=(court.folder / "sources",), least_free_mb=8
    )
    with opened(settings, court.clock) as flow:
        name, inbox = feed_of(flow), flow.rooms.inbox
        flow.register_sources()
        ballast.write_bytes(b"x" * 18 * MB)
        assert flow.collect(name).gap is GapReason.DISK_FULL
        ballast.write_bytes(b"x" * 8 * MB)
        first = flow.collect(name)
        assert first.gap is None
        assert first.new > 0
        held = inbox.pending()
        # No mark, and not a byte left: the writer itself must fail cleanly.
        flow.rooms.pressure = Pressure(flow.rooms, lambda _: 10**12)
        fill(ballast)
        now = court.clock.now
        post = Post("f" * 32, name, Platform.NEWS, PostKind.ARTICLE, "满" * 9000, now, now)
        many = [CollectedPost(post)] * 50
        with pytest.raises(StoreFailure, match="inbox can't be written"):
            inbox.write(many)
        assert inbox.pending() == held
        assert list((small_disk / "data" / "inbox" / "pending").glob(".tmp-*")) == []
        ballast.unlink()
        inbox.write(many)
        assert len(inbox.pending()) == len(held) + 1
        court.clock.now += timedelta(minutes=10)
        assert flow.collect(name).gap is None
