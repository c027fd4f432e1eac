"""`courtpulse sources` and `courtpulse deletions`: the sheet of the ledger, a new key, old deletions."""

from __future__ import annotations

import csv
import json
import shutil
import stat
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from typer.testing import CliRunner

from courtpulse.cli import app
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from crawlers.codec import encode_raw
from crawlers.ingest import post_id_of
from crawlers.items import RawItem
from domain.annotation import AnnotatedPost, Annotation, Sentiment, Target
from domain.deletion import DeletionReason, ExportKind
from domain.errors import BadInput
from domain.posts import Platform, PostKind
from domain.time import system_clock

TOKEN = "geheim-4711"
#: Two declarations; what a person wrote into them would run in a spreadsheet.
SOURCES = {
    "court_feed": """
title: =HYPERLINK("https://evil.example","法院发布")
kind: feed
platform: news
basis: "@SUM(1+1)*cmd|' /C calc'!A0"
owner: "＝新闻办"
schedule: {every: 60s}
urls: ["https://feed.example/rss.xml"]
""",
    "weibo_search": """
title: "-2+3 微博检索"
kind: weibo_api
platform: weibo
basis: 合同许可
license_ref: "+8613-合同"
owner: 新闻办
schedule: {every: 60s}
endpoint: https://weibo.example/2/search/statuses.json
queries: [云岫]
credentials: {access_token: UPKEEP_TOKEN}
enabled: false
""",
}
WRONG = BadInput("the time of publication lies in the future")


@dataclass
class Office:
    """A data folder with ten posts, and the program called upon it."""

    folder: Path

    @property
    def key(self) -> Path:
        return self.folder / "quarantine" / "quarantine.key"

    def rooms(self) -> closing[Rooms]:
        sources = (self.folder / "sources",)
        return closing(Rooms(Settings(data=self.folder, sources=sources), system_clock))

    def call(self, *words: str) -> str:
        """All it says, on one line."""
        done = self._invoke(*words)
        assert done.exit_code == 0, (words, done.output, done.exception)
        return " ".join(done.output.split())

    def json(self, *words: str) -> Any:
        done = self._invoke(*words, "--json")
        assert done.exit_code == 0, (words, done.output, done.exception)
        return json.loads(done.stdout)

    def problem(self, *words: str) -> str:
        """What it says when it refuses: a problem and a remedy on standard error, nothing else."""
        done = self._invoke(*words)
        assert done.exit_code == 1, (words, done.output, done.exception)
        assert done.stdout == ""
        problem, remedy = done.stderr.splitlines()
        assert problem.startswith("error ")
        assert remedy.strip(), "it says what to do"
        return " ".join(done.stderr.split())

    def usage(self, *words: str) -> str:
        """What it says to words that no command takes."""
        done = self._invoke(*words)
        assert done.exit_code == 2, (words, done.output, done.exception)
        return " ".join(done.stderr.split())

    def _invoke(self, *words: str) -> Any:
        environment = {
            "COURTPULSE_DATA": str(self.folder),
            "COURTPULSE_SOURCES": str(self.folder / "sources"),
            "COURTPULSE_LOG_LEVEL": "WARNING",
            "UPKEEP_TOKEN": TOKEN,
            "COLUMNS": "240",
        }
        done = CliRunner().invoke(app, list(words), env=environment)
        assert "Traceback" not in done.output
        return done


def _item(number: int) -> RawItem:
    now = system_clock()
    return RawItem(
        source="court_feed",
        native_id=f"upkeep-{number}",
        platform=Platform.NEWS,
        kind=PostKind.ARTICLE,
        text=f"云岫区法院第{number}号公告：龘龖{number}",
        published_at=now - timedelta(hours=1),
        fetched_at=now,
    )


IDS = [post_id_of(_item(number)) for number in range(10)]


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch) -> Office:
    """Ten posts in segments and index, two sources declared."""
    office = Office(tmp_path_factory.mktemp("stocked"))
    (office.folder / "sources").mkdir()
    for name, text in SOURCES.items():
        (office.folder / "sources" / f"{name}.yml").write_text(text, encoding="utf-8")
    label = Annotation(Target.COURT, Sentiment.NEUTRAL, ())
    with office.rooms() as rooms:
        ingest = rooms.ingest()
        for number in range(len(IDS)):
            assert ingest.accept(_item(number))
        for name in ingest.commit():
            rooms.store.upsert([AnnotatedPost(one.post, label) for one in rooms.inbox.read(name)])
            rooms.inbox.commit(name)
    return office


