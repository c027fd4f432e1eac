"""Which facts behind ★ lines a post's words carry: words, what covers them, denial, questions.

A post is read sentence by sentence. A word counts unless one of `not_words` covers its place, the
sentence asks or refutes, or a denial stands before it in its clause. The reading is careful rather
than complete: it proposes a ★ only when a tenth of an episode's texts carry it, a person's word
outweighs it either way, and how often it errs is written in docs/alerts.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from alerts.policy.settings import Flags, FlagWords
from domain.alerts import Flag, Share
from domain.posts import Post

_SENTENCES = re.compile(r"[^。！!？?；;\n]*[。！!？?；;\n]?")
_CLAUSES = re.compile(r"[，,、：:（()）“”\"]")
#: "8岁", "17周岁", "十五岁"; not "38岁".
_AGE = re.compile(
    r"(?<![\d一二三四五六七八九十])(?:\d|1[0-7]|[一二三四五六七八九]|十[一二三四五六七]?)\s?周?岁(?!以上|半?月)"
)
#: A denial reaches this many characters: 没有造成人员死亡.
_REACH = 8


def read_flags(posts: Sequence[Post], words: Flags) -> tuple[Flag, ...]:
    """For each fact that texts are read for: how many of `posts`, already de-duplicated, carry it."""
    texts = [post.full_text for post in posts]
    found = []
    for fact, listed in words.of().items():
        carried = sum(
            post.source in listed.sources or carries(text, listed, words)
            for post, text in zip(posts, texts, strict=True)
        )
        found.append(Flag(fact, carried=Share(carried, len(posts))))
    return tuple(found)


def carries(text: str, listed: FlagWords, words: Flags) -> bool:
    """Whether `text` says that the fact is so."""
    return any(_says(sentence, listed, words) for sentence in _SENTENCES.findall(text))


def _says(sentence: str, listed: FlagWords, words: Flags) -> bool:
    covered = _covered(sentence, listed.not_words)
    if listed.near and not any(
        _clear(match.span(), covered) for match in _pattern(listed.near).finditer(sentence)
    ):
        return False
    if _pattern(words.asks).search(sentence) or _pattern(words.refute).search(sentence):
        return False
    places = [match.span() for match in _pattern(listed.words).finditer(sentence)]
    if listed.ages:
        places += [match.span() for match in _AGE.finditer(sentence)]
    return any(
        _clear(place, covered) and not _denied(sentence, place[0], words.deny) for place in places
    )


def _clear(place: tuple[int, int], covered: Sequence[tuple[int, int]]) -> bool:
    """Whether no covered stretch touches `place`."""
    return not any(place[0] < end and begin < place[1] for begin, end in covered)


def _covered(sentence: str, not_words: Sequence[str]) -> list[tuple[int, int]]:
    if not not_words:
        return []
    return [match.span() for match in _pattern(tuple(not_words)).finditer(sentence)]


def _denied(sentence: str, start: int, deny: tuple[str, ...]) -> bool:
    """Whether a denial stands before `start` in the same clause, within reach."""
    clause = _CLAUSES.split(sentence[:start])[-1][-_REACH:]
    return _pattern(deny).search(clause) is not None


@lru_cache(maxsize=64)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of `words`, longest first."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, ordered)))
