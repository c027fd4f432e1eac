"""How far the week's posts are from those the model was made from, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.suppression import count

#: Fields of the comparison; the order in which they are named.
_FIELDS = {
    "stance": "对象与态度",
    "topics": "话题",
    "demand": "诉求",
    "emotion": "情绪",
    "irony": "反讽",
    "scores": "模型把握",
    "unsure": "把握不足的比重",
    "characters": "生字",
}
_METHOD = "以总体稳定性指数（PSI）比较，0.1 以上为有变化，0.25 以上为明显变化，并须超过抽样误差"


def headline(drift: Mapping[str, Any] | None) -> str:
    """One line for 本周要情; "" when nothing moved or nothing was measured."""
    if drift is None or not (moved := _moved(drift)):
        return ""
    return f"模型提示：本周帖文与模型训练时相比，{moved}，各项判断宜多抽查（见数据说明）。"


def explained(drift: Mapping[str, Any] | None) -> str:
    """The paragraph of 数据说明."""
    if drift is None:
        return "与训练时的差异：本周未测（模型没有附训练时的分布）。"
    compared = f"与训练时的差异：抽取本周 {count(drift['posts'])} 帖，{_METHOD}。"
    if not drift["moved"]:
        return compared + "帖数太少，不作判断。"
    moved = _moved(drift) or "各项均无明显变化"
    named = "、".join(
        f"{_FIELDS[one['field']]} {one['psi']:.2f}"
        for one in sorted(drift["moved"], key=lambda one: list(_FIELDS).index(one["field"]))
    )
    return (
        f"{compared}结果：{moved}（各项指数：{named}）。"
        "有变化不等于出错：一周只谈一件事时也会如此；但模型质量指标可能不再适用，宜抽查。"
    )


def _moved(drift: Mapping[str, Any]) -> str:
    changes = {one["field"]: one["change"] for one in drift["moved"]}
    parts = []
    for change, words in (("much", "明显变化"), ("some", "有变化")):
        names = "、".join(name for field, name in _FIELDS.items() if changes.get(field) == change)
        if names:
            parts.append(f"{names}{words}")
    return "，".join(parts)
