"""The words that drove a label, as the desk underlines them."""

from __future__ import annotations

from domain.protocols import Reading
from nlp.linear import LinearAnnotator

#: More underlined pieces than this and nothing stands out any more [D].
_MOST = 6


class LabelExplainer:
    """Implements `domain.protocols.Explainer` over the shipped model."""

    def __init__(self, annotator: LinearAnnotator) -> None:
        self._annotator = annotator

    def spans(self, reading: Reading) -> list[str]:
        """Pieces of the text that speak for its target and its sentiment.

        The model reads a folded text (digits as 0, lower case); only pieces that stand in the
        text as it is are given, because nothing else could be underlined.
        """
        weights: dict[str, float] = {}
        for field in ("target", "sentiment"):
            for span, weight in self._annotator.explain(reading, field):
                weights[span] = max(weight, weights.get(span, 0.0))
        heaviest = sorted(weights, key=lambda span: (-weights[span], span))
        return [span for span in heaviest if span.strip() and span in reading.text][:_MOST]
