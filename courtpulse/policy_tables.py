"""Settings of the alert policy as tables for pages, in the words of the press office.

Files are read anew each time, so that a mistake in one shows before the program is restarted.
"""

from __future__ import annotations

from alerts.budget import TABLE, at_theta
from alerts.levels import FACTS, WORDS, line_words
from alerts.open_routes import load_routes
from alerts.policy.settings import ClockRule, FlagWords, LevelTable, PolicySettings, load_policy
from alerts.routes import Route
from courtpulse.rooms import Rooms
from domain.alerts import Level
from domain.duty import Days, Shift
from domain.policy import Table
from domain.posts import Platform
from domain.time import SHANGHAI

_WEEK = "一二三四五六日"
_ACTS = {
    "reported": "报告领导",
    "published": "发布信息",
    "conference": "新闻发布会",
    "replied": "回应",
    "checked": "核查完毕",
    "called_back": "回访",
}
_PLATFORMS = {Platform.HOTLINE: "12368", Platform.MAILBOX: "信箱"}
_KINDS = {
    "alert": "新预警",
    "news": "新情况",
    "escalation": "无人认领",
    "clock": "时限",
    "source_silence": "信息源失联",
    "test": "试发",
}
_DAYS = {Days.EVERY: "", Days.WORKING: "工作日", Days.FREE: "休息日"}


def level_tables(rooms: Rooms) -> tuple[Table, ...]:
    """Level table, words of flags, mutes, escalation, clocks."""
    settings = load_policy(rooms.settings.policy)
    return (
        _levels(settings.levels),
        Table(
            "flags",
            "★ 的识别",
            "按词识别，句中有否定、辟谣或疑问时不计；人工判断优先。",
            ("事实", "词", "不算", "来源"),
            tuple((FACTS[fact], *_flag(listed)) for fact, listed in settings.flags.of().items()),
        ),
        Table(
            "clocks",
            "时限",
            "从第一次人工确认起算；工作日按国务院节假日安排，没有安排的年份按周一至周五并标明。",
            ("时限", "长度", "提前提醒", "由什么停止", "适用", "出处"),
            tuple(_clock(rule) for rule in settings.clocks),
        ),
        _mutes(settings),
        Table(
            "escalation",
            "升级通知",
            f"通知后无人认领，依次通知下一顺位，最多 {settings.escalation.steps} 次。",
            ("级别", "等待"),
            tuple((_level(level), _wait(settings.escalation.minutes(level))) for level in Level),
        ),
    )


def _levels(levels: LevelTable) -> Table:
    needed = f"同一级任意 {levels.lines_needed} 行，或 1 个 ★"
    star = (
        f"★ 计入：人工确认，或去重后不少于 {levels.star.percent}%（且不少于 {levels.star.least} 条）"
        "的帖文提及；没有突增就没有级别。热搜只来自有授权的数据，否则是“未知”。"
    )
    return Table(
        "levels",
        "级别表",
        f"建议级别：{needed}。{star}数值是工程默认值，不是规定；由人确认、上调或下调。",
        ("级别", "触发行"),
        (
            (f"{WORDS[Level.BLUE]}/蓝", "讨论量突增"),
            *((_level(level), line_words(line)) for level, line in levels.rows()),
        ),
    )


def _mutes(settings: PolicySettings) -> Table:
    together = settings.mute.court_event
    return Table(
        "mutes",
        "不通知的情形",
        "不通知不等于不显示：预警仍在页面上，并写明原因。",
        ("情形", "条件"),
        (
            (
                "全院事件",
                f"{together.hours:g} 小时内同一法院 {together.cases} 个案件预警："
                "由级别最高的一条通知，级别更高的照常",
            ),
            ("开庭日", f"强度须达到阈值 +{settings.mute.hearing_day.add:.1f}"),
            ("静默", "由人设定，写明理由和结束时间"),
            ("复燃", f"关闭后 {settings.relapse_days} 天内再起，重新打开同一预警"),
        ),
    )


def route_tables(rooms: Rooms) -> tuple[Table, ...]:
    """Routes, people, shifts and who is on duty now."""
    if rooms.settings.routes is None:
        note = "没有设置路由文件：预警只在页面上，不通知任何人。"
        return (Table("routes", "路由", note, remedy="设置 COURTPULSE_ROUTES（docs/routes.md）"),)
    workdays = load_policy(rooms.settings.policy).workdays()
    routing, now = load_routes(rooms.settings.routes, rooms.clock, workdays), rooms.clock()
    roster = routing.roster
    names = {id_: person.name for id_, person in roster.people.items()}
    on_duty = "、".join(person.name for person in roster.on_duty(now)) or "无人"
    holes = [
        f"{start.astimezone(SHANGHAI):%m-%d %H:%M}–{end.astimezone(SHANGHAI):%m-%d %H:%M}"
        for start, end in roster.holes(now)
    ]
    gaps = f"今后 7 天无人值班：{'；'.join(holes[:5])}" if holes else "今后 7 天每个时段都有人"
    if len(holes) > 5:
        gaps += f"，另有 {len(holes) - 5} 段"
    return (
        Table(
            "routes",
            "路由",
            f"逐条判断，合乎条件的都通知；无人值班时改送 {_named(routing.otherwise, names)}。",
            ("路由", "法院", "最低级别", "话题", "种类", "时段", "先通知", "无人认领后"),
            tuple(_route(rooms, route, names) for route in routing.routes),
        ),
        Table(
            "roster",
            "值班表",
            f"现在值班：{on_duty}。{gaps}。",
            ("班次", "人员", "时间", "日期"),
            tuple(_shift(shift, names) for shift in roster.shifts),
        ),
        Table(
            "people",
            "人员与渠道",
            "",
            ("人员", "渠道"),
            tuple((one.name, "、".join(one.channels)) for one in roster.people.values()),
        ),
        Table(
            "channels",
            "渠道",
            "地址和密钥在环境变量里，这里不显示。",
            ("渠道", "种类"),
            tuple((one.name, one.notifier.kind) for one in routing.channels.values()),
        ),
    )


