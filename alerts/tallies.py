"""What the index counts of an episode: attitudes, origins, different texts. No text is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.alerts import Share
from domain.annotation import Certainty, Sentiment, Target
from domain.cases import Case
from domain.posts import Platform, VerifiedType
from domain.protocols import Query, Store


@dataclass(frozen=True, slots=True)
class Attitudes:
    """What the posts say of a case; the fields are those of `domain.alerts.Why`."""

    sure: tuple[tuple[str, str, int], ...]
    unsure: int
    mixed: int
    court_negative: Share
    court_unsure: int


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the posts came from; media: news sources, and media accounts elsewhere.

    Accounts are nameless here: a media account counts by its flag, once per case and 24 hours.
    """

    posts: int
    authors: int
    sources: dict[str, int]
    platforms: dict[str, int]
    media: int


def attitudes(store: Store, case: Case, query: Query) -> Attitudes:
    """Attitudes of the posts of `case` in `query`.

    Raises:
        StoreFailure: the index doesn't answer.
    """
    every = _stances(store, case, query)
    # An irrelevant text has a sentiment, too, but no court to feel it toward.
    relevant = _stances(store, case, replace(query, relevant=True))
    sure: Counter[tuple[str, str]] = Counter()
    by_certainty: Counter[str] = Counter()
    for (target, sentiment, certainty), posts in every.items():
        by_certainty[certainty] += posts
        if certainty == Certainty.SURE:
            sure[target, sentiment] += posts
    court = {key: posts for key, posts in relevant.items() if key[0] == Target.COURT}
    negative = court.get((Target.COURT, Sentiment.NEGATIVE, Certainty.SURE), 0)
    about_court = sum(posts for key, posts in court.items() if key[2] == Certainty.SURE)
    return Attitudes(
        sure=tuple((*key, posts) for key, posts in _ranked_cells(sure)),
        unsure=by_certainty[Certainty.UNSURE],
        mixed=by_certainty[Certainty.MIXED],
        court_negative=Share(negative, about_court),
        court_unsure=sum(court.values()) - about_court,
    )


def came_from(store: Store, case: Case, query: Query) -> Origins:
    """Posts and authors of `case` in `query`, by source and platform.

    Raises:
        StoreFailure: the index doesn't answer.
    """
    cells = store.counts(query, ("case", "source", "platform", "verified_type"))
    own = [cell for cell in cells if cell.key[0] == case.id]
    sources: Counter[str] = Counter()
    platforms: Counter[str] = Counter()
    outlets: set[str] = set()
    accounts = 0
    for cell in own:
        _, source, platform, verified = cell.key
        sources[source] += cell.posts
        platforms[platform] += cell.posts
        if platform == Platform.NEWS.value:
            outlets.add(source)
        elif verified == VerifiedType.MEDIA.value:
            accounts += cell.authors or 0
    return Origins(
        posts=sum(cell.posts for cell in own),
        authors=sum(cell.authors or 0 for cell in own),
        sources=dict(sources),
        platforms=dict(platforms),
        media=len(outlets) + accounts,
    )


def different(store: Store, query: Query) -> int:
    """Different texts in `query`: families of the index, however many posts there are.

    Raises:
        StoreFailure: the index doesn't answer.
    """
    return sum(cell.distinct or 0 for cell in store.counts(query, (), distinct=True))


def ranked(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """The most first, equal ones by name."""
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _ranked_cells(counts: Counter[tuple[str, str]]) -> list[tuple[tuple[str, str], int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _stances(store: Store, case: Case, query: Query) -> dict[tuple[str, str, str], int]:
    cells = store.counts(query, ("case", "target", "sentiment", "certainty"))
    return {
        (cell.key[1], cell.key[2], cell.key[3]): cell.posts
        for cell in cells
        if cell.key[0] == case.id
    }
