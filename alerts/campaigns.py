"""Copy-and-paste campaigns, in aggregate: how much of a burst is nearly the same text, said in step.

Nothing here is about an account: what is read is the text, the time, the form of a post and the flag
that it is its author's first on the case. What comes out is shares of an hour. It labels an alert
and does nothing else: it raises, lowers, mutes and hides nothing, because who asks for copies to be
made may still be right (practice.md §4).

People repeat each other honestly, too. Not counted as similar content are forwards, which say that
they are, and words too short to be anybody's own (a slogan, a row of candles). What remains is
labelled only if it is also said in step: many within the same minute beyond what the pace of the
hour explains, or evenly as a machine, or by few who say it over and over. All numbers are [D],
tuned on one half of `bench.campaigns` and read on the other (docs/measurements.md).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import exp, sqrt

import numpy as np

from domain.alerts import Campaign, Share
from domain.annotation import AnnotatedPost
from domain.posts import PostKind
from text.near_duplicates import clusters
from text.normalise import strip_for_similarity

#: Character-3-gram Jaccard of a copy and of a template (practice.md §4).
COPY, TEMPLATE = 0.8, 0.4
#: Posts of an hour from which shares mean anything (practice.md §4).
LEAST = 30
#: Share of the posts that must be alike.
ALIKE = 0.4
#: A cluster of fewer is two people quoting the same sentence.
_LEAST_CLUSTER = 5
#: Characters of one's own, without tags, emoticons and links, below which words are anybody's.
OWN_WORDS = 18
#: Said in step: share within a minute of another beyond what the pace explains; how even the gaps
#: are (their spread over their mean; chance alone gives 1); authors per post.
IN_STEP, EVEN, FEW = 0.5, 0.55, 0.5

_MINUTE = timedelta(minutes=1)
_PACE = timedelta(minutes=15)
_HOUR = timedelta(hours=1)
_TAG = re.compile(r"#([^#\s]{2,40})#")
_FORWARD = re.compile(r"^(转发微博|转发|转|repost|快转|轉發|分享)|//@|//〔|求扩散|帮忙扩散|分享自|来源[:：]", re.I)


@dataclass(frozen=True, slots=True)
class Said:
    """One post as this module sees it.

    Attributes:
        first: it is its author's first on the case within 24 hours.
        forward: the platform says that it forwards another post.
    """

    text: str
    at: datetime
    first: bool = True
    forward: bool = False


@dataclass(frozen=True, slots=True)
class Signs:
    """What an hour looks like; all shares are over `posts`.

    Attributes:
        own: posts in words of one's own, neither forwards nor too short.
        copies, alike: posts with a copy; posts of a cluster of template or nearer.
        step: beyond chance within a minute of another one alike, −∞–1; even: spread of gaps over
            their mean; authors: authors per post among those alike.
        tags: concentration of hashtags (Herfindahl), variety: distinct 3-grams of all 3-grams.
    """

    posts: int
    own: int
    copies: int
    alike: int
    step: float
    even: float
    authors: float
    tags: float
    variety: float

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
        enough = self.own >= LEAST and self.alike >= ALIKE * self.own
        return enough and bool(self.in_step)


def said(case_id: str, posts: Sequence[AnnotatedPost]) -> list[Said]:
    """What `posts` say, with their author's flag for the case."""
    return [
        Said(
            item.post.full_text,
            item.post.published_at,
            any(link.case_id == case_id and link.counts_as_author for link in item.links),
            item.post.kind is PostKind.REPOST,
        )
        for item in posts
    ]


