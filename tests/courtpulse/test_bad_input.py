"""Bad input through the whole chain: named with a remedy, kept aside, and the rest goes on.

What each reader does with each kind of bad bytes is tested beside it (tests/crawlers); here several
bad sources and a good one run together, as `courtpulse run` runs them.
"""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from courtpulse.cli import app
from domain.time import SHANGHAI, system_clock

NOW = system_clock()
WORDS = "云岫区法院网上立案材料传不上去，窗口说等通知，一等就是三天。"
COMMON = {
    "platform": "news", "basis": "公开网页", "owner": "新闻办公室", "schedule": {"every": "5m"},
    "delay": "0s",
}  # fmt: skip


class Site:
    """Bodies by path."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[bytes, str]] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body, kind = site.pages.get(self.path.partition("?")[0], (b"", ""))
                self.send_response(200 if kind else 404)
                self.send_header("Content-Type", kind or "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


class Office:
    """A data folder, its sources, and the program."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.folder, self.site = folder, site
        self.environment = {
            "COURTPULSE_DATA": str(folder / "data"),
            "COURTPULSE_SOURCES": str(folder / "sources"),
            "COURTPULSE_LOG_LEVEL": "ERROR",
            "COLUMNS": "300",
        }
        (folder / "sources").mkdir()

    def declare(self, source: str, kind: str, **keys: Any) -> Path:
        path = self.folder / "sources" / f"{source}.yml"
        document = {**COMMON, "title": source, "kind": kind, **keys}
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return path

    def call(self, *arguments: str) -> Any:
        return CliRunner().invoke(app, list(arguments), env=self.environment)

    def json(self, *arguments: str) -> Any:
        done = self.call(*arguments, "--json")
        assert done.exit_code == 0, (done.output, done.exception)
        return json.loads(done.stdout)

    def refused(self, *arguments: str) -> str:
        done = self.call(*arguments)
        assert (done.exit_code, done.stdout) == (1, ""), (done.output, done.exception)
        assert "Traceback" not in done.stderr
        return " ".join(done.stderr.split())

    def texts(self) -> list[str]:
        found = self.json("search", "法院", "--limit", "100")["posts"]
        return [post["post"]["title"] + post["post"]["text"] for post in found]


@pytest.fixture
def office(tmp_path: Path, environment: pytest.MonkeyPatch) -> Iterator[Office]:
    site = Site()
    yield Office(tmp_path, site)
    site.server.shutdown()
    site.server.server_close()


def entry(name: str, words: str = WORDS, age: timedelta = timedelta(hours=1)) -> str:
    moment = format_datetime(NOW - age)
    return (
        f"<item><title>{name}</title><guid>{name}</guid><link>https://a.example/{name}</link>"
        f"<pubDate>{moment}</pubDate><description>{words}</description></item>"
    )


def rss(*entries: str, head: str = "") -> tuple[bytes, str]:
    text = f"<?xml version='1.0' encoding='utf-8'?>{head}<rss version='2.0'><channel>{''.join(entries)}</channel></rss>"
    return text.encode("utf-8", "surrogatepass"), "application/rss+xml"


def table(*rows: tuple[str, str, str]) -> str:
    lines = ["工单号,受理时间,来电人,来电号码,诉求类别,诉求标题,诉求内容,承办单位,办理状态"]
    lines += [
        f"{name},{moment},江先生,,投诉,立案,{words},云岫区人民法院,办理中"
        for name, moment, words in rows
    ]
    return "\n".join(lines)


