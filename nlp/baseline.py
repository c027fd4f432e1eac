"""What any model here must beat: character n-gram TF-IDF with a linear SVM, on the same folds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from domain.annotation import IRRELEVANT, Annotation, Sentiment, Target
from nlp import evaluation
from nlp.corpus import LabelledText
from nlp.heads import stance_of
from nlp.topics import FALLBACK


def measure(
    texts: Sequence[LabelledText],
    fold_of: npt.NDArray[np.int64],
    group_of: npt.NDArray[np.int64],
) -> evaluation.Metrics:
    """Metrics of target and sentiment; topics, demand and irony are not predicted."""
    rows = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True).fit_transform(
        [text.text for text in texts]
    )
    stances = np.array([stance_of(text) for text in texts])
    said = np.empty(len(texts), dtype=object)
    for fold in np.unique(fold_of):
        held = fold_of == fold
        said[held] = LinearSVC(random_state=0).fit(rows[~held], stances[~held]).predict(rows[held])
    sure = [index for index, text in enumerate(texts) if not text.unsure]
    return evaluation.measure(
        [texts[index] for index in sure],
        [_annotation(said[index]) for index in sure],
        groups=[int(group_of[index]) for index in sure],
    )


def _annotation(stance: str) -> Annotation:
    target, sentiment = stance.split("/")
    if target == IRRELEVANT:
        return Annotation(Target.OTHER, Sentiment(sentiment), (IRRELEVANT,))
    return Annotation(Target(target), Sentiment(sentiment), (FALLBACK,))
