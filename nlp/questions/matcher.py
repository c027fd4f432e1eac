"""Implements `domain.protocols.QuestionMatcher`."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import sqrt

import numpy as np
from threadpoolctl import ThreadpoolController

from domain.posts import Post
from domain.questions import MOST_QUESTIONS, Answer, FocusQuestion, QuestionKind
from nlp import model_file
from nlp.features import WordVectors
from nlp.linear import SHIPPED
from nlp.questions.answers import Answers
from nlp.questions.groups import Worded, group, worded
from nlp.questions.likeness import Likeness, Matrix
from nlp.questions.statements import Aspect, Statement, aspect_of, kind_of, statements
from text.near_duplicates import clusters
from text.quoting import compared

#: A point that one post alone raises is no focus.
LEAST_POSTS = 2
#: Statements that are grouped at most, those of most posts first: keeps memory below 200 MB.
MOST_STATEMENTS = 3000
#: From here on two wordings ask the same; below the linkage's, because there is no window.
SAME_QUESTION = 0.40
#: Wordings kept of a question.
MOST_WORDINGS = 12
_SHORTEST, _SHORT_FACTOR = 6, 0.7
_CUT_CACHE = 50_000
_GIST_WORDS = 4
_GISTS = {
    Aspect.WHY: "问原因", Aspect.WHEN: "问时间", Aspect.WHO: "问由谁负责",
    Aspect.AMOUNT: "问数额或标准", Aspect.HOW: "问办法",
}  # fmt: skip
_KIND_GISTS = {
    QuestionKind.CLAIM: "传言或说法",
    QuestionKind.DEMAND: "要求",
    QuestionKind.QUESTION: "疑问",
}


class QuestionFinder:
    """Finds, compares and covers questions. Deterministic; the order of posts doesn't matter."""

    def __init__(self, vectors: WordVectors) -> None:
        self._likeness = Likeness(vectors)
        self._answers = Answers(self._likeness)
        # The words of a statement never change, so a window that grows is only cut where it grew.
        self._cut = lru_cache(_CUT_CACHE)(self._cut_text)

    @classmethod
    def load(cls) -> QuestionFinder:
        """The finder with the vectors that ship.

        Raises:
            ConfigurationError: their file is missing or damaged.
        """
        return cls(model_file.load(SHIPPED).word_vectors)

    def questions(self, posts: Sequence[Post], limit: int = MOST_QUESTIONS) -> list[FocusQuestion]:
        """At most `limit` points that at least two posts raise.

        Ranked by √(posts × distinct posts): a text copied a hundred times weighs less than a
        hundred people, and more than one.
        """
        return self.collect(posts).questions(limit)

    def collect(self, posts: Iterable[Post] = ()) -> Collected:
        """A window that can grow."""
        window = Collected(self._likeness, self._cut)
        window.add(posts)
        return window

    def answered(self, questions: Sequence[FocusQuestion], draft: str) -> list[Answer]:
        """Which questions the draft covers, in the order of `questions`."""
        with _threads().limit(limits=1, user_api="blas"):
            return self._answers.find(questions, draft)

    def new(self, wordings: Sequence[str], known: Sequence[str]) -> list[str]:
        """Wordings near none of `known`."""
        if not wordings or not known:
            return list(wordings)
        asked, old = ([self._bare(text) for text in texts] for texts in (wordings, known))
        near = self._likeness.matrix([one.bag for one in asked], [one.bag for one in old])
        best = near.max(axis=1)
        return [
            text
            for text, likeness in zip(wordings, best.tolist(), strict=True)
            if likeness < SAME_QUESTION and text not in known
        ]

    def gist(self, wording: str) -> str:
        """What a wording is about, e.g. “问原因：延期、开庭”."""
        words = [word for word in self._likeness.words(wording) if len(word) > 1]
        kind = kind_of(wording) or QuestionKind.CLAIM
        head = _KIND_GISTS[kind]
        if kind is QuestionKind.QUESTION:
            head = _GISTS.get(aspect_of(wording), head)
        about = "、".join(list(dict.fromkeys(words))[:_GIST_WORDS])
        return f"{head}：{about}" if about else head

    def _bare(self, text: str) -> Worded:
        return worded(Statement(text, kind_of(text), aspect_of(text)), self._likeness)

    def _cut_text(self, text: str) -> tuple[Worded, ...]:
        found = (worded(statement, self._likeness) for statement in statements(text))
        return tuple(one for one in found if one.bag)