def local(age: timedelta) -> str:
    return f"{(NOW - age).astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def test_bad_sources_and_items_are_named_and_the_good_go_on(office: Office) -> None:
    site = office.site
    hour = timedelta(hours=1)
    site.pages["/good"] = rss(
        entry("one"),
        entry("two", WORDS + "&#xD83D;"),
        entry("one", WORDS + "（更正）"),
        entry("future", age=timedelta(days=-30)),
        entry("ancient", age=timedelta(days=20_000)),
        entry("long", "长" * 150_000),
    )
    secret = office.folder / "secret"
    secret.write_text("bald-eagle", encoding="utf-8")
    head = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    site.pages["/entities"] = rss(entry("x", "法院 &x;"), head=head)
    site.pages["/broken"] = (rss(entry("half"))[0][:-80], "application/rss+xml")
    gbk = rss(entry("gbk", WORDS))[0].decode().replace("utf-8", "gb2312").encode("gb18030")
    site.pages["/gbk"] = (gbk, "text/xml; charset=iso-8859-1")
    for name in ("good", "entities", "broken", "gbk"):
        office.declare(f"feed_{name}", "feed", urls=[f"{site.url}/{name}"])
    site.pages["/2/search/statuses.json"] = (b'{"statuses": [{"id": 1', "application/json")
    grant = {"license_ref": "x", "credentials": {"access_token": "NO_SUCH_TOKEN"}}
    search = {"endpoint": f"{site.url}/2/search/statuses.json", "queries": ["法院"], **grant}
    office.declare("a_weibo", "weibo_api", **search)
    office.environment["THE_TOKEN"] = "t"
    office.declare(
        "b_weibo", "weibo_api", **{**search, "credentials": {"access_token": "THE_TOKEN"}}
    )
    office.declare(
        "hotline", "import", platform="hotline", license_ref="x", files=["*.csv"],
        mapping="hotline_12368",
    )  # fmt: skip
    imports = office.folder / "data" / "imports"
    imports.mkdir(parents=True)
    rows = [("GD1", local(hour), WORDS), ("GD2", "昨儿", WORDS), ("GD3", local(-hour * 999), WORDS)]
    (imports / "a.csv").write_text(table(*rows), encoding="utf-8")
    (imports / "b.csv").write_text("全然,不同\n1,2\n", encoding="utf-8")

    done = office.call("run")
    assert done.exit_code == 1
    said = " ".join(done.stderr.split())
    assert "a_weibo: NO_SUCH_TOKEN is not set" in said
    assert "Traceback" not in said
    assert WORDS[:12] not in said

    # The rest went on, to the end of the chain.
    texts = office.texts()
    assert len([text for text in texts if "一等就是三天" in text]) == 4
    assert "one" + WORDS + "（更正）" in texts, "of two versions the later"
    assert all(text.isprintable() or "\n" in text for text in texts)
    everything = b"".join(path.read_bytes() for path in office.folder.rglob("*.db"))
    assert b"bald-eagle" not in everything
    gaps = {gap["source"]: gap["reason"] for gap in office.json("sources", "gaps")}
    assert gaps.items() >= {
        ("a_weibo", "not_run"), ("b_weibo", "bad_body"), ("feed_broken", "bad_body"),
        ("feed_entities", "bad_body"), ("hotline", "bad_body"),
    }  # fmt: skip
    assert "feed_gbk" not in gaps

    rejects = office.json("sources", "rejects")
    assert {(one["source"], one["remedy"] != "") for one in rejects} >= {
        ("feed_good", True), ("hotline", True),
    }  # fmt: skip
    by_place = {one["where"]: one["error"] for one in rejects}
    assert "a.csv row 3" in by_place
    assert "future" in by_place["a.csv row 4"]
    assert len([one for one in rejects if one["source"] == "feed_good"]) == 3
    assert all(WORDS[:6] not in json.dumps(one, ensure_ascii=False) for one in rejects)
    # Nothing is mended, so everything is refused again and waits on.
    again = office.json("sources", "replay", "all")
    assert (again["taken"], again["refused"]) == (0, len(rejects))
    assert {one["id"] for one in office.json("sources", "rejects")} == {
        one["id"] for one in rejects
    }


