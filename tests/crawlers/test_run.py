"""One run: expectations, faults of ours, hard limits, and kills that lose and double nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from crawlers.quarantine import Quarantine
from crawlers.replay import reread
from crawlers.run import collect
from crawlers.state import SourceState
from domain.errors import BadInput, ConfigurationError, CourtpulseError, StoreFailure
from domain.sources import GapReason
from domain.time import system_clock

NOW = datetime.now(UTC)


def rss(*ages: float) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>n{n}</guid><title>通报</title><pubDate>"
        f"{format_datetime(NOW - timedelta(hours=age))}</pubDate>"
        f"<description>云岫区法院第 {n} 号通报。</description></item>"
        for n, age in enumerate(ages)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'.encode()


@pytest.mark.cold
def test_an_idle_source_is_polled_quickly(crawl: Any, local_site: Any, page: Any) -> None:
    local_site.pages["/rss"] = page(rss(1))
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    crawl.run(source)
    used = os.times()
    run = crawl.run(source)
    spent = os.times()
    # CPU, not wall: other tests may run beside this one. Alerts within a minute hang on it.
    cpu = spent.children_user + spent.children_system - used.children_user - used.children_system
    assert (run.new, run.gap) == (0, None)
    assert cpu <= 3.5


@pytest.mark.parametrize(
    ("expect", "ages", "reason"),
    [
        ({"min_items": 3}, (1, 2), GapReason.BELOW_EXPECTATION),
        ({"min_items": 2}, (1, 2), None),
        ({"max_items": 1}, (1, 2), GapReason.BAD_BODY),
        ({"max_silence": "24h"}, (30, 40), GapReason.BELOW_EXPECTATION),
        ({"max_silence": "24h"}, (23, 40), None),
        ({"min_items_per_day": 5}, (1, 2), None),
        ({"min_items": 0}, (), None),
    ],
)
def test_expectations_are_checked(
    crawl: Any, local_site: Any, page: Any, expect: Any, ages: Any, reason: GapReason | None
) -> None:
    local_site.pages["/rss"] = page(rss(*ages), headers={"ETag": '"1"'})
    run = crawl.run(crawl.declare("feed", urls=[f"{local_site.url}/rss"], expect=expect))
    assert run.gap is reason
    assert run.new == len(ages), "what came is kept in any case"


def test_too_few_in_a_day_is_told_after_a_day(crawl: Any, local_site: Any, page: Any) -> None:
    local_site.pages["/rss"] = page(rss(1, 2))
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"], expect={"min_items_per_day": 5})
    assert crawl.run(source).gap is None
    path = crawl.data / "state" / f"{source.source}.json"
    state = SourceState.load(path)
    state.since = (NOW - timedelta(hours=25)).isoformat()
    state.save(path)
    assert crawl.run(source).gap is GapReason.BELOW_EXPECTATION


@pytest.mark.cold
def test_the_run_is_killed_at_its_limit(crawl: Any, local_site: Any, page: Any) -> None:
    local_site.pages["/rss"] = page(rss(1))
    (crawl.folder / "sites").mkdir()
    (crawl.folder / "sites" / "trial_feed.py").write_text(
        "import time\nfrom crawlers.spiders.feed import FeedSpider\n\n\n"
        "class Spider(FeedSpider):\n"
        "    def item(self, fragment):\n        time.sleep(60)\n",
        encoding="utf-8",
    )
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"], timeout="5s")
    started = time.monotonic()
    run = crawl.run(source)
    assert run.gap is GapReason.TIMEOUT
    assert "当时在读 其中一条" in run.detail
    assert "第 1 次" in run.detail
    assert time.monotonic() - started < 8
    assert crawl.posts == []


@pytest.mark.cold
def test_a_crash_is_a_gap_and_an_error(crawl: Any, local_site: Any, page: Any) -> None:
    local_site.pages["/rss"] = page(rss(1))
    (crawl.folder / "sites").mkdir()
    own = crawl.folder / "sites" / "trial_feed.py"
    own.write_text(
        "import os\nfrom crawlers.spiders.feed import FeedSpider\n\n\n"
        "class Spider(FeedSpider):\n    def item(self, fragment):\n        os._exit(9)\n",
        encoding="utf-8",
    )
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    with pytest.raises(CourtpulseError, match="ended with code 9"):
        crawl.run(source)
    assert crawl.log.open[source.source].reason is GapReason.NOT_RUN
    own.write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="defines no class Spider"):
        crawl.run(source)
    own.unlink()
    assert crawl.run(source).new == 1
    assert crawl.log.open == {}


def test_what_a_spider_did_not_expect_costs_the_item_not_the_run(
    crawl: Any, local_site: Any, page: Any
) -> None:
    local_site.pages["/rss"] = page(rss(1, 2, 3))
    (crawl.folder / "sites").mkdir()
    (crawl.folder / "sites" / "trial_feed.py").write_text(
        "from crawlers.spiders.feed import FeedSpider\n\n\n"
        "class Spider(FeedSpider):\n"
        "    def _parse_title(self, entry):\n"
        "        return {}['missing'] if entry['id'] == 'n1' else 'ok'\n",
        encoding="utf-8",
    )
    run = crawl.run(crawl.declare("feed", urls=[f"{local_site.url}/rss"]))
    assert (run.new, run.rejected, run.gap) == (2, 1, None)


def test_disk_and_permission_errors_surface(crawl: Any, local_site: Any, page: Any) -> None:
    local_site.pages["/rss"] = page(rss(1))
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    crawl.data.mkdir()
    (crawl.data / "inbox").write_text("a file where a folder must be", encoding="utf-8")
    with pytest.raises(CourtpulseError):
        crawl.run(source)
    gap = crawl.log.open[source.source]
    assert gap.reason is GapReason.NOT_RUN
    assert crawl.log.last_covered(source.source) is None
    (crawl.data / "inbox").unlink()
    assert crawl.run(source).new == 1


def test_a_damaged_state_says_what_to_do(crawl: Any, local_site: Any, page: Any) -> None:
    local_site.pages["/rss"] = page(rss(1))
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    crawl.run(source)
    path = crawl.data / "state" / f"{source.source}.json"
    path.write_text('{"seen": ', encoding="utf-8")
    with pytest.raises(StoreFailure, match="delete the file"):
        crawl.run(source)
    path.unlink()
    run = crawl.run(source)
    assert (run.new, run.gap) == (1, None)
    assert len({post.id for post in crawl.posts}) == 1, "delivered again, the same post"


def test_an_import_is_no_crawl(crawl: Any) -> None:
    source = crawl.declare(
        "import",
        platform="hotline",
        license_ref="内部规定",
        files=["*.csv"],
        mapping="hotline_12368",
    )
    with pytest.raises(ConfigurationError, match="an import is no crawl"):
        crawl.run(source)


def test_since_and_the_caller_s_clock_decide_the_window(
    crawl: Any, local_site: Any, page: Any
) -> None:
    local_site.pages["/rss"] = page(rss(1))
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    later = NOW + timedelta(days=3)
    run = collect(
        source, run_log=crawl.log, clock=lambda: later, data_dir=crawl.data,
        since=NOW - timedelta(days=2),
    )  # fmt: skip
    assert run.window_end == later
    assert abs(run.window_start - (NOW - timedelta(hours=1))) < timedelta(seconds=2)
    assert abs(crawl.posts[0].fetched_at - later) < timedelta(seconds=30)


def test_a_killed_child_loses_and_doubles_nothing(crawl: Any, local_site: Any, page: Any) -> None:
    """Kill -9 at ten instants of a run, then run to the end: every post is there, under one id."""
    local_site.pages["/rss"] = page(rss(*range(1, 40)))
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    for instant in range(10):
        _run_and_kill(crawl, source, 0.4 + instant * 0.15)
    crawl.log.runs.clear()
    run = crawl.run(source)
    assert run.gap is None
    assert len({post.id for post in crawl.posts}) == 39


def _run_and_kill(crawl: Any, source: Any, after: float) -> None:
    from crawlers.jobs import Job, Places, job_form

    job = Job(
        declaration=source, places=Places.under(crawl.data), now=system_clock(),
        window_start=NOW, window_end=system_clock(), covered_until=None, contact="",
    )  # fmt: skip
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "crawlers.child", str(crawl.folder / "outcome.json")],
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": root},
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(job_form().dump_json(job))
    process.stdin.close()
    time.sleep(after)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.cold
def test_an_interrupt_ends_the_child(
    crawl: Any, local_site: Any, page: Any, request: pytest.FixtureRequest
) -> None:
    waiting = threading.Event()
    # A shell that starts the tests in the background has them ignore interrupts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))

    def hang(handler: BaseHTTPRequestHandler) -> None:
        waiting.set()
        time.sleep(3)

    local_site.pages["/rss"] = page(make=hang)
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])

    def interrupt() -> None:
        waiting.wait(20)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        crawl.run(source)
    own = subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "crawlers.child"], check=False)
    assert own.returncode == 1, "no spider is left behind"


def test_windows_of_successive_runs_touch(crawl: Any, local_site: Any, page: Any) -> None:
    local_site.pages["/rss"] = page(rss(1, 2))
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    runs = [crawl.run(source) for _ in range(3)]
    assert [run.window_start for run in runs[1:]] == [run.window_end for run in runs[:-1]]
    assert replace(runs[0], gap=None) == runs[0]


def test_a_rejected_entry_can_be_read_again_once_the_reason_is_gone(
    crawl: Any, local_site: Any, page: Any
) -> None:
    local_site.pages["/rss"] = page(rss(1, 2))
    strict = crawl.declare("feed", urls=[f"{local_site.url}/rss"], expect={"min_text_chars": 500})
    assert crawl.run(strict).rejected == 2
    quarantine = Quarantine(crawl.data / "quarantine", system_clock)
    mended = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    items = []
    for waiting in quarantine.list():
        raw = quarantine.read(waiting.id)
        with pytest.raises(BadInput, match="expected at least 500"):
            reread(strict, raw, waiting.where, system_clock())
        items.append(reread(mended, raw, waiting.where, system_clock()))
    assert {item.native_id for item in items} == {"n0", "n1"}
    with pytest.raises(BadInput, match="not what a spider put there"):
        reread(mended, b"\xff", "", system_clock())
