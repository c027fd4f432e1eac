"""Author tokens: stable for a day, comparable across midnight, gone after two days."""

from __future__ import annotations

import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawlers.tokens import TokenKeys
from domain.errors import ConfigurationError

#: 23:59 in Shanghai.
BEFORE_MIDNIGHT = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)


class Clock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


def test_the_same_author_has_the_same_token_in_every_process(tmp_path: Path) -> None:
    clock = Clock(BEFORE_MIDNIGHT)
    first = TokenKeys(tmp_path, clock).tokens("1000000001", "weibo")
    assert TokenKeys(tmp_path, clock).tokens("1000000001", "weibo") == first
    assert len(first) == 1
    assert "1000000001" not in first[0]


def test_name_spaces_and_authors_do_not_meet(tmp_path: Path) -> None:
    keys = TokenKeys(tmp_path, Clock(BEFORE_MIDNIGHT))
    found = {
        keys.tokens("7", "weibo"), keys.tokens("8", "weibo"), keys.tokens("7", "forum"),
        keys.tokens("", "weibo"),
    }  # fmt: skip
    assert len(found) == 4
    assert keys.tokens("", "weibo") == ()


def test_yesterdays_token_is_recognised_after_midnight_in_shanghai(tmp_path: Path) -> None:
    clock = Clock(BEFORE_MIDNIGHT)
    keys = TokenKeys(tmp_path, clock)
    yesterday = keys.tokens("7", "weibo")
    clock.moment += timedelta(minutes=2)
    today = keys.tokens("7", "weibo")
    assert today[0] != yesterday[0]
    assert today[1] == yesterday[0]


def test_keys_older_than_yesterday_are_destroyed(tmp_path: Path) -> None:
    clock = Clock(BEFORE_MIDNIGHT)
    keys = TokenKeys(tmp_path, clock)
    old = keys.tokens("7", "weibo")
    clock.moment += timedelta(days=2)
    assert not set(keys.tokens("7", "weibo")) & set(old)
    assert [path.name for path in sorted(tmp_path.glob("*.key"))] == ["2026-11-25.key"]


def test_key_files_are_for_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    TokenKeys(folder, Clock(BEFORE_MIDNIGHT)).tokens("7", "weibo")
    (key,) = folder.iterdir()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    key.chmod(0o644)
    with pytest.raises(ConfigurationError, match="read by others"):
        TokenKeys(folder, Clock(BEFORE_MIDNIGHT)).tokens("7", "weibo")


def test_a_damaged_key_is_an_error_not_a_weak_token(tmp_path: Path) -> None:
    keys = TokenKeys(tmp_path, Clock(BEFORE_MIDNIGHT))
    keys.tokens("7", "weibo")
    (tmp_path / "2026-11-23.key").write_bytes(b"")
    with pytest.raises(ConfigurationError, match="0 bytes"):
        TokenKeys(tmp_path, Clock(BEFORE_MIDNIGHT)).tokens("7", "weibo")


_RACER = """
from datetime import UTC, datetime
from crawlers.tokens import TokenKeys
keys = TokenKeys({folder!r}, lambda: datetime(2026, 11, 23, 15, 59, tzinfo=UTC))
input()
print(keys.tokens("7", "weibo")[0])
"""


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    script = _RACER.format(folder=str(tmp_path))
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(6)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write(b"\n")
        racer.stdin.flush()
    tokens = {racer.communicate()[0] for racer in racers}
    assert len(tokens) == 1
    assert len(tokens.pop().strip()) == 64
    assert [path.name for path in tmp_path.iterdir()] == ["2026-11-23.key"]