def test_rejects_are_taken_once_the_selector_is_mended(office: Office) -> None:
    site = office.site
    day = f"{(NOW - timedelta(hours=2)).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    for number in (1, 2):
        site.pages[f"/a/{number}.html"] = (
            f"<html><meta charset=gbk><h1>第{number}号</h1><i class=t>{day}</i>"
            f"<div class=c><p>{WORDS}</p></div></html>".encode("gb18030"),
            "text/html; charset=utf-8",
        )
    links = "".join(f"<li><a href='/a/{number}.html'>x</a></li>" for number in (1, 2))
    site.pages["/list.html"] = (f"<ul>{links}</ul>".encode(), "text/html")

    def declare(text: str) -> None:
        office.declare(
            "paper", "site", urls=[f"{site.url}/list.html"],
            selectors={"link": "ul a", "published": "i.t", "text": text, "title": "h1"},
        )  # fmt: skip

    declare("div.no-such-thing p")
    office.call("run")
    rejects = office.json("sources", "rejects")
    assert [one["source"] for one in rejects] == ["paper", "paper"]
    assert all("selector" in one["remedy"] for one in rejects), rejects
    assert office.texts() == []

    declare("div.c p")
    done = office.json("sources", "replay", "all")
    assert (done["tried"], done["taken"], done["refused"]) == (2, 2, 0)
    assert office.json("sources", "rejects") == []
    assert office.json("annotate")["created"] == 2
    assert sorted(office.texts()) == sorted(f"第{number}号{WORDS}" for number in (1, 2))


def test_a_misspelt_key_is_named_and_nothing_starts(office: Office) -> None:
    good = {"urls": [f"{office.site.url}/x"]}
    office.declare("feed_good", "feed", **good)
    office.declare("feed_bad", "feed", shedule={"every": "5m"}, **good)
    said = office.refused("run")
    assert "feed_bad" in said
    assert "shedule" in said
    (office.folder / "sources" / "feed_bad.yml").unlink()

    routes = office.folder / "routes.yml"
    routes.write_text(
        "channels:\n  duty: {kind: webhook, colour: red, url_env: X}\n"
        "routes:\n  - {name: duty, to: [duty]}\n"
    )
    office.environment["COURTPULSE_ROUTES"] = str(routes)
    said = office.refused("run", "feed_good")
    assert "routes.yml" in said
    assert "colour" in said
    del office.environment["COURTPULSE_ROUTES"]

    mapping = office.folder / "mine.yml"
    mapping.write_text("title: x\nlicense_ref: y\nplatform: hotline\nkind: ticket\ncolums: {}\n")
    rows = office.folder / "rows.csv"
    rows.write_text(table(), encoding="utf-8")
    said = office.refused("import", str(rows), "--mapping", str(mapping))
    assert "mine.yml" in said
    assert "colums" in said

    cases = office.folder / "cases.yml"
    good_case = {
        "id": "one",
        "title": "一案",
        "court": "云岫区人民法院",
        "aliases": ["云岫立案系统"],
    }
    for wrong, word in (
        ({"alias": ["x"]}, "unknown key alias"),
        ({"numbers": ["不是案号"]}, "number"),
        ({"formula": {"subject": ["法院"]}}, "unknown key subject"),
        ({"litigants": [{"name": "某", "rôle": "x"}]}, "unknown key rôle"),
        ({"stage": "三审"}, "stage"),
    ):
        # Copied, because a list that stands twice would be written as an alias.
        document = [*copy.deepcopy([good_case]), {**good_case, "id": "two", **wrong}]
        cases.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        said = office.refused("cases", "add", str(cases))
        assert "cases.yml: two" in said
        assert word in said
        assert office.json("cases", "list") == []
    cases.write_bytes("- {id: 一}".encode("utf-16"))
    assert "is not YAML in UTF-8" in office.refused("cases", "add", str(cases))


def test_a_segment_that_was_damaged_is_set_aside(office: Office) -> None:
    office.site.pages["/good"] = rss(entry("one"))
    office.declare("feed_good", "feed", urls=[f"{office.site.url}/good"])
    assert office.json("collect", "feed_good")["new"] == 1
    pending = office.folder / "data" / "inbox" / "pending"
    broken = pending / "20200101T000000.000000Z-0000000000000000.jsonl.zst"
    broken.write_bytes(b"not a segment")
    report = office.json("annotate")
    assert (report["damaged"], report["created"]) == (1, 1)
    assert list(pending.iterdir()) == []
    assert (office.folder / "data" / "inbox" / "damaged" / broken.name).is_file()
