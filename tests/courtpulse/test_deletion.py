"""A deleted post leaves every place: proved by its words, looked for in every byte."""

from __future__ import annotations

import importlib.util
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard

from courtpulse.doctor import _deleted
from courtpulse.journal import Journal
from crawlers.deletions import Deletions
from crawlers.inbox import Inbox
from crawlers.ingest import post_id_of
from crawlers.items import RawItem
from domain.deletion import DeletionReason, ExportKind
from domain.errors import BadInput, StoreFailure
from domain.posts import Platform, PostKind
from domain.protocols import Query

# Two characters that no other text of the demonstration has: a bigram of their own.
WORD = "龘龖"
SAYS = f"请问编号{WORD}的卷宗什么时候公开"
_spec = importlib.util.spec_from_file_location("traces", Path(__file__).with_name("traces.py"))
assert _spec
assert _spec.loader
_traces = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_traces)
files_with: Callable[[Path, str], set[str]] = _traces.files_with


def items(court: Any, title: str) -> list[RawItem]:
    """Sixty people asking the same of a case, in the last half hour."""
    now = court.clock.now
    return [
        RawItem(
            source="weibo_search",
            native_id=f"59{number:012}",
            platform=Platform.WEIBO,
            kind=PostKind.POST,
            text=f"{title}{SAYS}？第{number}次问了",
            url=f"https://weibo.example/detail/59{number:012}",
            published_at=now - timedelta(seconds=20 * number + 1),
            fetched_at=now,
            author_id=f"reader-{number}",
        )
        for number in range(60)
    ]


def spread(court: Any, flow: Any) -> list[str]:
    """Carry the words through the whole chain; ids of the posts."""
    rooms = flow.rooms
    case = max(rooms.records.cases.all(), key=lambda one: len(one.aliases))
    said = items(court, case.title)
    ingest = rooms.ingest()
    for item in said:
        assert ingest.accept(item)
    ingest.commit()
    for batch in flow.batches():
        flow.annotate(batch)
    flow.detect()
    flow.decide()
    wrong = BadInput("the item has no time")
    rooms.quarantine.add("weibo_search", said[0].text, wrong, post_id=post_id_of(said[0]))
    rooms.quarantine.add("weibo_search", f"<p>{said[0].text}</p>", wrong)
    return [post_id_of(item) for item in said]


