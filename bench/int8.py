"""What int8 costs: every headline metric by the fp32 and by the int8 encoder of one export.

    COURTPULSE_SHARED=../shared python -m bench.int8 EXPORTED

EXPORTED is a folder that `courtpulse model export` wrote; it holds both files. Read on all labelled
real texts, the fictional examples and both gold files: the network was trained on most of them, so
the differences count, the levels don't. Many texts, because one text of a small file is more than
the limit. Exit code 1 when a headline of the real texts loses more than the limit.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from nlp import corpus, evaluation, label_files, training
from nlp.corpus import LabelledText
from nlp.encoder.export import FULL
from nlp.encoder.runtime import OnnxRuntime
from nlp.encoder.serving import NeuralAnnotator

_SHARED = Path(os.environ.get("COURTPULSE_SHARED", "../shared")) / "data" / "nlp"
_GOLD = Path("tests/gold")
_HEADLINES = (
    "joint_accuracy", "court_negative_f1", "irrelevant_recall", "topics_concern_micro_f1",
)  # fmt: skip
_LIMIT = 0.005


def losses(texts: Sequence[LabelledText], exported: Path) -> dict[str, tuple[float, float]]:
    """Metric → value by fp32, value by int8; unsure texts are left out."""
    small = NeuralAnnotator.load(exported)
    full = small.with_runtime(OnnxRuntime(exported / FULL))
    sure = [text for text in texts if not text.unsure]
    readings = [text.reading for text in sure]
    both = [evaluation.measure(sure, one.annotate(readings), resamples=20) for one in (full, small)]
    return {name: (both[0][name]["value"], both[1][name]["value"]) for name in _HEADLINES}


def main() -> int:
    """Measure and print."""
    exported = Path(sys.argv[1])
    real = label_files.collected(
        _SHARED / "court_labelled.jsonl.xz", _SHARED / "court_pool.jsonl.xz"
    )
    sets = {
        "real": real,
        "examples": training.read_examples(),
        "gold": [
            text
            for name in ("annotation", "annotation_hard")
            for text in corpus.read(_GOLD / f"{name}.jsonl", fictional=True)
        ],
    }
    worst = 0.0
    for name, texts in sets.items():
        print(f"{name}, {sum(not text.unsure for text in texts):,} texts: fp32 → int8")
        for metric, (full, small) in losses(texts, exported).items():
            print(f"  {metric:26} {full:.4f} → {small:.4f}  {small - full:+.4f}")
            worst = max(worst, full - small) if name == "real" else worst
    print(f"largest loss on real texts {worst:.4f}, limit {_LIMIT}")
    return 0 if worst <= _LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
