"""All text from outside is hostile: none of it becomes markup, a link to code, or a path."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote, urlsplit

import lxml.html
import pytest

from desk.pages import outside_url
from domain.alerts import Evidence, Level
from domain.ledger import LedgerEntry
from domain.sources import Gap, GapReason
from records.reports import StoredReport
from records.runs import SourceInfo

CORPUS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</textarea></title></noscript><svg/onload=alert(1)>",
    "{{ 7*7 }}{% raw %}<b>",
    "javascript:alert(1)//",
    '<!--<img src="--><img src=x onerror=alert(1)//">',
    "‮<iframe srcdoc='<script>x</script>'>",
    "\x00<a href=&#106;avascript:alert(1)>法院</a>",
)
_URLS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//evil.example/x",
    "http://",
    "https://[broken",
    " https://example.org",
    "ftp://example.org/x",
)  # fmt: skip


@pytest.mark.parametrize("url", _URLS)
def test_only_web_addresses_become_links(url: str) -> None:
    assert outside_url(url) == ""
    assert outside_url("https://example.org/a?b=1") == "https://example.org/a?b=1"


def _harmless(page: str) -> None:
    """No element or attribute that the templates don't write themselves."""
    tree = lxml.html.fromstring(page)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            pytest.fail("a comment that no template writes")
        assert element.tag not in {"iframe", "object", "embed", "style", "base", "b1"}
        # Strips of hours are drawn by the templates; the corpus knows no such class.
        assert element.tag != "svg" or element.get("class") in {"hours", "unseen"}
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (element.tag, name)
            assert name not in {"style", "srcdoc"}, (element.tag, name)
            if name in {"href", "src", "action", "formaction"}:
                assert urlsplit(value).scheme in {"", "http", "https"}, value
    for script in tree.iter("script"):
        assert script.get("src", "").startswith("/static/")
        assert not script.text
    for image in tree.iter("img"):
        assert image.get("src", "").startswith("/")


@pytest.fixture
def hostile(desk: Any, seed: ModuleType) -> Any:
    """The desk with the corpus in every field that comes from outside or from a form."""
    services, at = desk.services, seed.NOW
    everything = "".join(CORPUS)
    services.records.runs.register(
        [SourceInfo("weibo_search", CORPUS[0], "<i>", None, 0.5, CORPUS[1])]
    )
    services.records.runs.open_gap(Gap("weibo_search", at, None, GapReason.DOWN, everything))
    services.records.ledger.register(
        [LedgerEntry("weibo_search", CORPUS[0], "weibo", "weibo_api", CORPUS[1], CORPUS[3],
                     CORPUS[4], credentials={CORPUS[2]: CORPUS[6]}, addresses=_URLS,
                     declared_in=CORPUS[7])]
    )  # fmt: skip
    case = replace(seed.CASES[0], title=CORPUS[1], court=CORPUS[0], cause=CORPUS[3], numbers=(),
                   aliases=CORPUS)  # fmt: skip
    services.records.cases.save(case)
    items = []
    for number, text in enumerate(CORPUS):
        item = seed.post(5000 + number, "" if number % 2 else "liang", at, f"法院{text}")
        url = _URLS[number]
        items.append(replace(item, post=replace(item.post, title=text, url=url)))
    services.store.upsert(items)
    alert = seed.alert("x", "liang", Level.RED, at)
    why = replace(
        alert.why,
        topics=((CORPUS[0], 3),),
        terms=tuple((word, 1.0) for word in CORPUS),
        sources=((CORPUS[1], 2),),
        level_lines=CORPUS,
        stream=CORPUS[0],
        evidence=tuple(Evidence(item.post.id, 2) for item in items),
    )
    services.records.alerts.save(replace(alert, why=why, reason=everything), CORPUS[0], everything)
    return desk


def test_no_page_lets_it_through(hostile: Any) -> None:
    alert = hostile.services.records.alerts.open("liang")
    addresses = ["/", "/cases", "/cases/liang", "/posts", "/sources", "/sources/weibo_search",
                 "/candidates", "/operations", "/notifications", "/settings", "/reports", "/about",
                 *(f"/alerts/{one.id}" for one in alert)]  # fmt: skip
    for address in addresses:
        _harmless(hostile.text(address))


@pytest.mark.parametrize("text", CORPUS)
def test_no_question_lets_it_through(hostile: Any, text: str) -> None:
    for address in (
        f"/posts?q={quote(text)}",
        f"/posts?case={quote(text)}&topic={quote(text)}&source={quote(text)}",
        f"/cases/liang?q={quote(text)}&span={quote(text)}",
        f"/watch?phrase={quote(text)}",
        f"/alerts/{quote(text, safe='')}",
        f"/{quote(text, safe='')}",
    ):
        answer = hostile.client.get(address)
        assert answer.status_code in {200, 404, 422}, address
        _harmless(answer.text)


def test_no_form_lets_it_through(hostile: Any) -> None:
    fields = {name: "".join(CORPUS) for name in ("title", "court", "events", "litigants", "stage")}
    _harmless(hostile.send("/watch", 422, **fields).text)


def test_events_and_pictures_are_escaped_too(hostile: Any) -> None:
    lines = []
    with hostile.client.stream("GET", "/events?after=0") as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                lines.append(json.loads(line.removeprefix("data: ")))
            if len(lines) > 5:
                break
    for data in lines:
        assert "<script" not in data["html"]
        assert "<img" not in data["html"]
        _harmless(f"<table>{data['html']}</table>" if "alert" in data else data["html"])
    alert = next(one for one in hostile.services.records.alerts.open() if one.reason)
    page = hostile.client.get(f"/alerts/{alert.id}/chart.svg")
    assert "<script" not in page.text
    assert "sandbox" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["../secret.html", "/etc/passwd", "a/../../secret.html", "link.html", "", "."]
)
def test_a_report_outside_its_folder_is_never_served(
    desk: Any, seed: ModuleType, tmp_path: Path, path: str
) -> None:
    folder = desk.services.reports_folder
    secret = folder.parent / "secret.html"
    secret.write_text("geheim", encoding="utf-8")
    (folder / "link.html").symlink_to(secret)
    report = StoredReport("r", "weekly", seed.NOW, seed.NOW, seed.NOW, {}, {"html": path})
    desk.services.records.reports.save(report)
    answer = desk.client.get("/reports/r/html")
    assert answer.status_code == 404
    assert "geheim" not in answer.text
    assert "文件不在报告目录里" in desk.text("/reports")


@pytest.mark.parametrize(
    "path",
    ["/reports/%2e%2e/html", "/reports/2026-W47/..%2f..%2fsecret", "/reports/2026-W47/exe",
     "/static/..%2fdesk.py", "/static/%2e%2e%2fapp.py", "/reports/2026-W47/pdf"],
)  # fmt: skip
def test_an_address_is_never_a_path(desk: Any, path: str) -> None:
    assert desk.client.get(path).status_code == 404


def test_reports_open_in_a_sandbox_or_download(desk: Any) -> None:
    page = desk.client.get("/reports/2026-W47/html")
    assert page.text == "<h1>舆情周报</h1>"
    assert "sandbox" in page.headers["content-security-policy"]
    file = desk.client.get("/reports/2026-W47/docx")
    assert file.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert file.content.startswith(b"PK")
