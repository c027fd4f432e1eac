"""Words that stand out in some texts against others: log-odds with an informative Dirichlet prior.

Method: Monroe, Colaresi and Quinn, "Fightin' Words" (2008). Texts are counted, not occurrences, so
that one long article can't fill the list.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import rjieba

from text.normalise import clean

#: Joined in segmentation: 终结本次执行 is one word to the press office.
LEGAL_TERMS = Path(__file__).with_name("legal_terms.txt")
STOP_WORDS = Path(__file__).with_name("stop_words.txt")
#: A word must stand in this many of the texts; one text is no pattern.
LEAST_TEXTS = 2
#: Standard deviations above chance from which a word counts as standing out (two-sided 5 %).
LEAST_Z = 1.96
#: The prior weighs as much as this many word sightings.
PRIOR_WEIGHT = 50.0
#: Prior of a word when there is no background: all words alike.
_FLAT_PRIOR = 0.1
_TERM_FREQUENCY = 1_000_000
_PLACEHOLDER = re.compile(r"〔[^〕]{1,12}〕")
_WORD = re.compile(r"[\u3400-\u9fff]{2,}|[a-z][a-z0-9]+|12368")


def stop_words() -> frozenset[str]:
    """Words that say nothing by themselves."""
    return frozenset(_entries(STOP_WORDS))


class LogOddsTerms:
    """Implements `domain.protocols.TermFinder`; the same texts give the same words."""

    def __init__(self) -> None:
        self._segmenter = rjieba.Jieba()
        for term in _entries(LEGAL_TERMS):
            self._segmenter.add_word(term, _TERM_FREQUENCY, "n")
        self._stop_words = stop_words()

    def terms(
        self, texts: Sequence[str], background: Sequence[str], limit: int = 10
    ) -> list[tuple[str, float]]:
        """Words of `texts` with their z-score, heaviest first.

        Without a background every word has the same prior, so the most frequent ones lead.
        """
        here, there = self._counts(texts), self._counts(background)
        sums = here.total(), there.total()
        scored = [
            (word, round(_z(here[word], there[word], sums, _prior(word, here, there)), 2))
            for word in here
            if here[word] >= min(LEAST_TEXTS, len(texts))
        ]
        standing_out = [(word, z) for word, z in scored if z >= LEAST_Z or not there]
        return sorted(standing_out, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def words(self, text: str) -> list[str]:
        """The words of a text that may be listed: no stop words, placeholders or single characters."""
        cut = self._segmenter.cut(_PLACEHOLDER.sub(" ", clean(text)).lower())
        return [word for word in cut if _WORD.fullmatch(word) and word not in self._stop_words]

    def _counts(self, texts: Iterable[str]) -> Counter[str]:
        return Counter(word for text in texts for word in sorted(set(self.words(text))))


def _prior(word: str, here: Counter[str], there: Counter[str]) -> tuple[float, float]:
    """Pseudo-count of the word and of all words: its share in both corpora together."""
    if not there:
        return _FLAT_PRIOR, _FLAT_PRIOR * len(here)
    return PRIOR_WEIGHT * (here[word] + there[word]) / (here.total() + there.total()), PRIOR_WEIGHT


def _z(here: int, there: int, sums: tuple[int, int], prior: tuple[float, float]) -> float:
    word, every = prior
    return (_log_odds(here, sums[0], word, every) - _log_odds(there, sums[1], word, every)) / (
        math.sqrt(1 / (here + word) + 1 / (there + word))
    )


def _log_odds(count: int, total: int, word: float, every: float) -> float:
    others = total + every - count - word
    return math.log((count + word) / others) if others > 0 else math.log(count + word)


def _entries(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split()
