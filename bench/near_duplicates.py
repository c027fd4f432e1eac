"""Near-duplicates: quality on labelled pairs beside datasketch and SimHash, then speed and memory.

    python -m bench.near_duplicates [--errors] [POSTS …]
                                    (default 100,000; 1,000,000 takes minutes, 0 leaves speed out)

The pairs are those of tests/gold/near_duplicates.jsonl and the blind ones, which another author
labelled without sight of the measure (near_duplicates_blind.md). Ours reads a set as one stream, in
a fixed random order; the peers compare the two texts of a pair, on the same characters' 3-grams.
Templates are labelled in the blind set alone: there the second question is whether two texts that
are no copies of each other are of one template.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.linking import share
from domain.annotation import Family
from domain.posts import Platform, Post, PostKind
from index import open_store
from index.lookalikes import Lookalikes
from text.normalise import clean, strip_for_similarity

GOLD = Path(__file__).resolve().parent.parent / "tests" / "gold"
#: By what they are printed as.
SETS = {
    "by the author of the measure": "near_duplicates.jsonl",
    "blind": "near_duplicates_blind.jsonl",
}
START = datetime(2026, 11, 2, tzinfo=UTC)
#: Days a stream of the speed table lasts: memory has to stay flat once the horizon is full.
DAYS = 60
BATCH = 2_000
_PEERS = 5_000


Judge = Callable[[Sequence["Pair"]], list[bool]]
Wanted = Callable[["Pair"], bool]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, and whether a person calls the one a copy of the other, or both one template."""

    kind: str
    copy: bool
    a: str
    b: str
    template: bool = False


