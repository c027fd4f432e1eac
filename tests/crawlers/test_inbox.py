"""The inbox: names, order, damage, kills, tombstones, on a local folder and on a remote one."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.codec import decode, encode
from crawlers.inbox import Inbox
from domain.errors import BadInput, NotFound, StoreFailure
from domain.posts import CollectedPost, Engagement, Platform, Post, PostKind, VerifiedType

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def collected(number: int, text: str = "开庭了", fetched_at: datetime = NOW) -> CollectedPost:
    post = Post(
        id=f"{number:032x}",
        source="weibo_search",
        platform=Platform.WEIBO,
        kind=PostKind.POST,
        text=text,
        published_at=NOW - timedelta(minutes=number),
        fetched_at=fetched_at,
        engagement=Engagement(1, None, 3),
        redactions={"mobile": 1},
    )
    return CollectedPost(post, ("a" * 64, "b" * 64))


@pytest.fixture(params=["local", "remote"])
def inbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Inbox]:
    if request.param == "local":
        yield Inbox(str(tmp_path / "inbox"), lambda: NOW)
        return
    import fsspec

    filesystem = fsspec.filesystem("memory")
    yield Inbox(f"memory://{tmp_path.name}", lambda: NOW)
    filesystem.store.clear()


def test_what_is_written_is_read_back_in_order(inbox: Inbox) -> None:
    posts = [collected(number) for number in range(50)]
    name = inbox.write(posts)
    assert inbox.pending() == [name]
    assert list(inbox.read(name)) == posts


def test_names_sort_by_fetch_time_then_by_order_of_writing(inbox: Inbox) -> None:
    first = inbox.write([collected(1, "一", NOW)])
    second = inbox.write([collected(1, "二", NOW)])
    third = inbox.write([collected(1, "三", NOW + timedelta(seconds=1))])
    assert inbox.pending() == [first, second, third]
    assert first.startswith("20261123T080000.000000Z-")


def test_the_same_posts_again_are_the_same_segment(inbox: Inbox) -> None:
    name = inbox.write([collected(1)])
    assert inbox.write([collected(1)]) == name
    inbox.commit(name)
    assert inbox.write([collected(1)]) == name
    assert (inbox.pending(), inbox.committed()) == ([], [name])


def test_commit_can_be_repeated_and_an_unknown_segment_is_an_error(inbox: Inbox) -> None:
    name = inbox.write([collected(1)])
    inbox.commit(name)
    inbox.commit(name)
    assert inbox.committed() == [name]
    assert [post.post.text for post in inbox.read(name)] == ["开庭了"]
    for unknown in ("nothing.jsonl.zst", "../secrets.jsonl.zst", "x"):
        with pytest.raises(NotFound):
            inbox.commit(unknown)


def test_two_processes_may_commit_the_same_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Inbox(str(tmp_path)), Inbox(str(tmp_path))
    name = first.write([collected(1)])
    monkeypatch.setattr(first._folder, "touch", lambda *_: second.commit(name))
    first.commit(name)
    assert (first.pending(), first.committed()) == ([], [name])


def test_a_full_disk_is_a_store_failure_that_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = Inbox(str(tmp_path))

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("crawlers.folders.os.fsync", full)
        with pytest.raises(StoreFailure, match="No space left"):
            inbox.write([collected(1)])
    assert list((tmp_path / "pending").iterdir()) == []
    assert inbox.write([collected(1)]) in inbox.pending()


def test_an_empty_segment_is_refused(inbox: Inbox) -> None:
    with pytest.raises(ValueError, match="at least one"):
        inbox.write([])


def test_a_tombstone_takes_a_post_out_of_every_segment(inbox: Inbox) -> None:
    pending = inbox.write([collected(1), collected(2)])
    committed = inbox.write([collected(2, "改过"), collected(3)])
    inbox.commit(committed)
    assert inbox.tombstone([collected(2).post.id]) == 2
    assert [post.post.id for post in inbox.read(pending)] == [collected(1).post.id]
    assert [post.post.id for post in inbox.read(committed)] == [collected(3).post.id]
    assert (inbox.pending(), inbox.committed()) == ([pending], [committed])
    assert inbox.tombstone([collected(2).post.id]) == 0


def test_a_tombstone_reaches_both_copies_that_a_killed_commit_left(inbox: Inbox) -> None:
    name = inbox.write([collected(1), collected(2)])
    with inbox._folder.open(f"pending/{name}") as file:
        content = file.read()
    inbox.commit(name)
    with inbox._folder.writing(f"pending/{name}") as file:
        file.write(content)
    inbox.tombstone([collected(1).post.id])
    for part in ("pending", "committed"):
        if inbox._folder.exists(f"{part}/{name}"):
            posts = list(inbox._read(f"{part}/{name}", name))
            assert [one.post.id for one in posts] == [collected(2).post.id], part


def test_a_segment_may_become_empty_by_a_tombstone(inbox: Inbox) -> None:
    name = inbox.write([collected(1)])
    inbox.tombstone([collected(1).post.id])
    assert list(inbox.read(name)) == []


def test_delete_older_spares_pending_segments(tmp_path: Path) -> None:
    clock = [NOW]
    inbox = Inbox(str(tmp_path), lambda: clock[0])
    old, young, waiting = (inbox.write([collected(number)]) for number in (1, 2, 3))
    inbox.commit(old)
    clock[0] = NOW + timedelta(days=6)
    inbox.commit(young)
    assert inbox.delete_older(NOW + timedelta(days=1)) == 1
    assert (inbox.pending(), inbox.committed()) == ([waiting], [young])
    assert old not in inbox.committed()


@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied", "foreign"])
def test_a_damaged_segment_is_moved_aside_and_named(tmp_path: Path, damage: str) -> None:
    inbox = Inbox(str(tmp_path))
    bad = inbox.write([collected(number, f"第{number}条" * 50) for number in range(400)])
    good = inbox.write([collected(999)])
    path = tmp_path / "pending" / bad
    content = bytearray(path.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "flipped":
        content[len(content) // 2] ^= 0xFF
    elif damage == "emptied":
        content = bytearray()
    else:
        content = bytearray(b"not a segment")
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        list(inbox.read(bad))
    assert bad in str(caught.value)
    assert "开庭" not in str(caught.value)
    assert (inbox.pending(), inbox.damaged()) == ([good], [bad])
    assert len(list(inbox.read(good))) == 1


def test_temporary_files_are_not_listed_and_stale_ones_go(tmp_path: Path) -> None:
    inbox = Inbox(str(tmp_path))
    name = inbox.write([collected(1)])
    stale = tmp_path / "pending" / f".tmp-1-abc-{name}"
    fresh = tmp_path / "pending" / f".tmp-2-abc-{name}"
    for path in (stale, fresh):
        path.write_bytes(b"half")
    two_hours_ago = time.time() - 7200
    os.utime(stale, (two_hours_ago, two_hours_ago))
    assert inbox.pending() == [name]
    inbox.delete_older(NOW - timedelta(days=7))
    assert (stale.exists(), fresh.exists()) == (False, True)


_WRITER = """
from datetime import UTC, datetime
from crawlers.inbox import Inbox
from domain.posts import CollectedPost, Platform, Post, PostKind
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
inbox = Inbox({folder!r})
number = {start}
while True:
    inbox.commit(inbox.write([
        CollectedPost(Post(f"{{number * 100 + part:032x}}", "weibo_search", Platform.WEIBO,
                           PostKind.POST, "长" * 3000, NOW, NOW))
        for part in range(100)
    ]))
    print(number, flush=True)
    number += 1
