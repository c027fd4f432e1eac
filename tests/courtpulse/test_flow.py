"""The whole chain on real parts: what goes in comes out, once, and nobody can be found in it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import stat
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ahocorasick_rs import BytesAhoCorasick

from courtpulse.flow import Flow
from crawlers.inbox import Inbox
from crawlers.items import RawItem
from domain.alerts import Level
from domain.errors import BadInput
from domain.posts import Platform, PostKind
from domain.protocols import Query
from domain.time import BUCKET

DAY = timedelta(days=1)


def weibo(court: Any) -> list[Any]:
    """The posts the declared queries find, in the fourteen days they reach back."""
    text = (court.folder / "sources" / "weibo_search.yml").read_text(encoding="utf-8")
    found = re.search(r"queries: \[(.*)\]", text)
    assert found
    words = found[1].split(", ")
    return [
        post
        for post in court.world.posts(court.clock.now)
        if post.moment >= court.clock.now - 14 * DAY and any(word in post.text for word in words)
    ]


def stored(flow: Flow, query: Query = Query()) -> dict[str, Any]:
    posts: dict[str, Any] = {}
    while page := flow.rooms.store.search(query, limit=1000, offset=len(posts)).posts:
        posts |= {item.post.id: item for item in page}
    return posts


def snapshot(flow: Flow) -> tuple[Any, ...]:
    """Everything a page or a report could show."""
    store, alerts = flow.rooms.store, flow.rooms.records.alerts
    counts = store.counts(Query(), ("case",), BUCKET)
    return stored(flow), counts, alerts.recent(100), [
        alerts.history(alert.id) for alert in alerts.recent(100)
    ]  # fmt: skip


def id_of(flow: Flow, mid: int) -> str:
    return next(
        item.post.id
        for item in stored(flow, Query(sources=("weibo_search",))).values()
        if item.post.url.endswith(f"/{mid}")
    )


def test_counts_in_are_counts_out(collected: Any) -> None:
    world, now = collected.world, collected.clock.now
    assert {name: run.gap for name, run in collected.runs.items()} == dict.fromkeys(collected.runs)
    assert sum(run.rejected for run in collected.runs.values()) == 0
    sites = Counter(article.site for article in world.articles(now))
    expected = {
        "court_feed": len(world.notices(now)),
        "hotline": len(world.tickets),
        "news_evening": sites["gbk"],
        "news_online": sites["utf8"],
        "weibo_search": len(weibo(collected)),
    }
    assert {name: run.new for name, run in collected.runs.items()} == expected
    with collected.flow() as flow:
        by_source = {
            count.key[0]: count.posts for count in flow.rooms.store.counts(Query(), ("source",))
        }
        assert by_source == expected
        assert flow.rooms.store.total(Query()) == sum(expected.values())
        assert flow.rooms.inbox.pending() == []


def test_each_author_counts_once_a_case_and_day(collected: Any) -> None:
    posts, authors, counted = Counter[str](), Counter[str](), defaultdict(list)
    for post in weibo(collected):
        if post.case_id:
            before = counted[post.case_id, post.author.uid]
            first = all(abs(post.moment - other) >= DAY for other in before)
            before += [post.moment] if first else []
            posts[post.case_id] += 1
            authors[post.case_id] += first
    with collected.flow() as flow:
        counts = flow.rooms.store.counts(Query(sources=("weibo_search",)), ("case",))
    assert {count.key[0]: count.posts for count in counts} == posts
    assert {count.key[0]: count.authors for count in counts} == authors


def test_the_three_bursts_alert_and_nothing_else(collected: Any) -> None:
    with collected.flow() as flow:
        alerts = {alert.case_id: alert for alert in flow.rooms.records.alerts.recent(100)}
        assert len(flow.rooms.records.alerts.recent(100)) == 3
    assert set(alerts) == {"liang", "fee", "filing"}
    assert alerts["fee"].why.similar.k >= 40
    assert alerts["filing"].why.court_negative.k >= 20
    assert alerts["filing"].closed_at is None
    assert alerts["liang"].closed_at is not None
    for alert in alerts.values():
        assert alert.why.court_negative.k <= alert.why.court_negative.n <= alert.why.posts
        assert 0 < alert.why.authors <= alert.why.posts
    assert alerts["fee"].level is Level.BLUE
    # 420 posts make one line of the yellow level; two are the most this episode could fill.
    assert alerts["liang"].level in (Level.BLUE, Level.YELLOW)


def test_anger_at_a_defendant_is_no_anger_at_the_court(collected: Any) -> None:
    with collected.flow() as flow:
        alerts = flow.rooms.records.alerts.recent(100)
    liang = next(alert for alert in alerts if alert.case_id == "liang")
    assert liang.level is Level.BLUE


def test_running_segments_again_changes_nothing(court: Any) -> None:
    with court.flow() as flow:
        before = snapshot(flow)
    for segment in (court.folder / "inbox" / "committed").iterdir():
        shutil.move(segment, court.folder / "inbox" / "pending" / segment.name)
    with court.flow() as flow:
        for batch in flow.batches():
            report = flow.annotate(batch)
            assert report.created == 0
        flow.detect()
        assert snapshot(flow) == before


def test_an_edit_and_a_deletion_change_the_counts(
    court: Any, later: Callable[[timedelta], None]
) -> None:
    post = next(
        post for post in reversed(weibo(court)) if post.case_id == "filing" and not post.original
    )
    mine = Query(cases=("filing",), until=post.moment + timedelta(seconds=1))
    words = "法院东门的槐树今天开花了，路过看了一眼。"
    later(timedelta(minutes=2))
    court.servers.edit(post.mid, words)
    try:
        with court.flow() as flow:
            store = flow.rooms.store
            before, everything = store.total(mine), store.total(Query(until=mine.until))
            edited = id_of(flow, post.mid)
            flow.run_once(["weibo_search"])
            assert store.total(mine) == before - 1
            assert store.total(Query(until=mine.until)) == everything
            [now] = store.get([edited])
            assert (now.post.text, now.links) == (words, ())
            assert now.post.edited_at is not None
            assert store.total(Query(text="槐树")) == 1

            flow.rooms.quarantine.add("weibo_search", words, BadInput("x"), post_id=edited)
            assert {name for name, _ in where(files(court.folder), [words])} >= {"inbox"}
            assert flow.forget([edited]) == 1
            assert store.total(Query(until=mine.until)) == everything - 1
            assert [item for item in flow.rooms.quarantine.list() if item.post_id] == []
            flow.run_once(["weibo_search"])
            assert store.get([edited]) == []
        assert where(files(court.folder), [words, "槐树"]) == set()
    finally:
        court.servers.edit(post.mid, post.text)


def held(folder: Path) -> Iterator[Any]:
    """All posts of all segments."""
    inbox = Inbox(str(folder / "inbox"))
    for name in (*inbox.pending(), *inbox.committed()):
        yield from inbox.read(name)


def files(folder: Path, *without: str) -> dict[str, bytes]:
    """Every byte of the data folder by path, archives unpacked, the parts named left out."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and name.parts[0] not in without:
            found[str(name)] = path.read_bytes()
            if path.suffix == ".docx":
                with zipfile.ZipFile(path) as archive:
                    found[str(name)] = b"".join(map(archive.read, archive.namelist()))
    if "inbox" not in without:
        found["inbox"] = "\n".join(str(item.post) for item in held(folder)).encode()
    return found


