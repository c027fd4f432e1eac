"""What a replay reads: streams and files, and the live records, which it never brings up to date."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from courtpulse.flow import opened
from courtpulse.replay import Plan, replay
from courtpulse.replay.arrivals import Arrivals
from courtpulse.replay.inputs import open_inputs
from courtpulse.settings import Settings
from crawlers.items import RawItem
from domain.errors import BadInput, ConfigurationError
from domain.posts import Platform, PostKind
from records import database

T0 = datetime(2026, 7, 6, tzinfo=UTC)


def _item() -> RawItem:
    return RawItem(
        source="weibo_search", native_id="5000", platform=Platform.WEIBO, kind=PostKind.POST,
        text="望川菜场案：法院什么时候开庭？", published_at=T0, fetched_at=T0, author_id="7",
    )  # fmt: skip


def _write(path: Path, *items: RawItem) -> None:
    rows = [json.dumps(asdict(one), default=_plain, ensure_ascii=False) for one in items]
    path.write_text("\n".join(rows), encoding="utf-8")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def test_streams_become_a_case_each(tmp_path: Path) -> None:
    chance = random.Random(5)
    rows = ["series,t,author,neg,src"]
    rows += [f"{one},{3600 * hour},{hour},0,bg" for one in (3, 4) for hour in range(40)]
    rows += [f"4,{36 * 3600 + chance.randrange(3000)},{900 + n},1,burst" for n in range(50)]
    (tmp_path / "events.csv").write_text("\n".join(rows) + "\n")
    plan = Plan((tmp_path / "events.csv",), tmp_path / "into", every=timedelta(hours=4))
    found = replay(plan, Settings(data=tmp_path / "live"))
    assert found.posts == found.linked == 130
    assert found.rejected == 0
    cases = {
        json.loads(line)["alert"]["case_id"] for line in found.alerts.read_bytes().splitlines()
    }
    assert cases == {"series-4"}
    only = replace(plan, series=(3,), into=tmp_path / "only")
    assert replay(only, Settings(data=tmp_path / "live")).posts == 40


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("empty.jsonl", b"", "nothing to replay"),
        ("all_bad.jsonl", b'{"text": "x"}\n[]\n{"a": 1, "published_at": "2026-07-06"}\n', "nothing"),
        ("naive.jsonl", b'{"source":"a","url":"b","text":"c","published_at":"2026-07-06T00:00:00"}\n', "nothing"),
        ("broken.csv", b"series,t\n1,2\n", "no stream|not a stream"),
        ("broken.jsonl.zst", b"no zstd", "nothing"),
        ("what.parquet", b"x", "no known kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_replayed_is_refused_with_a_remedy(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=problem) as refused:
        Arrivals(open_inputs([tmp_path / name]))
    assert refused.value.remedy


def test_a_version_that_came_later_in_a_tick_is_the_one_taken(tmp_path: Path) -> None:
    item = _item()
    edited = replace(item, text="望川菜场案改了", fetched_at=item.fetched_at + timedelta(minutes=1))
    _write(tmp_path / "posts.jsonl", edited, item)
    arrivals = Arrivals(open_inputs([tmp_path]))
    assert len(arrivals) == 2
    (kept,) = arrivals.between(arrivals.first, arrivals.last + timedelta(seconds=1))
    assert isinstance(kept, RawItem)
    assert kept.text == "望川菜场案改了"


@pytest.mark.parametrize("version", ["0007", None])
def test_live_records_of_another_version_are_refused_and_left(
    tmp_path: Path, version: str | None
) -> None:
    live = Settings(data=tmp_path / "live", sources=(tmp_path / "sources",))
    (tmp_path / "sources").mkdir()
    if version:
        live.folder.mkdir()
        _schema(live.records, version)
    before = _tree(live.folder)
    _write(tmp_path / "posts.jsonl", _item())
    plan = Plan((tmp_path / "posts.jsonl",), tmp_path / "into")
    with pytest.raises(ConfigurationError, match=version or "there are no records") as refused:
        replay(plan, live)
    assert "courtpulse cases" in refused.value.remedy
    assert _tree(live.folder) == before
    with opened(live) as flow:
        assert flow.rooms.records.cases.all() == []
    with pytest.raises(ConfigurationError, match="no case is watched"):
        replay(plan, live)


def _schema(url: str, version: str) -> None:
    configuration, engine = Config(), create_engine(url)
    folder = Path(database.__file__).parent / "migrations"
    configuration.set_main_option("script_location", str(folder))
    with engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, version)
    engine.dispose()


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
