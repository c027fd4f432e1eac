"""A new source is born with a declaration that loads and a page that waits for its golden JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.declarations import load
from crawlers.replay import GOLDEN, find_declaration, replay, saved_pages
from crawlers.scaffold import Footing, new_source
from domain.errors import ConfigurationError

FOOTING = Footing("公开网页：报社允许转载的栏目", "新闻办公室")
KINDS = [
    "feed", "site", "weibo_api", "weibo_push", "weibo_comments", "gsdata", "mastodon", "import",
]  # fmt: skip
URL = "https://paper.baiyu.example/list.html"


def make(tmp_path: Path, kind: str, name: str = "baiyu_paper", url: str = URL) -> list[Path]:
    return new_source(name, kind, url, tmp_path / "crawlers" / "sites", FOOTING)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_loads_and_stays_off(tmp_path: Path, kind: str) -> None:
    declaration = load(make(tmp_path, kind)[0])
    assert (declaration.kind, declaration.source) == (kind, "baiyu_paper")
    assert not declaration.enabled


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        ("feed", (1, 0)),
        ("site", (1, 1)),
        ("weibo_api", (0, 0)),
        ("weibo_push", (0, 0)),
        ("weibo_comments", (0, 0)),
        ("gsdata", (0, 0)),
        ("mastodon", (0, 0)),
    ],
)
def test_the_saved_page_replays_and_has_no_golden_json_yet(
    tmp_path: Path, kind: str, read: tuple[int, int]
) -> None:
    written = make(tmp_path, kind)
    sites, pages = tmp_path / "crawlers" / "sites", tmp_path / "tests" / "pages" / "baiyu_paper"
    declaration = find_declaration("baiyu_paper", sites)
    replayed = [replay(declaration, page, sites) for page in saved_pages(pages)]
    assert sum(len(one["items"]) for one in replayed) == read[0]
    assert sum(len(one["requests"]) for one in replayed) == read[1]
    assert all(one["blind"] is None and one["rejected"] == [] for one in replayed)
    assert not [path for path in written if path.name.endswith(GOLDEN)]
    assert (sites / "baiyu_paper.py").exists() == (kind == "site")


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path) -> None:
    make(tmp_path, "site")
    with pytest.raises(ConfigurationError, match="exists already"):
        make(tmp_path, "feed")
    with pytest.raises(ConfigurationError, match=r"http\(s\)"):
        make(tmp_path, "feed", name="other", url="paper.baiyu.example")
    assert not list(tmp_path.rglob("other*"))


@pytest.mark.parametrize("said", ["待填写", "", "——", "暂无"])
def test_a_source_without_a_footing_is_not_born(tmp_path: Path, said: str) -> None:
    for footing in (Footing(said, "新闻办公室"), Footing("公开网页", said)):
        with pytest.raises(ConfigurationError, match=r"no answer|at least 1"):
            new_source("baiyu_paper", "feed", URL, tmp_path / "crawlers" / "sites", footing)
    assert not list(tmp_path.rglob("baiyu*"))


@pytest.mark.parametrize("name", ["Baiyu", "../x", "", "白榆", "9a", "a-b"])
def test_a_name_that_is_no_stem_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="can't name a source"):
        make(tmp_path, "feed", name=name)
    with pytest.raises(ConfigurationError, match="unknown kind"):
        make(tmp_path, "blog")
