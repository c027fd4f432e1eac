"""What robots.txt said is noted by a run and by a check, with the time and the address asked."""

from __future__ import annotations

from typing import Any

import pytest

from crawlers import run as running
from crawlers.jobs import Outcome
from crawlers.robots_check import check_robots
from crawlers.robots_notes import ELSEWHERE, RobotsNotes
from domain.ledger import RobotsReading, RobotsVerdict
from domain.time import system_clock

FORBID = b"User-agent: *\nDisallow: /rss\n"


@pytest.fixture
def read(crawl: Any, local_site: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Both ways of reading, which must agree: a check, and a run."""
    outcomes: list[Outcome] = []

    def remembered(job: Any, spawn: Any = running.spawn) -> Outcome:
        outcomes.append(spawn(job))
        return outcomes[-1]

    def both(*paths: str) -> RobotsReading:
        urls = [f"{local_site.url}{path}" for path in paths or ("/rss",)]
        source = crawl.declare("feed", urls=urls)
        (checked,) = check_robots(source, clock=system_clock, data_dir=crawl.data)
        assert local_site.paths == [], "a check fetches no page"
        before = system_clock()
        monkeypatch.setattr(running, "spawn", remembered)
        crawl.run(source)
        (run,) = outcomes[-1].robots
        assert before <= run.fetched_at <= system_clock()
        assert (run.verdict, run.disallowed) == (checked.verdict, checked.disallowed)
        assert run.address == f"{local_site.url}/robots.txt"
        return run

    return both


@pytest.mark.parametrize(
    ("answer", "verdict", "status"),
    [
        ((b"User-agent: *\nDisallow: /private\n", 200), RobotsVerdict.ALLOWED, 200),
        ((FORBID, 200), RobotsVerdict.DISALLOWED, 200),
        ((b"gone", 404), RobotsVerdict.NO_FILE, 404),
        ((FORBID, 403), RobotsVerdict.NO_FILE, 403),
        ((b"", 503), RobotsVerdict.UNREACHABLE, 503),
        ((b"", 429), RobotsVerdict.UNREACHABLE, 429),
    ],
)
def test_the_verdict_by_rfc_9309(
    local_site: Any, page: Any, read: Any, answer: Any, verdict: Any, status: int
) -> None:
    local_site.pages["/robots.txt"] = page(*answer)
    reading = read()
    assert (reading.verdict, reading.status) == (verdict, status)
    assert reading.disallowed == (("/rss",) if verdict is RobotsVerdict.DISALLOWED else ())
    assert bool(reading.detail) == (status != 200)


def test_the_forbidden_paths_are_named_and_the_others_not(
    local_site: Any, page: Any, read: Any
) -> None:
    local_site.pages["/robots.txt"] = page(FORBID)
    reading = read("/news", "/rss?case=1", "/rss")
    assert reading.verdict is RobotsVerdict.DISALLOWED
    assert reading.disallowed == ("/rss", "/rss?case=1")


def test_links_are_not_kept_as_they_may_hold_an_identifier() -> None:
    notes = RobotsNotes(
        system_clock, ["http://a.example/news/index.html", "http://a.example/rss?case=1"]
    )
    for path in ("rss?case=1", "news/1000000001/7", "1000000001/Rsd", "u/1000000001", "rss?uid=7"):
        notes.forbidden(f"http://a.example/{path}")
    notes.forbidden("http://b.example/news/1000000001")
    assert [(one.address, one.disallowed) for one in notes.readings()] == [
        ("http://a.example/robots.txt", ("/news/…", "/rss?case=1", ELSEWHERE)),
        ("http://b.example/robots.txt", (ELSEWHERE,)),
    ]


def test_an_endless_redirect_is_no_file_and_silence_is_unreachable(
    crawl: Any, local_site: Any, page: Any, read: Any
) -> None:
    local_site.pages["/robots.txt"] = page(b"", 302, {"Location": "/robots.txt"})
    assert read().verdict is RobotsVerdict.NO_FILE
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    local_site.stop()
    (reading,) = check_robots(source, clock=system_clock, data_dir=crawl.data)
    assert (reading.verdict, reading.status) == (RobotsVerdict.UNREACHABLE, None)
    assert "没有答复" in reading.detail


def test_a_granted_interface_and_an_import_are_not_asked(crawl: Any, local_site: Any) -> None:
    granted = crawl.declare(
        "weibo_api", endpoint=f"{local_site.url}/statuses.json", queries=["法院"], robots="granted",
        license_ref="〔2026〕江函7号", credentials={"access_token": "NO_MATTER"},
    )  # fmt: skip
    imported = crawl.declare("import", files=["*.csv"], mapping="hotline_12368", license_ref="自有")
    verdicts = []
    for source in (granted, imported):
        (reading,) = check_robots(source, clock=system_clock, data_dir=crawl.data)
        assert reading.address == ""
        verdicts.append(reading.verdict)
    assert verdicts == [RobotsVerdict.GRANTED, RobotsVerdict.NOT_CRAWLED]
    assert local_site.asked == []
