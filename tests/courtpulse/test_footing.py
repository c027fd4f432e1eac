"""No source runs without a footing, of whatever kind, also when it loses it while we run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from courtpulse.flow import Flow
from courtpulse.ledger import check, refuse_unlicensed
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from crawlers.declarations import KINDS, load
from domain.errors import ConfigurationError, NotAllowed, NotFound
from domain.ledger import RobotsVerdict
from domain.sources import GapReason, Health

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
RSS = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title><item><guid>g1</guid>'
    "<title>通报</title><pubDate>Mon, 23 Nov 2026 05:30:00 +0000</pubDate>"
    "<description>云岫区法院通报。</description></item></channel></rss>"
).encode()
#: Values people write to get past a required field.
NO_ANSWER = (
    "",
    " ",
    "　",
    "待定",
    "TODO",
    "无",
    "N/A",
    "——",
    "。。。",
    "xxx",
    "待定，签约后补",
    "tbd",
)
COMMON = {
    "title": "江澜试验来源", "platform": "news", "basis": "公开网页，遵守 robots.txt",
    "owner": "新闻办公室", "schedule": {"every": "5m"}, "delay": "0s", "timeout": "30s",
}  # fmt: skip


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def site() -> Iterator[str]:
    """A feed without a robots.txt; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/rss"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(RSS if found else b"")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def write(folder: Path, name: str = "trial", **keys: object) -> Path:
    """A declaration's file; None takes a key away."""
    document = {key: value for key, value in {**COMMON, **keys}.items() if value is not None}
    path = folder / "sources" / f"{name}.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def flow(tmp_path: Path, clock: Clock, site: str) -> Iterator[Flow]:
    """A flow over one declared feed."""
    write(tmp_path, kind="feed", urls=[f"{site}/rss"])
    rooms = Rooms(Settings(data=tmp_path / "data", sources=(tmp_path / "sources",)), clock)
    rooms.settings.make_folder()
    yield Flow(rooms)
    rooms.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [None, *NO_ANSWER])
def test_no_kind_runs_without_a_basis(tmp_path, kind, value):
    """The basis is read before the kind's own keys can excuse anything."""
    path = write(tmp_path, kind=kind, basis=value)
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    assert "basis" in caught.value.problem


@pytest.mark.parametrize("value", NO_ANSWER)
def test_nobody_is_no_owner(tmp_path, value):
    path = write(tmp_path, kind="feed", urls=["http://127.0.0.1/rss"], owner=value)
    with pytest.raises(ConfigurationError, match="owner"):
        load(path)


@pytest.mark.parametrize("value", ["待填写合同编号", "TODO", "无", " "])
def test_a_grant_without_a_number_is_none_unless_the_source_is_off(tmp_path, value):
    keys = {"kind": "import", "files": ["*.csv"], "mapping": "hotline_12368", "license_ref": value}
    with pytest.raises(ConfigurationError, match=r"contract|license_ref"):
        load(write(tmp_path, **keys))
    assert load(write(tmp_path, **keys, enabled=False)).license_ref == value


def test_a_basis_emptied_while_the_program_runs_stops_that_source_alone(
    flow, tmp_path, site, clock
):
    write(tmp_path, "other", kind="feed", urls=[f"{site}/rss"])
    assert flow.collect("trial").gap is None
    clock.now += timedelta(minutes=5)
    write(tmp_path, kind="feed", urls=[f"{site}/rss"], basis="")
    flow.register_sources()
    with pytest.raises(ConfigurationError, match="basis"):
        flow.collect("trial")
    assert flow.collect("other").gap is None
    by_name = {one.source: one for one in flow.rooms.records.runs.statuses()}
    assert (by_name["trial"].health, by_name["trial"].reason) == (Health.BLIND, GapReason.NO_BASIS)
    assert "请补全" in by_name["trial"].detail
    assert by_name["other"].health is Health.OK
    assert flow.rooms.records.ledger.entries()[1].basis == COMMON["basis"], "what it was stays"
    write(tmp_path, kind="feed", urls=[f"{site}/rss"])
    assert flow.collect("trial").gap is None, "with the basis back, it runs"


