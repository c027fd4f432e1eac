"""Detection with the court-negative stream as the shipped annotator reads it.

    python -m bench.spikes_read [--shared ../shared]

The streams' own `neg` is synthetic. Here every event of the development streams (not part of this
repository) gets a text: one that is court-negative by label where `neg` is 1, another one where it
is 0; and `neg` becomes what the annotator says of that text. Texts are the gold files, which no
training saw, and the labelled texts of the pool, which the shipped model has read (optimistic).
"""

from __future__ import annotations

import argparse
import csv
import lzma
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from alerts.trials.measure import NOMINAL, reading, threshold
from alerts.trials.methods import METHODS
from alerts.trials.panel import Panel, read_panel
from nlp import corpus
from nlp.corpus import LabelledText
from nlp.encoder.serving import NeuralAnnotator

SEED = 20261123
GOLD = Path(__file__).parent.parent / "tests" / "gold"


def answers(texts: Sequence[LabelledText]) -> dict[bool, list[bool]]:
    """Court-negative by label → what the annotator says of each such text."""
    said = NeuralAnnotator.load().annotate([text.reading for text in texts])
    found: dict[bool, list[bool]] = {True: [], False: []}
    for text, label in zip(texts, said, strict=True):
        found[text.court_negative].append(label.court_negative)
    return found


def read_again(events: Path, said: dict[bool, list[bool]], out: Path) -> None:
    """The events with `neg` as the annotator reads a text drawn for each."""
    chance = random.Random(SEED)
    with lzma.open(events, "rt") as source, out.open("w", newline="") as target:
        rows = csv.DictReader(source)
        written = csv.DictWriter(target, ("series", "t", "author", "neg"), extrasaction="ignore")
        written.writeheader()
        for row in rows:
            row["neg"] = str(int(chance.choice(said[row["neg"] == "1"])))
            written.writerow(row)


def table(name: str, panel: Panel) -> None:
    """Print what the detector in use catches with this panel's court-negative stream."""
    _, method = METHODS["surge_levelled"]
    scores = np.maximum(method(panel.counts, panel.start), method(panel.negative, panel.start))
    for nominal in NOMINAL:
        at = reading(scores, panel, nominal, threshold(scores, panel, nominal))
        print(
            f"{name:34} FA≤{nominal:<4g} θ {at.threshold:5.2f}  FA {at.realised:.3f}  "
            f"≤1 h {at.bursts.within_hour:.3f}  ≤24 h {at.bursts.within_day:.3f}  "
            f"median {at.bursts.median_minutes or float('inf'):.1f} min"
        )


def main() -> None:
    """Print one line a nominal rate for each way to know what is court-negative."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--shared", type=Path, default=os.environ.get("COURTPULSE_SHARED", "../shared")
    )
    data = Path(parser.parse_args().shared) / "data"
    events, truth = data / "spikes" / "events_dev.csv.xz", data / "spikes" / "truth_dev.csv"
    if not truth.is_file():
        sys.exit(f"{truth.name} is missing: give --shared")
    gold = [*corpus.read(GOLD / "annotation.jsonl"), *corpus.read(GOLD / "annotation_hard.jsonl")]
    pool = corpus.read(data / "nlp" / "court_labelled.jsonl.xz")
    table("neg as the streams have it", read_panel(events, truth))
    for name, texts in (("read in gold texts (unseen)", gold), ("read in pool texts (seen)", pool)):
        said = answers(texts)
        hit, false = (float(np.mean(said[label])) for label in (True, False))
        print(f"{name}: {len(texts)} texts, court-negative found {hit:.3f}, false {false:.3f}")
        with tempfile.TemporaryDirectory() as folder:
            again = Path(folder) / "events.csv"
            read_again(events, said, again)
            table(name, read_panel(again, truth))


if __name__ == "__main__":
    main()