@cache
def _threads() -> ThreadpoolController:
    """Matrices here are small: on a busy machine two threads waited for each other for seconds."""
    return ThreadpoolController()


@dataclass(frozen=True, slots=True)
class _Item:
    """One different statement and the posts that make it."""

    worded: Worded
    posts: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.worded.statement.text


class Collected:
    """The posts of a window. What it answers depends on which posts were added, on nothing else.

    Asked is what its author wrote: the quoted tail of a comment or repost is somebody else's question.
    """

    def __init__(self, likeness: Likeness, cut: Callable[[str], tuple[Worded, ...]]) -> None:
        self._likeness, self._cut = likeness, cut
        self._posts: dict[str, Post] = {}
        self._stated: dict[str, tuple[Worded, ...]] = {}

    def add(self, posts: Iterable[Post]) -> None:
        """Add posts; one with a known id replaces the earlier."""
        for post in posts:
            self._posts[post.id] = post
            self._stated[post.id] = self._cut(compared(post))

    def remove(self, ids: Iterable[str]) -> None:
        """Forget posts, e.g. deleted ones; unknown ids are ignored."""
        for post_id in ids:
            self._posts.pop(post_id, None)
            self._stated.pop(post_id, None)

    def questions(self, limit: int = MOST_QUESTIONS) -> list[FocusQuestion]:
        """See `QuestionFinder.questions`."""
        items = self._items()
        if not items:
            return []
        with _threads().limit(limits=1, user_api="blas"):
            groups, near = group([item.worded for item in items], self._likeness)
        found = [
            self._question([items[index] for index in members], near[np.ix_(members, members)])
            for members in groups
            if len({post for index in members for post in items[index].posts}) >= LEAST_POSTS
        ]
        found.sort(key=lambda q: (-sqrt(q.posts * q.distinct), -q.posts, q.first_at, q.id))
        return found[:limit]

    def _items(self) -> list[_Item]:
        raised: dict[tuple[str, str], tuple[Worded, set[str]]] = {}
        for post_id, stated in self._stated.items():
            for one in stated:
                key = (one.statement.text, one.statement.context if one.borrows else "")
                raised.setdefault(key, (one, set()))[1].add(post_id)
        ordered = sorted(raised, key=lambda key: (-len(raised[key][1]), key))[:MOST_STATEMENTS]
        return [_Item(raised[key][0], tuple(sorted(raised[key][1]))) for key in sorted(ordered)]

    def _question(self, items: list[_Item], near: Matrix) -> FocusQuestion:
        ids = sorted(
            {post for item in items for post in item.posts},
            key=lambda post: (self._posts[post].published_at, post),
        )
        posts = [self._posts[post] for post in ids]
        wordings = _wordings(items)
        first = next(item for item in items if ids[0] in item.posts)
        return FocusQuestion(
            id=hashlib.sha256(first.text.encode()).hexdigest()[:16],
            text=_typical(items, near),
            kind=_kind(items),
            posts=len(ids),
            distinct=len(set(clusters([compared(post) for post in posts]))),
            first_at=posts[0].published_at,
            last_at=posts[-1].published_at,
            post_ids=tuple(ids),
            wordings=wordings,
        )


def _wordings(items: Sequence[_Item]) -> tuple[str, ...]:
    counts: Counter[str] = Counter()
    for item in items:
        counts[item.text] += len(item.posts)
    ranked = sorted(counts, key=lambda text: (-counts[text], text))
    return tuple(ranked[:MOST_WORDINGS])


def _typical(items: Sequence[_Item], near: Matrix) -> str:
    """The asking wording nearest to all posts of the group; very short ones say too little."""
    sizes = np.array([len(item.posts) for item in items], np.float32)
    support = near @ sizes
    scored = [
        (
            -round(
                float(support[index]) * (1 if len(item.text) >= _SHORTEST else _SHORT_FACTOR), 4
            ),
            item.text,
        )
        for index, item in enumerate(items)
        if item.worded.statement.kind
    ]
    return min(scored)[1]


def _kind(items: Sequence[_Item]) -> QuestionKind:
    counts: Counter[QuestionKind] = Counter()
    for item in items:
        if item.worded.statement.kind:
            counts[item.worded.statement.kind] += len(item.posts)
    return min(counts, key=lambda kind: (-counts[kind], list(QuestionKind).index(kind)))
