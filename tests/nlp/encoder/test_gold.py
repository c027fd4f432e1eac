"""The shipped model keeps its floors on the fictional gold files; they only rise.

They lie .02 under what was measured: int8 arithmetic differs a little between processors.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlp import corpus, evaluation
from nlp.encoder.serving import NeuralAnnotator

GOLD = Path(__file__).parents[2] / "gold"


@pytest.mark.parametrize(("name", "key"), [("annotation", "nlp"), ("annotation_hard", "nlp_hard")])
def test_the_shipped_model_keeps_its_floors(name: str, key: str) -> None:
    floors = json.loads((GOLD / "floors.json").read_text(encoding="utf-8"))[key]
    texts = [text for text in corpus.read(GOLD / f"{name}.jsonl") if not text.unsure]
    said = NeuralAnnotator.load().annotate([text.reading for text in texts])
    metrics = evaluation.measure(texts, said, resamples=0)
    low = {
        metric: (metrics[metric]["value"], floor)
        for metric, floor in floors.items()
        if (metrics[metric]["value"] or 0) < floor
    }
    assert low == {}
