"""Word vectors from unlabelled text: co-occurrence counts, PPMI, a truncated SVD.

They let the linear heads know that 裁定 and 判决 are near, which 4,830 labelled texts can't teach.
Only hash slots and numbers leave this module, no word.
"""

from __future__ import annotations

import json
import lzma
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.utils.extmath import randomized_svd

from nlp.features import Vocabulary, WordVectors, count_slots, prepare, words

#: Tried by grouped cross-validation (joint accuracy, court-negative F1). Collected texts only: no
#: vectors .692, .606; 128 dimensions of 280,000 texts .712, .617. With the fictional texts: the
#: same .708, .588; 160 of 630,000 .702, .596. More dimensions would not fit into 5 MB.
DIMENSIONS = 160
VOCABULARY = 20_000
SAMPLE = 600_000
#: Words this far apart count as neighbours, weighted by 1/√distance. 3 gave .606 court-negative F1
#: against .596 for 6, within the noise.
WINDOW = 3
#: Contexts are smoothed by this power, as in word2vec; words by a/(a + frequency) (SIF, a = 1e-3).
_CONTEXT_POWER = 0.75
_SIF = 1e-3
_LONGEST_TEXT = 200


def unlabelled(lines_file: Path, pool_file: Path, seed: int) -> list[str]:
    """A fixed sample of `source<TAB>text` lines, and all texts of the pool (JSONL, xz)."""
    with lzma.open(lines_file, "rt", encoding="utf-8") as file:
        texts = [line.rstrip("\n").partition("\t")[2] for line in file]
    random.Random(seed).shuffle(texts)
    with lzma.open(pool_file, "rt", encoding="utf-8") as file:
        pool = [str(json.loads(line)["text"]) for line in file]
    return texts[:SAMPLE] + pool


def learn(texts: Iterable[str], seed: int) -> WordVectors:
    """Learn vectors of the most frequent words of `texts`."""
    documents = [words(prepare(text)[:_LONGEST_TEXT]) for text in texts]
    counted = Counter(word for document in documents for word in document)
    # Ties are broken by the word itself, so that the same texts give the same file.
    common = sorted(counted, key=lambda word: (-counted[word], word))[:VOCABULARY]
    vectors = _factorise(_cooccurrences(documents, common), seed)
    counts = np.array([counted[word] for word in common], np.float64)
    return _by_slot(common, vectors, _SIF / (_SIF + counts / counts.sum()))


def _cooccurrences(documents: Sequence[Sequence[str]], common: Sequence[str]) -> sp.csr_matrix:
    number = {word: index for index, word in enumerate(common)}
    size = len(common)
    stream: list[int] = []
    for document in documents:
        stream += [number.get(word, -1) for word in document]
        stream += [-1] * WINDOW  # no neighbours across texts
    sequence = np.array(stream, np.int32)
    counts = sp.csr_matrix((size, size), dtype=np.float64)
    for distance in range(1, WINDOW + 1):
        left, right = sequence[:-distance], sequence[distance:]
        both = (left >= 0) & (right >= 0)
        weights = np.full(int(both.sum()), distance**-0.5)
        counts = counts + sp.csr_matrix((weights, (left[both], right[both])), (size, size))
    return counts + counts.T


def _factorise(counts: sp.csr_matrix, seed: int) -> npt.NDArray[np.float64]:
    totals = np.asarray(counts.sum(axis=1)).ravel()
    contexts = totals**_CONTEXT_POWER
    contexts /= contexts.sum()
    cells = counts.tocoo()
    pmi = np.log(cells.data / (totals[cells.row] * contexts[cells.col]))
    positive = pmi > 0
    matrix = sp.csr_matrix(
        (pmi[positive], (cells.row[positive], cells.col[positive])), counts.shape
    )
    left, singular, _ = randomized_svd(matrix, DIMENSIONS, n_iter=3, random_state=seed)
    vectors = left * np.sqrt(singular)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: npt.NDArray[np.float64] = vectors / np.maximum(lengths, 1e-9)
    return scaled


def _by_slot(
    common: Sequence[str],
    vectors: npt.NDArray[np.float64],
    frequencies: npt.NDArray[np.float64],
) -> WordVectors:
    slots = count_slots([word] for word in common).indices
    # A slot shared by two words keeps the more frequent one's vector; `common` is sorted so.
    kept_slots, first = np.unique(slots, return_index=True)
    return WordVectors(
        Vocabulary(kept_slots.astype(np.int32), frequencies[first].astype(np.float32)),
        vectors[first].astype(np.float32),
    )
