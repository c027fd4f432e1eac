"""The words that drove a label, as the desk underlines them."""

from __future__ import annotations

from domain.protocols import Reading
from nlp.explanation import Explanation, Scorer, explain

#: More underlined words than this and nothing stands out any more [D].
_MOST = 6


class LabelExplainer:
    """Implements `domain.protocols.Explainer` over any annotator that gives probabilities."""

    def __init__(self, annotator: Scorer) -> None:
        self._annotator = annotator

    def spans(self, reading: Reading) -> list[str]:
        """Words without which the text would less surely count as negative toward the court."""
        return [word for word, _ in self.weights(reading)]

    def weights(self, reading: Reading) -> list[tuple[str, float]]:
        """The same with what the label's log-odds lose without the word."""
        found = explain(self._annotator, reading, "court_negative", limit=2 * _MOST)
        heaviest: dict[str, float] = {}
        for _, word, weight in found.words:
            heaviest.setdefault(word, weight)
        return list(heaviest.items())[:_MOST]

    def all_fields(self, reading: Reading, limit: int = 5) -> list[Explanation]:
        """Every label with its words, for the command line."""
        fields = ("stance", "topics", "demand", "irony")
        return [explain(self._annotator, reading, field, limit) for field in fields]
