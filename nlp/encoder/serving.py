"""The annotator that ships: encoder and n-grams, blended; no torch, no network, deterministic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from domain.annotation import Annotation, Emotion
from domain.protocols import Reading
from nlp.abstention import unsure_fields
from nlp.decisions import Doubles, Probabilities, decide, probabilities, softmax
from nlp.encoder import folder as files
from nlp.encoder import wide_file
from nlp.encoder.layout import EMOTIONS
from nlp.encoder.reading import Reader
from nlp.encoder.runtime import Runtime, open_runtime
from nlp.encoder.wide import Wide
from nlp.features import prepare

#: The model that ships.
SHIPPED = Path(__file__).parents[1] / "models" / "court-v1"
#: Texts whose n-grams are counted at a time: bounds memory, changes no label.
_AT_A_TIME = 256


class NeuralAnnotator:
    """Labels texts with a model folder; implements `domain.protocols.Annotator`.

    A text's labels depend on that text alone: the encoder reads one text a run, and every sum over
    n-grams stays within one row. A text without a letter or a known sign is still labelled, with
    the scores that its few signs give it.
    """

    def __init__(self, about: files.About, reader: Reader, wide: Wide, runtime: Runtime) -> None:
        self._about = about
        self._reader = reader
        self._wide = wide
        self.runtime = runtime

    @classmethod
    def load(cls, path: Path | None = None) -> NeuralAnnotator:
        """Load a model folder, by default the one that ships.

        Raises:
            ConfigurationError: a file is missing, damaged or of another format; names the file.
        """
        folder = path or SHIPPED
        about = files.read_about(folder)
        return cls(
            about,
            Reader.load(folder / files.TOKENIZER, about.longest),
            wide_file.load(folder / files.NGRAMS, about.layout),
            open_runtime(folder, about.layout.served),
        )

    @property
    def name(self) -> str:
        """Name and version, stored with every annotation."""
        return self._about.name

    def annotate(self, readings: Sequence[Reading]) -> list[Annotation]:
        """Label `readings`, in their order."""
        about = self._about
        if not readings:
            return []
        logits = self.logits(readings)
        labels = decide(
            probabilities(logits[:, : about.layout.labels]),
            about.layout.topic_ids,
            about.thresholds,
            about.name,
        )
        felt = softmax(logits[:, about.layout.head("emotion").columns])
        chosen = (np.log(np.maximum(felt, 1e-12)) + about.emotion_offsets).argmax(axis=1)
        return [
            _with_emotion(label, EMOTIONS[best], float(shares[best]))
            for label, shares, best in zip(labels, felt, chosen, strict=True)
        ]

    def probabilities(self, readings: Sequence[Reading]) -> Probabilities:
        """Calibrated probabilities of stance, demand, topics and irony."""
        return probabilities(self.logits(readings)[:, : self._about.layout.labels])

    def emotions(self, readings: Sequence[Reading]) -> Doubles:
        """Calibrated probabilities of the emotions; texts × `EMOTIONS`."""
        return softmax(self.logits(readings)[:, self._about.layout.head("emotion").columns])

    def logits(self, readings: Sequence[Reading]) -> Doubles:
        """Calibrated logits; texts × served columns."""
        parts = [
            self._logits(readings[start : start + _AT_A_TIME])
            for start in range(0, len(readings), _AT_A_TIME)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self._about.layout.served))

    def with_runtime(self, runtime: Runtime) -> NeuralAnnotator:
        """The same model, its encoder computed by another runtime."""
        return NeuralAnnotator(self._about, self._reader, self._wide, runtime)

    @property
    def topic_ids(self) -> tuple[str, ...]:
        """Topics of `probabilities`, in their order."""
        return self._about.layout.topic_ids

    def _logits(self, readings: Sequence[Reading]) -> Doubles:
        prepared = [prepare(reading.text) for reading in readings]
        platforms = [reading.platform for reading in readings]
        deep = self.runtime.logits(self._reader.read(prepared, platforms))
        return self._about.blend.apply(deep, self._wide.logits(prepared, platforms))


def _with_emotion(label: Annotation, emotion: str, share: float) -> Annotation:
    scores = {**label.scores, "emotion": round(min(1.0, share), 4)}
    return replace(label, emotion=Emotion(emotion), scores=scores, unsure=unsure_fields(scores))
