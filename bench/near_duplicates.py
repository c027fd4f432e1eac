"""Near-duplicates: quality on labelled pairs beside datasketch and SimHash, then speed and memory.

    python -m bench.near_duplicates [POSTS …]     (default 100,000; 1,000,000 takes minutes)

The pairs are those of tests/gold/near_duplicates.jsonl. Ours reads them as one stream, in a fixed
random order; the peers compare the two texts of a pair, on the same characters' 3-grams.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from domain.posts import Platform, Post, PostKind
from index import open_store
from index.lookalikes import Lookalikes
from text.normalise import clean, strip_for_similarity

GOLD = Path(__file__).resolve().parent.parent / "tests" / "gold" / "near_duplicates.jsonl"
START = datetime(2026, 11, 2, tzinfo=UTC)
#: Days a stream of the speed table lasts: memory has to stay flat once the horizon is full.
DAYS = 60
BATCH = 2_000
_PEERS = 5_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, and whether a person calls the one a copy of the other."""

    kind: str
    copy: bool
    a: str
    b: str


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


def gold() -> list[Pair]:
    """The labelled pairs."""
    rows = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    return [Pair(row["kind"], row["copy"], row["a"], row["b"]) for row in rows]


def ours(pairs: Sequence[Pair]) -> list[bool]:
    """Whether both texts of each pair fell into one family, in one stream of all of them."""
    texts = sorted({text for pair in pairs for text in (pair.a, pair.b)})
    random.Random(5).shuffle(texts)
    posts = [_post(number, text, START + timedelta(minutes=number)) for number, text in
             enumerate(texts)]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        lookalikes = _table(Path(folder))
        found = {
            post.text: family.copies
            for post, family in zip(posts, lookalikes.decide(posts), strict=True)
        }
        lookalikes.close()
    return [found[pair.a] == found[pair.b] for pair in pairs]


def with_datasketch(pairs: Sequence[Pair]) -> list[bool]:
    """MinHashLSH with its defaults (128 permutations) at .8."""
    from datasketch import MinHash, MinHashLSH

    def hashed(text: str) -> MinHash:
        made = MinHash(num_perm=128)
        made.update_batch([gram.encode() for gram in _grams(text)])
        return made

    verdicts = []
    for pair in pairs:
        index = MinHashLSH(threshold=0.8, num_perm=128)
        index.insert("a", hashed(pair.a))
        verdicts.append("a" in index.query(hashed(pair.b)))
    return verdicts


def with_simhash(pairs: Sequence[Pair]) -> list[bool]:
    """64-bit SimHash, alike within 3 bits (Manku 2007)."""
    from simhash import Simhash

    return [Simhash(_grams(pair.a)).distance(Simhash(_grams(pair.b))) <= 3 for pair in pairs]


def quality(pairs: Sequence[Pair], verdicts: Sequence[bool]) -> Quality:
    """Right, wrong and missed."""
    both = list(zip(pairs, verdicts, strict=True))
    return Quality(
        sum(pair.copy and said for pair, said in both),
        sum(said and not pair.copy for pair, said in both),
        sum(pair.copy and not said for pair, said in both),
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


def main() -> None:
    """Print both tables."""
    console, pairs = Console(), gold()
    table = Table(
        "", "precision", "recall", "wrong", "missed, by kind", title=f"{len(pairs)} pairs"
    )
    judges: dict[str, Callable[[Sequence[Pair]], list[bool]]] = {
        "courtpulse": ours, "datasketch": with_datasketch, "simhash": with_simhash,
    }  # fmt: skip
    for name, judge in judges.items():
        verdicts = judge(pairs)
        found, missed = quality(pairs, verdicts), defaultdict[str, int](int)
        for pair, said in zip(pairs, verdicts, strict=True):
            missed[pair.kind] += pair.copy != said
        kinds = ", ".join(f"{kind} {count}" for kind, count in missed.items() if count)
        table.add_row(
            name, f"{found.precision:.3f}", f"{found.recall:.3f}", str(found.wrong), kinds
        )
    console.print(table)
    speeds = Table("posts", "µs a post", "texts held at the end", "peak MB at each tenth")
    for number in [int(word) for word in sys.argv[1:]] or [100_000]:
        micros, memory, held = _speed(number)
        speeds.add_row(f"{number:,}", f"{micros:.0f}", f"{held:,}", " ".join(map(str, memory)))
    console.print(speeds)
    console.print(f"datasketch, in memory, first {_PEERS:,} posts: {_peer_speed():.0f} µs a post")


if __name__ == "__main__":
    main()
