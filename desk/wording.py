"""The words of the pages: one Chinese word for each value of the vocabulary."""

from __future__ import annotations

from domain.alerts import AlertState, Fact, Level
from domain.annotation import Certainty, Demand, Emotion, Sentiment, Target
from domain.deletion import DeletionReason, ExportKind
from domain.policy import ActKind, ClockState, Outcome, SilenceScope
from domain.posts import Platform, PostKind, VerifiedType
from domain.questions import QuestionKind
from domain.sources import GapReason, Health

UNKNOWN = "未知"

#: Colour word and name of a level (practice.md §2), mildest first: the order is the position.
LEVELS: dict[Level, tuple[str, str]] = {
    Level.BLUE: ("蓝", "一般"),
    Level.YELLOW: ("黄", "较大"),
    Level.ORANGE: ("橙", "重大"),
    Level.RED: ("红", "特别重大"),
}

STATES: dict[AlertState, str] = {
    AlertState.PROPOSED: "待确认",
    AlertState.CONFIRMED: "已确认",
    AlertState.DISMISSED: "已驳回",
    AlertState.CLOSED: "已关闭",
}

TARGETS: dict[Target, str] = {
    Target.COURT: "法院",
    Target.PARTY: "当事人",
    Target.EVENT: "事件",
    Target.OTHER: "其他",
}

QUESTION_KINDS: dict[QuestionKind, str] = {
    QuestionKind.QUESTION: "疑问",
    QuestionKind.CLAIM: "传言或说法",
    QuestionKind.DEMAND: "要求",
}
SENTIMENTS: dict[Sentiment, str] = {
    Sentiment.NEGATIVE: "负面",
    Sentiment.NEUTRAL: "中性",
    Sentiment.POSITIVE: "正面",
}

#: The word after an attitude that may not be counted as it stands; a sure one needs none.
CERTAINTIES: dict[Certainty, str] = {
    Certainty.SURE: "把握足够",
    Certainty.UNSURE: "把握不足",
    Certainty.MIXED: "褒贬混杂",
}

#: Fields of `Annotation.unsure` that a page names.
DOUBTFUL = {"stance": "态度", "topics": "话题", "demand": "诉求"}

EMOTIONS: dict[Emotion, str] = {
    Emotion.ANGRY: "愤怒",
    Emotion.HAPPY: "高兴",
    Emotion.NEUTRAL: "平静",
    Emotion.SURPRISE: "惊讶",
    Emotion.SAD: "悲伤",
    Emotion.FEAR: "恐惧",
}

DEMANDS: dict[Demand, str] = {
    Demand.ACCOUNTABILITY: "要求问责",
    Demand.CORRECT: "要求纠正",
    Demand.SPEED_UP: "要求加快",
    Demand.DISCLOSE: "要求公开",
    Demand.PROTECT: "要求保护",
    Demand.SERVICE: "改进服务",
    Demand.PUNISH: "要求惩处",
    Demand.SUGGEST: "建议",
    Demand.CONSULT: "咨询",
    Demand.NONE: "无明确诉求",
}

PLATFORMS: dict[Platform, str] = {
    Platform.WEIBO: "微博",
    Platform.WECHAT: "公众号",
    Platform.NEWS: "新闻",
    Platform.FORUM: "论坛",
    Platform.VIDEO_COMMENT: "视频评论",
    Platform.HOTLINE: "12368",
    Platform.MAILBOX: "信箱",
}

KINDS: dict[PostKind, str] = {
    PostKind.POST: "原帖",
    PostKind.REPOST: "转发",
    PostKind.COMMENT: "评论",
    PostKind.ARTICLE: "文章",
    PostKind.TICKET: "工单",
    PostKind.MEDIA_QUERY: "媒体问询",
}

ACCOUNTS: dict[VerifiedType, str] = {
    VerifiedType.ORDINARY: "",
    VerifiedType.CELEBRITY: "认证个人",
    VerifiedType.GOVERNMENT: "政务账号",
    VerifiedType.COMPANY: "企业账号",
    VerifiedType.MEDIA: "媒体账号",
    VerifiedType.ORGANISATION: "机构账号",
}

#: Sign and word of a source's state; the sign never stands alone.
HEALTH: dict[Health, tuple[str, str]] = {
    Health.OK: ("●", "正常"),
    Health.SAMPLED: ("◐", "抽样"),
    Health.LATE: ("◔", "迟到"),
    Health.BLIND: ("✕", "失联"),
    Health.UNKNOWN: ("○", UNKNOWN),
}

GAPS: dict[GapReason, str] = {
    GapReason.DOWN: "连不上",
    GapReason.TIMEOUT: "超时",
    GapReason.HTTP_ERROR: "对方报错",
    GapReason.RATE_LIMITED: "被限流",
    GapReason.TOKEN_EXPIRED: "授权过期",
    GapReason.LOGIN_PAGE: "要求登录",
    GapReason.CAPTCHA: "要求验证码",
    GapReason.BLANK_PAGE: "返回空白页",
    GapReason.BAD_BODY: "内容无法解析",
    GapReason.ROBOTS: "robots.txt 不允许",
    GapReason.TOO_LARGE: "内容过大",
    GapReason.PAGE_CAP: "超出翻页上限",
    GapReason.BELOW_EXPECTATION: "数量低于预期",
    GapReason.NOT_RUN: "没有按时运行",
    GapReason.DISK_FULL: "磁盘将满，暂停采集",
    GapReason.BACKLOG: "积压，尚未入库",
    GapReason.NO_BASIS: "没有采集依据",
    GapReason.LICENCE_EXPIRED: "授权到期",
    GapReason.DAMAGED: "采集批次损坏",
}

