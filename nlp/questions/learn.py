"""Makes `statement_vectors.npz`: `python -m nlp.questions.learn ENCODER.onnx TOKENIZER.json TEXTS`.

TEXTS holds one `source<TAB>text` a line (xz). Needs no network; takes some minutes on one core.
"""

from __future__ import annotations

import lzma
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from nlp import model_file
from nlp.features import Vocabulary
from nlp.linear import SHIPPED as LINEAR
from nlp.questions.likeness import LEGAL_TERMS, SYNONYMS, Likeness
from nlp.questions.vectors import DIMENSIONS, SHIPPED, Matrix, StatementVectors, distil

_NONE = np.empty((0, DIMENSIONS), np.float32)
_WORDS, _LONGEST_WORD, _TEXTS, _BATCH = 24_000, 8, 250_000, 128


def frequent_words(texts: Iterable[str], likeness: Likeness) -> Counter[str]:
    """How often each word occurs; the words of the lists are always among them."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(word for word in likeness.cut(text) if len(word) <= _LONGEST_WORD)
    common = sorted(counts, key=lambda word: (-counts[word], word))[:_WORDS]
    listed = " ".join(path.read_text(encoding="utf-8") for path in (SYNONYMS, LEGAL_TERMS)).split()
    return Counter({word: max(1, counts[word]) for word in dict.fromkeys((*common, *listed))})


def embed(words: Sequence[str], encoder: Path, tokenizer: Path) -> Matrix:
    """First token's vector of each word, of length one."""
    session = onnxruntime.InferenceSession(str(encoder), providers=["CPUExecutionProvider"])
    cutter = Tokenizer.from_file(str(tokenizer))
    cutter.enable_padding()
    parts = []
    for start in range(0, len(words), _BATCH):
        sheets = cutter.encode_batch(list(words[start : start + _BATCH]))
        ids = np.array([sheet.ids for sheet in sheets], np.int64)
        mask = np.array([sheet.attention_mask for sheet in sheets], np.int64)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        parts.append(session.run(None, given)[0][:, 0])
    vectors = np.concatenate(parts)
    unit: Matrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def main(arguments: Sequence[str]) -> None:
    """Read, count, embed, write."""
    encoder, tokenizer, texts = (Path(argument) for argument in arguments)
    with lzma.open(texts, "rt", encoding="utf-8") as file:
        lines = [
            line.rstrip("\n").partition("\t")[2]
            for _, line in zip(range(_TEXTS), file, strict=False)
        ]
    empty = StatementVectors(Vocabulary(np.empty(0, np.int32), np.empty(0, np.float32)), _NONE)
    counts = frequent_words(lines, Likeness(model_file.load(LINEAR).word_vectors, empty))
    words = list(counts)
    distil(words, [counts[word] for word in words], embed(words, encoder, tokenizer)).save(SHIPPED)


if __name__ == "__main__":
    main(sys.argv[1:])
