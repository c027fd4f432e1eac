"""Words that stand where an answer should be: 待定, TODO, 无. A footing made of them is none."""

from __future__ import annotations

import re
import unicodedata

#: What people write into a required field to get past it, without marks and blanks.
_PLACEHOLDERS = frozenset(
    (
        "暂无", "暂缺", "暂定", "未定", "未知", "未填", "无", "没有", "空", "略", "不详", "不明",
        "同上", "依据", "合法", "公开", "某某", "测试", "none", "null", "nil", "na", "nan", "unknown",
        "test", "placeholder",
    )
)  # fmt: skip
#: Beginnings that promise an answer for later: “待定，签约后补”.
_PROMISES = (
    "待定",
    "待补",
    "待填",
    "待确认",
    "待明确",
    "待核",
    "待办",
    "另行",
    "todo",
    "tbd",
    "tba",
    "fixme",
)
#: Shortest footing that says something: “公开网页” has four characters, “licence” seven.
_LEAST = 2
_MARKS = re.compile(r"[\W_]+")


def meant(value: str) -> str:
    """`value` without outer blanks.

    Raises:
        ValueError: it is blank, or a placeholder such as 待定, TODO, 无, “——”.
    """
    bare = _bare(value)
    # "xxxx" and "。。。" are what a person types to have typed something.
    if _stands_in(bare) or len(bare) < _LEAST or len(set(bare)) == 1:
        raise ValueError(f"{value.strip() or 'a blank'!r} is no answer: say it in words")
    return value.strip()


def meant_reference(value: str) -> str:
    """Like `meant`, for the number of a contract, which may be short.

    Raises:
        ValueError: it is blank or a placeholder.
    """
    if _stands_in(_bare(value)):
        raise ValueError(f"{value.strip() or 'a blank'!r} is no number of a contract or grant")
    return value.strip()


def _bare(value: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKC", value)).casefold()


def _stands_in(bare: str) -> bool:
    return not bare or bare in _PLACEHOLDERS or bare.startswith(_PROMISES)
