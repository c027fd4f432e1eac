"""Watching a case from now on finds what was said before: with names as far back as segments go."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from courtpulse.annotate import Annotate
from courtpulse.flow import Flow
from courtpulse.watch import Watcher
from domain.cases import Case, Litigant, MatchFormula
from domain.errors import ConfigurationError, CourtpulseError
from domain.protocols import Query
from nlp.linking import Linker


@pytest.fixture(scope="module")
def unwatched(collected: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The collected posts, annotated by a court that has never heard of the case about wages."""
    folder = tmp_path_factory.mktemp("unwatched") / "court"
    kept = shutil.ignore_patterns("*.db", "*.lock", "reports", "logs")
    shutil.copytree(collected.folder, folder, ignore=kept)
    court = replace(collected, folder=folder)
    for segment in (folder / "inbox" / "committed").iterdir():
        shutil.move(segment, folder / "inbox" / "pending" / segment.name)
    with court.flow() as flow:
        for case in court.world.cases:
            if case.id != "wages":
                flow.rooms.records.cases.save(case)
        for batch in flow.batches():
            flow.annotate(batch)
    return court


@pytest.fixture
def before(unwatched: Any, tmp_path: Path) -> Any:
    """A copy of it to work on."""
    shutil.copytree(unwatched.folder, tmp_path / "before")
    return replace(unwatched, folder=tmp_path / "before")


@pytest.fixture
def case(collected: Any) -> Case:
    """The case about wages, watched from now on."""
    found: Case = next(case for case in collected.world.cases if case.id == "wages")
    return replace(found, watched_since=collected.clock.now)


@pytest.fixture
def flow(before: Any) -> Iterator[Flow]:
    """The program over that copy."""
    with before.flow() as flow:
        yield flow


def linked(flow: Flow, case: str) -> dict[str, Any]:
    posts: dict[str, Any] = {}
    query = Query(cases=(case,))
    while page := flow.rooms.store.search(query, limit=1000, offset=len(posts)).posts:
        posts |= {item.post.id: item for item in page}
    return posts


def flags(flow: Flow, case: str) -> dict[str, bool]:
    return {
        post: next(link.counts_as_author for link in item.links if link.case_id == case)
        for post, item in linked(flow, case).items()
    }


def test_a_phrase_finds_what_annotating_would_have_found(
    collected: Any, flow: Flow, case: Case
) -> None:
    assert linked(flow, "wages") == {}
    named = flow.rooms.store.total(Query(text='"鼎峤置业"'))
    assert named > 0, "nobody is named, so nothing would be proved"
    found = flow.watcher().watch(case)
    with collected.flow() as other:
        expected = linked(other, "wages")
        # Which of an author's posts within a day counts depends on the order of the segments;
        # how many do doesn't.
        assert sum(flags(flow, "wages").values()) == sum(flags(other, "wages").values())
    posts = linked(flow, "wages")
    assert found.linked == len(posts) == len(expected)
    assert {name: item.post for name, item in posts.items()} == {
        name: item.post for name, item in expected.items()
    }
    assert False in flags(flow, "wages").values()
    assert True in flags(flow, "wages").values()
    oldest = min(item.post.published_at for item in posts.values())
    assert flow.rooms.records.cases.get("wages").watched_since == oldest
    assert found.names_since is not None
    assert found.names_since <= oldest


def test_names_go_from_what_stood_in_the_index(flow: Flow, case: Case) -> None:
    flow.watcher().watch(case)
    for litigant in case.litigants:
        assert not [
            post
            for post, item in linked(flow, "wages").items()
            if litigant.name in f"{item.post.full_text} {item.links}"
        ]


def test_watching_twice_changes_nothing(flow: Flow, case: Case) -> None:
    first = flow.watcher().watch(case)
    posts, since = linked(flow, "wages"), flow.rooms.records.cases.get("wages").watched_since
    assert flow.watcher().watch(case) == first
    assert linked(flow, "wages") == posts
    assert flow.rooms.records.cases.get("wages").watched_since == since


def test_before_the_segments_only_words_that_are_no_names_match(court: Any) -> None:
    held = court.folder / "inbox" / "committed"
    newest = max(held.iterdir(), key=lambda path: path.stat().st_size)
    for segment in held.iterdir():
        if segment != newest:
            segment.unlink()
    by_alias = Case(
        id="filing-2",
        title="云岫立案",
        court="云岫区人民法院",
        watched_since=court.clock.now,
        formula=MatchFormula(subjects=("云岫区法院", "云岫法院"), events=("网上立案", "立案系统")),
    )
    with court.flow() as flow:
        ids = {item.post.id for item in flow.rooms.inbox.read(newest.name)}
        found = flow.watcher().watch(by_alias)
        posts = linked(flow, "filing-2")
        assert found.linked == len(posts)
        older = {
            post: item
            for post, item in posts.items()
            if post not in ids and item.post.published_at < found.names_since
        }
        # Without a segment there is no token: what lies before it counts, every post of it.
        assert all(
            link.counts_as_author
            for item in older.values()
            for link in item.links
            if link.case_id == "filing-2"
        )
        for item in posts.values():
            assert Linker([by_alias]).link(item.post.full_text), item.post.id


