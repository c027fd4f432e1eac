"""Everything the training reads from the data folder, and which texts it must not see before."""

from __future__ import annotations

import lzma
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from domain.errors import ConfigurationError
from domain.posts import Platform
from nlp import corpus, grouping, label_files, training
from nlp.corpus import PLATFORM_OF_KIND, FeltText, LabelledText
from nlp.encoder.sheets import read_rows
from nlp.features import prepare

Chosen = npt.NDArray[np.int64]
SEED = 20260601
#: One of so many folds of whole events is held out for calibration and metrics.
FOLDS = 5
#: Emotion texts held out of each set, at most a fifth of it.
_HELD_EMOTIONS = {"usual": 2000, "virus": 1000}
#: Seeds of the vocabulary's sample and of the emotion sets' shuffles.
_VOCABULARY_SEED, _EMOTION_SEED = 1, 7


@dataclass(frozen=True)
class DataFolder:
    """The files of a training by name.

    Attributes:
        labels, examples: folders of label files for the pool and of fictional texts.

    Raises:
        ConfigurationError: a file is missing; raised when it is asked for.
    """

    folder: Path
    labels: Path = label_files.LABELS
    examples: Path = training.EXAMPLES

    def file(self, name: str) -> Path:
        """A file of the folder, plain or packed."""
        for candidate in (self.folder / name, self.folder / f"{name}.xz"):
            if candidate.exists():
                return candidate
        raise ConfigurationError(
            f"the data folder lacks {name} (or {name}.xz)",
            remedy="docs/training.md says what the folder must hold",
            where=self.folder.name,
        )


@dataclass(frozen=True)
class PoolText:
    """An unlabelled text with court words."""

    text: str
    platform: Platform


@dataclass(frozen=True)
class Emotions:
    """One set of emotion texts: numbers of those no stage sees, and of the others."""

    name: str
    texts: tuple[FeltText, ...]
    held: Chosen
    seen: Chosen


@dataclass(frozen=True)
class Material:
    """What is read.

    Attributes:
        collected: real texts with labels; `held` are those of one fold of whole events.
        examples: fictional texts with labels; never held out, their metrics would flatter.
        pool: real texts without labels.
        further: Weibo posts of which only the teacher's emotion is used.
    """

    collected: tuple[LabelledText, ...]
    examples: tuple[LabelledText, ...]
    pool: tuple[PoolText, ...]
    emotions: tuple[Emotions, ...]
    further: tuple[PoolText, ...]

    @cached_property
    def group_of(self) -> npt.NDArray[np.int64]:
        """The event of each collected text."""
        return grouping.groups([text.text for text in self.collected])

    @cached_property
    def held(self) -> Chosen:
        """Numbers of the collected texts held out.

        Folds are filled with the largest events first; the last one holds no giant event, which
        would stand for all of them.
        """
        return np.flatnonzero(grouping.folds(self.group_of, FOLDS, SEED) == FOLDS - 1)

    @cached_property
    def seen(self) -> Chosen:
        """Numbers of the collected texts that are not held out."""
        return np.setdiff1d(np.arange(len(self.collected)), self.held)


def read(data: DataFolder, further: int) -> Material:
    """Read all labelled and pool texts.

    Raises:
        ConfigurationError: a file is missing.
        BadInput: a file holds what is no text of its kind.
    """
    labelled, pool = data.file("court_labelled.jsonl"), data.file("court_pool.jsonl")
    return Material(
        collected=tuple(label_files.collected(labelled, pool, data.labels)),
        examples=tuple(training.read_examples(data.examples)),
        pool=tuple(
            PoolText(str(row["text"]), PLATFORM_OF_KIND[row["kind"]]) for row in read_rows(pool)
        ),
        emotions=_emotions(data),
        further=tuple(
            PoolText(str(row["text"]), Platform.WEIBO)
            for row in read_rows(data.file("covid19_weibo_7emotion.jsonl"))
        )[:further],
    )


def _emotions(data: DataFolder) -> tuple[Emotions, ...]:
    generator = np.random.default_rng(_EMOTION_SEED)
    sets = []
    for name, most in _HELD_EMOTIONS.items():
        texts = tuple(corpus.read_emotions(data.file(f"smp2020_ewect_{name}.jsonl")))
        order = generator.permutation(len(texts))
        held = min(most, len(texts) // 5)
        sets.append(Emotions(name, texts, order[:held], order[held:]))
    return tuple(sets)


def vocabulary_texts(data: DataFolder, lines: int) -> Iterator[str]:
    """Prepared texts that show which tokens occur: a sample of the unlabelled lines and the pool."""
    file = data.file("unlabelled.txt")
    packed = file.suffix == ".xz"
    with lzma.open(file, "rb") if packed else file.open("rb") as stream:
        lines_read = [line.decode("utf-8").rstrip("\n") for line in stream]
    texts = [line.partition("\t")[2] for line in lines_read]
    random.Random(_VOCABULARY_SEED).shuffle(texts)
    yield from map(prepare, texts[:lines])
    for row in read_rows(data.file("court_pool.jsonl")):
        yield prepare(str(row["text"]))
