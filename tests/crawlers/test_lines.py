"""Lines that last: whatever a kill leaves of the file, what is added after it is whole."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.lines import append

LINES = st.lists(st.text("0123456789abcdef", min_size=1, max_size=9), max_size=5)


@settings(max_examples=60, deadline=None)
@given(before=LINES, added=LINES, cut=st.integers(0, 60))
def test_what_is_added_after_a_kill_is_whole(before: list[str], added: list[str], cut: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "lines"
        append(path, before)
        kept = path.read_bytes()[:cut] if before else b""
        if before:
            path.write_bytes(kept)
        append(path, added)
        found = path.read_text("ascii").splitlines() if path.exists() else []
    assert found == [*kept.decode().splitlines(), *added]


def test_nothing_added_makes_no_file_and_others_read_none(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    append(path, [])
    assert not path.exists()
    append(path, ["a"])
    assert path.stat().st_mode & 0o077 == 0


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        append(tmp_path / "no" / "lines", ["a"])


def test_the_name_of_a_new_file_lasts_as_its_lines_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("crawlers.lines.sync_folder", synced.append)
    append(tmp_path / "lines", ["a"])
    append(tmp_path / "lines", ["b"])
    assert synced == [tmp_path]
