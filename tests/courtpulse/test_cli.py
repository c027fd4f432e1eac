"""Every command on a small data folder: as a table, as JSON, and when something is wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
import yaml
from typer.core import TyperGroup
from typer.testing import CliRunner

from courtpulse.cli import app
from courtpulse.doctor import port_is_free
from crawlers.inbox import Inbox
from demo.declare import TOKEN_VARIABLE, write_hotline, write_sources
from demo.scenario import World
from demo.servers import ACCESS_TOKEN, start
from domain.time import system_clock

CASES = Path(__file__).resolve().parents[2] / "demo" / "cases.yml"
#: They serve until told to stop: `up` has a test of its own, `pages` is started below.
_SERVING = {"courtpulse up", "courtpulse pages"}


@dataclass
class Office:
    """A data folder with two sources' posts, and the program called upon it."""

    folder: Path
    environment: dict[str, str]

    def call(self, *arguments: str, code: int = 0) -> str:
        """Standard output; fails unless the exit code is `code`."""
        done = CliRunner().invoke(app, list(arguments), env=self.environment)
        assert done.exit_code == code, (arguments, done.output, done.exception)
        assert "Traceback" not in done.output
        return done.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.call(*arguments, "--json"))

    def problem(self, *arguments: str, **environment: str) -> str:
        """What the program says when it refuses: exit code 1, at most a problem and a remedy."""
        done = CliRunner().invoke(app, list(arguments), env={**self.environment, **environment})
        assert done.exit_code == 1, (arguments, done.output, done.exception)
        assert done.stdout == ""
        said: str = done.stderr
        assert "Traceback" not in said
        assert said.lower().startswith("error "), said
        return " ".join(said.split())


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch
) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    world = World(system_clock())
    with start(world) as servers:
        write_sources(folder / "sources", servers.urls)
        for name in ("weibo_search", "news_evening", "news_online"):
            (folder / "sources" / f"{name}.yml").unlink()
        write_hotline(folder / "imports", world)
        office = Office(
            folder,
            {
                "COURTPULSE_DATA": str(folder),
                "COURTPULSE_SOURCES": str(folder / "sources"),
                "COURTPULSE_LOG_LEVEL": "ERROR",
                TOKEN_VARIABLE: ACCESS_TOKEN,
                "COLUMNS": "200",
            },
        )
        office.call("cases", "add", str(CASES))
        office.call("run")
        yield office


def commands(command: Any, path: str = "courtpulse") -> Iterator[tuple[str, list[str]]]:
    if isinstance(command, TyperGroup):
        for name, child in command.commands.items():
            yield from commands(child, f"{path} {name}")
    else:
        yield path, [option for one in command.params for option in one.opts]


#: Command → arguments that work on the office's data, and a word of its table.
TRIED = {
    "annotate": ([], "segments"),
    "alerts list": ([], "case"),
    "alerts precision": ([], "confirmed"),
    "alerts simulate": (["liang", "--theta", "3"], "change"),
    "cases candidates list": ([], "title"),
    "cases history": (["liang"], "what"),
    "cases list": ([], "梁某案"),
    "collect": (["court_feed"], "court_feed"),
    "deletions exports": ([], "dealt with"),
    "deletions list": ([], "why"),
    "detect": ([], "buckets"),
    "doctor": ([], "data folder"),
    "families": ([], "template"),
    "housekeep": ([], "segments"),
    "intake": ([], "segments"),
    "recheck": (["court_feed"], "asked"),
    "report": ([], "docx"),
    "search": (["网上立案"], "hotline"),
    "silences list": ([], "scope"),
    "thresholds list": ([], "court"),
    "sources list": ([], "法院公开发布"),
    "sources show": (["court_feed"], "法院公开发布"),
    "sources check": (["court_feed"], "verdict"),
    "sources coverage": ([], "expectation"),
    "sources crosscheck": ([], "verdict"),
    "sources overlap": ([], "source"),
    "sources gaps": ([], "reason"),
    "sources rejects": ([], "problem"),
    "sources replay": (["all"], "tried"),
}


@pytest.mark.parametrize("command", sorted(TRIED))
def test_it_prints_a_table_and_json(office: Office, command: str) -> None:
    arguments, word = TRIED[command]
    words = command.split()
    assert word in office.call(*words, *arguments)
    found = office.json(*words, *arguments)
    assert isinstance(found, dict | list)


