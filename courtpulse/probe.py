"""Reads the posts of a segment one by one, saying which before it begins: ``python -m courtpulse.probe``.

A process of its own, because a post may kill it or never let it go. Nothing is written; what it
says last names the post. Started by `courtpulse.poison`.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from courtpulse.annotate import reading, without_names
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from crawlers.inbox import Inbox
from domain.posts import Platform
from domain.protocols import Reading
from nlp.aspects import Labelled, per_mention

#: Said when everything is loaded: from here on time counts against a post.
READY = "ready"


@dataclass(frozen=True, slots=True)
class Order:
    """What to read; `start` is the number of the first post."""

    segment: str
    start: int
    settings: dict[str, object]


def main() -> int:
    """Obey the order on standard input."""
    _first_to_go()
    order = Order(**json.load(sys.stdin))
    rooms = Rooms(Settings.model_validate(order.settings))
    from nlp.linking import Linker

    cases = {case.id: case for case in rooms.records.cases.all()}
    linker, annotator = Linker(tuple(cases.values())), rooms.annotator
    posts = list(Inbox(rooms.settings.inbox).read(order.segment))
    annotator.annotate(
        [Reading("预热", Platform.NEWS)]
    )  # what is loaded late costs no post its time
    _say(READY)
    for number, item in enumerate(posts[order.start :], start=order.start):
        _say(str(number))
        links = linker.link(item.post.full_text)
        post = without_names(item.post, links, cases)
        [label] = annotator.annotate([reading(post)])
        per_mention(
            [Labelled(item.post.full_text, item.post.platform, label, links)], cases, annotator
        )
    rooms.close()
    return 0


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
