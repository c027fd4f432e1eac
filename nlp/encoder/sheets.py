"""Training material as numbers: token numbers, wanted labels, and how much each label counts."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.errors import BadInput
from domain.posts import Platform
from nlp.corpus import FeltText as FeltText
from nlp.corpus import LabelledText
from nlp.corpus import read_emotions as read_emotions
from nlp.decisions import DEMANDS, STANCES
from nlp.encoder.layout import EMOTIONS, PAIR_STANCES, Layout
from nlp.encoder.reading import Reader, Tokens
from nlp.features import prepare
from nlp.heads import UNSURE_WEIGHT, stance_of

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Sheet:
    """n texts.

    Attributes:
        ids: token numbers of each text.
        wanted: n × columns, probabilities.
        weights: n × heads; 0 where a text has no label of that kind.
    """

    ids: Sequence[Tokens]
    wanted: Floats
    weights: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, chosen: npt.NDArray[np.int64]) -> Sheet:
        """Some of the texts; a number may stand several times."""
        return Sheet([self.ids[i] for i in chosen], self.wanted[chosen], self.weights[chosen])


def join(sheets: Sequence[Sheet]) -> Sheet:
    """One sheet after the other."""
    return Sheet(
        [ids for sheet in sheets for ids in sheet.ids],
        np.concatenate([sheet.wanted for sheet in sheets]),
        np.concatenate([sheet.weights for sheet in sheets]),
    )


def of_labelled(texts: Sequence[LabelledText], reader: Reader, layout: Layout) -> Sheet:
    """Court texts with their labels."""
    ids = reader.read([prepare(text.text) for text in texts], [text.platform for text in texts])
    wanted, weights = _empty(len(texts), layout)
    demands, topics = layout.head("demand").start, layout.head("topics").start
    for row, text in enumerate(texts):
        wanted[row, STANCES.index(stance_of(text))] = 1
        wanted[row, demands + DEMANDS.index(text.demand)] = 1
        for topic in text.topics:
            if topic in layout.topic_ids:
                wanted[row, topics + layout.topic_ids.index(topic)] = 1
        wanted[row, layout.head("irony").start] = text.irony
        weights[row, :4] = UNSURE_WEIGHT if text.unsure else 1.0
    return Sheet(ids, wanted, weights)


def of_emotions(texts: Sequence[FeltText], reader: Reader, layout: Layout) -> Sheet:
    """Weibo posts with their emotion."""
    ids = reader.read([prepare(text.text) for text in texts], [Platform.WEIBO] * len(texts))
    wanted, weights = _empty(len(texts), layout)
    start = layout.head("emotion").start
    for row, text in enumerate(texts):
        wanted[row, start + EMOTIONS.index(text.emotion)] = 1
    weights[:, layout.number("emotion")] = 1
    return Sheet(ids, wanted, weights)


def of_pairs(file: Path, count: int, seed: int, reader: Reader, layout: Layout) -> Sheet:
    """A sample of texts with a target given for each, and the stance toward it."""
    rows = list(read_rows(file))
    chosen = np.random.default_rng(seed).permutation(len(rows))[:count]
    picked = [rows[i] for i in chosen]
    ids = reader.read(
        [prepare(str(row["text"])) for row in picked],
        [Platform.WEIBO] * len(picked),
        [prepare(str(row["target"])) for row in picked],
    )
    wanted, weights = _empty(len(picked), layout)
    start = layout.head("pair").start
    for row, one in enumerate(picked):
        wanted[row, start + PAIR_STANCES.index(one["label"])] = 1
    weights[:, layout.number("pair")] = 1
    return Sheet(ids, wanted, weights)


def soft(ids: Sequence[Tokens], shares: Floats, layout: Layout, heads: Sequence[str]) -> Sheet:
    """Texts labelled by a teacher: its probabilities, for some heads."""
    _, weights = _empty(len(ids), layout)
    for name in heads:
        weights[:, layout.number(name)] = 1
    return Sheet(ids, shares, weights)


def read_rows(file: Path) -> Iterator[dict[str, Any]]:
    """Objects of a JSONL file, plain or xz.

    Raises:
        BadInput: a line is no JSON object.
    """
    packed = file.suffix == ".xz"
    with lzma.open(file, "rb") if packed else file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise BadInput("this is no JSON", where=f"{file.name}:{number}") from error
            if not isinstance(row, dict):
                raise BadInput("this is no JSON object", where=f"{file.name}:{number}")
            yield row


def _empty(count: int, layout: Layout) -> tuple[Floats, Floats]:
    return (
        np.zeros((count, layout.size), np.float32),
        np.zeros((count, len(layout.heads)), np.float32),
    )
