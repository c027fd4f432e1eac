"""Fits the wide part: support vector machines and logistic regressions over n-grams."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from sklearn.svm import LinearSVC

from domain.posts import Platform
from nlp import heads
from nlp.corpus import LabelledText
from nlp.encoder.layout import EMOTIONS
from nlp.encoder.sheets import FeltText
from nlp.encoder.wide import Part, hashed, learn_grams, signs
from nlp.features import prepare

#: An n-gram that stands in fewer texts is not kept.
_LEAST_COURT, _LEAST_EMOTION = 3, 4
_EMOTION_STRENGTH = 0.2
_SEED = 0


def fit_labels(texts: Sequence[LabelledText], topic_ids: Sequence[str]) -> Part:
    """Stance, demand, topics and irony."""
    prepared = [prepare(text.text) for text in texts]
    grams = learn_grams(prepared, _LEAST_COURT)
    rows = sp.hstack(
        [
            grams.rows(hashed(prepared)),
            sp.csr_matrix(signs(prepared, [text.platform for text in texts])),
        ]
    ).tocsr()
    fitted = heads.fit(rows, texts, topic_ids)
    return Part(grams, fitted.weights.astype(np.float32), fitted.bias.astype(np.float32))


def fit_emotions(texts: Sequence[FeltText]) -> Part:
    """Emotions of Weibo posts."""
    prepared = [prepare(text.text) for text in texts]
    grams = learn_grams(prepared, _LEAST_EMOTION)
    rows = sp.hstack(
        [
            grams.rows(hashed(prepared)),
            sp.csr_matrix(signs(prepared, [Platform.WEIBO] * len(texts))),
        ]
    ).tocsr()
    model = LinearSVC(C=_EMOTION_STRENGTH, random_state=_SEED)
    model.fit(rows, [text.emotion for text in texts])
    order = [list(model.classes_).index(name) for name in EMOTIONS]
    return Part(
        grams,
        np.ascontiguousarray(model.coef_[order].T, np.float32),
        model.intercept_[order].astype(np.float32),
    )