def test_with_no_segment_left_the_index_alone_is_searched(court: Any) -> None:
    for segment in (court.folder / "inbox" / "committed").iterdir():
        segment.unlink()
    again = replace(
        next(case for case in court.world.cases if case.id == "filing"),
        id="again",
        litigants=(Litigant("云岫区法院", "被告"),),
    )
    with court.flow() as flow:
        expected = set(linked(flow, "filing"))
        found = flow.watcher().watch(again)
        assert found.names_since is None
        assert set(linked(flow, "again")) == expected
        assert set(flags(flow, "again").values()) == {True}
        assert {link.case_id for item in linked(flow, "again").values() for link in item.links} >= {
            "filing",
            "again",
        }


def test_a_segment_annotated_meanwhile_is_not_lost(
    before: Any, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the watcher's save and its listing, an annotate that began before it commits."""
    segments = before.folder / "inbox"
    name = _segment_of(before, "hotline")
    shutil.move(segments / "committed" / name, segments / "pending" / name)
    reached, saved = threading.Event(), threading.Event()
    look, index = Watcher._held, Annotate._index
    failed: list[Exception] = []

    def index_while_the_case_is_saved(self: Annotate, segment: str) -> Any:
        report = index(self, segment)
        reached.set()
        assert saved.wait(60)
        return report

    def annotate() -> None:
        try:
            with before.flow() as flow:
                flow.annotate([name])
        except (CourtpulseError, AssertionError) as error:
            failed.append(error)

    worker = threading.Thread(target=annotate)

    def list_after_the_commit(self: Watcher, linker: Linker) -> Any:
        saved.set()
        worker.join(60)
        return look(self, linker)

    with before.flow() as flow:
        (before.folder / "index.db").unlink()  # so that only this race can bring the posts in
        flow.rooms.store.total(Query())
        monkeypatch.setattr(Annotate, "_index", index_while_the_case_is_saved)
        monkeypatch.setattr(Watcher, "_held", list_after_the_commit)
        worker.start()
        assert reached.wait(60)
        flow.watcher().watch(case)
        worker.join(60)
        assert failed == []
        mine = {item.post.id for item in flow.rooms.inbox.read(name)}
        expected = {
            item.post.id
            for item in flow.rooms.inbox.read(name)
            if Linker([case]).link(item.post.full_text)
        }
        assert expected
        assert set(linked(flow, "wages")) & mine == expected
        assert name in flow.rooms.inbox.committed()


def test_two_watchers_at_once_both_keep_their_links(before: Any, case: Case) -> None:
    """Both read and write the links of the same posts."""
    twin = replace(case, id=f"{case.id}-twin", title="同一批帖文的另一案")
    started = threading.Barrier(2)
    failed: list[Exception] = []

    def watch(wanted: Case) -> None:
        try:
            with before.flow() as flow:
                watcher = flow.watcher()
                started.wait(60)
                watcher.watch(wanted)
        except (CourtpulseError, threading.BrokenBarrierError) as error:
            failed.append(error)

    workers = [threading.Thread(target=watch, args=(wanted,)) for wanted in (case, twin)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert failed == []
    with before.flow() as flow:
        assert len(linked(flow, case.id)) > 10
        assert set(linked(flow, case.id)) == set(linked(flow, twin.id))


def _segment_of(court: Any, source: str) -> str:
    with court.flow() as flow:
        return next(
            name
            for name in flow.rooms.inbox.committed()
            if {item.post.source for item in flow.rooms.inbox.read(name)} == {source}
        )


def test_one_word_alone_is_refused_and_nothing_is_kept(court: Any) -> None:
    lonely = Case(
        id="lonely",
        title="只有一个词",
        court="云岫区人民法院",
        watched_since=court.clock.now - timedelta(days=1),
        formula=MatchFormula(events=("判决",)),
    )
    with court.flow() as flow:
        with pytest.raises(ConfigurationError):
            flow.watcher().watch(lonely)
        assert "lonely" not in {case.id for case in flow.rooms.records.cases.all(archived=True)}
