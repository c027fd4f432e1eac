"""本周要情 and 总体态势: the conclusion first, then the figures it rests on."""

from __future__ import annotations

from domain.alerts import AlertState, Level
from reports import drift, sampled
from reports.figures import Figures, level
from reports.model import Block, Column, Paragraph, Table
from reports.phrases import against_last_week, articles, coverage, short
from reports.pictures import eight_weeks
from reports.suppression import THRESHOLD, count, protect, share
from reports.words import LEVEL

#: practice.md §5: at most five lines.
MOST_LINES = 5
_TOP = 3


def findings(figures: Figures) -> tuple[Block, ...]:
    """本周要情: level, change, concerns, what leaders must decide, what we could not see."""
    lines = [_level(figures), _volume(figures)]
    if concerns := _concerns(figures):
        lines.append(concerns)
    lines.append(_decision(figures))
    hints = [] if figures.now.whole else [f"数据提示：本周{coverage(figures.now)}。"]
    if changed := drift.headline(figures.aggregates.get("drift")):
        hints.append(changed)
    if hints:
        lines.append("".join(hints))
    return tuple(Paragraph(line, unchecked=True) for line in lines[:MOST_LINES])


def overview(figures: Figures) -> tuple[Block, ...]:
    """总体态势: n, distinct n, change, stance with denominators, eight weeks."""
    stance = figures.now.stance
    if figures.now.blind or not stance.posts:
        return (Paragraph(_volume(figures), unchecked=True), eight_weeks(figures))
    copies = f"去除内容高度相似的转发、复制后 {count(figures.distinct)} 帖"
    words = (
        f"本周采集到涉院相关信息 {count(stance.posts)} 帖{sampled.of_week(figures)}，{copies}。"
        f"与上周相比：{against_last_week(stance.posts, figures.weeks[1].stance.posts, figures.weeks)}。"
        f"其中针对法院的 {share(stance.court, stance.posts)}；"
        f"针对法院的信息中，负面 {share(stance.negative, stance.court)}。"
    )
    return (Paragraph(words, unchecked=True), _stance_table(figures), eight_weeks(figures))


def _level(figures: Figures) -> str:
    if not figures.alerts:
        if figures.now.blind:
            return f"本周无法判断舆情等级：{coverage(figures.now)}。"
        return "本周没有达到预警条件的舆情。"
    top = figures.alerts[0]
    confirmed = "已由人工确认" if top.confirmed_level else "待人工确认"
    open_now = sum(alert.closed_at is None for alert in figures.alerts)
    more = f"，其中 {open_now} 起仍在发展" if open_now else "，均已平息"
    return (
        f"本周有预警 {len(figures.alerts)} 起{more}；最高为{LEVEL[level(top)]}："
        f"“{title(figures, top.case_id)}”，级别{confirmed}。"
    )


def _volume(figures: Figures) -> str:
    now, stance = figures.now, figures.now.stance
    if now.blind:
        return f"本周声量未知：{coverage(now)}。"
    if not stance.posts:
        return f"本周公开来源未见涉院信息（n=0）；{coverage(now)}。"
    change = against_last_week(stance.posts, figures.weeks[1].stance.posts, figures.weeks)
    return (
        f"涉院相关信息 {count(stance.posts)} 帖{sampled.of_week(figures)}"
        f"（去重后 {count(figures.distinct)} 帖），"
        f"环比：{change}；针对法院的信息中负面 {share(stance.negative, stance.court)}。"
    )


def _concerns(figures: Figures) -> str:
    top = [topic for topic in figures.concerns if topic.stance.posts >= THRESHOLD][:_TOP]
    if not top:
        return ""
    named = "、".join(f"{short(topic.zh)}（{topic.stance.posts:,} 帖）" for topic in top)
    return f"公众关切依次为：{named}。"


def _decision(figures: Figures) -> str:
    waiting = [
        alert
        for alert in figures.alerts
        if alert.state == AlertState.PROPOSED and alert.confirmed_level is None
    ]
    grave = [alert for alert in waiting if alert.level in (Level.ORANGE, Level.RED)]
    if grave:
        return (
            f"请领导定：“{title(figures, grave[0].case_id)}”等 {len(grave)} 起"
            "橙色以上预警的级别、是否回应和回应口径。"
        )
    if waiting:
        return f"请新闻办负责人确认 {len(waiting)} 起预警的级别；暂无须领导决定的事项。"
    heard = [topic for topic in figures.concerns if topic.stance.posts >= THRESHOLD]
    if heard:
        first = heard[0]
        return (
            f"请领导酌定：由{first.owner_dept}核查“{short(first.zh)}”反映的问题并提出"
            f"纠正、弥补或解释意见（法发〔2013〕9号{articles(first.articles)}）。"
        )
    return "本周没有须领导决定的事项。" if not figures.now.blind else "请协调尽快恢复信息源。"


def title(figures: Figures, case_id: str) -> str:
    """The title of a case, or its id when the registry no longer has it."""
    case = figures.aggregates["cases"].get(case_id)
    return case["title"] if case else f"案件 {case_id}"


def _stance_table(figures: Figures) -> Table:
    stance = figures.now.stance
    names = ("负面", "中性", "正面", "不针对法院", "态度不明")
    counts = (
        stance.negative, stance.neutral, stance.positive, stance.elsewhere, stance.unsure,
    )  # fmt: skip
    cells = protect(counts, first=(2, 1, 3, 4, 0))
    rows = [
        (name, cell.text, "—" if cell.n is None else f"{100 * cell.n / stance.posts:.0f}%")
        for name, cell in zip(names, cells, strict=True)
    ]
    base = f"n={count(stance.posts)}"
    return Table(
        caption=f"对法院的态度（涉院相关帖，{base}）",
        columns=(
            Column("态度", 60),
            Column("帖数", 40, right=True),
            Column("占比", 56, right=True),
        ),
        rows=tuple(
            (name, posts, ratio if ratio == "—" else f"{ratio}（{base}）")
            for name, posts, ratio in rows
        ),
    )
