"""The charts of the weekly: rows for Vega-Lite, a title that answers, and words for the blind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import charts
from reports.figures import Figures, TopicFigures, WeekFigures
from reports.model import Picture
from reports.phrases import LEVEL_WITHIN, short, whole_hours
from reports.suppression import SMALL, THRESHOLD, Cell, count, protect

#: Topics in the stacked bar; more don't fit half a page.
TOPICS_SHOWN = 8
STANCES = ("对法院负面", "对法院中性或正面", "不针对法院")
_REST = "未分列"
_TEXTS = "柱内横线：去重后；"


def eight_weeks(figures: Figures) -> Picture:
    """Volume and court-negative posts of eight weeks, oldest first."""
    weeks = figures.weeks[::-1]
    known = [week for week in weeks if not week.blind]
    title = _trend(figures.weeks)
    spec = charts.with_values(
        charts.load("eight_weeks"),
        [_week_row(order, week) for order, week in enumerate(weeks)],
        title=title,
        subtitle=f"柱：涉院相关帖；{_TEXTS if _told(weeks) else ''}线：涉院负面帖；{len(known)} 周合计"
        f" n={sum(week.stance.posts for week in known):,}；虚线柱：数据不全",
    )
    # 帖 after every figure: bare "191、1535、1720" reads, and is redacted, as a telephone number.
    course = "、".join(
        "未知" if week.blind else f"{week.stance.posts} 帖{_of_texts(week)}"
        if week.stance.posts >= THRESHOLD else SMALL
        for week in weeks
    )  # fmt: skip
    return Picture("eight_weeks", spec, f"八周声量图：{title}。由远及近：{course}。")


def _told(weeks: Sequence[WeekFigures]) -> bool:
    """Whether different texts were counted; not so in reports frozen before they were."""
    return any(week.distinct is not None for week in weeks)


def _of_texts(week: WeekFigures) -> str:
    return "" if week.distinct is None else f"（去重后 {count(week.distinct)} 帖）"


def topics_by_stance(topics: list[TopicFigures]) -> Picture | None:
    """Topics × attitude toward the court; None when no topic has enough posts."""
    shown = [topic for topic in topics if topic.stance.posts >= THRESHOLD][:TOPICS_SHOWN]
    if not shown:
        return None
    rows: list[dict[str, Any]] = []
    for order, topic in enumerate(shown):
        cells = stance_cells(topic)
        rest = topic.stance.posts
        for name, cell in zip(STANCES, cells, strict=True):
            if cell.n is not None:
                rows.append(_segment(order, topic, name, cell.n))
                rest -= cell.n
        if rest:
            rows.append(_segment(order, topic, _REST, rest))
    title = f"“{short(shown[0].zh)}”居关切首位"
    spec = charts.with_values(
        charts.load("topics_by_stance"),
        rows,
        title=title,
        subtitle=f"按关切程度排序；一帖可属多个话题；{_REST}：含不足 {THRESHOLD} 帖的分组",
    )
    listed = "、".join(f"{short(topic.zh)} {topic.stance.posts} 帖" for topic in shown)
    return Picture("topics_by_stance", spec, f"话题与对法院态度图：{title}。{listed}。")


def stance_cells(topic: TopicFigures) -> tuple[Cell, ...]:
    """Negative, other about the court, not about the court; the last is given up first."""
    stance = topic.stance
    return protect(
        (stance.negative, stance.court - stance.negative, stance.elsewhere), first=(2, 1, 0)
    )


def _segment(order: int, topic: TopicFigures, stance: str, posts: int) -> dict[str, Any]:
    return {"order": order, "topic": short(topic.zh), "stance": stance, "posts": posts}


def _week_row(order: int, week: WeekFigures) -> dict[str, Any]:
    posts, negative = week.stance.posts, week.stance.negative
    few = posts < THRESHOLD
    return {
        "order": order,
        "week": f"{week.week.first_day:%m-%d} 至{week.week.last_day:%m-%d}",
        "posts": None if week.blind or few else posts,
        "distinct": None if week.blind or (week.distinct or 0) < THRESHOLD else week.distinct,
        "court_negative": None if week.blind or negative < THRESHOLD else negative,
        "complete": week.whole,
        "note": _note(week, few),
    }


def _note(week: WeekFigures, few: bool) -> str:
    if not week.collected:
        return "未采集"
    if week.blind:
        return "失联"
    if few:
        return SMALL
    return "" if week.whole or not week.blind_hours else f"失联 {whole_hours(week.blind_hours)}"


def _trend(weeks: tuple[WeekFigures, ...]) -> str:
    now, before = weeks[0], weeks[1]
    posts = now.stance.posts
    if now.blind:
        return "本周信息源失联，声量未知"
    if posts < THRESHOLD:
        return f"本周声量不足 {THRESHOLD} 帖"
    known = [week.stance.posts for week in weeks if not week.blind]
    caveat = "" if now.whole else "（本周数据不全）"
    if before.blind:
        return f"本周 {posts:,} 帖，上周无可比数据{caveat}"
    if abs(posts - before.stance.posts) <= LEVEL_WITHIN * before.stance.posts:
        return f"本周声量与上周基本持平{caveat}"
    if len(known) > 2 and posts == max(known):
        return f"本周声量为近 {len(known)} 周最高{caveat}"
    if len(known) > 2 and posts == min(known):
        return f"本周声量为近 {len(known)} 周最低{caveat}"
    return f"本周声量较上周{'上升' if posts > before.stance.posts else '下降'}{caveat}"
