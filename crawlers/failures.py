"""What can be wrong with a source, and by which sign we know it.

One table a kind of sign: HTTP status, error code, page, exception. Everything ends in a
`SourceBlind` with a `GapReason` and one Chinese line for the press office; nothing ends in zero.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from domain.errors import SourceFailure
from domain.sources import GapReason


class SourceBlind(SourceFailure):
    """A source told us nothing, or too little.

    Args:
        reason: why, for the gap.
        detail: one line in Chinese for the press office: what happened and what to do.
    """

    def __init__(self, reason: GapReason, detail: str, *, where: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason.value}: {detail}", where=where)


class CodedBlind(SourceBlind):
    """A source told its reason as an error code of its own."""

    def __init__(self, reason: GapReason, detail: str, *, code: int, where: str = "") -> None:
        self.code = code
        super().__init__(reason, detail, where=where)


#: Reason and advice by HTTP status; others: 5xx is DOWN, the rest HTTP_ERROR.
_STATUS = {
    401: (GapReason.TOKEN_EXPIRED, "授权失效，请更新访问令牌"),
    403: (GapReason.HTTP_ERROR, "源站拒绝访问，请联系源站确认授权"),
    404: (GapReason.HTTP_ERROR, "地址不存在，请核对来源地址"),
    410: (GapReason.HTTP_ERROR, "地址已撤下，请核对来源地址"),
    # 418 and 432 are the platform's own words for "too fast" and "first pass the visitor check".
    418: (GapReason.RATE_LIMITED, "源站限制访问频率，已停止请求，下次再试"),
    429: (GapReason.RATE_LIMITED, "源站限制访问频率，已停止请求，下次再试"),
    432: (GapReason.LOGIN_PAGE, "源站要求访客验证，不绕过，请改用已获授权的接口"),
}

#: Error codes of the Weibo interface (sources.md A and the platform's list of error codes).
_WEIBO_CODES = {
    **dict.fromkeys((10022, 10023, 10024), (GapReason.RATE_LIMITED, "接口调用次数已达上限")),
    **dict.fromkeys(
        (21301, 21314, 21315, 21316, 21317, 21319, 21327, 21332),
        (GapReason.TOKEN_EXPIRED, "访问令牌过期或失效，请更新"),
    ),
    **dict.fromkeys((10001, 10009, 10010, 10011), (GapReason.DOWN, "接口繁忙或停止服务")),
}

_LOGIN_PLACES = re.compile(r"passport|login|signin|visitor|\bsso\b|/auth\b", re.IGNORECASE)
_CAPTCHA_PLACES = re.compile(r"captcha|verify|geetest", re.IGNORECASE)
_LOGIN_SIGNS = re.compile(
    rb"Sina Visitor System|passport\.weibo|<input[^>]+type=[\"']?password", re.IGNORECASE
)
_CAPTCHA_SIGNS = re.compile(
    rb"geetest|g-recaptcha|hcaptcha|cf-challenge|id=[\"']?captcha", re.IGNORECASE
)
#: A page is searched for signs of a challenge only up to here; such pages are short.
_SIGNS_WITHIN = 60_000


def blind_by_status(status: int, where: str) -> SourceBlind | None:
    """None for 200–299 and 304, else what the status means."""
    if 200 <= status < 300 or status == 304:
        return None
    reason, advice = _STATUS.get(status, (GapReason.HTTP_ERROR, "请核对来源地址和网络"))
    if status >= 500:
        reason, advice = GapReason.DOWN, "源站故障，恢复后自动补采"
    return SourceBlind(reason, f"HTTP {status}：{advice}", where=where)


def blind_by_code(code: int, where: str) -> CodedBlind:
    """What an ``error_code`` of the Weibo interface means."""
    reason, advice = _WEIBO_CODES.get(code, (GapReason.HTTP_ERROR, "接口报错，请核对授权范围"))
    return CodedBlind(reason, f"接口错误码 {code}：{advice}", code=code, where=where)


def blind_by_address(url: str) -> SourceBlind | None:
    """Whether an address (of a redirect, of an answer) is a login or a captcha."""
    parts = urlsplit(url)
    place = f"{parts.hostname}{parts.path}"
    if _CAPTCHA_PLACES.search(place):
        return captcha(url)
    if _LOGIN_PLACES.search(place):
        return login_page(url)
    return None


def blind_by_page(body: bytes, where: str) -> SourceBlind | None:
    """Whether HTML is a login page or a challenge instead of what we asked for."""
    head = body[:_SIGNS_WITHIN]
    if _CAPTCHA_SIGNS.search(head):
        return captcha(where)
    if _LOGIN_SIGNS.search(head):
        return login_page(where)
    return None


def login_page(where: str) -> SourceBlind:
    """The source shows a login or visitor page; we don't work around it."""
    return SourceBlind(
        GapReason.LOGIN_PAGE, "返回登录或访客验证页，不绕过，请改用已获授权的接口", where=where
    )


def captcha(where: str) -> SourceBlind:
    """The source shows a challenge; we don't work around it."""
    return SourceBlind(
        GapReason.CAPTCHA, "返回验证码页，不绕过，请降低频率或改用已获授权的接口", where=where
    )


def blank_page(where: str) -> SourceBlind:
    """A page that must hold items holds none."""
    return SourceBlind(
        GapReason.BLANK_PAGE, "列表页为空，可能改版或被限制，请核对页面", where=where
    )


def bad_body(why: str, where: str) -> SourceBlind:
    """The answer is not what the source's kind promises."""
    return SourceBlind(GapReason.BAD_BODY, f"返回内容无法解析（{why}），请核对来源", where=where)
