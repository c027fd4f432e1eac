"""The real pool and the development streams through the whole chain, by `courtpulse replay`.

    COURTPULSE_SHARED=../shared python -m bench.replay [pool|streams] [SERIES] [EVERY]

pool: every text of `court_pool.jsonl.xz` as a post at a random instant of 28 days, by random
authors, with cases whose words occur in it; model included. streams: `events_dev.csv.xz` (or the
series named, 0-99) with the placeholder texts of the replay, a case a series; alerts are compared
with the truth. Neither prints nor keeps a text. Each runs in a process of its own, whose peak
memory is printed; the replay's folder is deleted.
"""

from __future__ import annotations

import csv
import json
import lzma
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from courtpulse.flow import opened
from courtpulse.replay.streams import ORIGIN
from courtpulse.settings import Settings
from domain.protocols import Query

_SHARED = Path(os.environ.get("COURTPULSE_SHARED", "../shared")) / "data"
_T0 = datetime(2026, 7, 6, tzinfo=UTC)
_CASES = """
- {id: sentencing, title: 量刑, court: 江澜市中级人民法院, watched_since: 2026-07-06T00:00:00Z,
   formula: {subjects: [法院, 法官], events: [判, 量刑, 死刑]}}
- {id: enforcement, title: 执行, court: 江澜市中级人民法院, watched_since: 2026-07-06T00:00:00Z,
   formula: {subjects: [法院, 法官], events: [老赖, 失信, 执行]}}
"""
_DAY = timedelta(days=1)


def pool(folder: Path, every: str) -> dict[str, Any]:
    """Replay every text of the pool."""
    chance = random.Random(11)
    with (
        lzma.open(_SHARED / "nlp/court_pool.jsonl.xz", "rt", encoding="utf-8") as lines,
        (folder / "posts.jsonl").open("w", encoding="utf-8") as file,
    ):
        for number, line in enumerate(lines):
            moment = _T0 + chance.random() * 28 * _DAY
            post = {
                "source": "pool", "native_id": str(number), "platform": "weibo",
                "text": json.loads(line)["text"], "published_at": moment.isoformat(),
                "author_id": str(chance.randrange(10**6)),
            }  # fmt: skip
            file.write(json.dumps(post, ensure_ascii=False) + "\n")
    (folder / "cases.yml").write_text(_CASES, encoding="utf-8")
    words = [str(folder / "posts.jsonl"), "--cases", str(folder / "cases.yml"), "--every", every]
    return _run(folder, words) | _index(folder / "replay")


def streams(folder: Path, series: str, every: str) -> dict[str, Any]:
    """Replay the development streams and read the alerts against their truth."""
    words = [str(_SHARED / "spikes/events_dev.csv.xz"), "--every", every]
    report = _run(folder, words + (["--series", series] if series else []))
    alerts = [
        json.loads(line)["alert"]
        for line in (folder / "replay" / "alerts.jsonl").read_text("utf-8").splitlines()
    ]
    return report | against_truth(alerts, series)


def against_truth(alerts: list[dict[str, Any]], series: str) -> dict[str, Any]:
    """Bursts with an alert raised from their start to a day after their takeoff; alerts on quiet."""
    raised: dict[str, list[datetime]] = {}
    for alert in alerts:
        moment = datetime.fromisoformat(alert["detected_at"])
        raised.setdefault(alert["case_id"], []).append(moment)
    first, _, last = series.partition("-")
    found: Counter[str] = Counter()
    with (_SHARED / "spikes/truth_dev.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            number = int(row["series"])
            if series and not int(first) <= number <= int(last or first):
                continue
            mine = raised.get(f"series-{number}", [])
            if row["takeoff"]:
                since = ORIGIN + timedelta(seconds=float(row["burst_start"]))
                until = ORIGIN + timedelta(seconds=float(row["takeoff"])) + _DAY
                found[f"{row['scenario']}: series"] += 1
                found[f"{row['scenario']}: alerted"] += any(since <= at <= until for at in mine)
            else:
                found[f"{row['scenario']}: series"] += 1
                found[f"{row['scenario']}: alerts"] += len(mine)
    return {"alerts": len(alerts), **dict(sorted(found.items()))}


def _run(folder: Path, words: list[str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "courtpulse", "replay", *words, "--json",
         "--into", str(folder / "replay")],
        env={**os.environ, "COURTPULSE_DATA": str(folder / "live"), "COURTPULSE_LOG_LEVEL": "ERROR"},
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = json.loads(done.stdout)
    kept = ("posts", "linked", "rejected", "ticks", "raised", "backfilled", "digest", "seconds")
    return {
        **{name: found[name] for name in kept},
        "processor seconds": round(used.ru_utime + used.ru_stime),
        "peak MiB": used.ru_maxrss // 1024,
    }


def _index(folder: Path) -> dict[str, Any]:
    """What stands in the index: redactions by kind, links, labels."""
    redactions: Counter[str] = Counter()
    with opened(Settings(data=folder, log_level="ERROR")) as flow:
        store = flow.rooms.store
        total = store.total(Query())
        for offset in range(0, total, 1000):
            for item in store.search(Query(), limit=1000, offset=offset).posts:
                redactions.update(item.post.redactions)
        links = {one.key[0]: one.posts for one in store.counts(Query(), ("case",))}
        labels = {
            "/".join(one.key): one.posts
            for one in store.counts(Query(relevant=True), ("target", "sentiment"))
        }
    return {
        "indexed": total, "redactions": dict(redactions), "links": links,
        "relevant, by target and sentiment": labels,
    }  # fmt: skip


def main() -> int:
    """Run and print one JSON document."""
    what, series, every = ([*sys.argv[1:], "", "", ""])[:3]
    with tempfile.TemporaryDirectory() as name:
        if what == "pool":
            report = pool(Path(name), every or series or "1h")
        elif what == "streams":
            report = streams(Path(name), series, every or "1h")
        else:
            raise SystemExit("say pool or streams")
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