@dataclass(frozen=True, slots=True)
class Quality:
    """How many pairs were called copies, rightly and wrongly, and missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)


def gold(name: str = "near_duplicates.jsonl") -> list[Pair]:
    """The labelled pairs of a file of the gold."""
    rows = [json.loads(line) for line in (GOLD / name).read_text(encoding="utf-8").splitlines()]
    return [
        Pair(row["kind"], row["copy"], row["a"], row["b"], row.get("template", False))
        for row in rows
    ]


def ours(pairs: Sequence[Pair]) -> list[bool]:
    """Whether both texts of each pair fell into one family, in one stream of all of them."""
    found = _families(pairs)
    return [found[pair.a].copies == found[pair.b].copies for pair in pairs]


def our_templates(pairs: Sequence[Pair]) -> list[bool]:
    """Whether both texts of each pair are of one template, though no copies."""
    found = _families(pairs)
    return [
        found[pair.a].template == found[pair.b].template
        and found[pair.a].copies != found[pair.b].copies
        for pair in pairs
    ]


def _families(pairs: Sequence[Pair]) -> dict[str, Family]:
    texts = sorted({text for pair in pairs for text in (pair.a, pair.b)})
    random.Random(5).shuffle(texts)
    posts = [_post(number, text, START + timedelta(minutes=number)) for number, text in
             enumerate(texts)]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        lookalikes = _table(Path(folder))
        decided = lookalikes.decide(posts)
        lookalikes.close()
    return {post.text: family for post, family in zip(posts, decided, strict=True)}


def with_datasketch(pairs: Sequence[Pair], threshold: float = 0.8) -> list[bool]:
    """MinHashLSH with its defaults (128 permutations)."""
    from datasketch import MinHash, MinHashLSH

    def hashed(text: str) -> MinHash:
        made = MinHash(num_perm=128)
        made.update_batch([gram.encode() for gram in _grams(text)])
        return made

    verdicts = []
    for pair in pairs:
        index = MinHashLSH(threshold=threshold, num_perm=128)
        index.insert("a", hashed(pair.a))
        verdicts.append("a" in index.query(hashed(pair.b)))
    return verdicts


def datasketch_templates(pairs: Sequence[Pair]) -> list[bool]:
    """Found at .4 and not at .8."""
    near, copies = with_datasketch(pairs, 0.4), with_datasketch(pairs)
    return [one and not other for one, other in zip(near, copies, strict=True)]


def with_simhash(pairs: Sequence[Pair]) -> list[bool]:
    """64-bit SimHash, alike within 3 bits (Manku 2007)."""
    from simhash import Simhash

    return [Simhash(_grams(pair.a)).distance(Simhash(_grams(pair.b))) <= 3 for pair in pairs]


def quality(
    pairs: Sequence[Pair], verdicts: Sequence[bool], wanted: Wanted = lambda pair: pair.copy
) -> Quality:
    """Right, wrong and missed."""
    both = list(zip(pairs, verdicts, strict=True))
    return Quality(
        sum(wanted(pair) and said for pair, said in both),
        sum(said and not wanted(pair) for pair, said in both),
        sum(wanted(pair) and not said for pair, said in both),
    )


def stream(number: int) -> Iterator[Post]:
    """`number` posts over `DAYS` days: three in ten copy one of the last 2,000 to 4,000 texts, decorated."""
    chance = random.Random(3)
    words = _words()
    recent: list[str] = []
    step = timedelta(days=DAYS) / number
    for place in range(number):
        if recent and chance.random() < 0.3:
            text = chance.choice(recent) + chance.choice(("", "！！", "[怒]", " @云岫融媒"))
        else:
            text = "".join(chance.choices(words, k=chance.randint(8, 60)))
            recent.append(text)
            if len(recent) > 4_000:
                del recent[:2_000]
        yield _post(place, text, START + place * step)


def _speed(number: int) -> tuple[float, list[int], int]:
    """µs of processor time a post; peak MB of memory at each tenth; texts held at the end."""
    with tempfile.TemporaryDirectory() as folder:
        lookalikes = _table(Path(folder))
        spent, done, memory = 0.0, 0, list[int]()
        posts = stream(number)
        while batch := list(islice(posts, BATCH)):
            started = time.process_time()
            lookalikes.decide(batch)
            if done % (number // DAYS or 1) < BATCH:  # once a day, as housekeeping does
                lookalikes.expire(batch[-1].published_at)
            spent += time.process_time() - started
            done += len(batch)
            if done % (number // 10) < BATCH:
                memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
        held = lookalikes.texts()
        lookalikes.close()
    return spent / number * 1e6, memory, held


def _peer_speed() -> float:
    """µs a post of datasketch alone, in memory, on the same stream."""
    from datasketch import MinHash, MinHashLSH

    index, posts = MinHashLSH(threshold=0.8, num_perm=128), list(stream(_PEERS))
    started = time.process_time()
    for place, post in enumerate(posts):
        made = MinHash(num_perm=128)
        made.update_batch([gram.encode() for gram in _grams(post.text)])
        if not index.query(made):
            index.insert(place, made)
    return (time.process_time() - started) / _PEERS * 1e6


def _grams(text: str) -> list[str]:
    plain = strip_for_similarity(text) or clean(text)
    return [plain[place : place + 3] for place in range(max(1, len(plain) - 2))]


def _table(folder: Path) -> Lookalikes:
    store = open_store(f"sqlite:///{folder}/index.db")
    store.prepare()
    return Lookalikes(folder / "lookalikes.db", store)


def _post(number: int, text: str, at: datetime) -> Post:
    identity = sha256(str(number).encode()).hexdigest()[:32]
    return Post(identity, "bench", Platform.WEIBO, PostKind.POST, text, at, at)


def _words() -> list[str]:
    """Words of two and three characters from the gold texts: a vocabulary as large as talk has."""
    text = "".join(sorted({strip_for_similarity(pair.a) for pair in gold()}))
    return [text[place : place + 2 + place % 2] for place in range(0, len(text) - 3, 2)]


def _table_of(title: str, pairs: Sequence[Pair], judges: dict[str, Judge], wanted: Wanted) -> Table:
    table = Table("", "precision", "recall", "wrong", "otherwise, by kind", title=title)
    for name, judge in judges.items():
        verdicts = judge(pairs)
        found, kinds = quality(pairs, verdicts, wanted), Counter[str]()
        for pair, said in zip(pairs, verdicts, strict=True):
            kinds[pair.kind] += wanted(pair) != said
        table.add_row(
            name,
            share(found.right, found.right + found.wrong),
            share(found.right, found.right + found.missed),
            str(found.wrong),
            ", ".join(f"{kind} {count}" for kind, count in kinds.items() if count),
        )
    return table


def _qualities(console: Console, errors: bool) -> None:
    copies: dict[str, Judge] = {
        "courtpulse": ours, "datasketch": with_datasketch, "simhash": with_simhash,
    }  # fmt: skip
    templates: dict[str, Judge] = {"courtpulse": our_templates, "datasketch": datasketch_templates}
    for title, name in SETS.items():
        pairs = gold(name)
        named = f"{title}: {len(pairs)} pairs, "
        console.print(_table_of(f"{named}copies", pairs, copies, lambda pair: pair.copy))
        if any(pair.template for pair in pairs):
            table = _table_of(f"{named}templates", pairs, templates, lambda pair: pair.template)
            console.print(table)
        for pair, said in zip(pairs, ours(pairs), strict=True) if errors else ():
            if said != pair.copy:
                print(f"{pair.kind}, {'missed' if pair.copy else 'wrong'}:\n  {pair.a}\n  {pair.b}")


def main() -> None:
    """Print quality, then speed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("posts", nargs="*", type=int, default=[100_000])
    parser.add_argument("--errors", action="store_true", help="print pairs called otherwise")
    asked, console = parser.parse_args(), Console()
    _qualities(console, asked.errors)
    numbers = [number for number in asked.posts if number]
    speeds = Table("posts", "µs a post", "texts held at the end", "peak MB at each tenth")
    for number in numbers:
        micros, memory, held = _speed(number)
        speeds.add_row(f"{number:,}", f"{micros:.0f}", f"{held:,}", " ".join(map(str, memory)))
    if numbers:
        console.print(speeds)
        peer = _peer_speed()
        console.print(f"datasketch, in memory, first {_PEERS:,} posts: {peer:.0f} µs a post")


if __name__ == "__main__":
    main()
