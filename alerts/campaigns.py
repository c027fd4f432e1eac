"""Copy-and-paste campaigns, in aggregate: how much of a burst is nearly the same text, said in step.

Nothing here is about an account: what is read is the text, the time, the form of a post and the flag
that it is its author's first on the case. What comes out is shares of an hour. It labels an alert
and does nothing else: it raises, lowers, mutes and hides nothing, because who asks for copies to be
made may still be right (practice.md §4).

People repeat each other honestly, too. Not counted as similar content are forwards, which say that
they are, and words too short to be anybody's own (a slogan, a row of candles). What remains is
labelled only if it is also said in step: in minutes far more unequal than the pace about them, or
evenly as a machine, or by few who say it over and over. All numbers are [D],
tuned on one half of `bench.campaigns` and read on the other (docs/measurements.md).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import sqrt

import numpy as np

from domain.alerts import Campaign, Share
from domain.annotation import AnnotatedPost
from domain.posts import PostKind
from text.near_duplicates import clusters
from text.normalise import strip_for_similarity
from text.quoting import compared

#: Character-3-gram Jaccard of a copy and of a template (practice.md §4).
COPY, TEMPLATE = 0.8, 0.4
#: Posts of an hour from which shares mean anything (practice.md §4).
LEAST = 30
#: Share of the posts that must be alike.
ALIKE = 0.4
#: Those alike from which the rhythm among them means anything.
RHYTHM = 20
#: A cluster of fewer is two people quoting the same sentence.
_LEAST_CLUSTER = 5
#: A text is put together from a kit if this share of its 6-grams stands in five others as well;
#: this finds reworded copies that reuse clauses, which template similarity doesn't.
KIT, _KIT_GRAM = 0.6, 6
#: Characters of one's own, without tags, emoticons and links, below which words are anybody's.
OWN_WORDS = 18
#: Said in step: minutes so unequal (chance alone gives 1); gaps so even (their spread over their
#: mean; chance alone gives 1); so few authors per post.
IN_STEP, EVEN, FEW = 4.0, 0.55, 0.35

#: Minutes before and after one that give its pace.
_PACE = 5
_HOUR = timedelta(hours=1)
_TAG = re.compile(r"#([^#\s]{2,40})#")
_FORWARD = re.compile(
    r"^(转发微博|转发|转|repost|快转|轉發|分享)|//@|//〔|求扩散|帮忙扩散|分享自|来源[:：]", re.I
)


@dataclass(frozen=True, slots=True)
class Said:
    """One post as this module sees it.

    Attributes:
        first: it is its author's first on the case within 24 hours.
        forward: the platform says that it forwards another post.
        family: id of the copies it belongs to in the index; "" for a text that is in none.
    """

    text: str
    at: datetime
    first: bool = True
    forward: bool = False
    family: str = ""


@dataclass(frozen=True, slots=True)
class Signs:
    """What a stretch of posts looks like.

    Attributes:
        own: posts in words of one's own, neither forwards nor too short.
        copies, alike: posts with copies; posts of a template, or put together from one kit.
        step: how unequal the minutes are in which those alike were posted; even: spread of gaps
            over their mean; authors: authors per post among those alike.
    """

    posts: int
    own: int
    copies: int
    alike: int
    step: float
    even: float
    authors: float

    @property
    def in_step(self) -> tuple[str, ...]:
        """What says that those alike were said in step, in words; empty when nothing does."""
        found = []
        if self.step >= IN_STEP:
            found.append("集中在同一分钟内")
        if self.even <= EVEN:
            found.append("间隔过于均匀")
        if self.authors <= FEW:
            found.append("少数账号反复发布")
        return tuple(found)

    @property
    def labelled(self) -> bool:
        """Whether the fixed wording is shown."""
        enough = self.own >= LEAST and self.alike >= max(RHYTHM, ALIKE * self.own)
        return enough and bool(self.in_step)


def said(case_id: str, posts: Sequence[AnnotatedPost]) -> list[Said]:
    """What `posts` say, with their author's flag for the case."""
    return [
        Said(
            compared(item.post),
            item.post.published_at,
            any(link.case_id == case_id and link.counts_as_author for link in item.links),
            item.post.kind is PostKind.REPOST,
            item.copies,
        )
        for item in posts
    ]


def find(posts: Sequence[Said]) -> Campaign | None:
    """The label of an episode: its most alike hour that is labelled, else the whole of it."""
    reading = Reading(posts)
    windows = [*reading.hours(), range(len(posts))]
    labelled = [(signs, window) for window in windows if (signs := reading.signs(window)).labelled]
    if not labelled:
        return None
    signs, window = max(labelled, key=lambda pair: (pair[0].alike, -len(pair[1])))
    stretch = [reading.posts[place] for place in window]
    return Campaign(
        start=stretch[0].at,
        end=stretch[-1].at,
        alike=Share(signs.alike, len(stretch)),
        copies=Share(signs.copies, len(stretch)),
        distinct=_different(stretch),
        signs=signs.in_step,
        authors_per_post=round(signs.authors, 2),
        tags=round(concentration(stretch), 2),
        variety=round(variety(stretch), 2),
    )


