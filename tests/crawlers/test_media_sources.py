"""The media's own spiders over a real server, with the ways their pages fail."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from crawlers.declarations import SITES
from domain.sources import GapReason

PAGES = Path(__file__).parent.parent / "pages"


def saved(source: str, name: str) -> bytes:
    return (PAGES / source / name).read_bytes()


@pytest.fixture
def own(crawl: Any) -> Any:
    """Declares a site that is read by the spider a shipped source has."""

    def declare(source: str, **keys: Any) -> Any:
        declaration = crawl.declare("site", **keys)
        shutil.copy(SITES / f"{source}.py", crawl.folder / "sites" / "trial_site.py")
        return declaration

    return declare


def paper(local_site: Any, page: Any, own: Any) -> Any:
    edition = "/content/20261122"
    local_site.pages |= {
        "/PaperIndex.htm": page(saved("legaldaily_paper", "index.html")),
        "/content/PaperIndex.htm": page(saved("legaldaily_paper", "refresh.html")),
        f"{edition}/Page01TB.htm": page(saved("legaldaily_paper", "page.html")),
        f"{edition}/Page02TB.htm": page(b"<ul class=newslist></ul>"),
        f"{edition}/Articel01002GN.htm": page(saved("legaldaily_paper", "article.html")),
        f"{edition}/Articel01003GN.htm": page(saved("legaldaily_paper", "article.html")),
    }
    return own(
        "legaldaily_paper",
        urls=[f"{local_site.url}/PaperIndex.htm"],
        selectors={
            "link": ".newslist a[href^='Articel']",
            "title": ".xha-view-title h1",
            "text": "#article_view_content",
        },
    )


def test_an_edition_is_read_once(local_site: Any, page: Any, own: Any, crawl: Any) -> None:
    source = paper(local_site, page, own)
    first, second = crawl.run(source), crawl.run(source)
    assert (first.new, first.gap) == (2, None)
    assert (second.seen, second.new, second.gap) == (2, 0, None)
    assert {post.published_at.isoformat() for post in crawl.posts} == {"2026-11-21T22:00:00+00:00"}


def test_refreshes_in_a_circle_are_a_gap(local_site: Any, page: Any, own: Any, crawl: Any) -> None:
    source = paper(local_site, page, own)
    circle = b'<meta http-equiv="refresh" content="0; URL=/PaperIndex.htm?again">'
    local_site.pages["/content/PaperIndex.htm"] = page(circle)
    assert crawl.run(source).gap is GapReason.BAD_BODY
    assert len(local_site.paths) == 4


def test_an_edition_without_articles_is_blank(
    local_site: Any, page: Any, own: Any, crawl: Any
) -> None:
    source = paper(local_site, page, own)
    local_site.pages["/content/20261122/Page01TB.htm"] = page(b"<html><body></body></html>")
    assert crawl.run(source).gap is GapReason.BLANK_PAGE


@pytest.mark.parametrize(
    ("document", "gap"),
    [
        ({"datasource": [{"publishUrl": "/legal/1/c.html"}]}, None),
        ({"datasource": []}, GapReason.BLANK_PAGE),
        ({"datasource": [{"title": "没有地址"}]}, GapReason.BAD_BODY),
        ({"data": []}, GapReason.BAD_BODY),
    ],
)
def test_a_data_source_is_links_or_a_gap(
    local_site: Any, page: Any, own: Any, crawl: Any, document: Any, gap: GapReason | None
) -> None:
    local_site.pages |= {
        "/legal/": page(saved("xinhua", "list.html")),
        "/legal/ds_0123abcd.json": page(json.dumps(document).encode()),
        "/legal/1/c.html": page(saved("xinhua", "article.html")),
    }
    source = own(
        "xinhua",
        urls=[f"{local_site.url}/legal/"],
        selectors={"link": "ul.wz-list[data]", "text": "#detailContent p"},
    )
    run = crawl.run(source)
    assert (run.new, run.gap) == (0 if gap else 1, gap)


def test_one_changed_article_goes_to_the_quarantine(
    local_site: Any, page: Any, own: Any, crawl: Any
) -> None:
    local_site.pages |= {
        "/list": page(saved("thepaper", "list.html")),
        "/newsDetail_forward_39000011": page(saved("thepaper", "article.html")),
        "/newsDetail_forward_39000012": page(saved("thepaper", "changed.html")),
    }
    source = own(
        "thepaper",
        urls=[f"{local_site.url}/list"],
        selectors={"link": "a[href*='newsDetail_forward_'], a.none"},
    )
    run = crawl.run(source)
    assert (run.new, run.rejected, run.gap) == (1, 1, None)
