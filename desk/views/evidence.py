"""Posts as pages show them: who-less, with their labels, the words behind a label underlined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desk.highlight import Piece, cut, pieces
from desk.services import Services
from desk.views.feed import FIRST_LOOK, titles, topic_name
from desk.wording import ACCOUNTS, CERTAINTIES, DOUBTFUL, KINDS, SENTIMENTS, TARGETS
from domain.annotation import AnnotatedPost, Certainty, Demand
from domain.protocols import Query, Reading
from text.near_duplicates import clusters
from text.quoting import compared

#: Posts without a case that are looked at for the list below the feed.
_POOL = 120
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class PostView:
    """One post on a page.

    Attributes:
        head, tail: the text before and after the fold, in runs that are underlined or not.
        label: “模型判为 对法院·负面 · 量刑争议”; sure: its confidence, None when unknown.
        doubt: what the model is not sure of, in words; "" when nothing.
        copies: near-duplicates it stands for, itself included.
        cases: (id, title, words that matched) of the cases it belongs to.
        words: words behind a label negative toward the court, with their weight in log-odds.
    """

    item: AnnotatedPost
    source: str
    kind: str
    head: list[Piece]
    tail: list[Piece]
    label: str
    sure: float | None
    doubt: str
    demand: Demand
    copies: int
    cases: tuple[tuple[str, str, str], ...]
    words: tuple[tuple[str, float], ...] = ()


def views(
    services: Services,
    items: Sequence[AnnotatedPost],
    *,
    copies: Mapping[str, int] | None = None,
    explain: bool = False,
    case_id: str = "",
) -> list[PostView]:
    """Views in the order given.

    Args:
        explain: ask for the words behind court-directed labels.
        case_id: show what a post says about this case, where that differs from the whole text.
    """
    names = titles(services)
    cases = {case.id: case.title for case in services.records.cases.all(archived=True)}
    counts = copies or {}
    return [
        _view(services, item, names, cases, counts.get(item.post.id, 1), explain, case_id)
        for item in items
    ]


def _view(
    services: Services,
    item: AnnotatedPost,
    names: Mapping[str, str],
    cases: Mapping[str, str],
    copies: int,
    explain: bool,
    case_id: str,
) -> PostView:
    post, labels = item.post, item.annotation
    reading = Reading(post.full_text, post.platform)
    explained = explain and item.court_negative(case_id)
    weighed = services.explainer.weights(reading) if explained else []
    head, tail = cut(pieces(post.text, [word for word, _ in weighed]))
    account = ACCOUNTS[post.verified_type]
    topic = "、".join(topic_name(services.topics, one) for one in labels.topics)
    said = item.stance(case_id)
    here = item.aspect(case_id)
    stance = f"对{TARGETS[said.target]}·{SENTIMENTS[said.sentiment]}" + (
        "（就本案）" if here else ""
    )
    sure = [labels.scores[name] for name in ("target", "sentiment") if name in labels.scores]
    if here is not None:
        sure = [here.score]
    return PostView(
        item=item,
        source=names.get(post.source, post.source),
        kind="·".join(part for part in (KINDS[post.kind], account) if part),
        head=head,
        tail=tail,
        label=f"{stance} · {topic}" if labels.relevant else "与法院无关",
        sure=min(sure) if sure else None,
        words=tuple(weighed),
        doubt=_doubt(item, case_id),
        demand=labels.demand,
        copies=copies,
        cases=tuple(
            (link.case_id, cases.get(link.case_id, link.case_id), "、".join(link.matched))
            for link in item.links
        ),
    )


def _doubt(item: AnnotatedPost, case_id: str) -> str:
    certainty = item.stance(case_id).certainty
    fields = [field for field in item.annotation.unsure if field != "stance"]
    if certainty is Certainty.UNSURE:
        fields.insert(0, "stance")
    named = "、".join(DOUBTFUL[field] for field in fields if field in DOUBTFUL)
    parts = [f"{named}{CERTAINTIES[Certainty.UNSURE]}"] if named else []
    if certainty is Certainty.MIXED:
        parts.append(CERTAINTIES[Certainty.MIXED])
    return "；".join(parts)


def unlinked(services: Services) -> list[PostView]:
    """Talk of the last day about courts that belongs to no case, most repeated first."""
    now = services.clock()
    query = Query(linked=False, relevant=True, since=now - FIRST_LOOK, until=now)
    found = services.store.search(query, limit=_POOL).posts
    leaders = clusters([compared(item.post) for item in found])
    copies = Counter(leaders)
    first = sorted(copies, key=lambda index: (-copies[index], index))[:_SHOWN]
    sizes = {found[index].post.id: copies[index] for index in first}
    return views(services, [found[index] for index in first], copies=sizes)
