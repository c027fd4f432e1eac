"""Which texts to label first: where the model is unsure, where topics are rare, none alike.

Deterministic: the same texts, model and answers give the same order, so a session that was cut
off goes on where it stood.
"""

from __future__ import annotations

import json
import lzma
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.annotation import Annotation
from domain.errors import BadInput
from domain.posts import Platform
from domain.protocols import Annotator, Reading
from nlp.corpus import PLATFORM_OF_KIND
from text.near_duplicates import clusters

#: Texts this alike are one for a labeller: only the first is shown.
_ALIKE = 0.4
#: A rare topic counts as much as this much unsureness.
_RARITY = 0.5


@dataclass(frozen=True, slots=True)
class Item:
    """A text to be labelled."""

    id: str
    reading: Reading


def read_texts(file: Path) -> list[Item]:
    """Texts of a JSONL file (plain or .xz) with `id` and `text`.

    Raises:
        BadInput: a line has no id or text, or an id stands twice.
    """
    found: dict[str, Item] = {}
    for number, row in _rows(file):
        try:
            item = Item(str(row["id"]), Reading(str(row["text"]), _platform(row)))
        except (KeyError, ValueError) as error:
            raise BadInput(
                f"a text needs id and text, and a known kind: {error}",
                where=f"{file.name}:{number}",
            ) from error
        if item.id in found:
            raise BadInput(f"the id {item.id} stands twice", where=f"{file.name}:{number}")
        found[item.id] = item
    return list(found.values())


def order(items: Sequence[Item], annotator: Annotator) -> list[tuple[Item, Annotation]]:
    """Most useful first, near-duplicates last, with the model's guess."""
    guesses = annotator.annotate([item.reading for item in items])
    counts = Counter(topic for guess in guesses for topic in guess.topics)
    ranked = sorted(
        zip(items, guesses, strict=True),
        key=lambda pair: (-_worth(pair[1], counts, len(items)), pair[0].id),
    )
    leaders = clusters([item.reading.text for item, _ in ranked], _ALIKE)
    first = [pair for place, pair in enumerate(ranked) if leaders[place] == place]
    rest = [pair for place, pair in enumerate(ranked) if leaders[place] != place]
    return first + rest


def _worth(guess: Annotation, counts: Counter[str], size: int) -> float:
    scores = [
        guess.scores[name] for name in ("target", "sentiment", "topics") if name in guess.scores
    ]
    unsure = 1 - min(scores, default=0.0)
    rarest = min(counts[topic] for topic in guess.topics) / size
    return unsure + _RARITY * (1 - rarest)


def _platform(row: dict[str, object]) -> Platform:
    if "source_type" in row:
        return Platform(str(row["source_type"]))
    return PLATFORM_OF_KIND[str(row.get("kind", "post"))]


def _rows(file: Path) -> Iterator[tuple[int, dict[str, object]]]:
    with lzma.open(file, "rb") if file.suffix == ".xz" else file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise BadInput("this is no JSON", where=f"{file.name}:{number}") from error
            if not isinstance(row, dict):
                raise BadInput("this is no object", where=f"{file.name}:{number}")
            yield number, row