def test_every_command_that_prints_json_is_tried() -> None:
    every = dict(commands(typer.main.get_command(app)))
    with_json = {path for path, options in every.items() if "--json" in options}
    assert with_json == {f"courtpulse {name}" for name in TRIED} | {
        "courtpulse import",
        "courtpulse cases import",  # tests/courtpulse/test_case_import.py
        "courtpulse replay",  # tests/courtpulse/test_replay.py
        "courtpulse alerts explain",  # tests/alerts/policy/test_run.py
        "courtpulse bench spikes",  # tests/courtpulse/test_bench.py
        "courtpulse evaluate", "courtpulse drift",  # tests/courtpulse/test_quality.py
        "courtpulse label", "courtpulse explain",  # tests/courtpulse/test_label.py
        "courtpulse deliveries",  # tests/courtpulse/test_routes_commands.py
        "courtpulse train", "courtpulse model export",  # tests/nlp/encoder
    }  # fmt: skip
    without = set(every) - with_json - _SERVING
    assert without == {
        "courtpulse run", "courtpulse forget", "courtpulse cases add", "courtpulse cases archive",
        "courtpulse alerts show", "courtpulse alerts confirm", "courtpulse alerts dismiss",
        "courtpulse alerts acknowledge", "courtpulse alerts flag", "courtpulse alerts act",
        "courtpulse silences add", "courtpulse silences end", "courtpulse thresholds undo",
        "courtpulse new source", "courtpulse routes check", "courtpulse routes test",
        "courtpulse model convert", "courtpulse model restore", "courtpulse model fetch",
        "courtpulse dashboards export", "courtpulse dashboards check",
        "courtpulse dashboards install",
        # tests/courtpulse/test_registry_commands.py
        "courtpulse cases close", "courtpulse cases reopen", "courtpulse cases resume",
        "courtpulse cases candidates find", "courtpulse cases candidates accept",
        "courtpulse cases candidates merge", "courtpulse cases candidates refuse",
        # tests/courtpulse/test_upkeep_commands.py
        "courtpulse sources export", "courtpulse sources rotate-key",
        "courtpulse deletions finish", "courtpulse deletions settle",
        "courtpulse deletions replay",
    }, "a new command: try it here"  # fmt: skip


def test_what_was_collected_is_shown(office: Office) -> None:
    page = office.json("search", "网上立案", "--limit", "3")
    assert len(page["posts"]) == 3 <= page["total"]
    assert "网上立案" in json.dumps(page["posts"], ensure_ascii=False)
    filtered = office.json("search", "网上立案", "--case", "filing")
    assert 0 < filtered["total"] <= page["total"]
    assert {link["case_id"] for post in filtered["posts"] for link in post["links"]} == {"filing"}
    listed = {entry["status"]["source"]: entry for entry in office.json("sources", "list")}
    assert set(listed) == {"court_feed", "hotline"}
    assert {case["id"] for case in office.json("cases", "list")} == {
        "filing", "liang", "fee", "wages", "retrial",
    }  # fmt: skip
    [week, *_] = json.loads(office.call("report", "--list", "--json"))
    assert office.call("report", "--check", week[0]).strip() == "[]"


def test_a_case_can_be_archived_and_is_still_listed(office: Office) -> None:
    office.call("cases", "archive", "retrial", "已了结")
    assert "retrial" not in {case["id"] for case in office.json("cases", "list")}
    assert "retrial" in {case["id"] for case in office.json("cases", "list", "--archived")}


def test_a_forgotten_post_stays_away(office: Office, tmp_path: Path) -> None:
    found = office.json("search", "网上立案", "--limit", "100")["posts"]
    post = next(one for one in found if one["post"]["source"] == "hotline")
    done_file = office.folder / "imports" / "done" / "hotline_12368.csv"
    hotline = tmp_path / "hotline_12368.csv"
    hotline.write_bytes(done_file.read_bytes())
    office.call("forget", post["post"]["id"])
    # A finished file that holds the post goes with it; the vendor may send its copy again.
    assert not done_file.exists()
    before = office.json("search", "法院")["total"]
    report = office.json("import", str(hotline), "--mapping", "hotline_12368")
    # By hand or from the folder, a ticket is the same post.
    assert (report["source"], report["rows"], report["rejected"]) == ("hotline", 200, 0)
    done = office.json("annotate")
    assert (done["created"], done["refused"]) == (0, 1)
    assert office.json("search", "法院")["total"] == before
    found = office.json("search", "网上立案", "--limit", "100")["posts"]
    assert post["post"]["id"] not in {one["post"]["id"] for one in found}


