"""The weekly: its sections in the order of practice.md §5, made from frozen aggregates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.annotation import Topic
from domain.protocols import Store
from domain.time import SHANGHAI, Clock
from records import Records
from reports import figures as read_figures
from reports.aggregates import Aggregates, Gist, Issue, ModelCard, collect
from reports.concerns import letters, ranking
from reports.effects import effects
from reports.events import events
from reports.model import Block, Masthead, Section, WeeklyModel
from reports.notes import notes
from reports.overview import findings, overview
from reports.period import Week
from reports.phrases import window

_NUMBERS = "一二三四五六七八九十"


def build_weekly(
    store: Store,
    records: Records,
    topics: Mapping[str, Topic],
    clock: Clock,
    issue: Issue,
    *,
    week: Week | None = None,
    card: ModelCard | None = None,
    drift: Mapping[str, Any] | None = None,
    gist: Gist | None = None,
) -> WeeklyModel:
    """The weekly of `week`, by default the last complete Friday-to-Friday one.

    Args:
        topics: the catalogue the posts were annotated with.
        card: the annotator's measured quality, printed in 数据说明.
        drift: see `reports.aggregates.collect`; said in 本周要情 and 数据说明.
        gist: see `reports.aggregates.collect`; focus questions of 重点舆情.

    Raises:
        StoreFailure: the index or the records can't be read.
    """
    week = week or Week.last_complete(clock())
    return model_of(collect(store, records, topics, clock, week, issue, card, drift, gist))


def model_of(aggregates: Aggregates) -> WeeklyModel:
    """The weekly from its aggregates alone; works when the posts are gone.

    Raises:
        BadInput: aggregates of another kind or version.
    """
    figures = read_figures.read(aggregates)
    issue = Issue(**aggregates["issue"])
    parts: list[tuple[str, tuple[Block, ...]]] = [
        ("本周要情", findings(figures)),
        ("总体态势", overview(figures)),
        ("关切话题榜", ranking(figures)),
        ("重点舆情", events(figures)),
    ]
    if came := letters(figures):
        parts.append(("12368·信箱", came))
    if did := effects(figures):
        parts.append(("上周处置效果", did))
    parts.append(("数据说明", notes(figures)))
    return WeeklyModel(
        masthead=Masthead(
            name=issue.name,
            number=issue.number,
            issuer=issue.issuer,
            issued_on=datetime.fromisoformat(aggregates["created_at"]).astimezone(SHANGHAI).date(),
            report_to=issue.report_to,
            send_to=issue.send_to,
            hand_out=issue.hand_out,
        ),
        title=f"{issue.court}一周舆情\n（{window(figures.week)}）",
        sections=tuple(
            Section(_NUMBERS[place], heading, blocks)
            for place, (heading, blocks) in enumerate(parts)
        ),
        aggregates=aggregates,
    )
