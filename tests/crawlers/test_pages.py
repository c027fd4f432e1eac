"""Every saved page is replayed through its spider and must give the golden JSON beside it.

A folder here is called like its source. A page without golden JSON fails: look at what
``python -m crawlers.replay PAGE`` prints, and when it is right, save it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawlers.replay import GOLDEN, INDEX, SavedPage, find_declaration, replay, saved_pages

PAGES = Path(__file__).parent.parent / "pages"
LARGEST = 50_000
FOLDERS = sorted(path for path in PAGES.iterdir() if path.is_dir())
SAVED = [page for folder in FOLDERS for page in saved_pages(folder)]


@pytest.mark.parametrize("page", SAVED, ids=lambda page: f"{page.source}/{page.path.name}")
def test_page_gives_its_golden_json(page: SavedPage) -> None:
    golden = page.path.with_name(page.path.name + GOLDEN)
    read = replay(find_declaration(page.source), page)
    if not golden.is_file():
        shown = page.path.relative_to(PAGES.parent.parent)
        pytest.fail(
            f"{shown} has no golden JSON. Check that this is right, and save it as "
            f"{golden.name}:\n{json.dumps(read, ensure_ascii=False, indent=1)}"
        )
    assert read == json.loads(golden.read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_folder_holds_nothing_unused_or_large(folder: Path) -> None:
    pages = {page.path.name for page in saved_pages(folder)}
    expected = pages | {f"{name}{GOLDEN}" for name in pages} | {INDEX}
    assert {path.name for path in folder.iterdir()} <= expected
    assert all(path.stat().st_size <= LARGEST for path in folder.iterdir())