@pytest.fixture
def office(stocked: Office, tmp_path: Path) -> Office:
    """A copy of it to work on."""
    shutil.copytree(stocked.folder, tmp_path / "office")
    return Office(tmp_path / "office")


def _held(office: Office) -> tuple[set[str], set[str]]:
    """Ids in the index, ids in the segments."""
    with office.rooms() as rooms:
        names = (*rooms.inbox.pending(), *rooms.inbox.committed())
        return (
            {one.post.id for one in rooms.store.get(IDS)},
            {one.post.id for name in names for one in rooms.inbox.read(name)},
        )


def test_the_ledger_is_written_as_a_sheet_without_formulas(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "台账.csv"
    assert str(file) in office.call("sources", "export", str(file))
    assert file.read_bytes().startswith(b"\xef\xbb\xbf"), "Excel takes it for UTF-8"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text(encoding="utf-8-sig")
    assert TOKEN not in text
    headings, *rows = csv.reader(text.splitlines())
    found = {row[0]: dict(zip(headings, row, strict=True)) for row in rows}
    assert set(found) == set(SOURCES)
    feed, weibo = found["court_feed"], found["weibo_search"]
    assert feed["名称"].startswith("'=HYPERLINK(")
    assert feed["采集依据"].startswith("'@SUM(")
    assert feed["责任人"] == "'＝新闻办"
    assert weibo["名称"] == "'-2+3 微博检索"
    assert weibo["授权编号"] == "'+8613-合同"
    assert weibo["凭据变量"] == "access_token=UPKEEP_TOKEN"
    assert (feed["启用"], weibo["启用"]) == ("是", "否")
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if cell.lstrip().startswith(tuple("=+-@＝＋－＠"))] == []


def test_a_sheet_that_can_t_be_written_is_said(office: Office, tmp_path: Path) -> None:
    said = office.problem("sources", "export", str(tmp_path / "nowhere" / "ledger.csv"))
    assert "No such file or directory" in said
    assert "a folder that exists" in said
    assert "directory" in office.usage("sources", "export", str(tmp_path))
    assert "FILE" in office.usage("sources", "export").upper()


def _sealed(office: Office, reject: str) -> bytes:
    [path] = (office.folder / "quarantine").glob(f"{reject}*")
    return path.read_bytes().partition(b"\n")[2]


def test_items_sealed_before_a_new_key_are_still_read(office: Office) -> None:
    with office.rooms() as rooms:
        sealed = [rooms.quarantine.add("court_feed", encode_raw(_item(n)), WRONG) for n in (11, 12)]
    old = office.key.read_bytes().strip()
    office.call("sources", "rotate-key")
    new, retired = office.key.read_bytes().splitlines()
    assert new != old
    assert retired.startswith(old + b" "), "with the time of its retirement"
    assert stat.S_IMODE(office.key.stat().st_mode) == 0o600
    with office.rooms() as rooms:
        later = rooms.quarantine.add("court_feed", encode_raw(_item(13)), WRONG)
    assert Fernet(new).decrypt(_sealed(office, later))
    with pytest.raises(InvalidToken):
        Fernet(new).decrypt(_sealed(office, sealed[0]))
    listed = office.json("sources", "rejects")
    assert {one["id"] for one in listed} == {*sealed, later}
    done = office.json("sources", "replay", "all")
    assert (done["tried"], done["taken"], done["refused"]) == (3, 3, 0)
    assert office.json("sources", "rejects") == []
    assert {post_id_of(_item(n)) for n in (11, 12, 13)} <= _held(office)[1]


def test_what_a_lost_key_sealed_is_said_to_be_lost(office: Office) -> None:
    with office.rooms() as rooms:
        lost = rooms.quarantine.add("court_feed", encode_raw(_item(11)), WRONG)
    office.key.unlink()
    said = office.call("sources", "replay", lost)
    assert "key is gone" in said
    office.call("sources", "rotate-key")
    said = office.call("sources", "replay", lost)
    assert "its key was replaced" in said
    assert [one["id"] for one in office.json("sources", "rejects")] == [lost]


def test_a_damaged_key_is_named_and_left(office: Office) -> None:
    office.call("sources", "rotate-key")
    office.key.write_bytes(b"half a key\n")
    said = office.problem("sources", "rotate-key")
    assert "key is damaged" in said
    assert "restore it" in said
    assert office.key.read_bytes() == b"half a key\n"


