"""An annotator examined on a file: the figures of guideline §3, and what it was unsure about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from domain.annotation import STANCE, Annotation, Emotion
from domain.errors import BadInput, ConfigurationError
from domain.protocols import Annotator
from nlp import corpus
from nlp.evaluation import (
    Metrics,
    measure,
    measure_emotion,
    share_with_interval,
    stance_right,
)

_Text = TypeVar("_Text")


@dataclass(frozen=True, slots=True)
class Examination:
    """What came out.

    Attributes:
        n: texts measured; `left_out` ones their reader could not decide (guideline §0).
        metrics: name → value and 95 % interval (percentile bootstrap over texts).
        unsure: the same for the share of unsure labels, and accuracy among sure and unsure ones.
        bad_lines: lines that could not be read; the rest was measured.
        unknown_kinds: texts whose source_type or kind is null or unknown, read as Weibo posts.
    """

    task: str
    model: str
    n: int
    left_out: int
    metrics: Metrics
    unsure: Metrics
    bad_lines: tuple[BadInput, ...] = ()
    unknown_kinds: int = 0

    def to_json(self) -> dict[str, Any]:
        """Flat figures, their intervals as [low, high] beside them."""
        return {
            "task": self.task,
            "model": self.model,
            "n": self.n,
            "left_out": self.left_out,
            "unknown_kinds": self.unknown_kinds,
            **{name: metric["value"] for name, metric in self.metrics.items()},
            "intervals": {
                name: [metric["low"], metric["high"]] for name, metric in self.metrics.items()
            },
            "unsure": self.unsure,
            "bad_lines": [{"where": bad.where, "problem": bad.problem} for bad in self.bad_lines],
        }


def evaluate(path: Path, annotator: Annotator) -> Examination:
    """Measure `annotator` on the labelled texts of `path` (fields: see `nlp.corpus.scored`).

    What can't be read is among `bad_lines`; n = 0 when nothing could be measured.
    """
    read, bad = _sifted(path, corpus.scored)
    kept = [(text, known) for text, known in read if not text.unsure]
    texts = [text for text, _ in kept]
    annotations = annotator.annotate([text.reading for text in texts])
    return Examination(
        task="court",
        model=annotator.name,
        n=len(texts),
        left_out=len(read) - len(texts),
        metrics=measure(texts, annotations),
        unsure=_unsure(
            [STANCE in one.unsure for one in annotations],
            [stance_right(*pair) for pair in zip(texts, annotations, strict=True)],
        ),
        bad_lines=bad,
        unknown_kinds=sum(not known for _, known in kept),
    )


def evaluate_emotion(path: Path, annotator: Annotator) -> Examination:
    """Measure the emotions of `annotator` on `path` (fields text, label).

    What can't be read is among `bad_lines`; n = 0 when nothing could be measured.

    Raises:
        ConfigurationError: the annotator tells no emotions.
    """
    texts, bad = _sifted(path, corpus.felt)
    annotations = annotator.annotate([text.reading for text in texts])
    said = _emotions(annotations, annotator.name)
    return Examination(
        task="emotion",
        model=annotator.name,
        n=len(texts),
        left_out=0,
        metrics=measure_emotion([text.emotion for text in texts], said),
        unsure=_unsure(
            ["emotion" in one.unsure for one in annotations],
            [text.emotion == one for text, one in zip(texts, said, strict=True)],
        ),
        bad_lines=bad,
    )


def _sifted(path: Path, make: Callable[[Any], _Text]) -> tuple[list[_Text], tuple[BadInput, ...]]:
    texts: list[_Text] = []
    bad: list[BadInput] = []
    try:
        for item in corpus.sift(path, make):
            if isinstance(item, BadInput):
                bad.append(item)
            else:
                texts.append(item)
    except BadInput as error:  # the file is missing, or breaks off: what stood before it counts
        bad.append(error)
    if not texts and not bad:
        bad.append(BadInput("the file holds no text", where=str(path)))
    return texts, tuple(bad)


def _emotions(annotations: Sequence[Annotation], model: str) -> list[Emotion]:
    said = [one.emotion for one in annotations if one.emotion is not None]
    if len(said) < len(annotations):
        raise ConfigurationError(
            f"{model} tells no emotions",
            remedy="name a model with an emotion head in COURTPULSE_MODEL",
            where="--task emotion",
        )
    return said


def _unsure(unsure: Sequence[bool], right: Sequence[bool]) -> Metrics:
    pairs = list(zip(unsure, right, strict=True))
    return {
        "share": share_with_interval(unsure),
        "accuracy_among_sure": share_with_interval([ok for out, ok in pairs if not out]),
        "accuracy_among_unsure": share_with_interval([ok for out, ok in pairs if out]),
    }
