"""The search of Weibo's official platform, shape A of sources.md.

``GET /2/search/statuses.json`` gives an array, with ``needcount=1`` an object;
``GET /2/search/statuses/limited.json`` gives an object and also looks up ``ids``.
Words of ``q`` are joined by AND; results are newest first, at most 50 a page. However many a search
matches, only the newest thousand can be paged through, while the total names them all; `province`
and `city` narrow it by where the author says to be. (How deep the real one goes is not published.)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from demo.model import Author, Published, WeiboPost
from demo.servers.failures import Control, Failure
from demo.servers.http import Answer, Request, Site, json_answer, not_found, server_error
from domain.time import SHANGHAI

#: The token the local platform accepts.
ACCESS_TOKEN = "demo-token"
MAX_COUNT = 50
MAX_IDS = 50
#: Posts of one search that can be paged through.
MAX_SHOWN = 1000
_ANY_CITY = ("", "1000")
_SEARCH = "/2/search/statuses.json"
_LIMITED = "/2/search/statuses/limited.json"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_GONE = "抱歉，此微博已被作者删除。查看帮助：http://t.cn/Rfd3rQV"


def weibo_site(world: Published, control: Control, most: int = MAX_SHOWN) -> Site:
    """Return the platform that serves `world`.

    Args:
        most: posts of one search that can be paged through.
    """

    def site(request: Request) -> Answer:
        if request.path not in (_SEARCH, _LIMITED):
            if request.path == "/robots.txt":
                return Answer(b"User-agent: *\nDisallow: /\n", content_type="text/plain")
            return not_found()
        return _refuse(request) or _search(request, world, control, most)

    return site


def format_time(moment: datetime) -> str:
    """Return ``Fri Nov 20 09:15:32 +0800 2026``, whatever the process's locale."""
    local = moment.astimezone(SHANGHAI)
    day, month = _DAYS[local.weekday()], _MONTHS[local.month - 1]
    return f"{day} {month} {local:%d %H:%M:%S} +0800 {local.year}"


def refuse_token(request: Request) -> Answer | None:
    """Return the platform's error for a missing or wrong token."""
    token = request.query.get("access_token") or _bearer(request.headers.get("authorization", ""))
    if not token:
        return server_error(request.path, 10006, "Source paramter(appkey) is missing", 400)
    if token != ACCESS_TOKEN:
        return server_error(request.path, 21332, "invalid_access_token", 401)
    return None


def _refuse(request: Request) -> Answer | None:
    if (refused := refuse_token(request)) is not None:
        return refused
    for name in ("starttime", "endtime", "count", "page", "province", "city"):
        if not request.query.get(name, "0").isdigit():
            return server_error(request.path, 10017, f"parameter ({name})'s value invalid", 400)
    if not request.query.get("q") and not request.query.get("ids"):
        return server_error(request.path, 10016, "miss required parameter (q)", 400)
    if request.query.get("ids", "").count("~") >= MAX_IDS:
        return server_error(request.path, 10017, "parameter (ids)'s value invalid", 400)
    return None


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    return token if scheme.lower() in ("bearer", "oauth2") else ""


def _search(request: Request, world: Published, control: Control, most: int) -> Answer:
    query = request.query
    if request.path == _LIMITED and query.get("ids"):
        return json_answer(_look_up(request, world, control))
    found = _matching(request, world, control)
    count = min(int(query.get("count", "0")) or 10, MAX_COUNT)
    page = max(int(query.get("page", "0")), 1)
    shown = _page(found[:most], page, count, request.failures)
    statuses = _statuses(shown, request, world, control)
    if request.path == _SEARCH and query.get("needcount") not in ("1", "true"):
        return json_answer(statuses)
    return json_answer({"statuses": statuses, "total_number": len(found)})


def _page(
    found: Sequence[WeiboPost], page: int, count: int, failures: frozenset[Failure]
) -> Sequence[WeiboPost]:
    start = (page - 1) * count
    if Failure.BLANK_PAGE in failures and page == 2:
        return []
    if Failure.DUPLICATES in failures and page > 1:
        start -= count // 3  # what new posts pushed onto the next page while it was turned
    return found[max(start, 0) : start + count]


