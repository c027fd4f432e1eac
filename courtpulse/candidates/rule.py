"""The rule: which groups of unlinked posts have grown beyond what the past leads to expect.

A function of the set of posts: their order changes nothing. Counted are voices (distinct authors,
or the source where a post names none), so that one loud account is one. The past is a share of the
stream, so that an outage, or a day on which everything is louder, makes no candidate.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, zip_longest

from scipy.stats import nbinom

from courtpulse.candidates.features import Features
from text.near_duplicates import clusters


@dataclass(frozen=True, slots=True)
class Rule:
    """Numbers of the rule, all defaults of ours [D]; decision 0014 has what they were tried on.

    Attributes:
        score: −log10 of the chance from which growth counts.
        voices, distinct, sources: least of each; sources only where so many deliver at all.
        prior: posts of a window that an unheard-of thing is expected to have; weighs `weight`.
        dispersion: how much more than Poisson counts vary from window to window.
        together: share of an anchor's posts that a group must hold already for it to join.
        words: words at most that are tried in pairs.
    """

    score: float = 3.0
    voices: int = 6
    distinct: int = 3
    sources: int = 2
    prior: float = 0.3
    weight: float = 1.0
    dispersion: float = 0.25
    together: float = 0.5
    words: int = 60


RULE = Rule()
#: Anchors in the order of what they prove; a pair is two words that rise together.
_KINDS = ("number", "name", "tag", "court", "pair")
_STRONG = frozenset(("number", "name", "tag"))
#: A longer name stands for a shorter one inside it when it has this share of its posts.
_NESTED = 0.6
#: How many posts before the window hold all of these phrases.
Past = Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A post of the window as the rule sees it; `voice` is no identity, only equal or not.

    What a comment quotes says what it is about (`text`, `features`), and doesn't make it a copy of
    its neighbour: copies are told by `own`, what its author wrote.
    """

    post_id: str
    text: str
    own: str
    at: datetime
    source: str
    voice: str
    features: Features


@dataclass(frozen=True, slots=True)
class Anchor:
    """Something that names a case, its posts (places in the window) and its growth."""

    kind: str
    phrases: tuple[str, ...]
    posts: frozenset[int]
    past: int
    expected: float
    score: float

    @property
    def key(self) -> str:
        """How it is written down."""
        return f"{self.kind}:{'+'.join(self.phrases)}"


@dataclass(frozen=True, slots=True)
class Found:
    """A group of posts that passes; `anchors` strongest first.

    Attributes:
        distinct: the first post of each wording; wordings: which wording of the window that is.
    """

    anchors: tuple[Anchor, ...]
    posts: tuple[int, ...]
    distinct: tuple[int, ...]
    wordings: tuple[int, ...]
    voices: int
    sources: Counter[str]


def find(window: Sequence[Sighting], past: Past, past_total: int, rule: Rule = RULE) -> list[Found]:
    """Groups of `window` that pass the rule, strongest first.

    Args:
        window: in order of time; past_total: unlinked court posts before it.
    """
    if not window:
        return []
    leaders = clusters([one.own for one in window])
    holders = _holders(window)
    grow = _Growth(window, past, past_total, rule)
    single = [
        anchor
        for (kind, phrase), posts in sorted(_maximal(holders, rule).items())
        if (anchor := grow.anchor(kind, (phrase,), posts))
    ]
    pairs = _pairs(single, holders, grow, rule)
    seeds = [one for one in (*single, *pairs) if one.kind in _STRONG or one.kind == "pair"]
    needed = min(rule.sources, len({one.source for one in window}))
    found = []
    for anchors, posts in _groups(seeds, rule):
        ordered = tuple(sorted(posts))
        distinct = tuple(sorted({leaders[place] for place in ordered}))
        voices = len({window[place].voice for place in ordered})
        sources = Counter(window[place].source for place in ordered)
        if voices >= rule.voices and len(distinct) >= rule.distinct and len(sources) >= needed:
            shown = tuple(min(p for p in ordered if leaders[p] == leader) for leader in distinct)
            found.append(Found(tuple(anchors), ordered, shown, distinct, voices, sources))
    return sorted(found, key=lambda one: (-max(a.score for a in one.anchors), one.anchors[0].key))


def together(groups: Sequence[Found], window: Sequence[Sighting]) -> Found:
    """Several groups of `window` as one; each post, voice and wording counts once.

    Their anchors take turns, so that each group is still known by its strongest ones.
    """
    posts = tuple(sorted({place for one in groups for place in one.posts}))
    first: dict[int, int] = {}
    for one in groups:
        for wording, place in zip(one.wordings, one.distinct, strict=True):
            first[wording] = min(place, first.get(wording, place))
    turns = zip_longest(*(one.anchors for one in groups))
    return Found(
        anchors=tuple(dict.fromkeys(anchor for turn in turns for anchor in turn if anchor)),
        posts=posts,
        distinct=tuple(first[wording] for wording in sorted(first)),
        wordings=tuple(sorted(first)),
        voices=len({window[place].voice for place in posts}),
        sources=Counter(window[place].source for place in posts),
    )


