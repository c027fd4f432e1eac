"""Posts for `python -m bench.campaigns`: campaigns written for it, real bursts' timing, honest chants.

Timing and authorship come from the development streams where they are at hand; otherwise cascades
are drawn (log-normal delays after a few seeds), so that the table can be made anywhere.
"""

from __future__ import annotations

import csv
import json
import lzma
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from alerts.campaigns import Said

_START = datetime(2026, 3, 16, 2, tzinfo=UTC)
_TEXTS = Path(__file__).with_name("campaign_texts.yml")
_SENTENCES = Path(__file__).resolve().parents[1] / "demo" / "sentences"
_PLACES = ("云岫区东街", "青崖县柳溪镇", "望川区北坡", "白榆县三河村", "江澜市南门", "青崖县石桥乡")
_NAMES = ("周某", "郑某", "吴某", "何某", "许某", "曹某")
_EMOJI = ("[蜡烛]", "[蜡烛][蜡烛]", "[蜡烛][蜡烛][蜡烛]", "🙏", "[泪]", "[心]", "[祈祷]")
_COMMENTS = (
    "看哭了",
    "怎么会这样",
    "关注",
    "希望有结果",
    "顶上去",
    "唉",
    "支持",
    "等官方通报",
    "帮转",
)

#: Seconds since the start, and the author of each post.
Stream = list[tuple[float, str]]


@dataclass
class Source:
    """Where timing and words of honest people come from.

    Attributes:
        bursts, socks: streams of the development data, empty when it isn't at hand.
        words: texts of real people, read at measuring time only; else sentences written by us.
    """

    bursts: list[Stream] = field(default_factory=list)
    socks: list[Stream] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def load(folder: Path | None) -> Source:
    """Streams and words of the shared data folder, if there is one."""
    if folder is None:
        return Source()
    streams: dict[str, Stream] = defaultdict(list)
    with lzma.open(folder / "spikes" / "events_dev.csv.xz", "rt") as events:
        for row in csv.DictReader(events):
            if row["src"] != "bg":
                streams[row["series"]].append((float(row["t"]), row["author"]))
    scenario = {}
    with (folder / "spikes" / "truth_dev.csv").open() as truth:
        scenario = {row["series"]: row["scenario"] for row in csv.DictReader(truth)}
    source = Source(words=_pool(folder / "nlp" / "court_pool.jsonl.xz"))
    for series, stream in sorted(streams.items()):
        begin = min(time for time, _ in stream)
        shifted = sorted((time - begin, author) for time, author in stream)
        if len(shifted) >= 60 and scenario[series] in ("warm", "cold", "composite"):
            source.bursts.append(shifted)
        if scenario[series] == "sock":
            source.socks.append(shifted)
    return source


