"""Random histories: each store against a model in plain Python, hence all stores alike."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from domain.alerts import Count
from domain.annotation import (
    AnnotatedPost,
    Aspect,
    CaseLink,
    Certainty,
    Demand,
    Emotion,
    Family,
    Sentiment,
    Stance,
    Target,
)
from domain.posts import Platform, VerifiedType
from domain.protocols import Dimension, Query, Store, Upserted
from text.bigrams import index_terms, is_open, query_phrases

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CASES = ("liang", "yu", "filing", "enforcement")
TOPICS = ("trial_delay", "digital_court", "support_praise", "irrelevant")
SOURCES = ("jianglan_news", "weibo_search", "hotline")
WORDS = ["法院", "开庭", "云岫区", "判决", "不公", "执行", "老赖", "2026", "app", "案", "号"]
PIECES = [*WORDS, "，", "。", "😀"]
DIMENSIONS: tuple[Dimension, ...] = (
    *("case", "target", "sentiment", "certainty", "emotion", "topic", "demand", "source"),
    *("platform", "verified_type", "copies", "template"),
)  # type: ignore[assignment]
STANCE = ("target", "sentiment", "certainty")
MakePost = Callable[..., AnnotatedPost]


class Model:
    """What the contract says, done by brute force."""

    def __init__(self) -> None:
        self.posts: dict[str, AnnotatedPost] = {}
        self.buried: set[str] = set()

    def upsert(self, batch: Iterable[AnnotatedPost]) -> Upserted:
        latest: dict[str, AnnotatedPost] = {}
        for post in batch:
            known = latest.get(post.post.id)
            if known is None or _version(post) >= _version(known):
                latest[post.post.id] = post
        created = updated = refused = 0
        for post_id, post in latest.items():
            held = self.posts.get(post_id)
            if post_id in self.buried:
                refused += 1
            elif held is None:
                self.posts[post_id] = post
                created += 1
            elif _version(post) >= _version(held):
                self.posts[post_id] = post
                updated += 1
        return Upserted(created, updated, refused)

    def tombstone(self, ids: list[str]) -> int:
        self.buried |= set(ids)
        return sum(self.posts.pop(post_id, None) is not None for post_id in ids)

    def newest(self, sources: Iterable[str]) -> dict[str, datetime]:
        found: dict[str, datetime] = {}
        for one in self.posts.values():
            if one.post.source in sources:
                at = found.get(one.post.source, one.post.published_at)
                found[one.post.source] = max(at, one.post.published_at)
        return found

    def delete_before(self, moment: datetime) -> int:
        old = [i for i, post in self.posts.items() if post.post.published_at < moment]
        return sum(self.posts.pop(post_id) is not None for post_id in old)

    def matching(self, query: Query, by: Iterable[str] = ()) -> list[AnnotatedPost]:
        found = [post for post in self.posts.values() if _matches(post, query, by)]
        return sorted(found, key=lambda p: (EPOCH - p.post.published_at, p.post.id))

    def counts(
        self, query: Query, by: list[Dimension], bucket: timedelta | None, distinct: bool
    ) -> list[Count]:
        texts: dict[tuple[tuple[str, ...], datetime | None], set[str]] = {}
        posts: Counter[tuple[tuple[str, ...], datetime | None]] = Counter()
        authors: Counter[tuple[tuple[str, ...], datetime | None]] = Counter()
        for post in self.matching(query, by):
            start = bucket and EPOCH + (post.post.published_at - EPOCH) // bucket * bucket
            counted = {link.case_id for link in post.links if link.counts_as_author}
            for key in _keys(post, query, by):
                posts[key, start] += 1
                texts.setdefault((key, start), set()).add(_values(post, "copies")[0])
                if "case" in by:
                    authors[key, start] += key[by.index("case")] in counted
        cells = [
            Count(
                key,
                start,
                number,
                authors[key, start] if "case" in by else None,
                len(texts[key, start]) if distinct else None,
            )
            for (key, start), number in posts.items()
        ]
        return sorted(cells, key=lambda count: (count.key, count.start or EPOCH))


def _version(post: AnnotatedPost) -> tuple[datetime, datetime]:
    return (post.post.edited_at or post.post.published_at, post.post.fetched_at)


def _keys(post: AnnotatedPost, query: Query, by: list[Dimension]) -> set[tuple[str, ...]]:
    """Cells of a post: those of its stances that fit, times its other values."""
    return {
        tuple(
            case if name == "case" else str(getattr(stance, name)) if name in STANCE else other
            for name, other in zip(by, others, strict=True)
        )
        for case, stance in _stances(post, query, by)
        for others in product(
            *([""] if name in (*STANCE, "case") else _values(post, name) for name in by)
        )
    }


def _stances(post: AnnotatedPost, query: Query, by: Iterable[str]) -> list[tuple[str, Stance]]:
    """What counts of a post: of each case when counts are by case or cases are named."""
    cases = {link.case_id for link in post.links}
    found: list[tuple[str, Stance]] = [("", post.annotation.stance)]
    if "case" in by:
        found = [(case, post.stance(case)) for case in cases]
    elif query.cases:
        found = [(case, post.stance(case)) for case in cases & set(query.cases)]
    return [(case, stance) for case, stance in found if _fits(stance, query)]


def _fits(stance: Stance, query: Query) -> bool:
    return (
        (not query.targets or stance.target in query.targets)
        and (not query.sentiments or stance.sentiment in query.sentiments)
        and (not query.certainties or stance.certainty in query.certainties)
    )


def _values(post: AnnotatedPost, dimension: str) -> list[str]:
    if dimension == "emotion":
        return [str(post.annotation.emotion or "unknown")]
    if dimension in ("copies", "template"):
        return [getattr(post.family, dimension) if post.family else post.post.id]
    if dimension == "case":
        return sorted({link.case_id for link in post.links})
    if dimension == "topic":
        return sorted(set(post.annotation.topics))
    owner = post.annotation if hasattr(post.annotation, dimension) else post.post
    return [str(getattr(owner, dimension))]


def _matches(post: AnnotatedPost, query: Query, by: Iterable[str]) -> bool:
    wanted = {
        "case": query.cases,
        "emotion": query.emotions,
        "topic": query.topics,
        "demand": query.demands,
        "source": query.sources,
        "platform": query.platforms,
        "copies": query.copies,
        "template": query.templates,
    }
    moment = post.post.published_at
    return (
        all(set(_values(post, name)) & set(chosen) for name, chosen in wanted.items() if chosen)
        and bool(_stances(post, query, () if query.cases else by))
        and (query.since is None or moment >= query.since)
        and (query.until is None or moment < query.until)
        and query.linked in (None, bool(post.links))
        and query.relevant in (None, post.annotation.relevant)
        and all(
            _holds(index_terms(post.post.full_text), phrase) for phrase in query_phrases(query.text)
        )
    )


def _holds(terms: list[str], phrase: list[str]) -> bool:
    for start in range(len(terms) - len(phrase) + 1):
        here = terms[start : start + len(phrase)]
        if here[:-1] == phrase[:-1] and (
            here[-1] == phrase[-1] or (is_open(phrase) and here[-1].startswith(phrase[-1]))
        ):
            return True
    return False


def _random_post(chance: random.Random, make_post: MakePost) -> AnnotatedPost:
    relevant = chance.random() < 0.8
    topics = tuple(chance.sample(TOPICS[:3], chance.randint(1, 3))) if relevant else TOPICS[3:]
    post = make_post(
        chance.randrange(150),
        "".join(chance.choices(PIECES, k=chance.randint(1, 12))),
        title="".join(chance.choices(PIECES, k=chance.choice((0, 0, 2)))),
        minutes=chance.choice(
            (chance.uniform(0, 60), chance.randrange(60), chance.uniform(0, 9e4))
        ),
        target=chance.choice(list(Target)),
        sentiment=chance.choice(list(Sentiment)),
        demand=chance.choice(list(Demand)),
        platform=chance.choice(list(Platform)),
        verified_type=chance.choice(list(VerifiedType)),
        source=chance.choice(SOURCES),
        topics=topics,
        emotion=chance.choice((None, *Emotion)),
        unsure=chance.choice(((), (), ("topics",), ("stance", "demand"))),
        mixed=chance.random() < 0.15,
        fetched_at=NOON + timedelta(days=90 + chance.randrange(3)),
        edited_at=chance.choice((None, NOON + timedelta(days=65, hours=chance.randrange(3)))),
    )
    chosen = chance.sample(CASES, chance.choice((0, 0, 1, 1, 1, 2, 4)))
    links = tuple(
        CaseLink(case, "alias", (case,), chance.random() < 0.6, _random_aspect(chance))
        for case in chosen
    )
    family = chance.choice((None, *(Family(f"copy{n}", f"template{n // 3}") for n in range(12))))
    return replace(post, links=links, family=family)


def _random_aspect(chance: random.Random) -> Aspect | None:
    if chance.random() < 0.5:
        return None
    target, sentiment = chance.choice(list(Target)), chance.choice(list(Sentiment))
    return Aspect(target, sentiment, chance.random(), chance.random() < 0.3)


def _random_query(chance: random.Random) -> Query:
    def some(values: Iterable[str]) -> tuple[str, ...]:
        listed = [str(value) for value in values]
        return tuple(chance.sample(listed, chance.randint(1, 2))) if chance.random() < 0.25 else ()

    words = "".join(chance.choices([*WORDS, " ", " "], k=chance.randint(1, 4)))
    if not query_phrases(words):
        words = "法院"
    quoted = f'"{words}"' if chance.random() < 0.3 else words
    since = NOON + timedelta(minutes=chance.uniform(-5, 50))
    return Query(
        text=quoted if chance.random() < 0.5 else "",
        cases=some((*CASES, "unknown")),
        targets=some(Target),
        sentiments=some(Sentiment),
        certainties=some(Certainty),
        emotions=some((*Emotion, "unknown")),
        topics=some(TOPICS),
        demands=some(Demand),
        sources=some(SOURCES),
        platforms=some(Platform),
        copies=some(f"copy{n}" for n in range(6)) if chance.random() < 0.5 else (),
        templates=some(("template0", "template1", "template2")),
        since=since if chance.random() < 0.3 else None,
        until=since + timedelta(minutes=30) if chance.random() < 0.3 else None,
        linked=chance.choice((None, None, True, False)),
        relevant=chance.choice((None, None, True, False)),
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_random_history_gives_the_numbers_of_the_model(
    store: Store, make_post: MakePost, seed: int
) -> None:
    chance = random.Random(seed)
    model = Model()
    for _ in range(4):
        batch = [_random_post(chance, make_post) for _ in range(80)]
        assert store.upsert(batch) == model.upsert(batch)
        gone = [_random_post(chance, make_post).post.id for _ in range(5)]
        assert store.tombstone(gone, NOON) == model.tombstone(list(dict.fromkeys(gone)))
        limit = NOON + timedelta(minutes=chance.uniform(0, 20))
        assert store.delete_before(limit) == model.delete_before(limit)
    asked = [*SOURCES[1:], "unknown"]
    assert store.newest(asked) == model.newest(asked)
    assert store.newest([]) == {}
    hits = 0
    for _ in range(40):
        query = _random_query(chance)
        found = model.matching(query)
        page = store.search(query, limit=200)
        assert (list(page.posts), page.total) == (found, len(found)), query
        by = chance.sample(DIMENSIONS, chance.randint(0, 3))
        bucket = chance.choice((None, timedelta(minutes=5), timedelta(seconds=97)))
        distinct = chance.random() < 0.5
        counted = store.counts(query, by, bucket, distinct=distinct)
        assert counted == model.counts(query, by, bucket, distinct), (query, by)
        hits += len(found)
    assert hits > 50