def budget_tables(rooms: Rooms) -> tuple[Table, ...]:
    """What the accepted number of false alerts means, and what other thresholds would."""
    now, fixed = rooms.budget(), rooms.settings.theta
    where = (
        f"θ 固定为 {fixed:g}（COURTPULSE_THETA）"
        if fixed is not None
        else f"全院每周接受误报 {rooms.settings.false_alerts:g} 次（COURTPULSE_FALSE_ALERTS）"
    )
    bounded = "；这个预算超出了实测范围，取最近的实测值" if now.bounded else ""
    thetas = sorted({now.theta, *(row.theta for row in TABLE)})
    rows = []
    for theta in thetas:
        found = at_theta(theta, now.cases)
        mark = "（现在）" if theta == now.theta else ""
        rows.append(
            (
                f"{theta:.2f}{mark}",
                f"{found.false_alerts_per_week:.2f}",
                f"{found.caught:.0%}",
                f"{found.missed:.0%}",
                f"{found.median_minutes:.0f} 分钟",
            )
        )
    note = (
        f"{where}；关注 {now.cases} 个案件，θ = {now.theta:.2f}{bounded}。"
        "数字来自开发用测试流（真实传播过程注入背景流量），不含涉院负面流；在本院数据上会不同。"
    )
    headings = ("θ", "预计每周误报", "1 小时内发现", "1 小时内漏掉", "发现用时（中位数）")
    return (Table("budget", "误报预算", note, headings, tuple(rows)),)


def _level(level: Level) -> str:
    return f"{WORDS[level]}/{dict(zip(Level, '蓝黄橙红', strict=True))[level]}"


def _wait(minutes: int) -> str:
    return f"{minutes} 分钟" if minutes else "不升级"


def _flag(listed: FlagWords) -> tuple[str, str, str]:
    words = "、".join(listed.words) + ("，及 17 岁以下的年龄" if listed.ages else "")
    near = f"（同句须有 {'、'.join(listed.near)}）" if listed.near else ""
    return words + near, "、".join(listed.not_words) or "—", "、".join(listed.sources) or "—"


def _clock(rule: ClockRule) -> tuple[str, ...]:
    length = f"{rule.hours:g} 小时" if rule.hours else f"{rule.working_days} 个工作日"
    whom = "、".join(WORDS[level] for level in rule.levels)
    if set(rule.levels) == set(Level):
        whom = "各级"
    if rule.platforms:
        whom += "，" + "、".join(_PLATFORMS.get(one, one.value) for one in rule.platforms)
    hours, minutes = divmod(rule.warn_minutes, 60)
    warn = f"{hours} 小时" if not minutes else f"{rule.warn_minutes} 分钟"
    stops = "、".join(_ACTS[kind.value] for kind in rule.met_by)
    return rule.zh, length, warn, stops, whom, rule.source


def _route(rooms: Rooms, route: Route, names: dict[str, str]) -> tuple[str, ...]:
    topics = [rooms.topics[one].zh if one in rooms.topics else one for one in route.topics]
    hours = route.hours
    whole = hours.start == hours.end
    when = "全天" if whole else f"{hours.start:%H:%M}–{hours.end:%H:%M}"
    when += _weekdays(hours.weekdays) + (f"，{_DAYS[hours.days]}" if _DAYS[hours.days] else "")
    return (
        route.name,
        "、".join(route.courts) or "全部",
        WORDS[route.min_level],
        "、".join(topics) or "全部",
        "、".join(_KINDS.get(kind.value, kind.value) for kind in route.kinds) or "全部",
        when,
        _named(route.to, names),
        " → ".join(_named(step, names) for step in route.steps) or "再次通知上述人员",
    )


def _named(recipients: tuple[str, ...], names: dict[str, str]) -> str:
    words = {"on-duty": "值班人员", **names}
    return "、".join(words.get(one, one) for one in recipients) or "无"


def _shift(shift: Shift, names: dict[str, str]) -> tuple[str, ...]:
    whole = shift.start == shift.end
    when = "全天" if whole else f"{shift.start:%H:%M}–{shift.end:%H:%M}"
    if not whole and shift.end < shift.start:
        when += "（次日）"
    days = [part for part in (_weekdays(shift.weekdays).strip("，"), _DAYS[shift.days]) if part]
    if shift.first or shift.last:
        days.append(f"{shift.first or '……'} 至 {shift.last or '……'}")
    people = "、".join(names[person] for person in shift.people)
    return shift.name, people, when, "，".join(days) or "每天"


def _weekdays(days: tuple[int, ...]) -> str:
    return "，周" + "、".join(_WEEK[day] for day in days) if days else ""