"""


def test_kill_9_loses_and_halves_nothing(tmp_path: Path) -> None:
    """Every segment the writer announced is there and whole; no segment is in part."""
    announced: set[int] = set()
    for attempt in range(6):
        script = _WRITER.format(folder=str(tmp_path), start=attempt * 1000)
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(0.013 * attempt)
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0]
        announced |= {int(line) for line in (first + rest).split()}
    inbox = Inbox(str(tmp_path))
    names = {*inbox.pending(), *inbox.committed()}
    segments = [list(inbox.read(name)) for name in names]
    assert all(len(segment) == 100 for segment in segments)
    assert inbox.damaged() == []
    first_ids = {int(segment[0].post.id, 16) // 100 for segment in segments}
    assert announced <= first_ids
    assert len(segments) == len(first_ids)


@given(
    text=st.text(min_size=1, max_size=200).filter(
        lambda text: not any("\ud800" <= c <= "\udfff" for c in text)
    ),
    sample_rate=st.floats(0.001, 1),
    edited=st.booleans(),
    kind=st.sampled_from(list(PostKind)),
    verified=st.sampled_from(list(VerifiedType)),
)
def test_a_post_survives_the_codec(
    text: str, sample_rate: float, edited: bool, kind: PostKind, verified: VerifiedType
) -> None:
    base = collected(7)
    post = replace(
        base.post, text=text, title=text[:20], sample_rate=sample_rate, kind=kind,
        verified_type=verified, edited_at=NOW if edited else None,
    )  # fmt: skip
    line = encode(replace(base, post=post))
    assert b"\n" not in line
    assert decode(line) == replace(base, post=post)


def test_a_line_of_the_version_before_is_read() -> None:
    one = collected(7)
    record = json.loads(encode(one))
    before = json.dumps(record, separators=(",", ":"), sort_keys=True).encode("ascii")
    assert before != encode(one)
    assert decode(before) == one


def test_a_lone_surrogate_is_refused_before_it_is_written() -> None:
    with pytest.raises(BadInput, match="surrogate"):
        encode(replace(collected(7), post=replace(collected(7).post, text="法\ud83d")))


@pytest.mark.parametrize(
    "wrong", [b"[]", b"{}", b"1" * 5000, b'{"a":' * 5000, b'{"id":NaN}', b"\xff", b'{"id":"\xff"}']
)
def test_hostile_lines_are_bad_input(wrong: bytes) -> None:
    with pytest.raises(BadInput):
        decode(wrong)


def test_a_time_without_a_zone_is_bad_input() -> None:
    line = re.sub(rb'("published_at":"[^"]*)Z"', rb'\1"', encode(collected(1)))
    with pytest.raises(BadInput, match="published_at"):
        decode(line)


@given(st.binary(max_size=300))
def test_any_other_line_is_bad_input(line: bytes) -> None:
    with pytest.raises(BadInput):
        decode(line)


def test_a_line_with_an_unknown_key_is_bad_input() -> None:
    line = encode(collected(1)).replace(b'"kind"', b'"mood"')
    with pytest.raises(BadInput, match="mood"):
        decode(line)