class _Growth:
    """Scores anchors against the past."""

    def __init__(self, window: Sequence[Sighting], past: Past, past_total: int, rule: Rule) -> None:
        self._window, self._past, self._past_total, self._rule = window, past, past_total, rule

    def anchor(self, kind: str, phrases: tuple[str, ...], posts: frozenset[int]) -> Anchor | None:
        """The anchor if its voices and its growth suffice."""
        rule = self._rule
        voices = len({self._window[place].voice for place in posts})
        if voices < rule.voices:
            return None
        past = self._past(phrases)
        # The rest of the stream says how much was heard then and now; the anchor's own is left out.
        heard = max(1, len(self._window) - len(posts))
        exposure = max(0, self._past_total - past) / heard
        shape = rule.weight + past
        expected = shape / (rule.weight / rule.prior + exposure)
        size = 1 / (1 / shape + rule.dispersion)
        chance = float(nbinom.sf(voices - 1, size, size / (size + expected)))
        score = -math.log10(max(chance, 1e-300))
        if score < rule.score:
            return None
        return Anchor(kind, phrases, posts, past, expected, score)


def _holders(window: Sequence[Sighting]) -> dict[tuple[str, str], frozenset[int]]:
    held: dict[tuple[str, str], set[int]] = {}
    for place, one in enumerate(window):
        features = one.features
        for kind, values in (
            ("number", features.numbers), ("name", features.names), ("tag", features.tags),
            ("court", features.courts), ("word", features.words),
        ):  # fmt: skip
            for value in values:
                held.setdefault((kind, value), set()).add(place)
    return {key: frozenset(places) for key, places in held.items()}


def _maximal(
    holders: Mapping[tuple[str, str], frozenset[int]], rule: Rule
) -> dict[tuple[str, str], frozenset[int]]:
    """Holders with enough posts; of nested names the longest that most of the posts write."""
    enough = {key: posts for key, posts in holders.items() if len(posts) >= rule.voices}
    names = {name: posts for (kind, name), posts in enough.items() if kind == "name"}
    gone: set[str] = set()
    for longer in sorted(names, key=lambda name: (-len(name), name)):
        for start in range(1, len(longer) - 2):
            shorter = longer[start:]
            if shorter not in names or longer in gone:
                continue
            usual = len(names[longer]) >= _NESTED * len(names[shorter])
            gone.add(shorter if usual else longer)
    return {key: posts for key, posts in enough.items() if key[0] != "name" or key[1] not in gone}


def _pairs(
    single: Sequence[Anchor],
    holders: Mapping[tuple[str, str], frozenset[int]],
    grow: _Growth,
    rule: Rule,
) -> list[Anchor]:
    """Two rising words, or a court and a rising word, that mostly stand together."""
    rising = sorted(
        (one for one in single if one.kind == "word"), key=lambda one: (-one.score, one.key)
    )[: rule.words]
    courts = [(name, posts) for (kind, name), posts in sorted(holders.items())
              if kind == "court" and len(posts) >= rule.voices]  # fmt: skip
    tried = [((a.phrases[0], b.phrases[0]), a.posts, b.posts) for a, b in combinations(rising, 2)]
    tried += [((court, a.phrases[0]), posts, a.posts) for court, posts in courts for a in rising]
    found = []
    for (one, other), mine, theirs in tried:
        both = mine & theirs
        nested = one in other or other in one
        if nested or len(both) < max(rule.voices, rule.together * min(len(mine), len(theirs))):
            continue
        if anchor := grow.anchor("pair", tuple(sorted((one, other))), both):
            found.append(anchor)
    return found


def _groups(seeds: Iterable[Anchor], rule: Rule) -> list[tuple[list[Anchor], set[int]]]:
    """Seeds joined where they are mostly about the same posts; the most telling ones first."""
    order = sorted(seeds, key=lambda one: (_KINDS.index(one.kind), -one.score, one.key))
    groups: list[tuple[list[Anchor], set[int]]] = []
    for seed in order:
        best = max(groups, key=lambda group: len(seed.posts & group[1]), default=None)
        shared = len(seed.posts & best[1]) if best else 0
        smaller = min(len(seed.posts), len(best[1])) if best else 0
        if best is None or shared < rule.together * (
            len(seed.posts) if seed.kind == "pair" else smaller
        ):
            groups.append(([seed], set(seed.posts)))
            continue
        best[0].append(seed)
        best[1].update(seed.posts)
    return groups
