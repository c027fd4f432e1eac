"""Throughput of linking and labelling in one process (nothing here uses a second thread): `python -m bench.annotate [--posts N]`."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from domain.cases import Case, MatchFormula
from domain.protocols import Reading
from nlp import corpus
from nlp.linear import LinearAnnotator
from nlp.linking import Linker
from nlp.terms import LogOddsTerms

EXAMPLES = Path(__file__).parents[1] / "nlp" / "examples"
BATCH = 256


def seconds(work: Callable[[], object]) -> float:
    """The best of three runs."""

    def once() -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    return min(once() for _ in range(3))


def fictional_readings(count: int) -> list[Reading]:
    """The fictional examples, repeated with a number so that no two are alike."""
    texts = [t for path in sorted(EXAMPLES.glob("*.jsonl")) for t in corpus.read(path)]
    return [
        Reading(f"{texts[n % len(texts)].text}（{n}）", texts[n % len(texts)].platform)
        for n in range(count)
    ]


def fictional_cases(count: int) -> list[Case]:
    """Cases whose formulas share their region words, as one court's cases do."""
    return [
        Case(
            id=f"case-{number}",
            title=f"甲某{number}案",
            court="江澜市云岫区人民法院",
            watched_since=datetime(2026, 1, 1, tzinfo=UTC),
            numbers=(f"（2026）苏9902民初{number + 1}号",),
            aliases=(f"甲{number}公司案",),
            formula=MatchFormula(regions=("云岫", "江澜", "法院"), persons=(f"甲某{number}号",)),
        )
        for number in range(count)
    ]


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=4000)
    readings = fictional_readings(parser.parse_args().posts)
    texts = [reading.text for reading in readings]
    started = time.perf_counter()
    annotator = LinearAnnotator.load()
    loaded = time.perf_counter() - started
    batches = [readings[n : n + BATCH] for n in range(0, len(readings), BATCH)]
    result = {
        "posts": len(texts),
        "mean_characters": round(sum(map(len, texts)) / len(texts), 1),
        "load_seconds": round(loaded, 3),
        "annotate_per_second": _rate(texts, lambda: [annotator.annotate(b) for b in batches]),
        "annotate_one_by_one_per_second": _rate(
            texts[:500], lambda: [annotator.annotate([r]) for r in readings[:500]]
        ),
    }
    for count in (200, 1000):
        linker = Linker(fictional_cases(count))
        result[f"link_{count}_cases_per_second"] = _rate(
            texts, lambda linker=linker: [linker.link(text) for text in texts]
        )
    finder = LogOddsTerms()
    half = len(texts) // 2
    result["terms_seconds"] = round(seconds(lambda: finder.terms(texts[:half], texts[half:])), 3)
    print(json.dumps(result, indent=2))


def _rate(texts: list[str], work: Callable[[], object]) -> int:
    return round(len(texts) / seconds(work))


if __name__ == "__main__":
    main()
