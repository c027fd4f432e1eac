"""Article extraction beside trafilatura alone: token F1 on the saved pages, per page and in all.

Run: ``python -m bench.extraction``. The pages are those of ``tests/pages`` (truth: the text of the
golden JSON beside each), and harder ones of ``tests/gold/extraction`` (truth: ``truth.json``,
written before the pages were put around it). `crawlers.clutter` was written with the first ten of
these at hand, so their figure flatters; those called ``held_…`` were made after it was closed and
nothing was changed for them. All are fictional; real pages have other clutter.

A token is a Han character, a run of Latin letters or a number; F1 is of the two bags of tokens, so
order and line breaks don't count (Bevendorff et al., SIGIR 2023, compare extractors so, by words).
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import trafilatura
from parsel import Selector
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from crawlers import articles
from crawlers.decoding import decode
from crawlers.replay import GOLDEN, find_declaration, replay, saved_pages

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "tests" / "pages"
HARD = ROOT / "tests" / "gold" / "extraction"
_TOKEN = re.compile(r"[\u3400-\u9fff]|[A-Za-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Scored:
    """F1 of one page; `ours` with the source's selectors where it has some."""

    name: str
    ours: float
    alone: float


def f1(found: str, truth: str) -> float:
    """F1 of the two bags of tokens."""
    got, wanted = Counter(_TOKEN.findall(found)), Counter(_TOKEN.findall(truth))
    common = (got & wanted).total()
    return 2 * common / (got.total() + wanted.total()) if got or wanted else 1.0


def saved() -> Iterator[Scored]:
    """The article pages of ``tests/pages``, read by their own spiders."""
    for folder in sorted(path for path in PAGES.iterdir() if path.is_dir()):
        for page in saved_pages(folder):
            golden = json.loads(page.path.with_name(page.path.name + GOLDEN).read_text("utf-8"))
            if page.role != "article" or not golden["items"]:
                continue
            truth = golden["items"][0]["text"]
            read = replay(find_declaration(page.source), page)["items"][0]["text"]
            html = decode(page.path.read_bytes(), page.content_type)
            yield Scored(f"{page.source}", f1(read, truth), f1(_alone(html), truth))


def hard(*, held: bool) -> Iterator[Scored]:
    """The hard pages, which no selectors were written for: those held out, or the others."""
    truths = json.loads((HARD / "truth.json").read_text(encoding="utf-8"))
    for name, about in sorted(truths.items()):
        if name.startswith("held_") is not held:
            continue
        html = decode((HARD / name).read_bytes(), f"text/html; charset={about['charset']}")
        truth = "\n".join(about["text"])
        title = articles.title_of(Selector(text=html, type="html"))
        ours = articles.text_of(html, f"https://news.jianglan.example/{name}", title)
        yield Scored(name.removesuffix(".html"), f1(ours, truth), f1(_alone(html), truth))


def _alone(html: str) -> str:
    return trafilatura.extract(html) or ""


def main() -> None:
    """Print both sets."""
    console = Console()
    table = Table("page", "ours", "trafilatura alone")
    for column in table.columns[1:]:
        column.justify = "right"
    sets = {
        "saved": list(saved()),
        "hard": list(hard(held=False)),
        "held out": list(hard(held=True)),
    }
    for title, scored in sets.items():
        for one in scored:
            table.add_row(one.name, f"{one.ours:.3f}", f"{one.alone:.3f}")
        means = fmean(one.ours for one in scored), fmean(one.alone for one in scored)
        table.add_row(f"{title}, mean of {len(scored)}", *(f"{mean:.3f}" for mean in means))
        table.add_section()
    console.print(table)


if __name__ == "__main__":
    main()
