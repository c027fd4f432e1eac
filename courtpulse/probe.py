"""Annotates the posts of a segment one by one, saying which before it begins: ``python -m courtpulse.probe``.

A process of its own, because a post may kill it or never let it go; what it says last names the
post. It goes through the whole stage, families and index document included, over an inbox, an index
and tables of its own in a folder that its caller removes: nothing else is written. So what a post
does only beside the posts of other segments isn't found. Started by `courtpulse.poison`.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from courtpulse.annotate import Annotate
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from crawlers.inbox import Inbox
from domain.posts import Platform
from domain.protocols import Reading
from index import open_store
from index.lookalikes import Lookalikes
from records.authors import AuthorWindow

#: Said when everything is loaded: from here on time counts against a post.
READY = "ready"


@dataclass(frozen=True, slots=True)
class Order:
    """What to read; `start` is the number of the first post, `scratch` a folder to write into."""

    segment: str
    start: int
    scratch: str
    settings: dict[str, object]


def main() -> int:
    """Obey the order on standard input."""
    _first_to_go()
    order = Order(**json.load(sys.stdin))
    rooms = Rooms(Settings.model_validate(order.settings))
    posts = list(Inbox(rooms.settings.inbox).read(order.segment))
    inbox, stage = _stage(rooms, Path(order.scratch))
    rooms.annotator.annotate(
        [Reading("预热", Platform.NEWS)]
    )  # what is loaded late costs no post its time
    _say(READY)
    for number, item in enumerate(posts[order.start :], start=order.start):
        _say(str(number))
        stage.run([inbox.write([item])])
    rooms.close()
    return 0


def _stage(rooms: Rooms, scratch: Path) -> tuple[Inbox, Annotate]:
    from nlp.linking import Linker

    inbox, cases = Inbox(str(scratch / "inbox")), rooms.records.cases.all()
    store = open_store(f"sqlite:///{scratch}/index.db")
    store.prepare()
    return inbox, Annotate(
        inbox=inbox,
        store=store,
        cases=lambda: cases,
        linker=Linker,
        annotator=rooms.annotator,
        authors=AuthorWindow(scratch / "authors.db"),
        clock=rooms.clock,
        lookalikes=Lookalikes(scratch / "lookalikes.db", store),
    )


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _first_to_go() -> None:
    """When memory runs out, the kernel ends this process rather than another."""
    score = Path("/proc/self/oom_score_adj")
    if score.exists():
        score.write_text("1000", encoding="ascii")


if __name__ == "__main__":
    sys.exit(main())