def find(posts: Sequence[Said]) -> Campaign | None:
    """The label of an episode: its most alike hour that is labelled, else the whole of it."""
    ordered = sorted(posts, key=lambda one: one.at)
    windows = [*_hours(ordered), ordered]
    labelled = [
        (signs, window) for window in windows if (signs := examine(window)).labelled
    ]
    if not labelled:
        return None
    signs, window = max(labelled, key=lambda pair: (pair[0].alike, -len(pair[1])))
    return Campaign(
        start=window[0].at,
        end=window[-1].at,
        alike=Share(signs.alike, len(window)),
        copies=Share(signs.copies, len(window)),
        distinct=len(set(clusters([one.text for one in window], COPY))),
        signs=signs.in_step,
        authors_per_post=round(signs.authors, 2),
        tags=round(signs.tags, 2),
        variety=round(signs.variety, 2),
    )


def _hours(ordered: Sequence[Said]) -> list[list[Said]]:
    """Hours that begin with each first post not yet in one."""
    hours: list[list[Said]] = []
    for one in ordered:
        if hours and one.at - hours[-1][0].at < _HOUR:
            hours[-1].append(one)
        else:
            hours.append([one])
    return [hour for hour in hours if len(hour) >= LEAST]


def examine(posts: Sequence[Said]) -> Signs:
    """What `posts`, in order of time, look like."""
    own = [one for one in posts if not _anybodys(one)]
    texts = [_without_tags(one.text) for one in own]
    alike = _members(clusters(texts, TEMPLATE)) if own else []
    copies = _members(clusters(texts, COPY)) if own else []
    times = [own[place].at for place in alike]
    return Signs(
        posts=len(posts),
        own=len(own),
        copies=len(copies),
        alike=len(alike),
        step=_step(times),
        even=_evenness(times),
        authors=sum(own[place].first for place in alike) / len(alike) if alike else 1.0,
        tags=_concentration(posts),
        variety=_variety(posts),
    )


def _anybodys(one: Said) -> bool:
    if one.forward or _FORWARD.search(one.text):
        return True
    return len(strip_for_similarity(_without_tags(one.text))) < OWN_WORDS


def _without_tags(text: str) -> str:
    return _TAG.sub(" ", text)


def _members(leaders: Sequence[int]) -> list[int]:
    """Places of those in clusters of five or more."""
    sizes = Counter(leaders)
    return [place for place, leader in enumerate(leaders) if sizes[leader] >= _LEAST_CLUSTER]


def _step(times: Sequence[datetime]) -> float:
    """Share with another within a minute, beyond what posts at this pace have by chance.

    The pace about a post is that of the quarter hours before and after it, so a burst's rise and
    fall explain what they explain.
    """
    if len(times) < _LEAST_CLUSTER:
        return 0.0
    seconds = np.array([time.timestamp() for time in times])
    near = np.diff(seconds) <= _MINUTE.total_seconds()
    observed = float((np.append(near, False) | np.insert(near, 0, False)).mean())
    low = np.searchsorted(seconds, seconds - _PACE.total_seconds())
    high = np.searchsorted(seconds, seconds + _PACE.total_seconds(), side="right")
    per_minute = (high - low - 1) / (2 * _PACE / _MINUTE)
    expected = float(np.mean([1 - exp(-2 * rate) for rate in per_minute]))
    return (observed - expected) / (1 - expected) if expected < 0.98 else 0.0


def _evenness(times: Sequence[datetime]) -> float:
    """Spread of the gaps over their mean; 1 for chance, less for a machine, more for people."""
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    if len(gaps) < _LEAST_CLUSTER or not any(gaps):
        return 1.0
    mean = sum(gaps) / len(gaps)
    return sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) / mean


def _concentration(posts: Sequence[Said]) -> float:
    """Herfindahl index of the hashtags, 0–1."""
    tags = Counter(tag for one in posts for tag in _TAG.findall(one.text))
    total = sum(tags.values())
    return sum((count / total) ** 2 for count in tags.values()) if total else 0.0


def _variety(posts: Sequence[Said]) -> float:
    """Distinct character 3-grams over all, 0–1."""
    grams = Counter(
        text[place : place + 3]
        for text in (strip_for_similarity(one.text) for one in posts)
        for place in range(len(text) - 2)
    )
    total = sum(grams.values())
    return len(grams) / total if total else 0.0
