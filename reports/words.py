"""Chinese words for labels. Labels are those of the annotation guideline; wording as a press
officer writes it."""

from __future__ import annotations

from domain.alerts import AlertState, Level
from domain.annotation import Demand
from domain.posts import Platform
from domain.sources import GapReason

LEVEL = {
    Level.BLUE: "蓝色（一般）",
    Level.YELLOW: "黄色（较大）",
    Level.ORANGE: "橙色（重大）",
    Level.RED: "红色（特别重大）",
}
STATE = {
    AlertState.PROPOSED: "级别待确认",
    AlertState.CONFIRMED: "级别已确认",
    AlertState.DISMISSED: "已驳回",
    AlertState.CLOSED: "已关闭",
}
DEMAND = {
    Demand.ACCOUNTABILITY: "查处问责",
    Demand.CORRECT: "依法纠正",
    Demand.SPEED_UP: "加快办理",
    Demand.DISCLOSE: "公开说明",
    Demand.PROTECT: "保护隐私安全",
    Demand.SERVICE: "改进服务",
    Demand.PUNISH: "惩处当事人",
    Demand.SUGGEST: "制度建议",
    Demand.CONSULT: "咨询",
}
PLATFORM = {
    Platform.WEIBO: "微博",
    Platform.WECHAT: "公众号",
    Platform.NEWS: "新闻",
    Platform.FORUM: "论坛",
    Platform.VIDEO_COMMENT: "视频评论",
    Platform.HOTLINE: "12368",
    Platform.MAILBOX: "信箱",
}
GAP = {
    GapReason.DOWN: "无法连接",
    GapReason.TIMEOUT: "超时",
    GapReason.HTTP_ERROR: "返回错误",
    GapReason.RATE_LIMITED: "被限流",
    GapReason.TOKEN_EXPIRED: "令牌过期",
    GapReason.LOGIN_PAGE: "返回登录页",
    GapReason.CAPTCHA: "返回验证码",
    GapReason.BLANK_PAGE: "返回空页",
    GapReason.BAD_BODY: "内容损坏",
    GapReason.ROBOTS: "robots 禁止",
    GapReason.TOO_LARGE: "内容过大",
    GapReason.PAGE_CAP: "达到页数上限，不全",
    GapReason.BELOW_EXPECTATION: "条数低于预期",
    GapReason.NOT_RUN: "未运行",
    GapReason.DISK_FULL: "磁盘将满，暂停采集",
    GapReason.BACKLOG: "积压，未入库",
    GapReason.NO_BASIS: "没有采集依据",
    GapReason.LICENCE_EXPIRED: "授权到期",
    GapReason.DAMAGED: "采集批次损坏",
}

#: Never stated as fact (practice.md §5). A report that holds one of them is not written.
BANNED = (
    "网民普遍认为", "网友普遍认为", "舆论普遍认为", "群众普遍认为", "别有用心", "刁民", "水军",
    "恶意炒作", "不明真相", "AI认为", "AI 认为", "人工智能认为",
)  # fmt: skip

#: Stands in every report: what the numbers are not.
NOT_EVERYBODY = "公开信息抽样，不代表全体民意"
#: Marks what a machine wrote and nobody has checked yet.
UNCHECKED = "〔待核〕"
