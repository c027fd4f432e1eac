"""Candidates on the fictional world (precision, recall) and, where COURTPULSE_SHARED is set, on the pool.

    python -m bench.candidates

A candidate is right when 80 % of its posts are about one hidden case; a hidden case is found when
half of its posts of the window stand in right candidates. The peer counts names alone: the words
whose share grew tenfold with six posts at least. Of the pool only figures are printed; with
`--read` the anchors and example ids, for a person to judge on this machine.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from bench.candidate_world import DAY, END, Said, names, world
from courtpulse.candidates.features import FeatureReader
from courtpulse.candidates.rule import Found, Sighting, find
from courtpulse.candidates.suggestion import suggest
from nlp.terms import LogOddsTerms

_RIGHT, _HALF = 0.8, 0.5


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--read", action="store_true")
    asked = parser.parse_args()
    total = Counter[str]()
    for seed in range(1, asked.seeds + 1):
        total += score(world(seed))
    print(_line("rule", total, asked.seeds))
    total = sum((_peer(world(seed)) for seed in range(1, asked.seeds + 1)), Counter[str]())
    print(_line("peer: words grown tenfold", total, asked.seeds))
    if folder := os.environ.get("COURTPULSE_SHARED"):
        _pool(Path(folder) / "data" / "nlp" / "court_pool.jsonl.xz", asked.read)


def score(posts: Sequence[Said]) -> Counter[str]:
    """Candidates, right ones, hidden cases found, of one world."""
    window, past, past_total = prepare(posts)
    case_of = [one.case for one in posts if one.at >= END - DAY]
    return _score([one.posts for one in find(window, past, past_total)], case_of)


def prepare(posts: Sequence[Said]) -> tuple[list[Sighting], Callable[[Sequence[str]], int], int]:
    """The window as the rule sees it, the counter of the past, the size of the past."""
    reader = FeatureReader(LogOddsTerms())
    window = [
        Sighting(one.id, one.text, one.text, one.at, one.source, one.voice, reader.read(one.text))
        for one in posts if one.at >= END - DAY
    ]  # fmt: skip
    texts = [one.text for one in posts if one.at < END - DAY]

    def past(phrases: Sequence[str]) -> int:
        return sum(all(phrase in text for phrase in phrases) for text in texts)

    return window, past, len(texts)


def _score(groups: Sequence[Sequence[int]], case_of: Sequence[str]) -> Counter[str]:
    right, covered = 0, Counter[str]()
    for group in groups:
        [(case, n)] = Counter(case_of[place] for place in group).most_common(1)
        if case and n >= _RIGHT * len(group):
            right += 1
            covered[case] += n
    size = Counter(case_of)
    found = sum(covered[case] >= _HALF * size[case] for case in names())
    return Counter({"candidates": len(groups), "right": right, "found": found})


def _peer(posts: Sequence[Said]) -> Counter[str]:
    window, past, past_total = prepare(posts)
    held: dict[str, list[int]] = {}
    for place, one in enumerate(window):
        for word in one.features.words:
            held.setdefault(word, []).append(place)
    rate = past_total / max(1, len(window))
    groups = [places for word, places in sorted(held.items())
              if len(places) >= 6 and len(places) * rate >= 10 * max(1, past((word,)))]  # fmt: skip
    return _score(groups, [one.case for one in posts if one.at >= END - DAY])


def _line(name: str, total: Counter[str], seeds: int) -> str:
    recall = total["found"] / (seeds * len(names()))
    precision = total["right"] / max(1, total["candidates"])
    return (
        f"{name}: {total['candidates']} candidates in {seeds} worlds, precision {precision:.2f}, "
        f"hidden cases found {recall:.2f} ({len(names())} each)"
    )


def _pool(path: Path, read: bool) -> None:
    with lzma.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    random.Random(1).shuffle(rows)
    step = timedelta(days=15) / len(rows)
    calm = [_said(row, END - timedelta(days=15) + step * place) for place, row in enumerate(rows)]
    started = time.perf_counter()
    window, past, past_total = prepare(calm)
    found = find(window, past, past_total)
    took = time.perf_counter() - started
    print(
        f"pool spread evenly over 15 days: {len(window)} in the window, {len(found)} candidates (all chance), {took:.0f} s"
    )
    _tell(found, window, read)
    day = [_said(row, END - DAY * 0.5) for row in rows if row["tier"] == "court"]
    started = time.perf_counter()
    window, _, _ = prepare(day)
    found = find(window, lambda _: 0, 0)
    print(
        f"pool, tier court, as one day without a past: {len(window)} texts, {len(found)} candidates, {time.perf_counter() - started:.0f} s"
    )
    _tell(found, window, read)


def _tell(found: Sequence[Found], window: Sequence[Sighting], read: bool) -> None:
    kinds = Counter(one.anchors[0].kind for one in found)
    print(
        f"  by strongest anchor: {dict(kinds)}; posts in them {sum(len(one.posts) for one in found)}"
    )
    terms = LogOddsTerms()
    for one in found if read else ():
        made, _ = suggest(one, window, terms)
        print(
            f"  {len(one.posts):4} {one.anchors[0].key} | {made.title} | {made.court} | {made.formula.events}"
        )


def _said(row: dict[str, str], at: object) -> Said:
    return Said(row["id"], row["text"], at, row["source"], row["id"], "")  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
