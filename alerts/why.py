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
from domain.alerts import Evidence, Fact, Flag, Share, ToldNarrative, Why
from domain.annotation import AnnotatedPost, Certainty, Sentiment, Target
from domain.cases import Case
from domain.posts import Platform, PostKind, VerifiedType
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
        posts = self._read(query, TEXTS)
        copies = Counter(_leaders(posts))
        distinct = [posts[leader] for leader in sorted(copies)]
        past = self._read(Query(cases=(case.id,), since=since - PAST, until=since), TEXTS)
        origins = self._origins(case, query)
        attitudes = self._attitudes(case, query)
        flags = self._known(case, alert_id, read_flags([one.post for one in distinct], self._flags))
        asked = self._asked(posts)
        why = Why(
            window_start=since,
            window_end=until,
            peak_at=bucket_start(episode.peak + 1),
            score=episode.score,
            stream=episode.stream,
            posts=origins.posts,
            distinct=len(distinct) if len(posts) == origins.posts else self._distinct(case, query),
            authors=origins.authors,
            similar=Share(len(posts) - len(distinct), len(posts)),
            court_negative=attitudes.court_negative,
            court_unsure=attitudes.court_unsure,
            attitudes=attitudes.sure,
            unsure=attitudes.unsure,
            mixed=attitudes.mixed,
            topics=_ranked(
                {cell.key[0]: cell.posts for cell in self._store.counts(query, ("topic",))}
            ),
            terms=self._terms_of(distinct, past),
            questions=tuple((one.text, one.posts) for one in asked),
            question_texts=tuple(one.distinct for one in asked),
            narratives=self._told(posts, past),
            sources=_ranked(origins.sources),
            sampled=self._sampled(origins.sources),
            media=origins.media,
            evidence=_evidence(case, posts, copies),
            gaps=self._gaps(since, until),
            campaign=campaigns.find(campaigns.said(case.id, posts)),
            platforms=_ranked(origins.platforms),
            flags=tuple(flags.values()),
            concern=episode.concern,
        )
        facts = Facts(
            posts=why.posts,
            court_negative=attitudes.court_negative,
            platforms=len(origins.platforms),
            media=why.media,
            flags=flags,
        )
        return Findings(why, facts, self._first(query, since))

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

    def _attitudes(self, case: Case, query: Query) -> _Attitudes:
        every = self._stances(case, query)
        # An irrelevant text has a sentiment, too, but no court to feel it toward.
        relevant = self._stances(case, replace(query, relevant=True))
        sure: Counter[tuple[str, str]] = Counter()
        by_certainty: Counter[str] = Counter()
        for (target, sentiment, certainty), posts in every.items():
            by_certainty[certainty] += posts
            if certainty == Certainty.SURE:
                sure[target, sentiment] += posts
        court = {key: posts for key, posts in relevant.items() if key[0] == Target.COURT}
        negative = court.get((Target.COURT, Sentiment.NEGATIVE, Certainty.SURE), 0)
        about_court = sum(posts for key, posts in court.items() if key[2] == Certainty.SURE)
        return _Attitudes(
            sure=tuple((*key, posts) for key, posts in _ranked_cells(sure)),
            unsure=by_certainty[Certainty.UNSURE],
            mixed=by_certainty[Certainty.MIXED],
            court_negative=Share(negative, about_court),
            court_unsure=sum(court.values()) - about_court,
        )

    def _stances(self, case: Case, query: Query) -> dict[tuple[str, str, str], int]:
        cells = self._store.counts(query, ("case", "target", "sentiment", "certainty"))
        return {
            (cell.key[1], cell.key[2], cell.key[3]): cell.posts
            for cell in cells
            if cell.key[0] == case.id
        }

    def _origins(self, case: Case, query: Query) -> _Origins:
        cells = self._store.counts(query, ("case", "source", "platform", "verified_type"))
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
        return _Origins(
            posts=sum(cell.posts for cell in own),
            authors=sum(cell.authors or 0 for cell in own),
            sources=dict(sources),
            platforms=dict(platforms),
            media=len(outlets) + accounts,
        )

    def _distinct(self, case: Case, query: Query) -> int:
        cells = self._store.counts(query, ("case",), distinct=True)
        return sum(cell.distinct or 0 for cell in cells if cell.key[0] == case.id)

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
class _Attitudes:
    """What the posts say of this case; the fields are those of `Why`."""

    sure: tuple[tuple[str, str, int], ...]
    unsure: int
    mixed: int
    court_negative: Share
    court_unsure: int


@dataclass(frozen=True, slots=True)
class _Origins:
    """Where the posts came from; media: news sources, and media accounts elsewhere.

    Accounts are nameless here: a media account counts by its flag, once per case and 24 hours.
    """

    posts: int
    authors: int
    sources: dict[str, int]
    platforms: dict[str, int]
    media: int


def _leaders(posts: Sequence[AnnotatedPost]) -> list[int]:
    """For each post the place of the first one of its family."""
    first: dict[str, int] = {}
    return [first.setdefault(one.copies, place) for place, one in enumerate(posts)]


def _registered(case: Case) -> dict[Fact, bool]:
    """What the case's entry says. No minor on it is no knowledge that none is concerned."""
    return {Fact.MINOR: True} if any(litigant.minor for litigant in case.litigants) else {}


def _ranked_cells(counts: Counter[tuple[str, str]]) -> list[tuple[tuple[str, str], int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _ranked(counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _evidence(
    case: Case, posts: Sequence[AnnotatedPost], copies: Counter[int]
) -> tuple[Evidence, ...]:
    """Texts that stand for most posts; up to five critical of the court come first."""
    ranked = sorted(copies, key=lambda leader: (-copies[leader], leader))
    critical = [leader for leader in ranked if posts[leader].court_negative(case.id)]
    chosen = critical[:COURT_EVIDENCE]
    chosen += [leader for leader in ranked if leader not in chosen]
    return tuple(Evidence(posts[leader].post.id, copies[leader]) for leader in chosen[:EVIDENCE])
