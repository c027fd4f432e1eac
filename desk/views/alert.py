"""One alert on one screen: the reasons in order, the evidence beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from desk.display import percent, window
from desk.services import Services
from desk.views import evidence, spread
from desk.views.feed import titles, topic_name
from desk.wording import SENTIMENTS, SIMILAR, STREAMS, TARGETS, UNKNOWN
from domain.alerts import Alert, ToldNarrative, Why
from domain.annotation import Sentiment, Target
from domain.protocols import Query
from domain.time import SHANGHAI


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
    similar: tuple[str, ...]
    concern: str
    narratives: tuple[tuple[ToldNarrative, str], ...]


def reasons(services: Services, alert: Alert) -> Reasons:
    """What the alert claims and what it doesn't know."""
    why, names = alert.why, titles(services)
    return Reasons(
        observed=observed(why),
        stream=STREAMS.get(why.stream, why.stream),
        attitudes=attitudes(why),
        topics=tuple((one, topic_name(services.topics, one), posts) for one, posts in why.topics),
        sources=tuple((_sourced(source, names, why), posts) for source, posts in why.sources),
        similar=similar(why),
        concern=concern(why),
        narratives=tuple(
            (
                one,
                "，".join(f"{names.get(source, source)} {posts}" for source, posts in one.sources),
            )
            for one in why.narratives
        ),
    )


def _sourced(source: str, names: Mapping[str, str], why: Why) -> str:
    """Title of a source, with its share where it delivers a sample."""
    rate = dict(why.sampled).get(source)
    title = names.get(source, source)
    return title if rate is None else f"{title}（抽样 {rate:.2%}）"


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


def similar(why: Why) -> tuple[str, ...]:
    """The fixed wording and the figures behind it when similar content was said in step."""
    found = why.campaign
    if found is None:
        return ()
    first, last = (moment.astimezone(SHANGHAI) for moment in (found.start, found.end))
    return (
        SIMILAR.format(share=percent(found.alike)),
        f"{first:%m-%d %H:%M} 至 {last:%m-%d %H:%M}：原始 {found.alike.n:,} 帖，去重后 {found.distinct:,} 帖，"
        f"其中几乎逐字相同 {found.copies.k:,} 帖",
        f"依据：{'、'.join(found.signs)}；相似帖文每帖对应 {found.authors_per_post:.2f} 个新账号，"
        f"话题标签集中度 {found.tags:.2f}，用语多样性 {found.variety:.2f}",
        "只是提示：不改变级别，也不影响通知",
    )


def travelled(services: Services, alert: Alert) -> spread.SpreadView:
    """First appearance and spread of the episode, as the index holds it now."""
    since, until = alert.why.window_start, alert.why.window_end
    return spread.view(services, Query(cases=(alert.case_id,), since=since, until=until))


def posts(services: Services, alert: Alert) -> list[evidence.PostView]:
    """The de-duplicated evidence that is still in the index, in the alert's order."""
    copies = {one.post_id: one.copies for one in alert.why.evidence}
    items = services.store.get(list(copies))
    return evidence.views(services, items, copies=copies, explain=True, case_id=alert.case_id)
