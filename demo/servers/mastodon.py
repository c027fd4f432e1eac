"""Hashtag timelines of a Mastodon-compatible server (sources.md G) over the world's posts.

``GET /api/v1/timelines/tag/<tag>?limit&max_id``: newest first, paged by the Link header, everything
public; a reply, an edit and a boost look as the interface writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from html import escape
from typing import Any
from urllib.parse import urlencode

from demo.model import Published, WeiboPost
from demo.servers.failures import Control, Failure
from demo.servers.http import Answer, Request, Site, json_answer, not_found

MAX_LIMIT = 40
_TIMELINE = "/api/v1/timelines/tag/"
_SERVER = "https://jianglan.example"


def mastodon_site(world: Published, control: Control) -> Site:
    """Return a server whose every timeline holds all posts of `world`."""

    def site(request: Request) -> Answer:
        if request.path == "/robots.txt":
            return Answer(b"User-agent: *\nDisallow: /auth\n", content_type="text/plain")
        if not request.path.startswith(_TIMELINE):
            return not_found()
        before = int(request.query.get("max_id") or 0)
        limit = min(int(request.query.get("limit") or 20), MAX_LIMIT)
        left = [
            post
            for post in reversed(world.posts(request.now))
            if not control.is_deleted(post.mid) and (not before or post.mid < before)
        ]
        return _page(request, left, limit, control, later=bool(before))

    return site


def _page(
    request: Request, left: Sequence[WeiboPost], limit: int, control: Control, *, later: bool
) -> Answer:
    shown = left[:limit]
    answer_headers: dict[str, str] = {}
    if len(left) > limit:
        turn = shown[-1].mid
        if Failure.DUPLICATES in request.failures:
            turn = shown[max(len(shown) - 3, 0)].mid  # what is pushed down while the page is turned
        following = urlencode({"limit": limit, "max_id": turn})
        host = request.headers.get("host", "")
        answer_headers["Link"] = f'<http://{host}{request.path}?{following}>; rel="next"'
    if Failure.BLANK_PAGE in request.failures and (later or len(left) <= limit):
        shown = []
        answer_headers.setdefault("Link", f'<{_SERVER}{request.path}?max_id=1>; rel="next"')
    answer = json_answer([_status(post, control) for post in shown])
    answer.headers.update(answer_headers)
    return answer


def _status(post: WeiboPost, control: Control) -> dict[str, Any]:
    edited = control.edited(post.mid)
    moment = post.moment.astimezone(UTC)
    return {
        "id": str(post.mid), "created_at": f"{moment:%Y-%m-%dT%H:%M:%S}.000Z",
        "in_reply_to_id": None, "sensitive": False, "spoiler_text": "", "visibility": "public",
        "language": "zh", "uri": f"{_SERVER}/users/u{post.author.uid}/statuses/{post.mid}",
        "url": f"{_SERVER}/@u{post.author.uid}/{post.mid}", "replies_count": post.comments,
        "reblogs_count": post.reposts, "favourites_count": post.likes, "reblog": None,
        "edited_at": f"{moment:%Y-%m-%dT%H:%M:%S}.500Z" if edited is not None else None,
        "content": f"<p>{escape(edited if edited is not None else post.text)}</p>",
        "mentions": [], "tags": [],
        "account": {
            "id": str(post.author.uid), "acct": f"u{post.author.uid}", "bot": False,
            "url": f"{_SERVER}/@u{post.author.uid}", "display_name": post.author.name,
        },
    }  # fmt: skip
