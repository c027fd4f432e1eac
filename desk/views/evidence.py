"""Posts as pages show them: who-less, with their labels, the words behind a label underlined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desk.highlight import Piece, cut, pieces
from desk.services import Services
from desk.views.feed import FIRST_LOOK, titles, topic_name
from desk.wording import ACCOUNTS, KINDS, SENTIMENTS, TARGETS
from domain.annotation import AnnotatedPost, Demand
from domain.protocols import Query, Reading
from text.near_duplicates import clusters

#: Posts without a case that are looked at for the list below the feed.
_POOL = 120
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class PostView:
    """One post on a page.

    Attributes:
        head, tail: the text before and after the fold, in runs that are underlined or not.
        label: “模型判为 对法院·负面 · 量刑争议”; sure: its confidence, None when unknown.
        copies: near-duplicates it stands for, itself included.
        cases: (id, title, words that matched) of the cases it belongs to.
    """

    item: AnnotatedPost
    source: str
    kind: str
    head: list[Piece]
    tail: list[Piece]
    label: str
    sure: float | None
    demand: Demand
    copies: int
    cases: tuple[tuple[str, str, str], ...]


def views(
    services: Services,
    items: Sequence[AnnotatedPost],
    *,
    copies: Mapping[str, int] | None = None,
    explain: bool = False,
) -> list[PostView]:
    """Views in the order given; `explain` asks for the words behind court-directed labels."""
    names = titles(services)
    cases = {case.id: case.title for case in services.records.cases.all(archived=True)}
    counts = copies or {}
    return [
        _view(services, item, names, cases, counts.get(item.post.id, 1), explain) for item in items
    ]


def _view(
    services: Services,
    item: AnnotatedPost,
    names: Mapping[str, str],
    cases: Mapping[str, str],
    copies: int,
    explain: bool,
) -> PostView:
    post, labels = item.post, item.annotation
    reading = Reading(post.full_text, post.platform)
    spans = services.explainer.spans(reading) if explain and labels.court_negative else []
    head, tail = cut(pieces(post.text, spans))
    account = ACCOUNTS[post.verified_type]
    topic = "、".join(topic_name(services.topics, one) for one in labels.topics)
    stance = f"对{TARGETS[labels.target]}·{SENTIMENTS[labels.sentiment]}"
    sure = [labels.scores[name] for name in ("target", "sentiment") if name in labels.scores]
    return PostView(
        item=item,
        source=names.get(post.source, post.source),
        kind="·".join(part for part in (KINDS[post.kind], account) if part),
        head=head,
        tail=tail,
        label=f"{stance} · {topic}" if labels.relevant else "与法院无关",
        sure=min(sure) if sure else None,
        demand=labels.demand,
        copies=copies,
        cases=tuple(
            (link.case_id, cases.get(link.case_id, link.case_id), "、".join(link.matched))
            for link in item.links
        ),
    )


def unlinked(services: Services) -> list[PostView]:
    """Talk of the last day about courts that belongs to no case, most repeated first."""
    now = services.clock()
    query = Query(linked=False, relevant=True, since=now - FIRST_LOOK, until=now)
    found = services.store.search(query, limit=_POOL).posts
    leaders = clusters([item.post.full_text for item in found])
    copies = Counter(leaders)
    first = sorted(copies, key=lambda index: (-copies[index], index))[:_SHOWN]
    sizes = {found[index].post.id: copies[index] for index in first}
    return views(services, [found[index] for index in first], copies=sizes)
