"""How far a second, blind reading of the texts agrees with the first; prints a Markdown table.

Cohen's κ per field and per topic, with 95 % percentile intervals over texts (guideline §3).
Both readings are label files by id; the texts are not needed.

    python bench/label_agreement.py
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

LABELS = Path(__file__).parents[1] / "nlp" / "labels"
RESAMPLES = 2000
#: A topic that fewer than so many texts carry in both readings together has no κ worth printing.
FEWEST = 6

Row = Mapping[str, Any]
Pair = tuple[Row, Row]

FIELDS: dict[str, Callable[[Row], Hashable]] = {
    "relevant": lambda row: "irrelevant" not in row["topics"],
    "target": lambda row: row["target"],
    "sentiment": lambda row: row["sentiment"],
    "target and sentiment (of what is relevant)": lambda row: (
        (row["target"], row["sentiment"]) if "irrelevant" not in row["topics"] else None
    ),
    "court-negative": lambda row: (row["target"], row["sentiment"]) == ("court", "negative"),
    "main topic": lambda row: row["topics"][0],
    "demand": lambda row: row["demand"],
    "irony": lambda row: row["irony"],
}


def main() -> None:
    """Print the tables of fields and topics."""
    pairs = _pairs()
    print(f"{len(pairs)} texts read twice\n\n| field | agree | κ | 95 % |\n|---|---|---|---|")
    for name, label in FIELDS.items():
        seen = [(label(first), label(second)) for first, second in pairs]
        low, high = _interval(seen)
        print(f"| {name} | {_agree(seen):.3f} | {_kappa(seen):.2f} | {low:.2f}–{high:.2f} |")
    topics = sorted({topic for pair in pairs for row in pair for topic in row["topics"]})
    print("\n| topic | first | second | κ |\n|---|---|---|---|")
    kappas = []
    for topic in topics:
        seen = [(topic in first["topics"], topic in second["topics"]) for first, second in pairs]
        first, second = (sum(bool(pair[side]) for pair in seen) for side in (0, 1))
        if first + second >= FEWEST:
            kappas.append(_kappa(seen))
            print(f"| {topic} | {first} | {second} | {kappas[-1]:.2f} |")
    print(f"\nmacro κ of these {len(kappas)} topics: {sum(kappas) / len(kappas):.2f}")


def _pairs() -> list[Pair]:
    first = {row["id"]: row for row in _rows(sorted(LABELS.glob("round4*.jsonl")))}
    second = _rows([LABELS / "second_pass" / "round4.jsonl"])
    return [(first[row["id"]], row) for row in second]


def _rows(files: Iterable[Path]) -> list[dict[str, Any]]:
    return [
        json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()
    ]


def _agree(seen: Sequence[tuple[Hashable, Hashable]]) -> float:
    return sum(first == second for first, second in seen) / len(seen)


def _kappa(seen: Sequence[tuple[Hashable, Hashable]]) -> float:
    """Cohen's κ; 1.0 where both readings know one label only."""
    first = Counter(pair[0] for pair in seen)
    second = Counter(pair[1] for pair in seen)
    by_chance = sum(first[label] * second[label] for label in first) / len(seen) ** 2
    return 1.0 if by_chance == 1 else (_agree(seen) - by_chance) / (1 - by_chance)


def _interval(seen: Sequence[tuple[Hashable, Hashable]]) -> tuple[float, float]:
    draw = random.Random(20260923)  # the same interval on every run
    kappas = sorted(_kappa(draw.choices(seen, k=len(seen))) for _ in range(RESAMPLES))
    return kappas[int(0.025 * RESAMPLES)], kappas[int(0.975 * RESAMPLES)]


if __name__ == "__main__":
    main()
