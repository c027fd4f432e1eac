"""When an alert that is open has changed enough for a person to want to know.

Figures are refreshed at every run; an event "grew" is written for these alone, so that the feed
does not flicker: a higher level; a peak on the next rung, rungs being half again apart and at
least three; a topic that takes a fifth of the posts and was never named before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alerts.levels import WORDS, rank
from domain.alerts import Alert, Level, Why

#: Share and number of posts from which a topic is named [D].
_TOPIC_PERCENT, _TOPIC_POSTS = 20, 10


def opening(level: Level, why: Why, names: Mapping[str, str]) -> str:
    """Words of the first event of an alert."""
    score = why.score
    words = [
        f"建议级别 {WORDS[level]}",
        f"{span(score.window)} {score.observed} 人，平日 {score.expected:.1f}",
        *(f"话题 {name}（{posts} 条）" for name, posts in _prominent(why, names)),
    ]
    return "；".join(words)


def growth(before: Alert, after: Alert, said: Iterable[str], names: Mapping[str, str]) -> str:
    """What is new, in words; "" when nothing a person needs to hear.

    Args:
        said: details of all events of the alert so far.
        names: topic id → name shown.
    """
    told = tuple(said)
    words = []
    if rank(after.level) > rank(before.level):
        words.append(f"建议级别 {WORDS[before.level]}→{WORDS[after.level]}")
    old, new = before.why.score.value, after.why.score.value
    if _rung(new) > _rung(old):
        score = after.why.score
        words.append(
            f"{span(score.window)} {score.observed} 人，平日 {score.expected:.1f}"
            f"（强度 {old:.1f}→{new:.1f}）"
        )
    words += [
        f"新话题 {name}（{posts} 条）"
        for name, posts in _prominent(after.why, names)
        if not any(f"话题 {name}（" in line for line in told)
    ]
    return "；".join(words)


def _prominent(why: Why, names: Mapping[str, str]) -> list[tuple[str, int]]:
    return [
        (names.get(topic, topic), posts)
        for topic, posts in why.topics
        if posts >= _TOPIC_POSTS and posts * 100 >= why.posts * _TOPIC_PERCENT
    ]


def _rung(score: float) -> int:
    """0 below 5, then 5, 8, 12, 18, 27, …: steps of half again, at least three."""
    bound, rung = 5.0, 0
    while score >= bound:
        bound, rung = max(bound + 3, bound * 1.5), rung + 1
    return rung


def span(minutes: int) -> str:
    """A window in words: 30 分钟, 1 小时."""
    return f"{minutes // 60} 小时" if minutes % 60 == 0 else f"{minutes} 分钟"
