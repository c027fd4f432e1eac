"""Errors of the licensed vendor, gsdata: ``{"name", "message", "code", "status"}``.

Documented are the statuses 401 and 422. That a used-up quota comes as 402, 403 or 429 with words
about it is assumed; so it is told by the words, whatever the status.
"""

from __future__ import annotations

import json
import re
from typing import Any

from crawlers.documents import whole
from crawlers.failures import SourceBlind, blind_by_status
from domain.sources import GapReason

_QUOTA = re.compile(r"余额|额度|次数|配额|欠费|套餐|quota|balance|exceed", re.IGNORECASE)
_TOO_FAST = re.compile(r"频次|频率|too many|rate limit", re.IGNORECASE)
_EXHAUSTED = "数据商额度已用完，请联系数据商续费或等待额度恢复"
_REASONS = {
    401: (GapReason.TOKEN_EXPIRED, "签名或密钥无效，请核对 app_key、secret 和本机时钟"),
    402: (GapReason.RATE_LIMITED, _EXHAUSTED),
    403: (GapReason.HTTP_ERROR, "授权范围不含该接口，请联系数据商"),
    422: (GapReason.HTTP_ERROR, "请求参数不合要求，请核对 accounts 与 count"),
    429: (GapReason.RATE_LIMITED, "数据商限制访问频率，已停止请求，下次再试"),
}


def check_vendor(document: Any, name: str) -> None:
    """Raise `SourceBlind` for an error document, also one that comes with status 200."""
    if not isinstance(document, dict) or "items" in document:
        return
    status = whole(document.get("status"))
    if status is None or status < 400:
        return
    raise _blind(status, str(document.get("message") or ""), name)


def check_vendor_body(body: bytes, status: int, name: str) -> None:
    """The same for an answer with an error status; one in another form is judged by its status."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict):
        raise _blind(status, str(document.get("message") or ""), name)


def _blind(status: int, message: str, name: str) -> SourceBlind:
    """The vendor's words are looked at, not repeated: they may quote what was asked for."""
    if status < 500 and _TOO_FAST.search(message):
        return SourceBlind(*_REASONS[429], where=name)
    if status < 500 and _QUOTA.search(message):
        return SourceBlind(*_REASONS[402], where=name)
    if status in _REASONS:
        reason, advice = _REASONS[status]
        return SourceBlind(reason, f"数据商返回 {status}：{advice}", where=name)
    return blind_by_status(status, name) or SourceBlind(
        GapReason.HTTP_ERROR, f"数据商返回 {status}", where=name
    )
