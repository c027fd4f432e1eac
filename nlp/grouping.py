"""Which labelled texts belong to one event, so that a fold never holds half of it.

Texts share a group when they carry the same hashtag or headline in 【】, or are near-duplicates;
scores on events seen in training are far higher than on new ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import HashingVectorizer

#: Share of common character trigrams from which two texts count as one story (template variants
#: begin at .4 by guideline §4; .3 errs toward larger groups, that is, toward honest scores).
SAME_STORY = 0.3
_TAG = re.compile(r"#([^#]{2,40})#|【([^】]{4,40})】")
_PUNCTUATION = re.compile(r"\W")


def groups(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """The number of each text's group: the index of one of its members."""
    leaders = _Leaders(len(texts))
    first: dict[str, int] = {}
    for index, text in enumerate(texts):
        for tag, headline in _TAG.findall(text):
            leaders.join(index, first.setdefault(tag or headline, index))
    for left, right in _near_duplicates(texts):
        leaders.join(left, right)
    return np.array([leaders.of(index) for index in range(len(texts))], np.int64)


def folds(group_of: npt.NDArray[np.int64], count: int, seed: int) -> npt.NDArray[np.int64]:
    """A fold for each text: whole groups, largest first, always into the smallest fold."""
    shuffled = np.random.default_rng(seed).permutation(np.unique(group_of))
    sizes = {group: int((group_of == group).sum()) for group in shuffled}
    filled = [0] * count
    fold_of: dict[int, int] = {}
    for group in sorted(shuffled, key=lambda group: -sizes[group]):
        smallest = filled.index(min(filled))
        fold_of[int(group)] = smallest
        filled[smallest] += sizes[group]
    return np.array([fold_of[int(group)] for group in group_of], np.int64)


class _Leaders:
    """Union-find over text numbers."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def of(self, index: int) -> int:
        while self._parents[index] != index:
            self._parents[index] = self._parents[self._parents[index]]
            index = self._parents[index]
        return index

    def join(self, left: int, right: int) -> None:
        self._parents[self.of(left)] = self.of(right)


def _near_duplicates(texts: Sequence[str]) -> list[tuple[int, int]]:
    vectorizer = HashingVectorizer(
        analyzer="char", ngram_range=(3, 3), binary=True, norm=None, alternate_sign=False,
        dtype=np.float32,
    )  # fmt: skip
    rows = vectorizer.transform(_PUNCTUATION.sub("", text) for text in texts)
    sizes = np.asarray(rows.sum(axis=1)).ravel()
    common = (rows @ rows.T).tocoo()
    union = sizes[common.row] + sizes[common.col] - common.data
    near = (common.row < common.col) & (common.data >= SAME_STORY * union)
    return list(zip(common.row[near].tolist(), common.col[near].tolist(), strict=True))
