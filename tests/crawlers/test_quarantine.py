"""The quarantine: sealed, listed, replayed, expired."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawlers.quarantine import DAMAGED, MAX_BYTES, Quarantine
from crawlers.quarantine_bounds import Bounds
from domain.errors import BadInput, ConfigurationError, NotFound
from domain.posts import Platform, Post, PostKind

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
    other.add("feed", "sealed later", ERROR)
    with pytest.raises(ConfigurationError, match="key"):
        other.read(item_id)


def test_a_tombstone_reaches_the_quarantine(quarantine: Quarantine) -> None:
    quarantine.add("feed", "doomed", ERROR, post_id="a" * 32)
    kept = quarantine.add("feed", "kept", ERROR, post_id="b" * 32)
    assert quarantine.tombstone(["a" * 32, "c" * 32]) == 1
    assert [item.id for item in quarantine.list()] == [kept]


def post(text: str, source: str = "feed") -> Post:
    return Post("d" * 32, source, Platform.NEWS, PostKind.ARTICLE, text, NOW, NOW)


WORDS = "云岫区法院昨日公告称本案将于下周一公开宣判，旁听席位已满。"


@pytest.mark.parametrize(
    "raw",
    [
        WORDS.encode(),
        WORDS.encode("gb18030"),
        json.dumps({"text": WORDS}).encode(),
        f"<p>{WORDS[:9]}<em>{WORDS[9:]}</em></p>".encode(),
        "".join(f"&#{ord(sign)};" for sign in WORDS).encode(),
    ],
)
def test_a_tombstone_reaches_items_whose_id_was_never_known(
    quarantine: Quarantine, raw: bytes
) -> None:
    quarantine.add("feed", raw, ERROR)
    other = quarantine.add("feed", "青崖县法院的另一条", ERROR)
    elsewhere = quarantine.add("site", raw, ERROR)
    assert quarantine.tombstone(["d" * 32], [post(WORDS)]) == 1
    assert {item.id for item in quarantine.list()} == {other, elsewhere}


def test_a_damaged_file_costs_only_itself(
    quarantine: Quarantine, tmp_path: Path, clock: Clock
) -> None:
    broken = quarantine.add("feed", "broken", ERROR)
    sound = quarantine.add("feed", "sound", ERROR)
    path = tmp_path / "quarantine" / f"{broken}.item"
    path.write_bytes(b"\x00\xff not a head")
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    (tmp_path / "quarantine" / "stray.item").write_bytes(b"")
    assert {item.id: item.error == DAMAGED for item in quarantine.list()} == {
        broken: True, sound: False, "stray": True,
    }  # fmt: skip
    assert quarantine.read(sound) == b"sound"
    with pytest.raises(ConfigurationError, match="first line"):
        quarantine.replay(broken, lambda content: None)
    sealed = tmp_path / "quarantine" / f"{sound}.item"
    sealed.write_bytes(sealed.read_bytes()[:-7])
    with pytest.raises(ConfigurationError, match="file changed"):
        quarantine.read(sound)
    clock.moment = datetime.now(UTC) + timedelta(days=8)
    assert quarantine.expire() == 3
    assert list((tmp_path / "quarantine").glob("*.item")) == []


def test_after_a_tombstone_nothing_is_left_that_nobody_can_read(
    quarantine: Quarantine, tmp_path: Path, clock: Clock
) -> None:
    quarantine.add("feed", "sealed under a key that is lost", ERROR)
    (tmp_path / "quarantine" / "quarantine.key").unlink()
    lost = Quarantine(tmp_path / "quarantine", clock)
    assert lost.tombstone(["d" * 32], [post(WORDS)]) == 1


def test_a_lost_key_is_named_and_none_is_made_by_reading(
    quarantine: Quarantine, tmp_path: Path, clock: Clock
) -> None:
    item_id = quarantine.add("feed", "sealed", ERROR)
    key = tmp_path / "quarantine" / "quarantine.key"
    key.unlink()
    with pytest.raises(ConfigurationError, match="is gone"):
        Quarantine(tmp_path / "quarantine", clock).read(item_id)
    assert not key.exists()


def test_a_rotated_key_opens_what_it_sealed_until_that_is_gone(
    quarantine: Quarantine, tmp_path: Path, clock: Clock
) -> None:
    old = quarantine.add("feed", "old", ERROR)
    key = tmp_path / "quarantine" / "quarantine.key"
    first = key.read_bytes().split()[0]
    quarantine.rotate_key()
    new = quarantine.add("feed", "new", ERROR)
    fresh = Quarantine(tmp_path / "quarantine", clock)
    assert (fresh.read(old), fresh.read(new)) == (b"old", b"new")
    assert key.read_bytes().split()[0] != first
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    clock.moment += timedelta(days=9)
    fresh.rotate_key()
    assert first not in key.read_bytes()


def test_a_source_gone_mad_does_not_fill_the_disk(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "quarantine"
    folder.mkdir()
    quarantine = Quarantine(folder, clock, Bounds(folder, clock, items=20))
    quarantine.add("calm", "one item", ERROR)
    ids = [quarantine.add("mad", f"broken {number}", ERROR) for number in range(300)]
    kept = {item.id for item in quarantine.list() if item.source == "mad"}
    assert kept == set(sorted(ids)[:20]), "a sample that doesn't depend on the order"
    assert quarantine.left_out() == {"mad": 280}
    again = Quarantine(folder, clock, Bounds(folder, clock, items=20))
    again.add("mad", "one more", ERROR)
    assert again.left_out() == {"mad": 281}
    assert sum(path.stat().st_size for path in folder.iterdir()) < 100_000
    clock.moment += timedelta(days=9)
    again.expire()
    assert again.left_out() == {}
    assert again.list() == []


def test_large_items_are_bounded_by_their_bytes(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "quarantine"
    folder.mkdir()
    quarantine = Quarantine(folder, clock, Bounds(folder, clock, size=50_000))
    for number in range(20):
        quarantine.add("mad", f"{number}" * 5_000, ERROR)
    assert 0 < sum(path.stat().st_size for path in folder.glob("*.item")) < 60_000
    assert quarantine.left_out()["mad"] + len(quarantine.list()) == 20