def _different(stretch: Sequence[Said]) -> int:
    """Families of the index; texts that never were in one (a bench's) are compared here."""
    if all(one.family for one in stretch):
        return len({one.family for one in stretch})
    return len(set(clusters([one.text for one in stretch], COPY)))


class Reading:
    """Posts of an episode read once; the signs of any stretch of them are then counted.

    Attributes:
        posts: in order of time.
    """

    def __init__(self, posts: Sequence[Said]) -> None:
        self.posts = sorted(posts, key=lambda one: one.at)
        self._own = [place for place, one in enumerate(self.posts) if not _anybodys(one)]
        texts = [_without_tags(self.posts[place].text) for place in self._own]
        leaders = clusters(texts, TEMPLATE)
        sizes = Counter(leaders)
        self._template = dict(zip(self._own, leaders, strict=True))
        near = [place for place, leader in enumerate(leaders) if sizes[leader] > 1]
        copies = clusters([texts[place] for place in near], COPY)
        # Only what shares a template can be a copy; the others stand alone.
        self._copy = {self._own[place]: -1 - place for place in range(len(texts))}
        self._copy.update((self._own[near[n]], near[leader]) for n, leader in enumerate(copies))
        self._kit = {self._own[place] for place in _from_a_kit(texts)}

    def hours(self) -> list[range]:
        """Hours that begin with each first post not yet in one, if enough was said in them."""
        starts: list[int] = []
        for place, one in enumerate(self.posts):
            if not starts or one.at - self.posts[starts[-1]].at >= _HOUR:
                starts.append(place)
        ends = [*starts[1:], len(self.posts)][: len(starts)]
        hours = [range(start, end) for start, end in zip(starts, ends, strict=True)]
        return [hour for hour in hours if len(hour) >= LEAST]

    def signs(self, window: range) -> Signs:
        """What the posts of `window` look like."""
        own = [place for place in self._own if place in window]
        alike = sorted({*_members(self._template, own), *(self._kit & set(own))})
        firsts = sum(self.posts[place].first for place in alike)
        times = [self.posts[place].at for place in alike]
        return Signs(
            posts=len(window),
            own=len(own),
            copies=len(_members(self._copy, own)),
            alike=len(alike),
            step=_step(times),
            even=_evenness(times),
            authors=firsts / len(alike) if alike else 1.0,
        )


def examine(posts: Sequence[Said]) -> Signs:
    """What all of `posts` together look like."""
    return Reading(posts).signs(range(len(posts)))


def _anybodys(one: Said) -> bool:
    if one.forward or _FORWARD.search(one.text):
        return True
    return len(strip_for_similarity(_without_tags(one.text))) < OWN_WORDS


def _without_tags(text: str) -> str:
    return _TAG.sub(" ", text)


def _members(leaders: Mapping[int, int], places: Sequence[int]) -> list[int]:
    """Those of `places` in clusters that have five or more of them."""
    sizes = Counter(leaders[place] for place in places)
    return [place for place in places if sizes[leaders[place]] >= _LEAST_CLUSTER]


def _from_a_kit(texts: Sequence[str]) -> list[int]:
    """Places of texts most of whose 6-grams stand in five others as well."""
    plain = [strip_for_similarity(text) for text in texts]
    grams = [
        {text[start : start + _KIT_GRAM] for start in range(len(text) - _KIT_GRAM + 1)}
        for text in plain
    ]
    common = Counter(gram for one in grams for gram in one)
    return [
        place
        for place, one in enumerate(grams)
        if one and sum(common[gram] > _LEAST_CLUSTER for gram in one) >= KIT * len(one)
    ]


def _step(times: Sequence[datetime]) -> float:
    """How unequal neighbouring minutes are: variance of a minute over what its pace expects.

    The pace is the mean of the eleven minutes about it, so a burst's rise and fall explain what
    they explain. Chance alone gives 1, a cascade of people a few, a dozen at once every ten
    minutes more than ten.
    """
    if len(times) < _LEAST_CLUSTER:
        return 0.0
    minutes = np.array([int(time.timestamp() // 60) for time in times])
    counts = np.bincount(minutes - minutes[0] + _PACE).astype(float)
    counts = np.append(counts, np.zeros(_PACE))
    pace = np.convolve(counts, np.ones(2 * _PACE + 1) / (2 * _PACE + 1), mode="same")
    return float(((counts - pace) ** 2).sum() / pace.sum())


def _evenness(times: Sequence[datetime]) -> float:
    """Spread of the gaps over their mean; 1 for chance, less for a machine, more for people."""
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    if len(gaps) < _LEAST_CLUSTER or not any(gaps):
        return 1.0
    mean = sum(gaps) / len(gaps)
    return sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) / mean


def concentration(posts: Sequence[Said]) -> float:
    """Herfindahl index of the hashtags, 0–1."""
    tags = Counter(tag for one in posts for tag in _TAG.findall(one.text))
    total = sum(tags.values())
    return sum((count / total) ** 2 for count in tags.values()) if total else 0.0


def variety(posts: Sequence[Said]) -> float:
    """Distinct character 3-grams over all, 0–1."""
    grams = Counter(
        text[place : place + 3]
        for text in (strip_for_similarity(one.text) for one in posts)
        for place in range(len(text) - 2)
    )
    total = sum(grams.values())
    return len(grams) / total if total else 0.0