#: Why posts were deleted, and how something left the house.
DELETIONS: dict[DeletionReason, str] = {
    DeletionReason.GONE: "复查时来源已不再公开",
    DeletionReason.PUSHED: "来源推送了删除通知",
    DeletionReason.ASKED: "应要求删除",
}
EXPORTS: dict[ExportKind, str] = {
    ExportKind.REPORT: "报告",
    ExportKind.NOTIFICATION: "通知",
    ExportKind.FEED: "订阅",
}
#: Places a deletion clears, in its order.
PLACES: dict[str, str] = {
    "quarantine": "隔离区",
    "index": "索引",
    "lookalikes": "相似表",
    "inbox": "收件箱",
    "imports": "导入文件",
    "replays": "回放",
}

#: Kinds of alert events; a kind not listed is shown as it stands.
EVENTS: dict[str, str] = {
    "raised": "系统提出预警",
    "grew": "继续增长",
    "level": "建议级别变化",
    "confirmed": "确认级别",
    "acknowledged": "认领",
    "dismissed": "驳回",
    "reopened": "重新打开",
    "relapsed": "复燃",
    "flag": "判断事实",
    "act": "登记动作",
    "closed": "关闭",
    "found_in_backfill": "补采时发现，当时已结束",
}

FACTS: dict[Fact, str] = {
    Fact.LOCAL_HOT: "本地热搜",
    Fact.NATIONAL_HOT: "全国热搜",
    Fact.NATIONAL_MEDIA: "全国性媒体",
    Fact.MINOR: "涉未成年人",
    Fact.DEATH: "涉人员死亡",
    Fact.COURT_VIOLENCE: "法院内暴力或死亡",
}

ACTS: dict[ActKind, str] = {
    ActKind.REPORTED: "报告领导",
    ActKind.PUBLISHED: "发布信息",
    ActKind.CONFERENCE: "新闻发布会",
    ActKind.REPLIED: "回应",
    ActKind.CHECKED: "核查完毕",
    ActKind.CALLED_BACK: "回访",
}

#: Sign and word of a clock's state; the sign never stands alone.
CLOCKS: dict[ClockState, tuple[str, str]] = {
    ClockState.WAITING: ("○", "确认后起算"),
    ClockState.RUNNING: ("●", "余"),
    ClockState.NEAR: ("◔", "将到，余"),
    ClockState.OVERDUE: ("✕", "已超"),
    ClockState.MET: ("✓", "按时完成"),
    ClockState.LATE: ("✓", "超时完成"),
}

OUTCOMES: dict[Outcome, str] = {
    Outcome.NOTIFY: "通知",
    Outcome.RENOTIFY: "再次通知",
    Outcome.ESCALATE: "升级通知",
    Outcome.MUTED: "不通知",
    Outcome.QUIET: "没有要通知的",
}

STAGES = {
    "still_open": "预警状态",
    "something_new": "有无新情况",
    "court_wide": "全院事件",
    "silenced": "静默",
    "hearing_day": "开庭日",
    "tell": "通知",
    "clock": "时限",
}

SCOPES: dict[SilenceScope, str] = {
    SilenceScope.CASE: "案件",
    SilenceScope.COURT: "法院",
    SilenceScope.TOPIC: "话题",
    SilenceScope.LEVEL: "级别及以下",
}

STREAMS = {"all": "全部帖文", "court_negative": "涉院负面帖文"}

LINK_REASONS = {"number": "案号", "alias": "俗称", "formula": "公式"}

REPORT_KINDS = {
    "weekly": "周报",
    "daily": "日报",
    "monthly": "月报",
    "flash": "快报",
    "special": "专报",
}

#: practice.md §4, fixed wording; never reworded by a template.
SIMILAR = "存在高度相似内容集中出现现象，占比{share}，不代表其反映的问题不真实"


def event(kind: str, detail: str) -> str:
    """A line of an alert's history; a confirmed level stands in it by its value."""
    level, mark, reason = detail.partition("：")
    if level in LEVELS:
        detail = "".join((*LEVELS[Level(level)], mark, reason))
    if kind == "flag":
        detail = _flag_words(detail)
    if kind == "act":
        detail = _act_words(detail)
    return "：".join(part for part in (EVENTS.get(kind, kind), detail) if part)


def _flag_words(detail: str) -> str:
    """“涉人员死亡，是：理由” from “death yes：理由”."""
    head, mark, reason = detail.partition("：")
    fact, _, word = head.partition(" ")
    if fact not in FACTS:
        return detail
    said = {"yes": "是", "no": "不是", "withdrawn": "撤回判断"}.get(word, word)
    return f"{FACTS[Fact(fact)]}，{said}{mark}{reason}"


def _act_words(detail: str) -> str:
    """“发布信息：说明” from “published：说明”; withdrawn ones say so."""
    head, mark, note = detail.partition("：")
    kind, _, word = head.partition(" ")
    if kind not in ACTS:
        return detail
    return f"{ACTS[ActKind(kind)]}{'（撤回）' if word else ''}{mark}{note}"


#: Kinds of notices, by the values that deliveries carry.
NOTICES = {
    "alert": "预警",
    "news": "新情况",
    "escalation": "无人认领",
    "clock": "时限",
    "source_silence": "信息源",
    "test": "测试",
}
