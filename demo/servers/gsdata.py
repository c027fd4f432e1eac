"""The licensed vendor: ``GET /weibo/v1/articles``, shape B of sources.md.

Requests are signed (GSDATA-HMAC-SHA256). At most ten a second and fifty posts a page; dates are
whole days in Asia/Shanghai. However many posts an account has, `most` of a request's days can be paged
through, while the total counts them all (how many the real one shows is not published). Errors are ``{"name", "message", "code", "status"}``.
"""

from __future__ import annotations

import hmac
import re
import threading
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from demo.model import Published, WeiboPost
from demo.servers.failures import Control, Failure
from demo.servers.http import Answer, Request, Site, json_answer, not_found
from domain.time import SHANGHAI

APP_KEY, SECRET = "demo-app", "demo-secret"
_PATH = "/weibo/v1/articles"
_MOST = 50
#: Posts of one account's days that can be paged through.
MAX_SHOWN = 1000
_A_SECOND = 10
_SKEW = timedelta(minutes=15)
_KEY = re.compile(r"AppKey=([^,]+),")


class _Meter:
    """Requests of the last second, and those left of the quota."""

    def __init__(self, quota: int) -> None:
        self._lock = threading.Lock()
        self._recent: deque[datetime] = deque()
        self._left = quota

    def refuse(self, now: datetime) -> Answer | None:
        """Count a request; an error when it is one too many."""
        with self._lock:
            while self._recent and now - self._recent[0] >= timedelta(seconds=1):
                self._recent.popleft()
            if len(self._recent) >= _A_SECOND:
                return _error(429, "Too Many Requests", "请求频次超过限制")
            if self._left <= 0:
                return _error(403, "Forbidden", "接口调用次数已用完")
            self._recent.append(now)
            self._left -= 1
        return None


def gsdata_site(
    world: Published, control: Control, *, quota: int = 10_000, most: int = MAX_SHOWN
) -> Site:
    """Return the vendor's interface over the posts of `world`.

    Args:
        quota: requests that are answered before it is used up.
        most: posts of one account's days that can be paged through.
    """
    meter = _Meter(quota)

    def site(request: Request) -> Answer:
        if request.path != _PATH:
            return not_found()
        refused = _refuse(request) or meter.refuse(request.now)
        return refused or _articles(request, world, control, most)

    return site


def _refuse(request: Request) -> Answer | None:
    stamp, given = (request.headers.get(name, "") for name in ("x-gsdata-date", "authorization"))
    found = _KEY.search(given)
    try:
        signed_at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return _error(401, "Unauthorized", "缺少 x-gsdata-date")
    if not found or found[1] != APP_KEY or abs(request.now - signed_at) > _SKEW:
        return _error(401, "Unauthorized", "签名无效")
    if not given.endswith(f"Signature={_signature(request, stamp)}"):
        return _error(401, "Unauthorized", "签名无效")
    if not request.query.get("uid", "").isdigit():
        return _error(422, "Unprocessable entity", "uid 不能为空")
    return None


def _signature(request: Request, stamp: str) -> str:
    """The vendor's side of the signature, written from its SDK and not from our client."""
    path, _, query = request.target.partition("?")
    nothing = sha256(b"").hexdigest()
    canonical = (
        f"GET\n{path}\n{query}\nhost:{request.headers['host']}\nx-gsdata-date:{stamp}\n"
        f"host;x-gsdata-date\n{nothing}"
    )
    to_sign = f"GSDATA-HMAC-SHA256\n{stamp}\n{sha256(canonical.encode()).hexdigest()}"
    key = f"GSDATA{SECRET}".encode()
    for part in (stamp[:8], path, "gsdata_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, to_sign.encode(), sha256).hexdigest()


def _error(status: int, name: str, message: str) -> Answer:
    return json_answer({"name": name, "message": message, "code": 0, "status": status}, status)


def _articles(request: Request, world: Published, control: Control, most: int) -> Answer:
    query = request.query
    first, last = query.get("start_date", ""), query.get("end_date", "9999")
    found = [
        post
        for post in reversed(world.posts(request.now))
        if str(post.author.uid) == query["uid"]
        and first <= f"{post.moment.astimezone(SHANGHAI):%Y-%m-%d}" <= last
        and not control.is_deleted(post.mid)
    ]
    size, page = min(int(query.get("per-page", "20")), _MOST), int(query.get("page", "1"))
    shown: Sequence[WeiboPost] = found[:most][(page - 1) * size : page * size]
    if Failure.BLANK_PAGE in request.failures and page == 2:
        shown = []
    if Failure.DUPLICATES in request.failures and page > 1:
        shown = found[(page - 1) * size - size // 3 : page * size]
    return json_answer(
        {
            "items": [_post(post, control) for post in shown],
            "_meta": {
                "totalCount": len(found), "pageCount": -(-len(found) // size),
                "currentPage": page, "perPage": size,
            },
        }
    )  # fmt: skip


def _post(post: WeiboPost, control: Control) -> dict[str, Any]:
    return {
        "uid": str(post.author.uid),
        "created_at": f"{post.moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
        "text": control.edited(post.mid) or post.text, "like_count": post.likes,
        "dislike_count": 0, "comments_count": post.comments, "reposts_count": post.reposts,
        "screen_name": post.author.name, "mid": post.mid,
        "source": f"https://weibo.com/{post.author.uid}/{post.bid}",
    }  # fmt: skip
