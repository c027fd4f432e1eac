"""How two labellers agree: Cohen's κ per field, with 95 % bootstrap intervals over texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.errors import BadInput
from nlp.labelling.answers import Label

_RESAMPLES = 1000
_SEED = 2013


@dataclass(frozen=True, slots=True)
class Agreement:
    """κ of one field over n texts; None where both always say the same one thing."""

    field: str
    n: int
    same: float
    kappa: float | None
    low: float | None
    high: float | None


def agreement(one: Mapping[str, Label], other: Mapping[str, Label]) -> list[Agreement]:
    """Agreement on the texts both labelled; topics as the mean κ of each topic's presence.

    Raises:
        BadInput: no text is labelled in both.
    """
    shared = sorted(one.keys() & other.keys())
    if not shared:
        raise BadInput("no text is labelled in both files", remedy="label the same texts twice")
    pairs = [(one[name], other[name]) for name in shared]
    columns: dict[str, list[npt.NDArray[np.int64]]] = {
        name: [_codes([(str(getattr(a, name)), str(getattr(b, name))) for a, b in pairs])]
        for name in ("target", "sentiment", "demand", "irony")
    }
    columns["court_negative"] = [_codes([(_critical(a), _critical(b)) for a, b in pairs])]
    columns["main_topic"] = [_codes([(a.topics[0], b.topics[0]) for a, b in pairs])]
    topics = sorted({topic for a, b in pairs for topic in (*a.topics, *b.topics)})
    columns["topics"] = [
        _codes([(str(topic in a.topics), str(topic in b.topics)) for a, b in pairs])
        for topic in topics
    ]
    return [_agreement(name, codes) for name, codes in columns.items()]


def field_agreement(name: str, pairs: list[tuple[str, str]]) -> Agreement:
    """Agreement on one field of the reader's own making, from what both said of each text."""
    return _agreement(name, [_codes(pairs)])


def kappa(codes: npt.NDArray[np.int64]) -> float | None:
    """Cohen's κ of n × 2 codes; None when chance alone explains all."""
    size = int(codes.max()) + 1
    table = np.zeros((size, size))
    np.add.at(table, (codes[:, 0], codes[:, 1]), 1)
    table /= len(codes)
    chance = float(table.sum(axis=0) @ table.sum(axis=1))
    if chance > 1 - 1e-12:
        return None
    return (float(np.trace(table)) - chance) / (1 - chance)


def _agreement(name: str, columns: list[npt.NDArray[np.int64]]) -> Agreement:
    n = len(columns[0])
    chance = np.random.default_rng(_SEED)
    drawn = [_mean(columns, chance.integers(0, n, n)) for _ in range(_RESAMPLES)]
    known = [value for value in drawn if value is not None]
    low, high = np.quantile(known, (0.025, 0.975)) if known else (None, None)
    same = float(np.mean([(codes[:, 0] == codes[:, 1]).mean() for codes in columns]))
    return Agreement(
        name, n, same, _mean(columns, np.arange(n)),
        None if low is None else float(low), None if high is None else float(high),
    )  # fmt: skip


def _mean(columns: list[npt.NDArray[np.int64]], chosen: npt.NDArray[np.int64]) -> float | None:
    known = [value for codes in columns if (value := kappa(codes[chosen])) is not None]
    return float(np.mean(known)) if known else None


def _codes(pairs: list[tuple[str, str]]) -> npt.NDArray[np.int64]:
    names = sorted({value for pair in pairs for value in pair})
    number = {name: index for index, name in enumerate(names)}
    return np.array([[number[a], number[b]] for a, b in pairs], np.int64)


def _critical(label: Label) -> str:
    relevant = "irrelevant" not in label.topics
    return str(relevant and label.target == "court" and label.sentiment == "negative")
