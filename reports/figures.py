"""The numbers of a weekly, read from its aggregates. No text, no rounding, no suppression here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.alerts import Alert, AlertState, Level
from domain.annotation import Certainty, Demand, Sentiment, Target
from domain.sources import Gap
from records.codec import from_json
from reports.aggregates import Aggregates, answers, check_schema
from reports.asked import WEEKS
from reports.period import Week
from reports.queries import Cells

_LEVELS = list(Level)
#: A week with less of its source-hours seen than this counts as blind [D].
BLIND_BELOW = 0.05
#: … and with less than this as incomplete: ten minutes of one of six sources don't show [D].
WHOLE_FROM = 0.995


@dataclass(frozen=True, slots=True)
class Stance:
    """Relevant posts by their attitude toward the court.

    Attributes:
        negative, neutral, positive: posts surely about the court.
        elsewhere: surely not about the court.
        unsure: attitude unsure or mixed (decision 0006): in no other number.
    """

    negative: int = 0
    neutral: int = 0
    positive: int = 0
    elsewhere: int = 0
    unsure: int = 0

    @property
    def court(self) -> int:
        """Posts about the court: the denominator of the court-negative rate."""
        return self.negative + self.neutral + self.positive

    @property
    def posts(self) -> int:
        """All of them."""
        return self.court + self.elsewhere + self.unsure


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """One week of the line chart.

    Attributes:
        collected: anything was collected by the end of this week; else it is unknown, not zero.
        blind_hours: hours a source was blind, summed over sources.
        coverage: share of source-hours seen, 0–1; None when no source is declared.
        distinct: different texts among the relevant posts; None in aggregates kept before they
            were counted for every week.
    """

    week: Week
    stance: Stance
    collected: bool
    blind_hours: float
    coverage: float | None
    distinct: int | None = None

    @property
    def blind(self) -> bool:
        """Nothing can be said about this week."""
        return not self.collected or (self.coverage is not None and self.coverage < BLIND_BELOW)

    @property
    def whole(self) -> bool:
        """All declared sources were seen all the time."""
        return self.collected and self.coverage is not None and self.coverage >= WHOLE_FROM


@dataclass(frozen=True, slots=True)
class TopicFigures:
    """One topic of the week.

    Attributes:
        before: posts in the week before.
        days: days of the seven with a post negative toward the court.
        demands: posts by explicit demand, largest first.
    """

    id: str
    zh: str
    group: str
    articles: tuple[int, ...]
    owner_dept: str
    stance: Stance
    before: int
    days: int
    demands: tuple[tuple[Demand, int], ...]

    @property
    def score(self) -> float:
        """Volume × court-negative rate × persistence (法发〔2013〕9号 Art. 3; practice.md §1)."""
        court = self.stance.court
        rate = self.stance.negative / court if court else 0.0
        return self.stance.posts * rate * self.days / 7


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the sections need. `weeks` starts with the newest; gaps touch the newest."""

    aggregates: Aggregates
    week: Week
    created_at: datetime
    weeks: tuple[WeekFigures, ...]
    distinct: int
    irrelevant: int
    topics: tuple[TopicFigures, ...]
    alerts: tuple[Alert, ...]
    dismissed: int
    gaps: tuple[Gap, ...]
    answers: dict[str, Cells]

    @property
    def now(self) -> WeekFigures:
        """The week of the report."""
        return self.weeks[0]

    @property
    def concerns(self) -> list[TopicFigures]:
        """Concern topics that were heard, highest score first, then by volume and id."""
        heard = [topic for topic in self.topics if topic.group == "concern" and topic.stance.posts]
        return sorted(heard, key=lambda topic: (-topic.score, -topic.stance.posts, topic.id))


def read(aggregates: Aggregates) -> Figures:
    """The figures of a weekly.

    Raises:
        BadInput: aggregates of another kind or version.
    """
    check_schema(aggregates)
    week = Week(
        datetime.fromisoformat(aggregates["since"]), datetime.fromisoformat(aggregates["until"])
    )
    created_at = datetime.fromisoformat(aggregates["created_at"])
    cells = answers(aggregates)
    gaps = [from_json(Gap, document) for document in aggregates["gaps"]]
    alerts = [from_json(Alert, document) for document in aggregates["alerts"]]
    standing = [alert for alert in alerts if alert.state != AlertState.DISMISSED]
    return Figures(
        aggregates=aggregates,
        week=week,
        created_at=created_at,
        weeks=_weeks(week, cells, gaps, len(aggregates["sources"]), created_at),
        distinct=cells["distinct"][0][-1],
        irrelevant=cells["irrelevant"][0][-1],
        topics=_topics(aggregates["topics"], cells),
        alerts=tuple(sorted(standing, key=_urgency)),
        dismissed=len(alerts) - len(standing),
        gaps=tuple(gap for gap in gaps if hours([gap], week, created_at) > 0),
        answers=cells,
    )