def _pool(path: Path) -> list[str]:
    with lzma.open(path, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    return [row["text"] for row in rows if len(row["text"]) >= 20]


@cache
def _bank() -> dict[str, Any]:
    return dict(yaml.safe_load(_TEXTS.read_text("utf-8")))


@cache
def _sentences() -> tuple[tuple[str, ...], tuple[str, ...]]:
    hooks: list[str] = []
    lines: list[str] = []
    for path in sorted(_SENTENCES.glob("*.yml")):
        document = yaml.safe_load(path.read_text("utf-8"))
        hooks += str(document.get("hooks", "")).split("\n")
        for words in (document.get("stances") or {}).values():
            lines += str(words).split("\n")
    return tuple(filter(None, hooks)), tuple(line for line in lines if line)


class Maker:
    """One example after another, of one half of the texts."""

    def __init__(self, half: str, source: Source, seed: int) -> None:
        self._bank, self._chance = _bank()[half], random.Random(seed)
        # Neither words nor streams of one half are in the other.
        odd = half == "read"
        self._source = Source(source.bursts[odd::2], source.socks[odd::2], source.words[odd::2])
        self._fixed: list[str] = []

    def campaign(self, kind: str) -> list[Said]:
        """verbatim, slot_filled or paraphrased, among honest posts."""
        chance = self._chance
        stream = self._campaign_stream()
        words = self._campaign_words(kind)
        posts = _said(stream, [words() for _ in stream])
        span = max(time for time, _ in stream)
        others = [
            (chance.uniform(0, span), f"honest{n}")
            for n in range(int(len(stream) * chance.uniform(0.1, 0.8)))
        ]
        return posts + _said(others, [self._people() for _ in others])

    def honest(self, kind: str) -> list[Said]:
        """real_burst, news_shared, slogans, appeals or candles, in the timing of real bursts."""
        make: dict[str, Callable[[], tuple[str, bool]]] = {
            "real_burst": lambda: (self._people(), False),
            "news_shared": self._shared_news,
            "slogans": lambda: (self._slogan(), False),
            "appeals": self._appeal,
            "candles": lambda: (self._candle(), False),
        }
        stream = self._burst()
        self._fixed = (
            self._chance.choice(self._bank["appeals"]),
            self._chance.choice(self._bank["headlines"]),
        )
        self._fixed = tuple(self._filled(text) for text in self._fixed)
        made = [make[kind]() for _ in stream]
        return _said(stream, [text for text, _ in made], [forward for _, forward in made])

    def _burst(self) -> Stream:
        if self._source.bursts:
            return self._chance.choice(self._source.bursts)
        return self._cascade(self._chance.randint(80, 400))

    def _cascade(self, posts: int) -> Stream:
        chance, found = self._chance, []
        seeds = [chance.uniform(0, 4 * 3600) for _ in range(chance.randint(1, 6))]
        for n in range(posts):
            delay = chance.lognormvariate(7.5, 1.6)
            found.append((chance.choice(seeds) + delay, f"author{n}"))
        return sorted(found)

    def _campaign_stream(self) -> Stream:
        """Half in waves, a quarter even as a machine, a quarter as the socks of the streams."""
        chance = self._chance
        if chance.random() < 0.25 and self._source.socks:
            return chance.choice(self._source.socks)
        posts, authors = chance.randint(40, 200), self._authors()
        if chance.random() < 0.67:
            times, at = [], 0.0
            while len(times) < posts:
                wave = min(chance.randint(6, 20), posts - len(times))
                times += [at + chance.uniform(0, 60) for _ in range(wave)]
                at += chance.uniform(240, 1500)
            return [(time, authors()) for time in sorted(times)]
        gap = chance.uniform(20, 120)
        times = [n * gap + chance.uniform(-0.3, 0.3) * gap for n in range(posts)]
        return [(max(time, 0.0), authors()) for time in sorted(times)]

    def _authors(self) -> Callable[[], str]:
        chance = self._chance
        few = chance.random() < 0.5
        pool = [f"sock{n}" for n in range(chance.randint(15, 30) if few else 400)]
        return lambda: chance.choice(pool)

    def _campaign_words(self, kind: str) -> Callable[[], str]:
        bank, chance = self._bank, self._chance
        message = chance.choice(bank["messages"])
        if kind == "verbatim":
            fixed = self._filled(message)
            return lambda: fixed + chance.choice(("", "", "！", "[怒]", "。"))
        if kind == "slot_filled":
            return lambda: (
                self._filled(message) + chance.choice(("", "求关注。", "还有天理吗", "[怒]"))
            )
        return self._paraphrase

    def _paraphrase(self) -> str:
        clauses = [self._chance.choice(variants) for variants in self._bank["clauses"]]
        if self._chance.random() < 0.5:
            clauses[1], clauses[2] = clauses[2], clauses[1]
        return self._chance.choice(("，", "。", "！")).join(clauses)

    def _filled(self, text: str) -> str:
        chance = self._chance
        return text.format(
            place=chance.choice(_PLACES), name=chance.choice(_NAMES),
            days=chance.randint(30, 900), money=chance.randint(2, 200),
        )  # fmt: skip

    def _people(self) -> str:
        if self._source.words:
            return self._chance.choice(self._source.words)
        hooks, lines = _sentences()
        chosen = self._chance.sample(lines, self._chance.randint(1, 3))
        text = self._chance.choice(hooks) + "".join(chosen)
        for slot in ("times", "days", "hours", "money", "town", "person"):
            text = text.replace("{" + slot + "}", str(self._chance.randint(2, 90)))
        return text

    def _slogan(self) -> str:
        chance, slogans = self._chance, self._bank["slogans"]
        tags = "".join(f"#{slogan}#" for slogan in chance.sample(slogans, chance.randint(1, 2)))
        own = chance.choice(("", chance.choice(slogans), self._people()))
        return f"{tags}{own}{chance.choice(('', '！', '！！！', *_EMOJI))}"

    def _appeal(self) -> tuple[str, bool]:
        """A third forwards by the button, a third pasted with a word before it, a third bare."""
        appeal, form = self._fixed[0], self._chance.random()
        comment = self._chance.choice(_COMMENTS)
        if form < 1 / 3:
            return f"{comment}//〔昵称〕：{appeal}", True
        if form < 2 / 3:
            return f"{comment}，转：{appeal}", False
        return (appeal if form < 5 / 6 else self._people()), False

    def _shared_news(self) -> tuple[str, bool]:
        headline = self._fixed[1]
        form = self._chance.random()
        if form < 0.5:
            return f"{headline} 网页链接", False
        if form < 0.7:
            return f"{self._chance.choice(_COMMENTS)} {headline}", False
        return self._people(), False

    def _candle(self) -> str:
        own = self._chance.choice(("", "", "一路走好", "愿安息", "天堂没有痛苦", self._people()))
        return own + self._chance.choice(_EMOJI)


def _said(stream: Stream, texts: Sequence[str], forwards: Sequence[bool] = ()) -> list[Said]:
    """Posts, the first of an author within 24 hours marked."""
    last: dict[str, float] = {}
    posts = []
    for place, (time, author) in enumerate(stream):
        first = author not in last or time - last[author] >= 86_400
        last[author] = last[author] if not first else time
        forward = bool(forwards) and forwards[place]
        posts.append(Said(texts[place], _START + timedelta(seconds=time), first, forward))
    return posts