def spellings(word: str) -> set[bytes]:
    return {word.encode(), json.dumps(word)[1:-1].encode(), word.encode("gb18030")}


def where(kept: dict[str, bytes], words: Iterable[str], *without: str) -> set[tuple[str, str]]:
    """Places and words found there, however they are encoded."""
    spelt = {spelling: word for word in words for spelling in spellings(word)}
    patterns = list(spelt)
    search = BytesAhoCorasick(patterns)
    return {
        (name, spelt[patterns[number]])
        for name, content in kept.items()
        if name not in without
        for number, _, _ in search.find_matches_as_indexes(content)
    }


@pytest.fixture(scope="module")
def kept(collected: Any) -> dict[str, bytes]:
    """All that is kept, less the court's own export, which lives as long as a segment."""
    found = files(collected.folder, "imports")
    assert {"index.db", "records.db", "logs/run.log", "state/weibo_search.json"} <= set(found)
    assert any(name.startswith("reports/") for name in found)
    return found


def test_no_account_is_kept(collected: Any, kept: dict[str, bytes]) -> None:
    world, now = collected.world, collected.clock.now
    people = [post.author for post in world.posts(now) if post.author.verified_type == -1]
    authors = {author.uid: author.name for author in people}
    assert len(authors) > 1000
    numbers = re.compile(rb"(?<!\d)\d{10}(?!\d)")
    for name, content in kept.items():
        assert not {int(number) for number in numbers.findall(content)} & set(authors), name
    with closing(sqlite3.connect(collected.folder / "index.db")) as index:
        tables = [
            row[0] for row in index.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        for table in tables:
            for row in index.execute(f"SELECT * FROM {table}"):
                assert not set(authors) & {value for value in row if isinstance(value, int)}, table
    said = "\n".join(
        [re.sub(r"@\S+", "", post.text) for post in world.posts(now)]
        + [f"{one.title}\n{one.text}" for one in world.tickets]
        + [f"{one.title}\n{one.paragraphs}" for one in world.articles(now)]
        + [f"{one.title}\n{one.body}" for one in world.notices(now)]
    )
    names = {name for name in authors.values() if name not in said}
    assert len(names) > 500
    assert where(kept, names) == set()


def test_no_number_of_a_person_is_kept(collected: Any, kept: dict[str, bytes]) -> None:
    texts = [post.text for post in collected.world.posts(collected.clock.now)]
    texts += [f"{ticket.phone} {ticket.text}" for ticket in collected.world.tickets]
    identifying = {
        number
        for text in texts
        for number in re.findall(r"(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dXx])(?!\d)", text)
    }
    assert len(identifying) > 100
    assert where(kept, identifying) == set()
    callers = {ticket.caller for ticket in collected.world.tickets}
    assert where(kept, callers) == set()


def test_litigants_are_named_in_the_inbox_and_the_registry_alone(
    collected: Any, kept: dict[str, bytes]
) -> None:
    names = {one.name for case in collected.world.cases for one in case.litigants}
    assert where(kept, names, "inbox", "records.db") == set()
    found = {name for place, name in where(kept, names) if place == "inbox"}
    assert found, "the world names nobody, so nothing was proved"
    with collected.flow() as flow:
        linked = stored(flow, Query(linked=True)).values()
        assert not [item for item in linked if any(name in item.post.full_text for name in names)]
        for name in found:
            assert flow.rooms.store.total(Query(text=f'"{name}"')) == 0


def test_author_tokens_lie_in_segments_and_the_private_table_alone(
    collected: Any, kept: dict[str, bytes]
) -> None:
    tokens = {token.encode() for item in held(collected.folder) for token in item.author_tokens}
    assert len(tokens) > 1000
    shape = re.compile(rb"[0-9a-f]{64}")
    places = {name for name, content in kept.items() if tokens & set(shape.findall(content))} - {
        "inbox"
    }
    assert places == {"private/authors.db"}
    for folder in ("private", "tokens"):
        for path in (collected.folder / folder).iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_logs_hold_no_text_of_a_post(collected: Any, kept: dict[str, bytes]) -> None:
    log = kept["logs/run.log"].decode()
    assert "collected" in log
    assert not [
        item.post.id
        for item in held(collected.folder)
        if len(item.post.text) > 8 and item.post.text[:16] in log
    ]


def test_what_has_outlived_its_time_goes(court: Any) -> None:
    rows = "SELECT COUNT(*) FROM first_posts"
    with court.flow() as flow:
        flow.rooms.quarantine.add("hotline", "x", BadInput("y"))
        flow.rooms.ingest().accept(
            RawItem(
                source="hotline", native_id="", platform=Platform.HOTLINE, kind=PostKind.TICKET,
                text="没有编号的工单", published_at=datetime(2026, 11, 20, tzinfo=UTC),
                fetched_at=court.clock.now,
            )
        )  # fmt: skip
        kept = flow.rooms.store.total(Query())
        court.clock.now += timedelta(hours=47)
        assert set(flow.housekeep().values()) == {0}
        assert count(court.folder, rows) > 0
        court.clock.now += timedelta(hours=2)
        assert set(flow.housekeep().values()) == {0}, "author rows are not counted"
        assert count(court.folder, rows) == 0
        court.clock.now += timedelta(days=6)
        done = flow.housekeep()
        assert (done["segments"], done["imports"], done["quarantine"]) == (6, 1, 2)
        assert not list((court.folder / "imports" / "done").iterdir())
        court.clock.now += timedelta(days=400)
        assert flow.housekeep()["posts"] == kept
        assert flow.rooms.store.total(Query()) == 0


def count(folder: Path, query: str) -> int:
    with closing(sqlite3.connect(folder / "private" / "authors.db")) as authors:
        return int(authors.execute(query).fetchone()[0])
