"""The quarantine: sealed, listed, replayed, expired."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawlers.quarantine import MAX_BYTES, Quarantine
from domain.errors import BadInput, ConfigurationError, NotFound

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SECRET = "云岫区法院立案，我的电话19900001234"
ERROR = BadInput("the item has no time", remedy="check the selector")


class Clock:
    def __init__(self) -> None:
        self.moment = NOW

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def quarantine(tmp_path: Path, clock: Clock) -> Quarantine:
    return Quarantine(tmp_path / "quarantine", clock)


def test_an_item_is_listed_without_and_read_with_its_text(quarantine: Quarantine) -> None:
    item_id = quarantine.add("weibo_search", SECRET, ERROR, "page 3")
    (item,) = quarantine.list()
    assert (item.id, item.source, item.where) == (item_id, "weibo_search", "page 3")
    assert (item.error, item.rejected_at) == ("the item has no time", NOW)
    assert quarantine.read(item_id).decode() == SECRET
    assert quarantine.get(item_id) == item


def test_nothing_on_disk_shows_the_text(quarantine: Quarantine, tmp_path: Path) -> None:
    quarantine.add("weibo_search", SECRET, ERROR)
    for path in (tmp_path / "quarantine").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        content = path.read_bytes()
        assert SECRET.encode() not in content
        assert b"19900001234" not in content


def test_links_in_where_lose_the_account(quarantine: Quarantine) -> None:
    quarantine.add("weibo_search", "a", ERROR, "https://weibo.com/1000000001/RsdYtpqIu")
    quarantine.add("weibo_search", "b", ERROR, "http://[broken")
    where = {item.where for item in quarantine.list()}
    assert not any("1000000001" in place for place in where)
    assert "a malformed link" in where


def test_the_same_item_waits_once_and_keeps_its_first_date(
    quarantine: Quarantine, clock: Clock
) -> None:
    first = quarantine.add("feed", b"<item/>", ERROR)
    clock.moment += timedelta(days=1)
    assert quarantine.add("feed", "<item/>", ERROR) == first
    assert quarantine.add("other", "<item/>", ERROR) != first
    assert [item.rejected_at for item in quarantine.list()] == [NOW, clock.moment]


def test_items_expire_after_seven_days(quarantine: Quarantine, clock: Clock) -> None:
    quarantine.add("feed", "old", ERROR)
    clock.moment += timedelta(days=6)
    young = quarantine.add("feed", "young", ERROR)
    clock.moment += timedelta(days=1)
    assert quarantine.expire() == 1
    assert [item.id for item in quarantine.list()] == [young]


def test_replay_deletes_what_was_taken_and_keeps_what_was_not(quarantine: Quarantine) -> None:
    item_id = quarantine.add("feed", "again", ERROR)

    def refuse(content: bytes) -> None:
        raise BadInput("still wrong")

    with pytest.raises(BadInput, match="still wrong"):
        quarantine.replay(item_id, refuse)
    taken: list[bytes] = []
    quarantine.replay(item_id, taken.append)
    assert taken == [b"again"]
    assert quarantine.list() == []


def test_a_huge_item_keeps_its_beginning_and_is_not_replayed(quarantine: Quarantine) -> None:
    item_id = quarantine.add("feed", b"x" * (MAX_BYTES + 1), ERROR)
    assert quarantine.get(item_id).size == MAX_BYTES + 1
    assert len(quarantine.read(item_id)) == MAX_BYTES
    with pytest.raises(BadInput, match="too large"):
        quarantine.replay(item_id, lambda content: None)


@pytest.mark.parametrize("item_id", ["0" * 32, "../../etc/passwd", "", "Z" * 32])
def test_an_unknown_item_is_not_found(quarantine: Quarantine, item_id: str) -> None:
    with pytest.raises(NotFound):
        quarantine.read(item_id)


def test_a_replaced_key_is_named(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "quarantine"
    item_id = Quarantine(folder, clock).add("feed", "sealed", ERROR)
    (folder / "quarantine.key").unlink()
    other = Quarantine(folder, clock)
    with pytest.raises(ConfigurationError, match="key"):
        other.read(item_id)


def test_a_tombstone_reaches_the_quarantine(quarantine: Quarantine) -> None:
    quarantine.add("feed", "doomed", ERROR, post_id="a" * 32)
    kept = quarantine.add("feed", "kept", ERROR, post_id="b" * 32)
    assert quarantine.tombstone(["a" * 32, "c" * 32]) == 1
    assert [item.id for item in quarantine.list()] == [kept]
