"""关切话题榜 and 12368·信箱: what people are concerned about, by topic."""

from __future__ import annotations

from domain.annotation import Demand
from reports.figures import Figures, TopicFigures
from reports.model import Block, Column, Paragraph, Table
from reports.phrases import against_last_week, article_lines, short
from reports.pictures import stance_cells, topics_by_stance
from reports.suppression import SMALL, THRESHOLD, count, percent, protect
from reports.words import DEMAND, PLATFORM

#: Rows of the ranking.
TOPICS_LISTED = 10
_LETTERS_LISTED = 5
_COLUMNS = (
    Column("序", 7),
    Column("话题", 26),
    Column("声量", 12, right=True),
    Column("环比", 27, right=True),
    Column("涉院负面数／率", 29, right=True),
    Column("主要诉求", 18),
    Column("对应条款", 20),
    Column("责任部门", 17),
)


def ranking(figures: Figures) -> tuple[Block, ...]:
    """The ranking of concerns: table, then stacked bar."""
    topics = figures.concerns
    heard = [topic for topic in topics if topic.stance.posts >= THRESHOLD]
    if not heard:
        if figures.now.blind:
            return (Paragraph("信息源失联，本周不列关切话题榜。"),)
        return (Paragraph(f"本周各关切话题均不足 {THRESHOLD} 帖，不列榜。"),)
    table = Table(
        caption="关切话题榜（对应条款：法发〔2013〕9号第几条）",
        columns=_COLUMNS,
        rows=tuple(
            _row(place, topic, figures)
            for place, topic in enumerate(heard[:TOPICS_LISTED], start=1)
        ),
    )
    few = len(topics) - len(heard)
    rest = f"另有 {few} 个话题不足 {THRESHOLD} 帖，未列。" if few else ""
    explained = Paragraph(
        "排序：声量×涉院负面率×持续性（一周中出现涉院负面信息的天数÷7）。"
        f"涉院负面率＝涉院负面帖÷针对法院的帖；一帖可属多个话题。{rest}"
    )
    picture = topics_by_stance(heard)
    return (table, explained) if picture is None else (table, picture, explained)


def negative_rate(topic: TopicFigures) -> str:
    """Court-negative posts and their rate, or the bound that gives no small cell away."""
    negative, other, _ = stance_cells(topic)
    volume, court = topic.stance.posts, topic.stance.court
    if negative.n is None:
        if topic.stance.negative < THRESHOLD:
            return SMALL
        least = volume - THRESHOLD + 1  # all other cells together are below the threshold
        return f"不低于 {100 * least // volume}%（n={volume:,}）"
    if other.n is None:
        small = court - negative.n < THRESHOLD
        most = negative.n + THRESHOLD - 1 if small else volume
        return f"{negative.n:,}／不低于 {100 * negative.n // most}%（n≤{most:,}）"
    return f"{negative.n:,}／{percent(negative.n, court)}"


def letters(figures: Figures) -> tuple[Block, ...]:
    """12368 and the mailbox; empty when nothing came in this week or the week before."""
    now = {cell[0]: cell[-1] for cell in figures.answers["letters"]}
    before = {cell[0]: cell[-1] for cell in figures.answers["letters:before"]}
    # Reports from before they were counted apart have no such answer.
    media = sum(cell[-1] for cell in figures.answers.get("letters:media", []))
    asked_by_media = (
        (Paragraph(f"媒体问询 {count(media)} 件，单列，不计入信箱。", unchecked=True),)
        if media
        else ()
    )
    if not now and not before:
        return asked_by_media
    came = "；".join(
        f"{word}：{count(now.get(platform, 0))} 件，环比 "
        + against_last_week(now.get(platform, 0), before.get(platform, 0), figures.weeks)
        for platform, word in PLATFORM.items()
        if platform in now or platform in before
    )
    topics = {topic.id: topic for topic in figures.topics}
    named = [
        (short(topics[cell[0]].zh), cell[-1])
        for cell in figures.answers["letters:topics"]
        if cell[0] in topics
    ]
    asked = [
        (DEMAND[Demand(cell[0])], cell[-1])
        for cell in figures.answers["letters:demands"]
        if cell[0] != Demand.NONE
    ]
    return (
        Paragraph(f"本周收到 {came}。", unchecked=True),
        Paragraph(f"主要事项：{_largest(named)}。", unchecked=True),
        Paragraph(f"主要诉求：{_largest(asked)}。", unchecked=True),
        *asked_by_media,
    )


def _largest(counted: list[tuple[str, int]]) -> str:
    ordered = sorted(counted, key=lambda pair: (-pair[1], pair[0]))
    cells = protect([n for _, n in ordered])
    shown = [
        f"{name} {cell.text} 件"
        for (name, _), cell in zip(ordered, cells, strict=True)
        if cell.n is not None
    ]
    return "、".join(shown[:_LETTERS_LISTED]) or f"各项均不足 {THRESHOLD} 件"


def _row(place: int, topic: TopicFigures, figures: Figures) -> tuple[str, ...]:
    return (
        str(place),
        topic.zh,
        count(topic.stance.posts),
        against_last_week(topic.stance.posts, topic.before, figures.weeks),
        negative_rate(topic),
        _demand(topic),
        article_lines(topic.articles),
        topic.owner_dept or "—",
    )


def _demand(topic: TopicFigures) -> str:
    if topic.demands and topic.demands[0][1] >= THRESHOLD:
        demand, posts = topic.demands[0]
        return f"{DEMAND[demand]}（{posts:,} 帖）"
    return "不集中"