def _matching(request: Request, world: Published, control: Control) -> list[WeiboPost]:
    words = request.query["q"].split()
    start = int(request.query.get("starttime") or 0)
    end = int(request.query.get("endtime") or 0) or int(request.now.timestamp()) + 1
    gone = request.failures
    return [
        post
        for post in reversed(world.posts(request.now))
        if start <= post.moment.timestamp() < end
        and _is_from(post.author, request.query)
        and not _is_gone(post, control, gone)
        and all(word in _text(post, control, gone) for word in words)
    ]


def _is_from(author: Author, query: dict[str, str]) -> bool:
    province, city = query.get("province", ""), query.get("city", "")
    return province in ("", author.province) and (city in _ANY_CITY or city == author.city)


def _look_up(request: Request, world: Published, control: Control) -> dict[str, Any]:
    wanted = request.query["ids"].split("~")
    known = {str(post.mid): post for post in world.posts(request.now)}
    statuses: list[dict[str, Any]] = []
    for mid in wanted:
        post = known.get(mid)
        if post is None or _is_gone(post, control, request.failures):
            statuses.append(_stub(mid, post))
        else:
            statuses += _statuses([post], request, world, control)
    return {"statuses": statuses, "total_number": len(statuses)}


def _statuses(
    posts: Sequence[WeiboPost], request: Request, world: Published, control: Control
) -> list[dict[str, Any]]:
    """Return posts with what they forward; an original that is gone leaves a stub."""
    originals = {post.original for post in posts if post.original}
    known = {post.mid: post for post in world.posts(request.now) if post.mid in originals}
    statuses = []
    for post in posts:
        status = _status(post, control, request.failures)
        if post.original:
            original = known.get(post.original)
            if original is None or _is_gone(original, control, request.failures):
                stub = _stub(str(post.original), original)
                status["retweeted_status"] = {**stub, "user": None}
            else:
                status["retweeted_status"] = _status(original, control, request.failures)
        statuses.append(status)
    return statuses


def _stub(mid: str, post: WeiboPost | None) -> dict[str, Any]:
    moment = post.moment if post else datetime.fromtimestamp(0, UTC)
    return {
        "created_at": format_time(moment), "id": int(mid) if mid.isdigit() else 0, "mid": mid,
        "idstr": mid, "text": _GONE, "deleted": "1",
    }  # fmt: skip


def _is_gone(post: WeiboPost, control: Control, failures: frozenset[Failure]) -> bool:
    return control.is_deleted(post.mid) or (
        Failure.DELETIONS in failures and post.author.uid % 10 == 0
    )


def _text(post: WeiboPost, control: Control, failures: frozenset[Failure]) -> str:
    edited = control.edited(post.mid)
    if edited is not None:
        return edited
    if Failure.EDITS in failures and post.author.uid % 10 == 1:
        return f"{post.text}（补充：已向窗口核实）"
    return post.text


def status_json(post: WeiboPost, control: Control | None = None) -> dict[str, Any]:
    """Return a post as every interface of the platform shows it; as first written without `control`."""
    return _status(post, control or Control(), frozenset())


def _status(post: WeiboPost, control: Control, failures: frozenset[Failure]) -> dict[str, Any]:
    text = _text(post, control, failures)
    return {
        "created_at": format_time(post.moment), "id": post.mid, "mid": str(post.mid),
        "idstr": str(post.mid), "text": text,
        "source": '<a href="http://weibo.com/" rel="nofollow">微博网页版</a>',
        "favorited": False, "truncated": False, "in_reply_to_status_id": "",
        "in_reply_to_user_id": "", "in_reply_to_screen_name": "", "pic_urls": [], "geo": None,
        "isLongText": False, "visible": {"type": 0, "list_id": 0},
        "edit_config": {"edited": text != post.text},
        "reposts_count": post.reposts, "comments_count": post.comments,
        "attitudes_count": post.likes, "user": _user(post.author),
    }  # fmt: skip


def _user(author: Author) -> dict[str, Any]:
    return {
        "id": author.uid, "idstr": str(author.uid), "screen_name": author.name,
        "name": author.name, "province": author.province, "city": author.city, "location": "其他", "gender": "m",
        "followers_count": author.followers, "friends_count": author.uid % 700,
        "statuses_count": author.uid % 3000 + 1, "created_at": "Sun Nov 27 09:03:15 +0800 2011",
        "verified": author.verified_type >= 0, "verified_type": author.verified_type,
        "verified_reason": "",
    }  # fmt: skip
