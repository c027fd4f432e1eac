"""One alert on one screen: the reasons in order, the evidence beside them."""

from __future__ import annotations

from dataclasses import dataclass

from desk.display import percent, window
from desk.services import Services
from desk.views import evidence
from desk.views.feed import gap_words, titles, topic_name
from desk.wording import SENTIMENTS, SIMILAR, STREAMS, TARGETS, UNKNOWN
from domain.alerts import Alert, Why
from domain.annotation import Sentiment, Target

#: practice.md §4 [D]: from here on the fixed wording about similar content is shown.
SIMILAR_LEAST, SIMILAR_SHARE = 30, 0.5


@dataclass(frozen=True, slots=True)
class Attitudes:
    """Posts by target (rows) and sentiment (columns), with sums."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...], int], ...]
    total: int


@dataclass(frozen=True, slots=True)
class Reasons:
    """The left side of the page, in words."""

    observed: str
    stream: str
    attitudes: Attitudes
    topics: tuple[tuple[str, str, int], ...]
    sources: tuple[tuple[str, int], ...]
    similar: str
    gaps: tuple[str, ...]
    concern: str


def reasons(services: Services, alert: Alert) -> Reasons:
    """What the alert claims and what it doesn't know."""
    why, names = alert.why, titles(services)
    return Reasons(
        observed=observed(why),
        stream=STREAMS.get(why.stream, why.stream),
        attitudes=attitudes(why),
        topics=tuple((one, topic_name(services.topics, one), posts) for one, posts in why.topics),
        sources=tuple((names.get(source, source), posts) for source, posts in why.sources),
        similar=similar(why),
        gaps=tuple(gap_words(why.gaps, names, services.clock())),
        concern=concern(why),
    )


def concern(why: Why) -> str:
    """How much of it is about the court: anger at somebody else raises heat, not this."""
    share = why.court_negative
    if share.n == 0:
        return "没有说到法院的帖文（n=0）"
    if why.concern is None:
        return f"涉院负面 {share.k:,} 帖，{percent(share)}；没有高于平日"
    return f"涉院负面 {share.k:,} 帖，{percent(share)}；高于平日，强度 {why.concern.value:.1f}"


def observed(why: Why) -> str:
    """“1 小时 38 人，平日 3.1”."""
    score = why.score
    if not score.window:
        return UNKNOWN
    return f"{window(score.window)} {score.observed:,} 人，平日 {score.expected:.1f}"


def attitudes(why: Why) -> Attitudes:
    """The cross table of target and sentiment."""
    cells = {(target, sentiment): posts for target, sentiment, posts in why.attitudes}
    rows = []
    for target in Target:
        counts = tuple(cells.get((target.value, one.value), 0) for one in SENTIMENTS)
        rows.append((TARGETS[target], counts, sum(counts)))
    columns = tuple(
        SENTIMENTS[one] for one in (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
    )
    return Attitudes(columns, tuple(rows), sum(row[2] for row in rows))


def similar(why: Why) -> str:
    """The fixed wording when similar content is frequent, else ""."""
    share = why.similar
    if share.ratio is None or share.n < SIMILAR_LEAST or share.ratio < SIMILAR_SHARE:
        return ""
    return SIMILAR.format(share=percent(share))


def posts(services: Services, alert: Alert) -> list[evidence.PostView]:
    """The de-duplicated evidence that is still in the index, in the alert's order."""
    copies = {one.post_id: one.copies for one in alert.why.evidence}
    items = services.store.get(list(copies))
    return evidence.views(services, items, copies=copies, explain=True, case_id=alert.case_id)
