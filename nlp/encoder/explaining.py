"""Which pieces of a text drove a label: cover a piece, label again, see how far the score falls.

Works for any annotator that tells probabilities, since it only asks; a text of 60 characters takes
about 100 questions, a fifth of a second.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from domain.annotation import IRRELEVANT, Annotation
from domain.protocols import Reading
from nlp.decisions import DEMANDS, STANCES, Doubles, Probabilities
from nlp.features import prepare

#: Longest text that is explained, from its beginning; each piece costs one question.
_CHARACTERS = 160
#: Pieces are windows of these many characters, moved by half their width.
_WIDTHS = (2, 4, 8)
_COVER = "□"
_WORD = re.compile(r"\w")


class Asked(Protocol):
    """What explaining needs of an annotator."""

    @property
    def topic_ids(self) -> tuple[str, ...]: ...
    def annotate(self, readings: Sequence[Reading]) -> list[Annotation]: ...
    def probabilities(self, readings: Sequence[Reading]) -> Probabilities: ...


def explain(annotator: Asked, text: Reading, field: str, limit: int) -> list[tuple[str, float]]:
    """See `NeuralAnnotator.explain`."""
    label = annotator.annotate([text])[0]
    prepared = prepare(text.text)[:_CHARACTERS]
    spans = _spans(prepared)
    if not spans:
        return []
    covered = [prepared[:start] + _COVER + prepared[end:] for start, end in spans]
    readings = [Reading(one, text.platform) for one in [prepared, *covered]]
    odds = _log_odds(annotator.probabilities(readings), label, field, annotator.topic_ids)
    falls = odds[0] - odds[1:]
    return _apart([(prepared[s:e], s, e, f) for (s, e), f in zip(spans, falls, strict=True)], limit)


def _spans(prepared: str) -> list[tuple[int, int]]:
    found = {
        (start, min(start + width, len(prepared)))
        for width in _WIDTHS
        for start in range(0, len(prepared), width // 2)
    }
    return sorted(span for span in found if _WORD.search(prepared[slice(*span)]))


def _log_odds(
    given: Probabilities, label: Annotation, field: str, topic_ids: Sequence[str]
) -> Doubles:
    share = np.clip(_share(given, label, field, topic_ids), 1e-9, 1 - 1e-9)
    result: Doubles = np.log(share / (1 - share))
    return result


def _share(
    given: Probabilities, label: Annotation, field: str, topic_ids: Sequence[str]
) -> Doubles:
    if field in ("target", "sentiment", "court_negative"):
        wanted = {
            "target": f"{label.target if label.relevant else IRRELEVANT}/",
            "sentiment": f"/{label.sentiment}",
            "court_negative": "court/negative",
        }[field]
        columns = [i for i, stance in enumerate(STANCES) if wanted in stance]
        return np.asarray(given.stance[:, columns].sum(axis=1), np.float64)
    if field == "demand":
        return given.demand[:, DEMANDS.index(label.demand)]
    if field == "topics":
        columns = [topic_ids.index(topic) for topic in label.topics if topic in topic_ids]
        if not columns:  # irrelevant, or nothing but the fallback: no topic to explain
            return np.full(len(given.irony), 0.5)
        return np.asarray(given.topics[:, columns].max(axis=1), np.float64)
    if field == "irony":
        return given.irony if label.irony else 1 - given.irony
    raise ValueError(f"no field {field!r}")


def _apart(pieces: Sequence[tuple[str, int, int, float]], limit: int) -> list[tuple[str, float]]:
    """Heaviest pieces that don't overlap; a longer piece must earn its length."""
    ranked = sorted(pieces, key=lambda one: (-one[3] / (one[2] - one[1]) ** 0.5, one[1], one[2]))
    chosen: list[tuple[str, int, int, float]] = []
    for piece in ranked:
        _, start, end, fall = piece
        if fall <= 0 or len(chosen) == limit:
            break
        if all(end <= other[1] or start >= other[2] for other in chosen):
            chosen.append(piece)
    chosen.sort(key=lambda one: (-one[3], one[1]))
    return [(piece.strip(), round(float(fall), 4)) for piece, _, _, fall in chosen]
