"""How far a second, blind reading of the texts agrees with the first; prints a Markdown table.

Cohen's κ per field and per topic, with 95 % percentile intervals over texts (guideline §3).
Both readings are label files by id; the texts are not needed.

    python -m bench.label_agreement
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nlp.labelling.agreement import Agreement, field_agreement

LABELS = Path(__file__).parents[1] / "nlp" / "labels"
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
        found = _agreement(name, [(label(first), label(second)) for first, second in pairs])
        print(f"| {name} | {found.same:.3f} | {_figure(found.kappa)} | {_interval(found)} |")
    topics = sorted({topic for pair in pairs for row in pair for topic in row["topics"]})
    print("\n| topic | first | second | κ |\n|---|---|---|---|")
    kappas = []
    for topic in topics:
        seen = [(topic in first["topics"], topic in second["topics"]) for first, second in pairs]
        first, second = (sum(bool(pair[side]) for pair in seen) for side in (0, 1))
        if first + second >= FEWEST:
            kappa = _agreement(topic, seen).kappa
            kappas += [] if kappa is None else [kappa]
            print(f"| {topic} | {first} | {second} | {_figure(kappa)} |")
    print(f"\nmacro κ of these {len(kappas)} topics: {np.mean(kappas):.2f}")


def _pairs() -> list[Pair]:
    first = {row["id"]: row for row in _rows(sorted(LABELS.glob("round4*.jsonl")))}
    second = _rows([LABELS / "second_pass" / "round4.jsonl"])
    return [(first[row["id"]], row) for row in second]


def _rows(files: Iterable[Path]) -> list[dict[str, Any]]:
    return [
        json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()
    ]


def _agreement(name: str, seen: Sequence[tuple[Hashable, Hashable]]) -> Agreement:
    return field_agreement(name, [(str(first), str(second)) for first, second in seen])


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _interval(found: Agreement) -> str:
    return f"{_figure(found.low)}–{_figure(found.high)}"


if __name__ == "__main__":
    main()
