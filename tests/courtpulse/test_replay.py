"""A replay gives the same bytes, however it is run; it never touches the live folder."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from courtpulse.flow import opened
from courtpulse.replay import Plan, replay
from courtpulse.replay.copies import expire
from courtpulse.replay.plan import settings_of
from courtpulse.settings import Settings
from crawlers.inbox import Inbox
from crawlers.ingest import Ingest, post_id_of
from crawlers.items import RawItem
from crawlers.quarantine import Quarantine
from crawlers.tokens import TokenKeys
from domain.cases import Case, Litigant
from domain.errors import ConfigurationError
from domain.posts import Platform, PostKind
from domain.protocols import Query
from domain.sources import Gap, GapReason

_spec = importlib.util.spec_from_file_location("traces", Path(__file__).with_name("traces.py"))
assert _spec
assert _spec.loader
_traces = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_traces)
_files_with: Callable[[Path, str], set[str]] = _traces.files_with

T0 = datetime(2026, 7, 6, tzinfo=UTC)
CASES = """
- id: liang
  title: 梁某案
  court: 江澜市云岫区人民法院
  watched_since: 2026-07-05T00:00:00Z
  aliases: [梁某案, 云岫持刀案]
  litigants: [{name: 梁大川, role: 被告人}]
- id: market
  title: 望川菜场案
  court: 江澜市望川区人民法院
  watched_since: 2026-07-05T00:00:00Z
  aliases: [望川菜场案]
