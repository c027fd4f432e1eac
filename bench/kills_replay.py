"""Kill -9 in the middle of a replay, again and again: are the alerts the same bytes in the end?

    python -m bench.kills_replay [KILLS] [SECONDS]          default 150, no limit of time

A recording of two fictional days with two bursts goes through ingest, inbox, annotate, index,
detection, policy and messages (`courtpulse replay`, the real model). A third of the kills fall at
any instant, a third right after a segment was renamed into pending/, a third between the index's
commit and the segment's. Every replay that came through is compared with an undisturbed one: the
canonical alerts byte for byte, the posts, and authors per case and five minutes. Exit code 1 when
they differ.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from courtpulse.flow import opened
from courtpulse.settings import Settings
from domain.protocols import Query
from domain.time import BUCKET

_T0 = datetime(2026, 7, 6, tzinfo=UTC)
_CASES = """
- {id: knife, title: 云岫持刀案, court: 江澜市云岫区人民法院, watched_since: 2026-07-05T00:00:00Z,
   aliases: [云岫持刀案], litigants: [{name: 梁大川, role: 被告人}]}
- {id: market, title: 望川菜场案, court: 江澜市望川区人民法院, watched_since: 2026-07-05T00:00:00Z,
   aliases: [望川菜场案]}
"""
_SAID = (
    "法院什么时候开庭？", "判决书看不懂，希望法院解释。", "等法院的消息。", "法官当庭宣判了吗？",
    "这样判太轻了，法院要给说法。", "旁听席坐满了。",
)  # fmt: skip
_WHEN = ("any instant", "segment renamed", "index committed, segment not")


@dataclass(frozen=True)
class Result:
    """What a replay left behind."""

    alerts: bytes
    posts: tuple[str, ...]
    counts: tuple[tuple[str, str, int, int | None], ...]


def recording(folder: Path) -> None:
    """Write posts.jsonl and cases.yml."""
    chance = random.Random(8)
    made = [
        (_T0 + timedelta(hours=hour, minutes=chance.uniform(0, 59)), name)
        for hour in range(46)
        for name in ("云岫持刀案", "望川菜场案", "望川菜场案", "路过的事")
    ]
    for start, people, name in ((20, 70, "望川菜场案"), (30, 60, "云岫持刀案")):
        made += [
            (_T0 + timedelta(hours=start, minutes=chance.uniform(0, 120)), name)
            for _ in range(people)
        ]
    with (folder / "posts.jsonl").open("w", encoding="utf-8") as file:
        for number, (moment, name) in enumerate(sorted(made)):
            post = {
                "source": "weibo_search", "native_id": str(number), "platform": "weibo",
                "text": f"{name}：{chance.choice(_SAID)}电话1380013{number:04d}，被告人梁大川。",
                "published_at": moment.isoformat(), "author_id": str(chance.randrange(120)),
            }  # fmt: skip
            file.write(json.dumps(post, ensure_ascii=False) + "\n")
    (folder / "cases.yml").write_text(_CASES, encoding="utf-8")


def measure(
    folder: Path, kills: int, until: float, seed: int = 1
) -> tuple[Result, list[Result], Counter[str]]:
    """(undisturbed, disturbed, kills of each kind)."""
    recording(folder)
    chance = random.Random(seed)
    calm = folder / "calm"
    _finish(_start(folder, calm))
    done: Counter[str] = Counter()
    rough: list[Result] = []
    expected = _result(calm)
    while done.total() < kills and time.monotonic() < until:
        into = folder / f"rough-{len(rough)}"
        for when in _disturbances(folder, into, chance):
            done[when] += 1
            if done.total() >= kills or time.monotonic() >= until:
                _finish(_start(folder, into))
                break
            print(f"{done.total()} kills", file=sys.stderr, flush=True)
        rough.append(_result(into))
        shutil.rmtree(into)
    return expected, rough, done


def _disturbances(folder: Path, into: Path, chance: random.Random) -> Iterator[str]:
    """Start and kill until one replay comes through; what each kill waited for."""
    while True:
        process = _start(folder, into)
        when = chance.choice(_WHEN)
        if not _wait(process, into, when, chance):
            _finish(process)
            return
        process.send_signal(signal.SIGKILL)
        process.communicate()
        yield when


def _wait(process: subprocess.Popen[bytes], into: Path, when: str, chance: random.Random) -> bool:
    """Until the instant to kill at; False when the process was done before."""
    pending, log = into / "inbox" / "pending", into / "index.db-wal"
    begun = into / "progress.json"
    before = _stamp(begun)
    while process.poll() is None and _stamp(begun) == before:
        time.sleep(0.002)
    passes = chance.randrange(6)
    limit = time.monotonic() + chance.uniform(0, 4)
    held: set[str] = set()
    written = 0.0
    while process.poll() is None:
        names = {one.name for one in pending.iterdir()} if pending.is_dir() else set()
        if when == _WHEN[0] and time.monotonic() >= limit:
            return True
        if when == _WHEN[1] and names - held and not any(n.startswith(".") for n in names - held):
            passes -= 1
            held = names
            if passes < 0:
                time.sleep(chance.uniform(0, 0.004))
                return True
        if when == _WHEN[2] and names and _stamp(log) != written:
            passes -= bool(written)
            written = _stamp(log)
            if passes < 0:
                return True
        if not names:
            held, written = set(), _stamp(log)
        time.sleep(0.0005)
    return False


def _stamp(path: Path) -> float:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0.0
    return found.st_mtime_ns + found.st_size


def _start(folder: Path, into: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable, "-m", "courtpulse", "replay", str(folder / "posts.jsonl"),
            "--cases", str(folder / "cases.yml"), "--every", "1h", "--into", str(into),
        ],
        env={
            **os.environ,
            "COURTPULSE_DATA": str(folder / "live"),
            "COURTPULSE_LOG_LEVEL": "ERROR",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )  # fmt: skip


def _finish(process: subprocess.Popen[bytes]) -> None:
    _, errors = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"a replay failed:\n{errors.decode()[-2000:]}")


def _result(into: Path) -> Result:
    with opened(Settings(data=into, log_level="ERROR")) as flow:
        store = flow.rooms.store
        counts = store.counts(Query(), ("case",), BUCKET)
        posts: list[str] = []
        while page := store.search(Query(), limit=1000, offset=len(posts)).posts:
            posts += [item.post.id for item in page]
    return Result(
        alerts=(into / "alerts.jsonl").read_bytes(),
        posts=tuple(sorted(posts)),
        counts=tuple((c.key[0], str(c.start), c.posts, c.authors) for c in counts),
    )


def main() -> int:
    """Measure and print."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    until = time.monotonic() + (float(sys.argv[2]) if len(sys.argv) > 2 else float("inf"))
    with tempfile.TemporaryDirectory() as name:
        calm, rough, done = measure(Path(name), kills, until)
    same = [one == calm for one in rough]
    report = {
        "kills": done.total(),
        **{f"kills: {when}": done[when] for when in _WHEN},
        "replays": len(rough),
        "posts in each": len(calm.posts),
        "lost": sum(len(set(calm.posts) - set(one.posts)) for one in rough),
        "doubled": sum(len(one.posts) - len(set(one.posts)) for one in rough),
        "cells of counts that differ": sum(
            len(set(calm.counts) ^ set(one.counts)) for one in rough
        ),
        "alerts in each": calm.alerts.count(b"\n"),
        "replays whose alerts differ in a byte": sum(one.alerts != calm.alerts for one in rough),
        "met": {"0 lost, 0 doubled, the same bytes": all(same) and bool(same)},
    }
    print(json.dumps(report, indent=2))
    return 0 if all(same) and same else 1


if __name__ == "__main__":
    sys.exit(main())