def scatter(court: Any, ids: list[str]) -> None:
    """What only a crash leaves: a damaged segment, a dead writer's temporary file."""
    inbox = Inbox(str(court.folder / "inbox"))
    folder = court.folder / "inbox"
    name = next(
        name for name in inbox.committed() if any(p.post.id in ids for p in inbox.read(name))
    )
    whole = (folder / "committed" / name).read_bytes()
    (folder / "damaged").mkdir(exist_ok=True)
    lines = zstandard.ZstdDecompressor().decompressobj().decompress(whole)
    cut_off = zstandard.ZstdCompressor().compress(lines[: len(lines) // 2])
    (folder / "damaged" / f"x{name}").write_bytes(cut_off)
    (folder / "pending" / f".tmp-{2**22 + 5}-aa-{name}").write_bytes(whole)


def wordings(flow: Any) -> str:
    alerts = flow.rooms.records.alerts.recent()
    asked = [words for alert in alerts for words, _ in alert.why.questions]
    return "\n".join(asked + [one.text for alert in alerts for one in alert.why.narratives])


def test_no_byte_of_a_deleted_post_is_left(court: Any) -> None:
    with court.flow() as flow:
        ids = spread(court, flow)
        assert WORD in wordings(flow), "the words must have reached an alert to prove anything"
        flow.notify()
        flow.report_weekly(court.clock.now.date() - timedelta(days=6))
    scatter(court, ids)
    before = files_with(court.folder, WORD)
    assert any(path.startswith("inbox/committed") for path in before)
    assert any(path.startswith("inbox/damaged") for path in before)
    assert any(path.startswith("inbox/pending/.tmp") for path in before)
    assert sum(path.startswith("quarantine/") for path in before) == 2
    assert {"index.db", "records.db"} <= {path.removesuffix("-wal") for path in before}

    with court.flow() as flow:
        other = len(wordings(flow).splitlines())
        everything = flow.rooms.store.total(Query())
        assert flow.forget(ids, DeletionReason.PUSHED) == len(ids)
        assert flow.rooms.store.total(Query()) == everything - len(ids)
        assert files_with(court.folder, WORD) == set(), "also while the program runs"
        assert WORD not in wordings(flow)
        assert len(wordings(flow).splitlines()) > other // 2, "what others say stays"
        (record,) = flow.rooms.records.deletions.recent()
        assert (record.source, record.reason) == ("weibo_search", DeletionReason.PUSHED)
        assert (record.asked, record.held) == (60, 60)
        assert [place for place, _ in record.places] == [
            "quarantine", "lookalikes", "index", "inbox", "imports", "replays",
        ]  # fmt: skip
        assert dict(record.places)["quarantine"] == 2
        flow.detect()
        flow.decide()
    assert files_with(court.folder, WORD) == set()
    index = sqlite3.connect(court.folder / "index.db")
    index.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, post_terms, 'row')")
    assert (
        index.execute("SELECT 1 FROM words WHERE term GLOB ?", (f"*{WORD[0]}*",)).fetchall() == []
    )
    index.close()
    assert {stone.post_id for stone in Journal(court.folder / "tombstones.jsonl").read()} == set(
        ids
    )


def test_what_left_is_listed_for_recall(court: Any) -> None:
    with court.flow() as flow:
        ids = spread(court, flow)
        report = flow.report_weekly(court.clock.now.date() - timedelta(days=6))
        exports = flow.rooms.records.exports
        made = {one.name: one for one in exports.recent() if one.kind is ExportKind.REPORT}
        assert {Path(path).name for path in report.files.values()} <= set(made)
        assert exports.to_recall() == []
        court.clock.now += timedelta(minutes=1)
        flow.forget(ids)
        recall = exports.to_recall()
        assert {Path(path).name for path in report.files.values()} <= {one.name for one in recall}
        assert all(0 < one.deleted <= one.posts for one in recall)


def test_a_post_deleted_while_it_was_fetched_does_not_stay_in_its_segment(court: Any) -> None:
    with court.flow() as flow:
        said = items(court, "某案")[:5]
        ids = [post_id_of(item) for item in said]
        assert flow.forget(ids[:2], DeletionReason.PUSHED, "weibo_search") == 0
        (record,) = flow.rooms.records.deletions.recent()
        assert (record.source, record.asked, record.held) == ("weibo_search", 2, 0)
        ingest = flow.rooms.ingest()
        for item in said:
            ingest.accept(item)
        (name,) = ingest.commit()
        report = flow.annotate([name])
        assert report.refused == 2
        held = {item.post.id for item in flow.rooms.inbox.read(name)}
        assert held == set(ids[2:])


@pytest.mark.parametrize(
    "place", ["quarantine", "lookalikes", "index", "inbox", "imports", "replays"]
)
def test_a_deletion_interrupted_anywhere_goes_on(
    court: Any, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with court.flow() as flow:
        [mine] = flow.rooms.store.search(Query(sources=("weibo_search",)), limit=1).posts
        eraser = flow.eraser()

        def die(*_: object) -> int:
            raise StoreFailure("the machine is gone")

        places = tuple((name, die if name == place else clear) for name, clear in eraser._places)
        monkeypatch.setattr(eraser, "_places", places)
        with pytest.raises(StoreFailure):
            eraser.forget([mine.post.id], DeletionReason.GONE)
        (pending,) = flow.rooms.records.deletions.pending()
        assert (pending.asked, pending.held, pending.finished_at) == (1, 1, None)
    with court.flow() as flow:
        flow.housekeep()
        assert flow.rooms.records.deletions.pending() == []
        (record,) = flow.rooms.records.deletions.recent()
        assert (record.held, [name for name, _ in record.places]) == (
            1, ["quarantine", "lookalikes", "index", "inbox", "imports", "replays"],
        )  # fmt: skip
        assert flow.rooms.store.get([mine.post.id]) == []
        longest = max(mine.post.text.splitlines(), key=len)
        inbox = flow.rooms.inbox
        held = [item.post.text for name in inbox.committed() for item in inbox.read(name)]
        assert not any(longest in text for text in held)


def test_a_post_annotated_while_it_is_deleted_leaves_no_lookalike(court: Any) -> None:
    """Cleared with the index, in one step: a kill in between must not skip it."""
    with court.flow() as flow:
        [mine] = flow.rooms.store.search(Query(sources=("weibo_search",)), limit=1).posts
        eraser = flow.eraser()
        places = dict(eraser._places)

        def compared_meanwhile(ids: Any, cases: Any) -> int:
            changed = replace(mine.post, text=f"{mine.post.text}又及")
            flow.rooms.lookalikes.decide([changed])
            return int(places["index"](ids, cases))

        eraser._places = tuple({**places, "index": compared_meanwhile}.items())
        eraser.forget([mine.post.id], DeletionReason.GONE)
        assert flow.rooms.lookalikes.forget([mine.post.id]) == 0


def test_what_a_source_told_is_done_though_it_runs_no_more(court: Any) -> None:
    with court.flow() as flow:
        [mine] = flow.rooms.store.search(Query(sources=("weibo_search",)), limit=1).posts
        told = Deletions(court.folder / "state", "taken_away")
        told.add([mine.post.id])
        flow.housekeep()
        assert flow.rooms.store.get([mine.post.id]) == []
        assert told.read() == []
        (record,) = flow.rooms.records.deletions.recent()
        assert record.reason is DeletionReason.PUSHED


def test_what_is_told_while_others_are_carried_out_waits(tmp_path: Path) -> None:
    told, ids = Deletions(tmp_path, "push"), [f"{number:032x}" for number in range(3)]
    told.add(ids[:2])
    carried_out = told.read()
    told.add(ids[2:])
    told.done(carried_out)
    assert told.read() == ids[2:]


def test_a_line_cut_off_costs_no_other(tmp_path: Path) -> None:
    told = Deletions(tmp_path, "push")
    (tmp_path / "push.deleted").write_text("0123456")
    told.add(["a" * 32])
    assert told.read() == ["a" * 32]


def test_a_restored_backup_forgets_again(court: Any, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(court.folder, backup)
    with court.flow() as flow:
        ids = [
            item.post.id
            for item in flow.rooms.store.search(Query(sources=("weibo_search",)), limit=3).posts
        ]
        assert flow.forget(ids, DeletionReason.GONE) == 3
    journal = tmp_path / "saved.jsonl"
    shutil.copy(court.folder / "tombstones.jsonl", journal)
    shutil.rmtree(court.folder)
    shutil.copytree(backup, court.folder)
    with court.flow() as flow:
        assert len(flow.rooms.store.get(ids)) == 3, "the backup is older than the deletion"
        shutil.copy(journal, court.folder / "tombstones.jsonl")
        [finding] = list(_deleted(court.settings))
        assert finding.broken
        assert "deletions replay" in finding.remedy
        (court.folder / "tombstones.jsonl").unlink()
        assert flow.eraser().replay(journal) == 3
        assert flow.rooms.store.get(ids) == []
        assert flow.rooms.records.deletions.buried(ids) == set(ids)
        assert flow.eraser().replay() == 3, "the journal of the restored folder knows them now"
        again = [stone.post_id for stone in Journal(court.folder / "tombstones.jsonl").read()]
        assert sorted(again) == sorted(ids)


def test_a_deleted_post_put_back_is_deleted_again(court: Any) -> None:
    with court.flow() as flow:
        [mine] = flow.rooms.store.search(Query(sources=("weibo_search",)), limit=1).posts
        flow.forget([mine.post.id], DeletionReason.GONE)
        assert flow.forget([mine.post.id], DeletionReason.GONE) == 0
        assert len(flow.rooms.records.deletions.recent()) == 1, "counted once"


def lines(path: Path) -> Iterator[str]:
    yield from path.read_text(encoding="ascii").splitlines()


def test_a_journal_with_a_line_cut_off_by_a_kill_goes_on(court: Any, tmp_path: Path) -> None:
    with court.flow() as flow:
        posts = flow.rooms.store.search(Query(sources=("weibo_search",)), limit=2).posts
        path = court.folder / "tombstones.jsonl"
        flow.forget([posts[0].post.id])
        whole = path.read_bytes()
        path.write_bytes(whole + whole[: len(whole) // 2])
        flow.forget([posts[1].post.id])
        found = [stone.post_id for stone in Journal(path).read()]
        assert found == [item.post.id for item in posts]
        assert len(list(lines(path))) == 3
        assert path.stat().st_mode & 0o077 == 0
    other = tmp_path / "other.jsonl"
    other.write_text("id,source\n", encoding="ascii")
    with pytest.raises(BadInput, match="line 1"):
        list(Journal(other).read())
