"""Exceptions of Scrapy and Twisted → why the source is blind. Imported in the spider's process only."""

from __future__ import annotations

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.internet import error as network

from crawlers.failures import SourceBlind, blind_by_address, blind_by_status
from crawlers.guards import OffsiteRequest, RobotsUnreachable
from domain.sources import GapReason

_TOO_LARGE = (GapReason.TOO_LARGE, "返回内容超过大小上限，请核对来源或调整 max_bytes")
#: First fitting line wins.
_TABLE: tuple[tuple[type[BaseException], tuple[GapReason, str]], ...] = (
    (DownloadTimeoutError, (GapReason.TIMEOUT, "源站超时未答复，恢复后自动补采")),
    (network.TimeoutError, (GapReason.TIMEOUT, "源站超时未答复，恢复后自动补采")),
    (CannotResolveHostError, (GapReason.DOWN, "域名无法解析，请检查网络和来源地址")),
    (DownloadConnectionRefusedError, (GapReason.DOWN, "源站拒绝连接，恢复后自动补采")),
    (ResponseDataLossError, (GapReason.BAD_BODY, "返回内容不完整，下次再试")),
    (DownloadCancelledError, _TOO_LARGE),
    (DownloadFailedError, (GapReason.DOWN, "连接中断，恢复后自动补采")),
    (network.ConnectError, (GapReason.DOWN, "无法连接源站，恢复后自动补采")),
    (network.ConnectionClosed, (GapReason.DOWN, "连接中断，恢复后自动补采")),
)
#: Scrapy says these only in words.
_WORDS = (
    ("robots.txt", (GapReason.ROBOTS, "robots.txt 不允许采集该地址，请改用其他来源")),
    ("max redirections", (GapReason.HTTP_ERROR, "重定向循环，请核对来源地址")),
    ("DOWNLOAD_MAXSIZE", _TOO_LARGE),
)


def blind_by_exception(error: BaseException | None) -> SourceBlind:
    """What an exception of a request means."""
    if isinstance(error, OffsiteRequest):
        return blind_by_address(error.url) or SourceBlind(
            GapReason.HTTP_ERROR, "跳转到未声明的主机，请核对来源地址或补充 hosts"
        )
    if isinstance(error, RobotsUnreachable):
        blind = blind_by_status(error.status, "robots.txt")
        assert blind is not None  # raised only for 429 and 5xx
        return SourceBlind(blind.reason, f"robots.txt 不可用（{blind.detail}）")
    if isinstance(error, IgnoreRequest):
        for words, (reason, detail) in _WORDS:
            if words in str(error):
                return SourceBlind(reason, detail)
    for kind, (reason, detail) in _TABLE:
        if isinstance(error, kind):
            return SourceBlind(reason, detail)
    return SourceBlind(GapReason.DOWN, f"请求失败（{type(error).__name__}），请检查网络")
