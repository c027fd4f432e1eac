"""Whether the posts of a week still look to the model like those it was made from.

Labels, scores and characters are compared by the population stability index (PSI),
Σ (p − q)·ln(p / q) over the classes of a field. Two conditions must hold before a field is said to
have moved: the index is large (.1 some, .25 much: the usual marks, Siddiqi, Credit Risk
Scorecards, 2006), and larger than chance gives samples of these sizes. Under no change
PSI / (1/n + 1/m) follows χ² with classes − 1 degrees of freedom (Yurdakul and Naranjo, Journal of
Risk Model Validation 14(4), 2020). The level is shared out over the fields (Bonferroni).

A change is not an error: a week can be about one case. It says that the model's card may not hold.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from scipy.stats import chi2

from domain.annotation import STANCE, Annotation
from domain.errors import ConfigurationError

#: A week in which nothing changed is said to have changed in at most so many of 100 weeks.
FALSE_ALARMS = 0.01
#: Marks of the index.
SOME, MUCH = 0.1, 0.25
#: Fewer posts say nothing about a distribution of a dozen classes.
LEAST_POSTS = 50
#: Classes with a smaller share in training are counted as one: ln(p / q) of a rare class is noise.
RARE = 0.02
_BINS = 10
_REST = "…"
_PARTS = 5
FORMAT = 1

#: Field → class → number of texts.
Counts = dict[str, dict[str, int]]


class Change(StrEnum):
    """How far a field has moved."""

    NONE = "none"
    SOME = "some"
    MUCH = "much"


@dataclass(frozen=True, slots=True)
class Reference:
    """What the texts looked like when the model was made.

    Attributes:
        characters: all that occurred.
    """

    model: str
    texts: int
    counts: Counts
    characters: frozenset[str]

    def save(self, path: Path) -> None:
        """Write it as JSON beside the model."""
        document = {
            "format": FORMAT,
            "model": self.model,
            "texts": self.texts,
            "counts": self.counts,
            "characters": "".join(sorted(self.characters)),
        }
        path.write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Reference:
        """Read what `save` wrote.

        Raises:
            ConfigurationError: the file is missing or damaged; it is named.
        """
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if document["format"] != FORMAT:
                raise ValueError(f"format {document['format']}")
            return cls(
                str(document["model"]),
                int(document["texts"]),
                {str(f): {str(c): int(n) for c, n in v.items()}
                 for f, v in document["counts"].items()},
                frozenset(document["characters"]),
            )  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigurationError(
                f"what the model was made from can't be read: {type(error).__name__}",
                remedy="courtpulse drift --learn FILE writes it anew",
                where=str(path),
            ) from error


@dataclass(frozen=True, slots=True)
class Moved:
    """One field: its index, and the index chance reaches in one of 100 unchanged weeks."""

    field: str
    psi: float
    chance: float
    change: Change


def reference(annotations: Sequence[Annotation], texts: Sequence[str], model: str) -> Reference:
    """Sum up the texts a model was made from, as the model labels them.

    Give texts the model did not see while it learnt (held-out folds, an unlabelled pool): on its
    own training texts a model is surer than it will ever be again.
    """
    characters = frozenset(character for text in texts for character in text)
    counts = _counts(annotations, texts, characters)
    counts["characters"] = _classes(_strange_to_the_rest(texts))
    return Reference(model, len(texts), counts, characters)


def compare(
    known: Reference, annotations: Sequence[Annotation], texts: Sequence[str]
) -> list[Moved]:
    """How far each field has moved; none is judged with fewer than `LEAST_POSTS` texts."""
    if len(texts) < LEAST_POSTS:
        return []
    now = _counts(annotations, texts, known.characters)
    fields = [field for field, counts in known.counts.items() if sum(counts.values())]
    return [_moved(field, known.counts[field], now[field], len(fields)) for field in fields]


def unknown_rate(texts: Sequence[str], known: frozenset[str]) -> float:
    """Share of characters that never occurred when the model was made."""
    total = sum(map(len, texts))
    strange = sum(character not in known for text in texts for character in text)
    return strange / total if total else 0.0


def _moved(field: str, before: Mapping[str, int], now: Mapping[str, int], fields: int) -> Moved:
    total = sum(before.values())
    frequent = {name for name, count in before.items() if count >= RARE * total}
    old, new = _grouped(before, frequent), _grouped(now, frequent)
    names = sorted({*old, *new})
    n, m = sum(new.values()), total
    # Half a text in every class: an empty one would make the index infinite.
    p = {name: (new[name] + 0.5) / (n + 0.5 * len(names)) for name in names}
    q = {name: (old[name] + 0.5) / (m + 0.5 * len(names)) for name in names}
    psi = sum((p[name] - q[name]) * math.log(p[name] / q[name]) for name in names)
    least = float(chi2.isf(FALSE_ALARMS / fields, max(len(names) - 1, 1)))
    chance = least * (1 / max(n, 1) + 1 / m)
    change = Change.NONE
    if psi > chance and psi >= SOME:
        change = Change.MUCH if psi >= MUCH else Change.SOME
    return Moved(field, round(psi, 4), round(chance, 4), change)


def _grouped(counts: Mapping[str, int], frequent: set[str]) -> Counter[str]:
    grouped: Counter[str] = Counter()
    for name, count in counts.items():
        grouped[name if name in frequent else _REST] += count
    return grouped


def _counts(
    annotations: Sequence[Annotation], texts: Sequence[str], known: frozenset[str]
) -> Counts:
    """Classes of each field; `characters` is whether a text holds an unknown one."""
    values: dict[str, list[str]] = {
        "stance": [_stance(one) for one in annotations],
        "topics": [one.topics[0] for one in annotations],
        "demand": [str(one.demand) for one in annotations],
        "irony": [str(one.irony) for one in annotations],
        "emotion": [str(one.emotion) for one in annotations if one.emotion is not None],
        "unsure": [str(STANCE in one.unsure) for one in annotations],
        "scores": [_bin(one.scores.get(STANCE, 0.0)) for one in annotations],
        "characters": [str(any(c not in known for c in text)) for text in texts],
    }
    return {field: _classes(found) for field, found in values.items()}


def _strange_to_the_rest(texts: Sequence[str]) -> list[str]:
    """Whether each text holds a character of which the other four fifths know nothing.

    Against all of them no text would hold any, and the first week would look changed.
    """
    parts = [
        Counter(c for text in texts[part::_PARTS] for c in set(text)) for part in range(_PARTS)
    ]
    total = sum(parts, Counter())
    alone = [frozenset(c for c, n in part.items() if n == total[c]) for part in parts]
    return [str(not alone[place % _PARTS].isdisjoint(text)) for place, text in enumerate(texts)]


def _classes(values: Sequence[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _stance(one: Annotation) -> str:
    return f"{one.target}/{one.sentiment}" if one.relevant else "irrelevant"


def _bin(score: float) -> str:
    return str(min(int(score * _BINS), _BINS - 1))


def to_json(moved: Sequence[Moved]) -> list[dict[str, Any]]:
    """Plain JSON."""
    return [
        {"field": m.field, "psi": m.psi, "chance": m.chance, "change": str(m.change)} for m in moved
    ]
