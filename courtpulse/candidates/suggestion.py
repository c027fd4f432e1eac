"""From a group of posts to what the form of a new case is filled with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from courtpulse.candidates.rule import Found, Sighting
from domain.candidates import Suggestion
from domain.cases import MatchFormula
from domain.protocols import TermFinder

#: A name stands alone as an alias only when strangers' posts are unlikely to hold it [D].
_ALIAS_LEAST = 5
#: A word of the formula stands in this share of the group's posts at least.
_COVERS = 0.15
_MOST = 6
_COURT_WORDS = ("法院", "法官", "法庭", "判决", "开庭", "立案", "执行")
_LONGEST_TITLE = 40


def suggest(
    found: Found, window: Sequence[Sighting], terms: TermFinder
) -> tuple[Suggestion, tuple[str, ...]]:
    """Title, court, numbers, aliases, formula; and the words that stand out in the group."""
    posts = [window[place] for place in found.posts]
    outside = [one.text for place, one in enumerate(window) if place not in set(found.posts)]
    words = _words(found, posts, terms.terms([one.text for one in posts], outside, limit=30))
    by_kind = {kind: [a.phrases[0] for a in found.anchors if a.kind == kind]
               for kind in ("number", "name", "tag")}  # fmt: skip
    courts = Counter(court for one in posts for court in sorted(one.features.courts))
    named = [court for court, n in courts.most_common(3) if n >= _COVERS * len(posts)]
    names = by_kind["name"]
    plain_court = named[0] if named else ""
    named_by = (*names, *by_kind["tag"], *by_kind["number"])
    title = next(iter(named_by), "") or f"{plain_court}{'、'.join(words[:2])}"
    subjects = tuple(dict.fromkeys((*named, *_COURT_WORDS)))
    events = tuple(words[:_MOST])
    suggestion = Suggestion(
        title=(title or "待定名")[:_LONGEST_TITLE],
        court=plain_court,
        numbers=tuple(by_kind["number"]),
        aliases=tuple(name for name in (*names, *by_kind["tag"]) if len(name) >= _ALIAS_LEAST),
        formula=MatchFormula(
            subjects=tuple(s for s in subjects if not any(s in event for event in events)),
            events=events,
        ) if len(events) > 1 else MatchFormula(),
    )  # fmt: skip
    return suggestion, tuple(words)


def _words(
    found: Found, posts: Sequence[Sighting], standing_out: Sequence[tuple[str, float]]
) -> list[str]:
    """Words that rose or stand out, and that several posts share; what is a person's name isn't among them."""
    held = Counter(word for one in posts for word in sorted(one.features.words))
    risen = (word for anchor in found.anchors if anchor.kind == "pair" for word in anchor.phrases)
    both = dict.fromkeys((*risen, *(word for word, _ in standing_out)))
    return [word for word in both if held[word] >= max(2, _COVERS * len(posts))]