"""
SAID = (
    "法院什么时候开庭？", "判决书看不懂，希望法院解释。", "等法院的消息。", "法官当庭宣判了吗？",
    "这样判太轻了，法院要给说法。", "旁听席坐满了。",
)  # fmt: skip


def _items() -> list[RawItem]:
    """Two days: a post an hour on each case, then sixty people within two hours on one of them."""
    chance = random.Random(8)
    quiet = [
        (T0 + timedelta(minutes=60 * hour + chance.uniform(0, 59)), name)
        for hour in range(34)
        for name in ("云岫持刀案", "望川菜场案")
    ]
    loud = [
        (T0 + timedelta(hours=30, minutes=chance.uniform(0, 120)), "云岫持刀案") for _ in range(60)
    ]
    made = []
    for number, (moment, name) in enumerate(sorted(quiet + loud)):
        late = timedelta(minutes=chance.choice((0, 0, 3, 12)))
        made.append(
            RawItem(
                source="weibo_search",
                native_id=str(5000 + number),
                platform=Platform.WEIBO,
                kind=PostKind.POST,
                text=f"{name}：{chance.choice(SAID)}电话1380013{number:04d}，被告人梁大川。",
                published_at=moment,
                fetched_at=moment + late,
                author_id=str(chance.randrange(90)),
            )
        )
    return made


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with posts.jsonl and cases.yml; in it a line that is no post."""
    folder = tmp_path_factory.mktemp("recording")
    rows = [json.dumps(asdict(item), default=_plain, ensure_ascii=False) for item in _items()]
    random.Random(3).shuffle(rows)
    (folder / "posts.jsonl").write_text("\n".join(["{no post", *rows]) + "\n", encoding="utf-8")
    (folder / "cases.yml").write_text(CASES, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def expected(recording: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What an undisturbed replay in another process finds."""
    into = tmp_path_factory.mktemp("undisturbed") / "replay"
    _finish(_start(recording, into))
    return (into / "alerts.jsonl").read_bytes()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _start(recording: Path, into: Path, *options: str, seed: str = "0") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable, "-m", "courtpulse", "replay", str(recording / "posts.jsonl"),
            "--cases", str(recording / "cases.yml"), "--every", "1h", "--into", str(into), *options,
        ],
        env={
            **os.environ,
            "PYTHONHASHSEED": seed,
            "COURTPULSE_DATA": str(into.parent / "live"),
            "COURTPULSE_LOG_LEVEL": "ERROR",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip


def _finish(process: subprocess.Popen[bytes]) -> bytes:
    out, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors.decode()
    return out


def test_the_burst_is_told_with_reasons_levels_decisions_and_messages(expected: bytes) -> None:
    found = [json.loads(line) for line in expected.splitlines()]
    assert [one["alert"]["case_id"] for one in found] == ["liang"]
    (one,) = found
    raised = datetime.fromisoformat(one["alert"]["detected_at"])
    assert T0 + timedelta(hours=30) < raised <= T0 + timedelta(hours=32)
    assert one["alert"]["why"]["posts"] > 50
    assert one["alert"]["closed_at"]
    assert one["history"][0]["kind"] == "raised"
    assert one["history"][0]["at"] == one["alert"]["detected_at"]
    assert one["decisions"]
    assert one["decisions"][0]["steps"]
    assert {message["channel"] for message in one["messages"]} == {"recording"}
    assert all(message["state"] == "sent" for message in one["messages"])


def test_no_number_name_or_text_is_in_the_output(expected: bytes) -> None:
    text = expected.decode()
    assert "1380013" not in text
    assert "梁大川" not in text


def test_another_process_hash_seed_speed_and_batch_give_the_same_bytes(
    recording: Path, expected: bytes, tmp_path: Path
) -> None:
    runs = {
        "seed": _start(recording, tmp_path / "seed", seed="4711"),
        "batch": _start(recording, tmp_path / "batch", "--batch", "7", "--speed", "40000"),
    }
    for name, process in runs.items():
        _finish(process)
        assert (tmp_path / name / "alerts.jsonl").read_bytes() == expected, name


def test_killed_in_the_middle_and_continued_it_gives_the_same_bytes(
    recording: Path, expected: bytes, tmp_path: Path
) -> None:
    into, kills = tmp_path / "killed", 0
    for moment in (T0 + timedelta(hours=hours) for hours in (3, 31, 33)):
        process = _start(recording, into)
        while process.poll() is None and _begun(into) < moment:
            time.sleep(0.005)
        time.sleep(random.Random(kills).uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
    _finish(_start(recording, into))
    assert kills == 3
    assert (into / "alerts.jsonl").read_bytes() == expected


def _begun(into: Path) -> datetime:
    try:
        document = json.loads((into / "progress.json").read_text())
    except FileNotFoundError:
        return T0
    return datetime.fromisoformat(document["begun_until"])


def _plan(recording: Path, into: Path | None, **options: Any) -> Plan:
    plan = Plan((recording / "posts.jsonl",), into, recording / "cases.yml")
    return replace(plan, every=timedelta(hours=1), **options)


def test_segments_of_the_same_posts_give_the_same_alerts(
    recording: Path, expected: bytes, tmp_path: Path
) -> None:
    """Recorded: redacted by one office's ingest, under its keys, in its segments."""
    clock = lambda: T0 + timedelta(days=3)  # noqa: E731
    inbox = Inbox(str(tmp_path / "office" / "inbox"), clock)
    keys = TokenKeys(tmp_path / "tokens", clock)
    ingest = Ingest(inbox, keys, Quarantine(tmp_path / "quarantine", clock), clock)
    arrived = sorted(_items(), key=lambda item: item.fetched_at)
    for start in range(0, len(arrived), 25):
        for item in arrived[start : start + 25]:
            assert ingest.accept(item)
        ingest.commit()
    inbox.commit(inbox.pending()[0])
    before = _tree(tmp_path / "office")
    plan = replace(_plan(recording, tmp_path / "into"), inputs=(tmp_path / "office",))
    found = replay(plan, Settings(data=tmp_path / "live"))
    # Every token was made under one key here and day by day there: authors are the same people.
    assert found.alerts.read_bytes() == expected
    assert _tree(tmp_path / "office") == before, "the recording was changed"


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_larger_budget_finds_more_and_has_its_own_folder(
    recording: Path, expected: bytes, tmp_path: Path
) -> None:
    live = Settings(data=tmp_path / "live")
    strict = replay(_plan(recording, None, theta=49.0), live)
    assert strict.raised == strict.backfilled == 0
    assert strict.alerts.read_bytes() == b""
    assert strict.folder.parent == live.folder / "replays"
    assert expected.count(b"\n") == 1


def test_a_folder_of_something_else_and_a_live_one_are_refused(
    recording: Path, tmp_path: Path
) -> None:
    into, live = tmp_path / "into", Settings(data=tmp_path / "live")
    replay(_plan(recording, into, theta=49.0), live)
    with pytest.raises(ConfigurationError, match="something else"):
        replay(_plan(recording, into, theta=48.0), live)
    with opened(live) as flow:
        flow.rooms.records.cases.all()
    with pytest.raises(ConfigurationError, match="live"):
        replay(_plan(recording, live.folder), live)
    shutil.rmtree(into)
    into.mkdir()
    (into / "notes.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match="isn't empty"):
        replay(_plan(recording, into), live)


def test_a_finished_replay_is_read_again_without_running(recording: Path, tmp_path: Path) -> None:
    live, plan = Settings(data=tmp_path / "live"), _plan(recording, tmp_path / "into")
    first = replay(plan, live)
    again = replay(plan, live)
    assert first.ticks > 10
    assert again.ticks == 0
    assert again.digest == first.digest
    assert first.rejected == 1


def test_it_waits_as_the_speed_says(recording: Path, tmp_path: Path) -> None:
    waits: list[float] = []
    plan = _plan(recording, tmp_path / "into", speed=10.0, theta=49.0)
    replay(plan, Settings(data=tmp_path / "live"), sleep=waits.append)
    # Nothing really sleeps here, so each wait is what has passed since the beginning.
    assert waits == sorted(waits)
    assert max(waits) == pytest.approx(timedelta(hours=34).total_seconds() / 10, rel=0.05)


def test_the_live_registry_and_gaps_count_where_no_cases_are_given(
    recording: Path, tmp_path: Path
) -> None:
    live = Settings(data=tmp_path / "live", sources=(tmp_path / "sources",))
    (tmp_path / "sources").mkdir()
    with opened(live) as flow:
        records = flow.rooms.records
        records.cases.save(
            Case(
                "liang", "梁某案", "江澜市云岫区人民法院", T0, aliases=("云岫持刀案",),
                litigants=(Litigant("梁大川", "被告人"),),
            )
        )  # fmt: skip
        blind = Gap("vendor", T0 + timedelta(hours=30), T0 + timedelta(hours=31), GapReason.DOWN)
        records.runs.add_gap(blind)
    found = replay(replace(_plan(recording, tmp_path / "into"), cases=None), live)
    (line,) = found.alerts.read_bytes().splitlines()
    gaps = json.loads(line)["alert"]["why"]["gaps"]
    assert [(gap["source"], gap["reason"]) for gap in gaps] == [("vendor", "down")]


def test_a_deleted_post_leaves_the_replays_and_stays_out(recording: Path, tmp_path: Path) -> None:
    said, other = _items()[-1], _items()[-2]
    rows = [replace(said, text="云岫持刀案：卷宗龘龖什么时候公开？"), other]
    source = tmp_path / "few.jsonl"
    source.write_text("".join(json.dumps(asdict(one), default=_plain) + "\n" for one in rows))
    live = Settings(data=tmp_path / "live")
    plan = replace(_plan(recording, None), inputs=(source,))
    copy = replay(plan, live).folder

    def held() -> list[Any]:
        with opened(settings_of(plan, live, copy)) as flow:
            return list(flow.rooms.store.search(Query()).posts)

    assert {item.post.id for item in held()} == {post_id_of(said), post_id_of(other)}
    with opened(live) as flow:
        flow.forget([post_id_of(said)])
        (record,) = flow.rooms.records.deletions.recent()
        assert dict(record.places)["replays"] == 1
    assert [item.post.id for item in held()] == [post_id_of(other)]
    assert _files_with(copy, "龘龖") == set()
    assert not (copy / "alerts.jsonl").exists()
    assert replay(plan, live).alerts.exists(), "written anew from what is left"

    shutil.rmtree(copy)
    assert replay(plan, live).folder == copy
    assert [item.post.id for item in held()] == [post_id_of(other)], "as if it had never come"
    assert _files_with(copy, "龘龖") == set()


def test_replays_go_when_segments_do(recording: Path, tmp_path: Path) -> None:
    live = Settings(data=tmp_path / "live")
    folder = replay(_plan(recording, None, theta=49.0), live).folder
    now = datetime.now(UTC)
    assert expire(live.folder, now - timedelta(days=7)) == 0
    assert expire(live.folder, now + timedelta(minutes=1)) == 1
    assert not folder.exists()


def test_a_killed_one_goes_on_at_its_speed_from_where_it_stood(
    recording: Path, tmp_path: Path
) -> None:
    plan = _plan(recording, tmp_path / "into", speed=10.0, theta=49.0)
    live, ticks = Settings(data=tmp_path / "live"), 0

    def die(_seconds: float) -> None:
        nonlocal ticks
        ticks += 1
        if ticks > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay(plan, live, sleep=die)
    waits: list[float] = []
    replay(plan, live, sleep=waits.append)
    assert waits[0] < timedelta(hours=2).total_seconds() / 10
