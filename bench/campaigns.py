"""How often copy-and-paste campaigns are labelled, and honest people aren't.

    python -m bench.campaigns [--half tune|read] [--each 80] [--seed 0] [--signs]

Thresholds were set on the half "tune", whose texts are other than those of "read". With
COURTPULSE_SHARED the timing of real bursts and the words of real people are used, else drawn ones.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from itertools import pairwise
from pathlib import Path
from statistics import median

from alerts.campaigns import Said, Signs, examine, find
from bench.campaign_streams import Maker, Source, load

CAMPAIGNS = ("verbatim", "slot_filled", "paraphrased")
HONEST = ("real_burst", "news_shared", "slogans", "appeals", "candles")
_SEEDS = {"tune": 1, "read": 2}


def table(
    half: str, each: int, source: Source, seed: int = 0
) -> dict[str, tuple[int, int, Counter[str]]]:
    """Kind → labelled, of how many, and which signs said so."""
    found = {}
    for kind in (*CAMPAIGNS, *HONEST):
        signs: Counter[str] = Counter()
        labelled = 0
        for posts in examples(half, kind, each, source, seed):
            if campaign := find(posts):
                labelled += 1
                signs.update(campaign.signs)
        found[kind] = labelled, each, signs
    return found


def examples(half: str, kind: str, each: int, source: Source, seed: int = 0) -> list[list[Said]]:
    """`each` examples of one kind; another `seed` makes others of the same texts and streams."""
    begin = (_SEEDS[half] + seed) * 1000
    maker = Maker(half, source, seed=begin + (*CAMPAIGNS, *HONEST).index(kind))
    make = maker.campaign if kind in CAMPAIGNS else maker.honest
    return [make(kind) for _ in range(each)]


def practice(posts: list[Said]) -> bool:
    """The flag of practice.md §4 as it stands, but for the burst, which an alert implies."""
    ordered = sorted(posts, key=lambda one: one.at)
    near = [(later.at - earlier.at).total_seconds() <= 60 for earlier, later in pairwise(ordered)]
    sync = sum(near) / len(near) if near else 0
    signs = examine([Said(one.text * (1 + 2 * (len(one.text) < 18)), one.at) for one in ordered])
    alike, copies = signs.alike / len(ordered), signs.copies / len(ordered)
    return len(ordered) >= 30 and copies >= 0.5 and (sync >= 0.3 or alike >= 0.3)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench.campaigns", description=__doc__)
    parser.add_argument("--half", choices=_SEEDS, default="read")
    parser.add_argument("--each", type=int, default=80)
    parser.add_argument("--seed", type=int, default=0, help="other examples of the same texts")
    parser.add_argument("--signs", action="store_true", help="medians of the signs, too")
    options = parser.parse_args()
    shared = os.environ.get("COURTPULSE_SHARED")
    source = load(Path(shared) / "data" if shared else None)
    print(f"half {options.half}; streams and words {'of the shared data' if shared else 'drawn'}")
    print(f"{'kind':<12} labelled       signs")
    found = table(options.half, options.each, source, options.seed)
    for kind, (labelled, each, signs) in found.items():
        said = "，".join(f"{words} {count}" for words, count in signs.most_common())
        print(f"{kind:<12} {labelled:>3}/{each} = {labelled / each:.3f}  {said}")
        if options.signs:
            _print_signs(examples(options.half, kind, options.each, source, options.seed))


def _print_signs(streams: list[list[Said]]) -> None:
    read = [examine(sorted(posts, key=lambda one: one.at)) for posts in streams]
    names = ("own", "alike", "copies", "step", "even", "authors")
    for name in names:
        values = sorted(_value(signs, name) for signs in read)
        tenth = len(values) // 10
        print(
            f"    {name:<8} 10 % {values[tenth]:.2f}  median {median(values):.2f}"
            f"  90 % {values[-1 - tenth]:.2f}"
        )
    flagged = sum(practice(posts) for posts in streams)
    print(f"    the flag of practice.md §4 as it stands: {flagged / len(streams):.3f}")


def _value(signs: Signs, name: str) -> float:
    value = float(getattr(signs, name))
    return value / signs.posts if name in ("own", "alike", "copies") else value


if __name__ == "__main__":
    main()
