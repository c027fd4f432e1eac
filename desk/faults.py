"""Errors in the words of the pages. What the program says in English stands beside, in small print."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.errors import CourtpulseError


@dataclass(frozen=True, slots=True)
class Said:
    """An error as a page shows it; `detail` is the program's own wording when that isn't Chinese."""

    head: str
    problem: str
    remedy: str
    detail: str = ""


_CHINESE = re.compile("[一-鿿]")
_AGAIN = "返回上一页，改正后再试一次"
_OTHER = Said("出错了", "这次请求没有成功", _AGAIN)
_BY_STATUS = {
    403: Said("页面已过期", "操作没有执行", "返回上一页，刷新后再提交一次"),
    404: Said("没有找到", "没有这一项，可能已经删除，或地址有误", "从上面的导航重新进入"),
    405: Said("不能这样访问", "这个地址只接受页面上的按钮", "从上面的导航重新进入"),
    409: Said("现在不能这样操作", "它的状态已经变了，或缺少理由", "刷新页面看最新状态，再决定"),
    422: Said("填写的内容有误", "有一项内容不能用", _AGAIN),
    500: Said("程序出错", "这是程序的错误，已记入日志", "稍后再试；反复出现时告诉管理员时间"),
    502: Said("外部服务没有响应", "外部服务暂时不可用", "稍后刷新"),
    503: Said("数据暂时读不到", "索引或记录库没有响应", "稍后刷新；仍然不行时，请管理员检查"),
}


def by_status(status: int) -> Said:
    """What to say when only the status is known."""
    return _BY_STATUS.get(status, _OTHER)


def said(error: CourtpulseError) -> Said:
    """The error's own words when they are Chinese, else those of its status with its own beside."""
    usual = by_status(error.http_status)
    if _CHINESE.search(error.problem):
        return Said(usual.head, error.problem, error.remedy or usual.remedy)
    own = f"{error.problem} ({error.remedy})" if error.remedy else error.problem
    return Said(usual.head, usual.problem, usual.remedy, own)