def test_a_pending_deletion_is_finished(office: Office) -> None:
    gone = set(IDS[:3])
    with office.rooms() as rooms:  # what a kill leaves: tombstones, and nothing cleared
        rooms.records.deletions.ask(gone, DeletionReason.PUSHED, "court_feed", held=gone)
        rooms.quarantine.add("court_feed", encode_raw(_item(0)), WRONG, post_id=IDS[0])
    [pending] = office.json("deletions", "list")
    assert pending["finished_at"] is None
    assert office.call("deletions", "finish") == "1 deletions finished"
    assert _held(office) == (set(IDS) - gone, set(IDS) - gone)
    assert office.json("sources", "rejects") == []
    [done] = office.json("deletions", "list")
    assert done["finished_at"] is not None
    places = dict(done["places"])
    assert (places["index"], places["inbox"], places["quarantine"]) == (3, 3, 1)
    assert office.call("deletions", "finish") == "0 deletions finished"
    assert office.json("deletions", "list") == [done]


def test_a_recalled_export_is_settled_until_more_is_deleted(office: Office) -> None:
    with office.rooms() as rooms:
        rooms.records.exports.enter(ExportKind.REPORT, "weekly.docx", "v1", IDS[:3])
        rooms.records.exports.enter(ExportKind.FEED, "feed", "v1", IDS[8:])
    office.call("forget", IDS[0])
    [listed] = office.json("deletions", "exports")
    assert (listed["name"], listed["posts"], listed["deleted"]) == ("weekly.docx", 3, 1)
    office.call("deletions", "settle", str(listed["id"]), "--by", "书记员甲")
    assert office.json("deletions", "exports") == []
    every = {one["name"]: one for one in office.json("deletions", "exports", "--all")}
    assert every["weekly.docx"]["settled_by"] == "书记员甲"
    assert every["weekly.docx"]["settled_at"] is not None
    assert every["feed"]["settled_at"] is None
    office.call("forget", IDS[1])
    [again] = office.json("deletions", "exports")
    assert (again["id"], again["deleted"]) == (listed["id"], 1)


def test_an_unknown_export_is_said(office: Office) -> None:
    said = office.problem("deletions", "settle", "4711", "--by", "甲")
    assert said == "error no export 4711 courtpulse deletions exports lists them"
    for wrong in ("0", str(2**80), "weekly"):
        assert "EXPORT_ID" in office.usage("deletions", "settle", wrong).upper()


def test_a_restored_backup_is_cleared_by_the_saved_journal(office: Office, tmp_path: Path) -> None:
    backup, saved = tmp_path / "backup", tmp_path / "saved.jsonl"
    office.call("forget", IDS[9])
    shutil.copytree(office.folder, backup)
    office.call("forget", *IDS[:2])
    journal = office.folder / "tombstones.jsonl"
    shutil.copy(journal, saved)
    shutil.rmtree(office.folder)
    shutil.copytree(backup, office.folder)
    assert set(IDS[:2]) <= _held(office)[0], "the backup is older than the deletion"
    assert office.call("deletions", "replay") == "1 tombstones applied"
    assert set(IDS[:2]) <= _held(office)[0], "its own journal doesn't know of it"
    assert office.call("deletions", "replay", "--journal", str(saved)) == "3 tombstones applied"
    assert _held(office) == (set(IDS[2:9]), set(IDS[2:9]))
    known = [json.loads(line)["id"] for line in journal.read_text(encoding="ascii").splitlines()]
    assert sorted(known) == sorted([*IDS[:2], IDS[9]])
    assert office.call("deletions", "replay") == "3 tombstones applied"


def test_what_is_no_journal_deletes_nothing(office: Office, tmp_path: Path) -> None:
    wrong = tmp_path / "posts.csv"
    stone = {"id": IDS[0], "source": "court_feed", "reason": "asked", "at": "2026-11-20T00:00:00Z"}
    wrong.write_text(f"{json.dumps(stone)}\n{IDS[1]},court_feed\n", encoding="ascii")
    said = office.problem("deletions", "replay", "--journal", str(wrong))
    assert "line 2 is no tombstone" in said
    assert str(wrong) in said
    assert _held(office) == (set(IDS), set(IDS))
    assert not (office.folder / "tombstones.jsonl").exists()
    missing = str(tmp_path / "missing.jsonl")
    assert "does not exist" in office.usage("deletions", "replay", "--journal", missing)
    assert office.call("deletions", "replay") == "0 tombstones applied"
