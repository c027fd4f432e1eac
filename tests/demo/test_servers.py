"""The local servers speak the shapes of the real sources, and fail as they do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.robotparser import RobotFileParser

import feedparser
import httpx
import pytest

from demo.scenario import World
from demo.servers import ACCESS_TOKEN, SERVERS, Failure, Handle, start
from domain.errors import ConfigurationError
from domain.time import SHANGHAI
from text.weibo_ids import mid_time

T0 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WORLD = World(T0)
NOW = T0 + timedelta(hours=1)
SEARCH = "/2/search/statuses.json"
LIMITED = "/2/search/statuses/limited.json"


@pytest.fixture(scope="module")
def servers() -> Iterator[Handle]:
    with start(WORLD, clock=lambda: NOW) as handle:
        yield handle


@pytest.fixture
def handle(servers: Handle) -> Iterator[Handle]:
    yield servers
    servers.heal()


def search(handle: Handle, path: str = SEARCH, **query: object) -> httpx.Response:
    asked = {"access_token": ACCESS_TOKEN, "q": "云岫", "count": 50, **query}
    return httpx.get(
        handle.urls["weibo"] + path, params={key: str(value) for key, value in asked.items()}
    )


def found(handle: Handle, path: str = SEARCH, **query: object) -> list[dict[str, Any]]:
    content = search(handle, path, **query).json()
    statuses: list[dict[str, Any]] = content if isinstance(content, list) else content["statuses"]
    return statuses


def test_ids_times_and_authors_of_weibo_agree(handle: Handle) -> None:
    statuses = found(handle)
    assert len(statuses) == 50
    for status in statuses:
        created = datetime.strptime(status["created_at"], "%a %b %d %H:%M:%S %z %Y")
        assert mid_time(status["id"]) == created
        assert created.utcoffset() == timedelta(hours=8)
        assert status["mid"] == status["idstr"] == str(status["id"])
        assert status["user"]["verified_type"] in (-1, 1, 3)
        assert "云岫" in status["text"]
    assert [status["id"] for status in statuses] == sorted(
        (s["id"] for s in statuses), reverse=True
    )


def test_paging_covers_the_window_once(handle: Handle) -> None:
    window = {
        "starttime": int((NOW - timedelta(days=3)).timestamp()),
        "endtime": int(NOW.timestamp()),
    }
    total = search(handle, needcount=1, **window).json()["total_number"]
    pages = [found(handle, page=page, **window) for page in range(1, total // 50 + 3)]
    ids = [status["id"] for page in pages for status in page]
    expected = {
        post.mid for post in WORLD.posts(NOW)
        if "云岫" in post.text and NOW - timedelta(days=3) <= post.moment < NOW
    }  # fmt: skip
    assert len(ids) == len(set(ids)) == total
    assert set(ids) == expected
    assert pages[-1] == []


def test_the_future_is_not_visible(handle: Handle) -> None:
    far = int((NOW + timedelta(days=5)).timestamp())
    assert max(mid_time(status["id"]) for status in found(handle, endtime=far)) <= NOW


def test_words_of_a_query_are_joined_by_and(handle: Handle) -> None:
    statuses = found(handle, q="云岫 系统")
    assert statuses
    assert all("云岫" in status["text"] and "系统" in status["text"] for status in statuses)


def test_needcount_and_limited_wrap_the_array(handle: Handle) -> None:
    assert isinstance(search(handle).json(), list)
    assert set(search(handle, needcount=1).json()) == {"statuses", "total_number"}
    assert set(search(handle, LIMITED).json()) == {"statuses", "total_number"}
    assert len(found(handle, count=500)) == 50


@pytest.mark.parametrize(
    ("query", "code", "status"),
    [
        ({"access_token": ""}, 10006, 400),
        ({"access_token": "stolen"}, 21332, 401),
        ({"q": ""}, 10016, 400),
        ({"count": "many"}, 10017, 400),
    ],
)
def test_wrong_calls_get_the_platforms_errors(
    handle: Handle, query: dict[str, str], code: int, status: int
) -> None:
    answer = search(handle, **query)
    assert answer.status_code == status
    assert answer.json()["error_code"] == code
    assert answer.json()["request"] == SEARCH


def test_edits_and_deletions_of_single_posts(handle: Handle) -> None:
    first, second = found(handle, count=2)
    handle.edit(first["id"], "云岫 改过了")
    handle.delete(second["id"])
    statuses = found(handle, count=2)
    assert statuses[0]["text"] == "云岫 改过了"
    assert statuses[0]["edit_config"] == {"edited": True}
    assert second["id"] not in [status["id"] for status in statuses]
    looked_up = found(handle, LIMITED, ids=f"{first['id']}~{second['id']}")
    assert [status.get("deleted") for status in looked_up] == [None, "1"]
    assert second["text"] not in looked_up[1]["text"]


def test_a_repost_carries_its_original_until_that_is_deleted(handle: Handle) -> None:
    def reposts() -> dict[int, dict[str, Any]]:
        return {
            status["id"]: status["retweeted_status"]
            for page in range(1, 5)
            for status in found(handle, q="梁某案", page=page)
            if "retweeted_status" in status
        }

    first, *others = reposts().items()
    assert len(others) > 5
    assert all(original["id"] < mid and original["user"] for mid, original in [first, *others])
    handle.delete(first[1]["id"])
    stub = reposts()[first[0]]
    assert (stub["user"], stub["deleted"]) == (None, "1")
    assert first[1]["text"] not in stub["text"]


@pytest.mark.parametrize(("path", "kind"), [("/rss.xml", "rss20"), ("/atom.xml", "atom10")])
def test_the_feed_is_valid_and_conditional(handle: Handle, path: str, kind: str) -> None:
    url = handle.urls["feed"] + path
    answer = httpx.get(url)
    parsed = feedparser.parse(answer.content)
    assert (parsed.version, parsed.bozo) == (kind, False)
    notices = list(WORLD.notices(NOW))[-30:][::-1]
    assert [entry.title for entry in parsed.entries] == [notice.title for notice in notices]
    etag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
    assert httpx.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert httpx.get(url, headers={"If-Modified-Since": modified}).status_code == 304
    assert httpx.get(url, headers={"If-None-Match": '"other"'}).status_code == 200
    both = {"If-None-Match": '"other"', "If-Modified-Since": modified}
    assert httpx.get(url, headers=both).status_code == 200


@pytest.mark.parametrize(
    ("site", "name", "first"),
    [("news_utf8", "utf8", "/news/index.html"), ("news_gbk", "gbk", "/GB/court/index1.html")],
)
def test_a_news_site_lists_every_article_once(
    handle: Handle, site: str, name: str, first: str
) -> None:
    base, path, links = handle.urls[site], first, []
    while path:
        page = httpx.get(base + path)
        listing = page.text[page.text.index("articleList") : page.text.index('class="pages"')]
        links += re.findall(r'<a href="([^"]+)"', listing)
        following = re.search(r'class="next" href="([^"]+)"', page.text)
        path = following[1] if following else ""
    articles = [article for article in WORLD.articles(NOW) if article.site == name]
    assert len(links) == len(set(links)) == len(articles) > 10
    markups = set()
    for link, article in list(zip(links, reversed(articles), strict=True))[:6]:
        answer = httpx.get(base + link)
        assert (
            answer.headers["Content-Type"]
            == f"text/html; charset={'gbk' if name == 'gbk' else 'utf-8'}"
        )
        text = answer.content.decode("gbk" if name == "gbk" else "utf-8")
        assert all(paragraph in text for paragraph in article.paragraphs)
        assert f"{article.moment.astimezone(SHANGHAI):%H:%M}" in text
        markups.add(re.sub(r"[^<>a-z_]", "", text.split("</h")[0][-120:]))
    assert len(markups) > 1
    assert httpx.get(base + "/nothing.html").status_code == 404


@pytest.mark.parametrize("site", ["news_utf8", "news_gbk"])
def test_robots_txt_forbids_a_path_that_lists_link_to(handle: Handle, site: str) -> None:
    base = handle.urls[site]
    robots = RobotFileParser()
    robots.parse(httpx.get(base + "/robots.txt").text.splitlines())
    assert not robots.can_fetch("courtpulse", base + "/internal/brief.html")
    assert robots.can_fetch("courtpulse", base + "/news/index.html")
    first = "/news/index.html" if site == "news_utf8" else "/GB/court/index1.html"
    assert "/internal/brief.html" in httpx.get(base + first).text


def test_requests_are_remembered(handle: Handle) -> None:
    httpx.get(handle.urls["feed"] + "/rss.xml", headers={"User-Agent": "courtpulse-test"})
    last = handle.seen("feed")[-1]
    assert (last.path, last.status, last.user_agent) == ("/rss.xml", 200, "courtpulse-test")


@pytest.mark.parametrize("status", ["403", "418", "429", "432", "500"])
@pytest.mark.parametrize("server", SERVERS)
def test_status_failures(handle: Handle, server: str, status: str) -> None:
    handle.fail(status, server)
    assert httpx.get(handle.urls[server] + "/rss.xml").status_code == int(status)
    other = SERVERS[(SERVERS.index(server) + 1) % len(SERVERS)]
    assert httpx.get(handle.urls[other] + "/robots.txt").status_code == 200
    handle.heal(server)
    assert httpx.get(handle.urls[server] + "/robots.txt").status_code == 200


@pytest.mark.parametrize(("code", "status"), [(10023, 403), (21327, 401)])
def test_platform_errors(handle: Handle, code: int, status: int) -> None:
    handle.fail(str(code), "weibo")
    answer = search(handle)
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert set(answer.json()) == {"error", "error_code", "request"}


def test_a_captcha_and_a_login_page_come_with_200(handle: Handle) -> None:
    handle.fail(Failure.CAPTCHA, "weibo")
    answer = search(handle)
    assert (answer.status_code, answer.json()["ok"]) == (200, -100)
    handle.heal()
    handle.fail(Failure.LOGIN_PAGE, "weibo")
    answer = search(handle)
    assert answer.status_code == 200
    assert "Visitor System" in answer.text


def test_a_redirect_loop_never_ends(handle: Handle) -> None:
    handle.fail(Failure.REDIRECT_LOOP, "news_utf8")
    with pytest.raises(httpx.TooManyRedirects):
        httpx.get(handle.urls["news_utf8"] + "/news/index.html", follow_redirects=True)


def test_a_reset_connection_answers_nothing(handle: Handle) -> None:
    handle.fail(Failure.RESET, "feed")
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(handle.urls["feed"] + "/rss.xml")


def test_a_truncated_body_is_shorter_than_it_claims(handle: Handle) -> None:
    handle.fail(Failure.TRUNCATED, "weibo")
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed"):
        search(handle)


def test_a_slow_loris_outlasts_patience(handle: Handle) -> None:
    handle.fail(Failure.SLOW_LORIS, "feed")
    with httpx.stream("GET", handle.urls["feed"] + "/rss.xml", timeout=5) as answer:
        began = datetime.now(UTC)
        pieces = []
        for piece in answer.iter_raw():
            pieces.append(piece)
            if datetime.now(UTC) - began > timedelta(seconds=1.2):
                break
    assert 1 <= sum(map(len, pieces)) <= 5


@pytest.mark.parametrize(
    ("server", "path"), [("news_utf8", "/news/index.html"), ("news_gbk", "/GB/court/index1.html")]
)
def test_a_wrong_charset_header_belies_the_body(handle: Handle, server: str, path: str) -> None:
    right = httpx.get(handle.urls[server] + path)
    handle.fail(Failure.WRONG_CHARSET, server)
    wrong = httpx.get(handle.urls[server] + path)
    assert wrong.content == right.content
    assert wrong.headers["Content-Type"] != right.headers["Content-Type"]
    assert "法院频道" in right.text
    assert "法院频道" not in wrong.text


@pytest.mark.parametrize("failure", [Failure.OVERSIZE, Failure.GZIP_BOMB])
def test_oversize_bodies_do_not_announce_their_size(handle: Handle, failure: Failure) -> None:
    handle.fail(failure, "feed")
    size = 0
    with httpx.stream("GET", handle.urls["feed"] + "/rss.xml") as answer:
        announced = int(answer.headers.get("Content-Length", 0))
        for chunk in answer.iter_bytes():
            size += len(chunk)
            if size > 10_000_000:
                break
    assert announced < 1_000_000 < 10_000_000 < size


def test_a_blank_page_in_mid_list(handle: Handle) -> None:
    handle.fail(Failure.BLANK_PAGE, "weibo")
    sizes = [len(found(handle, page=page)) for page in (1, 2, 3)]
    assert sizes == [50, 0, 50]
    assert search(handle, page=2, needcount=1).json()["total_number"] > 100
    handle.fail(Failure.BLANK_PAGE, "news_utf8")
    second = httpx.get(handle.urls["news_utf8"] + "/news/index_2.html").text
    assert "<li>" not in second
    assert 'class="next"' in second


def test_duplicates_across_pages(handle: Handle) -> None:
    handle.fail(Failure.DUPLICATES, "weibo")
    first, second = ({status["id"] for status in found(handle, page=page)} for page in (1, 2))
    assert first & second


def test_many_edits_and_deletions(handle: Handle) -> None:
    before = {status["id"]: status["text"] for status in found(handle, q="法院")}
    handle.fail(Failure.EDITS, "weibo")
    edited = {status["id"]: status["text"] for status in found(handle, q="法院")}
    assert any(before[mid] != text for mid, text in edited.items())
    assert all(text.startswith(before[mid]) for mid, text in edited.items())
    handle.heal()
    handle.fail(Failure.DELETIONS, "weibo")
    assert set(before) - {status["id"] for status in found(handle, q="法院")}


def test_robots_failures_touch_robots_txt_alone(handle: Handle) -> None:
    handle.fail(Failure.ROBOTS_DISALLOW, "news_utf8")
    assert "Disallow: /\n" in httpx.get(handle.urls["news_utf8"] + "/robots.txt").text
    assert httpx.get(handle.urls["news_utf8"] + "/news/index.html").status_code == 200
    handle.heal()
    handle.fail(Failure.ROBOTS_ERROR, "news_utf8")
    assert httpx.get(handle.urls["news_utf8"] + "/robots.txt").status_code == 503


def test_a_failure_can_be_asked_for_in_the_address(handle: Handle) -> None:
    assert search(handle, _fail="429").status_code == 429
    assert search(handle).status_code == 200
    assert search(handle, _fail="flood").status_code == 400


def test_unknown_failures_servers_and_taken_ports_are_named(handle: Handle) -> None:
    with pytest.raises(ConfigurationError, match="captcha"):
        handle.fail("nonsense")
    with pytest.raises(ConfigurationError, match="news_gbk"):
        handle.fail("429", "myspace")
    port = int(handle.urls["feed"].rsplit(":", 1)[1])
    with pytest.raises(ConfigurationError, match="can't be opened"):
        start(WORLD, {"feed": port})
    with pytest.raises(ConfigurationError, match="no server"):
        start(WORLD, {"myspace": 0})


def test_the_environment_switches_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_FAIL", "weibo:captcha, feed:429")
    with start(WORLD, clock=lambda: NOW) as broken:
        assert search(broken).json()["ok"] == -100
        assert httpx.get(broken.urls["feed"] + "/rss.xml").status_code == 429
    monkeypatch.setenv("DEMO_FAIL", "weibo")
    with pytest.raises(ConfigurationError, match="DEMO_FAIL"):
        start(WORLD)


def test_stopping_frees_the_ports() -> None:
    first = start(WORLD, clock=lambda: NOW)
    ports = {name: int(url.rsplit(":", 1)[1]) for name, url in first.urls.items()}
    first.stop()
    first.stop()
    with start(WORLD, ports, clock=lambda: NOW) as second:
        assert {name: int(url.rsplit(":", 1)[1]) for name, url in second.urls.items()} == ports


def test_the_servers_run_as_a_program_and_keep_their_world(tmp_path: Path) -> None:
    world = tmp_path / "world.json"
    command = [sys.executable, "-m", "demo.servers", "--world", str(world)]
    for _ in range(2):
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        urls = json.loads(process.stdout.readline())
        assert set(urls) == set(SERVERS)
        assert httpx.get(urls["feed"] + "/rss.xml", timeout=30).status_code == 200
        process.terminate()
        assert process.wait(20) == 0
        kept = world.read_text(encoding="utf-8")
    assert world.read_text(encoding="utf-8") == kept
    assert set(json.loads(kept)) == {"t0", "seed"}
