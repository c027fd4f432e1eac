"""The reasons an alert carries: every figure is a query over the episode that can be run again.

Counts are exact. What needs the texts themselves (terms, questions, evidence) reads the newest
`TEXTS` posts of the episode: `Why.similar.n` says how many were read. Copies are told everywhere by
the families of the index as they are at detection, so that every page counts the same ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts import campaigns
from alerts.blindness import unrecorded
from alerts.episodes import Episode
from alerts.flags import read_flags
from alerts.levels import Facts
from alerts.policy.settings import Flags, default_policy
from alerts.tallies import Attitudes, Origins, attitudes, came_from, different, ranked
from domain.alerts import Evidence, Fact, Flag, Share, ToldNarrative, Why
from domain.annotation import AnnotatedPost
from domain.cases import Case
from domain.posts import PostKind
from domain.protocols import NarrativeFinder, Query, QuestionMatcher, Store, TermFinder
from domain.questions import FocusQuestion
from domain.sources import Gap
from domain.time import BUCKET, bucket_start
from records import Records
from records.coverage import post_gaps
from text.quoting import compared

#: Newest posts of an episode whose texts are read [D]: keeps an alert of any size below a second.
TEXTS = 2000
#: How far back the case's own past is read for terms and narratives.
PAST = timedelta(days=14)
#: How many posts stand for the episode, and how many of them at first show the court criticised.
EVIDENCE, COURT_EVIDENCE = 10, 5
TERMS = 10

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Findings:
    """`why` still without the lines of the level table; `facts` are what these follow from."""

    why: Why
    facts: Facts
    first_published_at: datetime


class Reasons:
    """Explains episodes from the index, the gaps, and the case's own past."""

    def __init__(
        self,
        store: Store,
        records: Records,
        terms: TermFinder,
        flags: Flags | None = None,
        questions: QuestionMatcher | None = None,
        narratives: NarrativeFinder | None = None,
    ) -> None:
        self._store, self._records, self._terms = store, records, terms
        self._questions, self._narratives = questions, narratives
        self._flags = flags or default_policy().flags

    def find(self, case: Case, episode: Episode, alert_id: str = "") -> Findings:
        """Everything known about `episode`.

        Args:
            alert_id: of the alert it belongs to already, for what people said of its facts.

        Raises:
            StoreFailure: the index or the records don't answer.
        """
        since, until = episode.window
        query = Query(cases=(case.id,), since=since, until=until)
        read = self._reading(case, since, until)
        stances, origins = attitudes(self._store, case, query), came_from(self._store, case, query)
        carried = read_flags([one.post for one in read.distinct], self._flags)
        flags = self._known(case, alert_id, carried)
        why = replace(
            self._from_texts(case, self._counted(query, episode, read, stances, origins), read),
            flags=tuple(flags.values()),
        )
        facts = Facts(
            posts=why.posts,
            court_negative=why.court_negative,
            platforms=len(why.platforms),
            media=why.media,
            flags=flags,
        )
        return Findings(why, facts, self._first(query, since))

    def _reading(self, case: Case, since: datetime, until: datetime) -> _Reading:
        posts = self._read(Query(cases=(case.id,), since=since, until=until), TEXTS)
        copies = Counter(_leaders(posts))
        past = self._read(Query(cases=(case.id,), since=since - PAST, until=since), TEXTS)
        return _Reading(posts, copies, [posts[leader] for leader in sorted(copies)], past)

    def _counted(
        self, query: Query, episode: Episode, read: _Reading, stances: Attitudes, origins: Origins
    ) -> Why:
        """What needs no text."""
        since, until = episode.window
        whole = len(read.posts) == origins.posts
        topics = self._store.counts(query, ("topic",))
        return Why(
            window_start=since,
            window_end=until,
            peak_at=bucket_start(episode.peak + 1),
            score=episode.score,
            stream=episode.stream,
            posts=origins.posts,
            distinct=len(read.distinct) if whole else different(self._store, query),
            authors=origins.authors,
            similar=Share(len(read.posts) - len(read.distinct), len(read.posts)),
            court_negative=stances.court_negative,
            court_unsure=stances.court_unsure,
            attitudes=stances.sure,
            unsure=stances.unsure,
            mixed=stances.mixed,
            topics=ranked({cell.key[0]: cell.posts for cell in topics}),
            sources=ranked(origins.sources),
            sampled=self._sampled(origins.sources),
            media=origins.media,
            gaps=self._gaps(since, until),
            platforms=ranked(origins.platforms),
            concern=episode.concern,
        )

    def _from_texts(self, case: Case, why: Why, read: _Reading) -> Why:
        asked = self._asked(read.posts)
        return replace(
            why,
            terms=self._terms_of(read.distinct, read.past),
            questions=tuple((one.text, one.posts) for one in asked),
            question_texts=tuple(one.distinct for one in asked),
            narratives=self._told(read.posts, read.past),
            evidence=_evidence(case, read.posts, read.copies),
            campaign=campaigns.find(campaigns.said(case.id, read.posts)),
        )

    def _gaps(self, since: datetime, until: datetime) -> tuple[Gap, ...]:
        """Recorded gaps as they stand, and blindness nobody could record."""
        recorded = post_gaps(self._records, since, until)
        blind = {gap.source for gap in recorded}
        silent = unrecorded(self._records, since, until)
        return (*recorded, *(gap for gap in silent if gap.source not in blind))

    def _sampled(self, sources: Iterable[str]) -> tuple[tuple[str, float], ...]:
        rates = {one.source: one.sample_rate for one in self._records.runs.statuses()}
        return tuple((name, rates[name]) for name in sorted(sources) if rates.get(name, 1.0) < 1)

    def _read(self, query: Query, limit: int) -> list[AnnotatedPost]:
        """The newest posts, oldest first."""
        found: dict[str, AnnotatedPost] = {}
        for offset in range(0, limit, _PAGE):
            page = self._store.search(query, limit=min(_PAGE, limit - offset), offset=offset)
            found.update((post.post.id, post) for post in page.posts)
            if offset + _PAGE >= page.total:
                break
        return sorted(found.values(), key=lambda post: (post.post.published_at, post.post.id))

    def _known(self, case: Case, alert_id: str, carried: Sequence[Flag]) -> dict[Fact, Flag]:
        """What texts carry, outweighed by the registry, outweighed by what people said last."""
        found = {fact: Flag(fact) for fact in Fact}
        found.update((flag.fact, flag) for flag in carried)
        said = dict(_registered(case))
        if alert_id:
            said.update(self._records.flags.said(alert_id))
        for fact, value in said.items():
            found[fact] = replace(found[fact], confirmed=value)
        return found

    def _terms_of(
        self, distinct: Sequence[AnnotatedPost], past: Sequence[AnnotatedPost]
    ) -> tuple[tuple[str, float], ...]:
        found = self._terms.terms(
            [compared(post.post) for post in distinct],
            [compared(post.post) for post in past],
            limit=TERMS,
        )
        return tuple((word, round(weight, 3)) for word, weight in found)

    def _asked(self, posts: Sequence[AnnotatedPost]) -> list[FocusQuestion]:
        if self._questions is None:
            return []
        # What a medium asks the spokesperson wasn't said in public.
        public = [item.post for item in posts if item.post.kind is not PostKind.MEDIA_QUERY]
        return self._questions.questions(public)

    def _told(
        self, posts: Sequence[AnnotatedPost], past: Sequence[AnnotatedPost]
    ) -> tuple[ToldNarrative, ...]:
        if self._narratives is None:
            return ()
        found = self._narratives.narratives([one.post for one in posts], [one.post for one in past])
        return tuple(
            ToldNarrative(one.text, one.share, one.past, one.first_at, one.sources, one.distinct)
            for one in found
        )

    def _first(self, query: Query, since: datetime) -> datetime:
        """Publication time of the earliest post, exact whatever the episode's size."""
        cells = self._store.counts(query, ("case",), BUCKET)
        starts = [cell.start for cell in cells if cell.start is not None]
        if not starts:
            return since
        earliest = min(starts)
        opening = Query(cases=query.cases, since=earliest, until=earliest + BUCKET)
        posts = self._read(opening, TEXTS)
        return min((post.post.published_at for post in posts), default=earliest)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The texts that are read.

    Attributes:
        posts: of the episode; past: of the case before it; both the newest, oldest first.
        copies: place of the first of a family in `posts` → how many belong to it.
        distinct: the first of each family.
    """

    posts: list[AnnotatedPost]
    copies: Counter[int]
    distinct: list[AnnotatedPost]
    past: list[AnnotatedPost]


def _leaders(posts: Sequence[AnnotatedPost]) -> list[int]:
    """For each post the place of the first one of its family."""
    first: dict[str, int] = {}
    return [first.setdefault(one.copies, place) for place, one in enumerate(posts)]


def _registered(case: Case) -> dict[Fact, bool]:
    """What the case's entry says. No minor on it is no knowledge that none is concerned."""
    return {Fact.MINOR: True} if any(litigant.minor for litigant in case.litigants) else {}


def _evidence(
    case: Case, posts: Sequence[AnnotatedPost], copies: Counter[int]
) -> tuple[Evidence, ...]:
    """Texts that stand for most posts; up to five critical of the court come first."""
    ranked = sorted(copies, key=lambda leader: (-copies[leader], leader))
    critical = [leader for leader in ranked if posts[leader].court_negative(case.id)]
    chosen = critical[:COURT_EVIDENCE]
    chosen += [leader for leader in ranked if leader not in chosen]
    return tuple(Evidence(posts[leader].post.id, copies[leader]) for leader in chosen[:EVIDENCE])
