"""Which output column of the network means what. The first columns are those of the linear model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from nlp.decisions import DEMANDS, STANCES

#: Classes of SMP2020-EWECT, in this order.
EMOTIONS = ("angry", "happy", "neutral", "surprise", "sad", "fear")
#: Stance of a text toward a given target (C-STANCE); learnt for “toward whom”, never served.
PAIR_STANCES = ("支持", "反对", "中立")


@dataclass(frozen=True, slots=True)
class Head:
    """Columns of one task.

    Attributes:
        exclusive: exactly one label holds (softmax); else each holds on its own (sigmoid).
        factor: weight of its loss.
    """

    name: str
    start: int
    stop: int
    exclusive: bool
    factor: float

    @property
    def columns(self) -> slice:
        """Its columns."""
        return slice(self.start, self.stop)


@dataclass(frozen=True)
class Layout:
    """Columns of all heads for a catalogue of topics."""

    topic_ids: tuple[str, ...]

    @cached_property
    def heads(self) -> tuple[Head, ...]:
        """In the order of their columns."""
        sizes = (
            ("stance", len(STANCES), True, 1.0),
            ("demand", len(DEMANDS), True, 0.4),
            ("topics", len(self.topic_ids), False, 1.0),
            ("irony", 1, False, 0.5),
            ("emotion", len(EMOTIONS), True, 0.6),
            ("pair", len(PAIR_STANCES), True, 0.4),
        )
        heads, start = [], 0
        for name, size, exclusive, factor in sizes:
            heads.append(Head(name, start, start + size, exclusive, factor))
            start += size
        return tuple(heads)

    def head(self, name: str) -> Head:
        """The head of that name."""
        return next(head for head in self.heads if head.name == name)

    def number(self, name: str) -> int:
        """Its place among the heads."""
        return [head.name for head in self.heads].index(name)

    @property
    def size(self) -> int:
        """Columns in all."""
        return self.heads[-1].stop

    @property
    def labels(self) -> int:
        """Columns of stance, demand, topics and irony: the linear model's."""
        return self.head("irony").stop

    @property
    def served(self) -> int:
        """Columns that an exported model gives."""
        return self.head("emotion").stop