def test_a_file_taken_away_or_switched_off_runs_no_more(flow, tmp_path, site):
    flow.register_sources()
    write(tmp_path, kind="feed", urls=[f"{site}/rss"], enabled=False)
    with pytest.raises(NotFound, match="disabled"):
        flow.collect("trial")
    flow.register_sources()
    (entry,) = flow.rooms.records.ledger.entries()
    assert entry.enabled is False
    (tmp_path / "sources" / "trial.yml").unlink()
    with pytest.raises(NotFound):
        flow.collect("trial")
    flow.register_sources()
    assert flow.rooms.records.ledger.entries() == []
    history = flow.rooms.records.ledger.history("trial")
    assert [one.changed for one in history] == [(), ("enabled",), ()]
    assert [one.made_by for one in history] == ["trial.yml", "trial.yml", "declaration removed"]
    assert history[-1].entry is None


def test_the_footing_of_a_past_day_can_be_shown(flow, tmp_path, site, clock):
    flow.collect("trial")
    clock.now += timedelta(days=10)
    write(tmp_path, kind="feed", urls=[f"{site}/rss"], owner="宣传处", retention="30d")
    flow.collect("trial")
    clock.now += timedelta(minutes=5)
    flow.collect("trial")
    ledger = flow.rooms.records.ledger
    assert [one.changed for one in ledger.history("trial")] == [(), ("owner", "retention")]
    then, today = ledger.at("trial", NOW + timedelta(days=5)), ledger.at("trial", clock.now)
    assert then is not None
    assert then.entry is not None
    assert then.entry.owner == "新闻办公室"
    assert today is not None
    assert today.entry is not None
    assert (today.entry.owner, today.entry.retention) == ("宣传处", timedelta(days=30))
    assert ledger.at("trial", NOW - timedelta(days=1)) is None


def test_an_expired_licence_stops_the_source_and_says_what_to_do(flow, tmp_path, site, clock):
    keys = {"kind": "feed", "urls": [f"{site}/rss"], "license_ref": "江采〔2026〕8号"}
    write(tmp_path, **keys, license_until="2026-11-23")
    assert flow.collect("trial").gap is None, "its last day counts whole"
    clock.now = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)  # midnight in Shanghai
    run = flow.collect("trial")
    assert (run.gap, run.requests) == (GapReason.LICENCE_EXPIRED, 0)
    assert "江采〔2026〕8号" in run.detail
    assert "license_until" in run.detail
    write(tmp_path, **keys, license_until="2027-11-23")
    again = flow.collect("trial")
    assert again.gap is None
    assert again.window_start <= NOW, "what lay between is caught up with"


def test_files_wait_while_their_licence_is_out(flow, tmp_path, clock):
    write(
        tmp_path, "calls", kind="import", files=["*.csv"], mapping="hotline_12368",
        license_ref="自有数据", license_until="2026-11-01",
    )  # fmt: skip
    folder = flow.rooms.settings.folder / "imports"
    folder.mkdir()
    (folder / "a.csv").write_text("x", encoding="utf-8")
    flow.rooms.sources.pop("trial", None)
    assert flow.collect("calls").gap is GapReason.LICENCE_EXPIRED
    assert (folder / "a.csv").exists()
    with pytest.raises(NotAllowed, match="2026-11-01"):
        refuse_unlicensed(flow.rooms, "calls")


def test_every_run_and_a_check_keep_the_verdict_of_robots_txt(flow, clock, site):
    flow.collect("trial")
    (known,) = flow.rooms.records.robots.newest("trial")
    assert known.reading.verdict is RobotsVerdict.NO_FILE
    assert known.reading.address == f"{site}/robots.txt"
    first = known.reading.fetched_at
    clock.now += timedelta(hours=1)
    (reading,) = check(flow.rooms, flow.rooms.sources["trial"])
    (later,) = flow.rooms.records.robots.newest("trial")
    assert (later.reading, later.since) == (replace(reading, status=404), first)
    assert len(flow.rooms.records.robots.history("trial")) == 1