def test_dashboards_are_written_and_checked(office: Office, tmp_path: Path) -> None:
    target = tmp_path / "overview.ndjson"
    office.call("dashboards", "export", str(target))
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert len(lines) > 5
    office.call("dashboards", "check", str(target))
    target.write_text("\n".join(json.dumps(line) for line in lines[1:]), encoding="utf-8")
    assert str(lines[0]["id"]) in office.call("dashboards", "check", str(target), code=1)


def test_a_new_source_is_generated(office: Office, tmp_path: Path) -> None:
    office.call(
        "new", "source", "qingya_news", "https://news.qingya.example/rss.xml",
        "--kind", "feed", "--folder", str(tmp_path), "--basis", "公开网页：报社允许转载的栏目",
        "--owner", "新闻办公室",
    )  # fmt: skip
    declared = tmp_path / "crawlers" / "sites" / "qingya_news.yml"
    assert yaml.safe_load(declared.read_text(encoding="utf-8"))["kind"] == "feed"
    assert list((tmp_path / "tests" / "pages" / "qingya_news").iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["collect", "qingya"], "no source 'qingya' courtpulse sources list"),
        (["run", "qingya"], "no source 'qingya'"),
        (["alerts", "show", "x"], "no alert"),
        (["alerts", "confirm", "x", "blue"], "no alert"),
        (["alerts", "dismiss", "x", "重复"], "no alert"),
        (["alerts", "acknowledge", "x"], "no alert"),
        (["cases", "archive", "x", "y"], "no case"),
        (["report", "--first-day", "gestern"], "write it as 2026-11-20"),
        (["report", "--check", "weekly-1999-01-01"], "no report"),
        (["search", "！！"], "there is no word to search for"),
    ],
)
def test_what_does_not_exist_is_said_with_a_remedy(
    office: Office, arguments: list[str], said: str
) -> None:
    assert said in office.problem(*arguments)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("COURTPULSE_PORT", "eighty", "COURTPULSE_PORT"),
        ("COURTPULSE_HOST", "0.0.0.0", "COURTPULSE_HOST"),
        ("COURTPULSE_DATA", "/proc/courtpulse", "set COURTPULSE_DATA"),
        ("COURTPULSE_STORE_URL", "mysql://x/y", "sqlite:///"),
        ("COURTPULSE_RECORDS_URL", "nowhere", "records_url"),
        ("COURTPULSE_SOURCES", "/nowhere/at/all", "/nowhere/at/all"),
    ],
)
def test_a_wrong_setting_is_named(office: Office, name: str, value: str, said: str) -> None:
    assert said in office.problem("run", **{name: value})


def test_a_wrong_word_on_the_command_line_is_usage(office: Office) -> None:
    for arguments in (["sources", "lst"], ["search"], ["cases", "add", "nowhere.yml"]):
        done = CliRunner().invoke(app, arguments, env=office.environment)
        assert done.exit_code == 2
        assert "Traceback" not in done.output


def test_as_a_program_it_logs_no_text_and_shows_no_traceback(office: Office) -> None:
    environment = {**os.environ, **office.environment, "COURTPULSE_LOG_LEVEL": "DEBUG"}
    command = [sys.executable, "-m", "courtpulse"]
    worked = subprocess.run([*command, "run"], env=environment, capture_output=True, check=True)
    said = worked.stderr.decode()
    assert "detected" in said
    inbox = Inbox(str(office.folder / "inbox"))
    texts = {item.post.text[:16] for name in inbox.committed() for item in inbox.read(name)}
    assert len(texts) > 50
    assert [text for text in texts if text in said] == []
    failed = subprocess.run([*command, "collect", "nobody"], env=environment, capture_output=True)
    assert (failed.returncode, failed.stdout) == (1, b"")
    assert re.search(rb"no source 'nobody'", failed.stderr)
    assert b"Traceback" not in failed.stderr


def test_pages_are_served_until_told_to_stop(office: Office) -> None:
    port = next(port for port in range(17_000, 18_000) if port_is_free(port))
    environment = {**os.environ, **office.environment, "COURTPULSE_PORT": str(port)}
    pages = subprocess.Popen(
        [sys.executable, "-m", "courtpulse", "pages"], env=environment, stderr=subprocess.PIPE
    )
    try:
        assert _health(f"http://127.0.0.1:{port}/health", 60)["posts"] > 100
    finally:
        pages.terminate()
        _, said = pages.communicate(timeout=30)
    assert b"Traceback" not in said
    assert port_is_free(port)


def _health(url: str, limit: float) -> Any:
    deadline = time.monotonic() + limit
    while True:
        try:
            return httpx.get(url, timeout=30).json()
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