def level(alert: Alert) -> Level:
    """The level a person confirmed, else the one proposed."""
    return alert.confirmed_level or alert.level


def hours(gaps: Iterable[Gap], week: Week, now: datetime) -> float:
    """Hours of `week` that lie in some of `gaps`, overlaps counted once; open gaps last till `now`."""
    seen_until, total = week.since, 0.0
    for gap in sorted(gaps, key=lambda gap: gap.start):
        start = max(gap.start, seen_until)
        end = min(gap.end or max(now, gap.start), week.until)
        if end > start:
            total += (end - start).total_seconds() / 3600
            seen_until = end
    return total


def stance(cells: Iterable[tuple[str, str, str, int]]) -> Stance:
    """Sum (target, sentiment, certainty, posts)."""
    sums: Counter[str] = Counter()
    for target, sentiment, certainty, posts in cells:
        if certainty != Certainty.SURE:
            sums["unsure"] += posts
        else:
            sums[sentiment if target == Target.COURT else "elsewhere"] += posts
    return Stance(
        negative=sums[Sentiment.NEGATIVE],
        neutral=sums[Sentiment.NEUTRAL],
        positive=sums[Sentiment.POSITIVE],
        elsewhere=sums["elsewhere"],
        unsure=sums["unsure"],
    )


def _stances(cells: Cells, before: int = 0) -> Iterator[tuple[str, str, str, int]]:
    """(target, sentiment, certainty, posts) of stored cells, after `before` other values.

    Aggregates kept before decision 0006 know no certainty: all of theirs counted as sure.
    """
    for cell in cells:
        *values, _, posts = cell[before:]
        target, sentiment, certainty = values if len(values) == 3 else (*values, Certainty.SURE)
        yield target, sentiment, certainty, posts


def _urgency(alert: Alert) -> tuple[int, float, str]:
    return (-_LEVELS.index(level(alert)), -alert.why.score.value, alert.id)


def _weeks(
    week: Week, cells: dict[str, Cells], gaps: list[Gap], sources: int, now: datetime
) -> tuple[WeekFigures, ...]:
    found = []
    held = [cells[f"week:{number}:all"][0][-1] for number in range(WEEKS)]
    for number in range(WEEKS):
        past = week.earlier(number)
        blind = sum(
            hours([gap for gap in gaps if gap.source == source], past, now)
            for source in {gap.source for gap in gaps}
        )
        span = (past.until - past.since).total_seconds() / 3600
        found.append(
            WeekFigures(
                week=past,
                stance=stance(_stances(cells[f"week:{number}"])),
                collected=number == 0 or any(held[number:]),
                blind_hours=blind,
                coverage=max(0.0, 1 - blind / (span * sources)) if sources else None,
                distinct=_distinct(cells.get(f"week:{number}:distinct")),
            )
        )
    return tuple(found)


def _distinct(cells: Cells | None) -> int | None:
    return None if cells is None else int(cells[0][-1])


def _topics(catalogue: dict[str, Any], cells: dict[str, Cells]) -> tuple[TopicFigures, ...]:
    parts: dict[str, list[tuple[str, str, str, int]]] = {}
    days: Counter[str] = Counter()
    for number in range(7):
        angry = set()
        of_day = cells[f"day:{number}:topics"]
        for (topic, *_), said in zip(of_day, _stances(of_day, before=1), strict=True):
            parts.setdefault(topic, []).append(said)
            if said[:3] == (Target.COURT, Sentiment.NEGATIVE, Certainty.SURE):
                angry.add(topic)
        days.update(angry)
    before = {cell[0]: cell[-1] for cell in cells["topics:before"]}
    demands: dict[str, list[tuple[Demand, int]]] = {}
    for topic, demand, _, posts in cells["demands"]:
        if demand != Demand.NONE:
            demands.setdefault(topic, []).append((Demand(demand), posts))
    return tuple(
        TopicFigures(
            id=name,
            zh=entry["zh"],
            group=entry["group"],
            articles=tuple(entry["articles"]),
            owner_dept=entry["owner_dept"],
            stance=stance(parts.get(name, [])),
            before=before.get(name, 0),
            days=days[name],
            demands=tuple(sorted(demands.get(name, []), key=lambda pair: (-pair[1], pair[0]))),
        )
        for name, entry in catalogue.items()
    )
