"""Comments of Weibo's official platform, shape A of sources.md.

``GET /2/comments/show.json?id=…&since_id=…&max_id=…&count=…``: newest first; ``next_cursor`` is
the id to go on with as ``max_id``, 0 at the end. With `most`, it is 0 after so many comments, too, though
the total counts more and a ``max_id`` of one's own shows them (whether the real one ends so is not
published). ``GET /2/comments/show_batch.json?cids=…`` looks
up to fifty ids up.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from demo.model import Published, WeiboPost
from demo.servers.failures import Control, Failure
from demo.servers.http import Answer, Request, Site, json_answer, not_found, server_error
from demo.servers.weibo import format_time, refuse_token, status_json
from text.weibo_ids import mint_mid

_SHOW, _BATCH = "/2/comments/show.json", "/2/comments/show_batch.json"
_WORDS = ("还在等消息", "支持依法公开", "为什么还不开庭", "讲得清楚", "希望说明一下")
_MOST = 200
_BATCHED = 50


def comments_of(post: WeiboPost, now: datetime) -> list[dict[str, Any]]:
    """The comments under a post until `now`, oldest first: one a minute, as many as it counts.

    Every fourth answers the one before it.
    """
    found: list[dict[str, Any]] = []
    for number in range(post.comments):
        moment = post.moment + timedelta(minutes=number + 1)
        if moment > now:
            break
        identifier = mint_mid(moment, 1_000_000 + post.mid % 1_000 * 1_000 + number)
        words = f"{_WORDS[number % len(_WORDS)]}（第{number + 1}条）"
        comment = {
            "created_at": format_time(moment), "id": identifier, "idstr": str(identifier),
            "mid": f"{moment:%y%m%d}{identifier % 10**9}", "text": words,
            "source": '<a href="http://weibo.com/" rel="nofollow">微博网页版</a>',
            "user": {"id": 1_900_000_000 + number, "screen_name": f"评论网友{number}",
                     "location": "其他", "verified_type": -1},
        }  # fmt: skip
        if number % 4 == 3:
            before = found[-1]
            comment["reply_comment"] = {
                "id": before["id"], "text": before["text"], "user": before["user"],
            }  # fmt: skip
        found.append(comment)
    return found


def comments_site(world: Published, control: Control, most: int = 0) -> Site:
    """Return the platform's interface of comments over `world`.

    Args:
        most: comments that are shown in one go; 0: all.
    """

    def site(request: Request) -> Answer:
        if request.path not in (_SHOW, _BATCH):
            return not_found()
        if (refused := refuse_token(request)) is not None:
            return refused
        if request.path == _SHOW:
            return _show(request, world, control, most)
        return _batch(request, world, control)

    return site


def _show(request: Request, world: Published, control: Control, most: int) -> Answer:
    query = request.query
    post = next((one for one in world.posts(request.now) if str(one.mid) == query.get("id")), None)
    if post is None or control.is_deleted(post.mid):
        return server_error(request.path, 20101, "target weibo does not exist!", 400)
    every = [one for one in comments_of(post, request.now) if not control.is_deleted(one["id"])]
    since, most = int(query.get("since_id") or 0), int(query.get("max_id") or 0)
    within = [
        one for one in reversed(every) if one["id"] > since and (not most or one["id"] <= most)
    ]
    count = min(int(query.get("count") or 50), _MOST)
    shown, rest = within[:count], within[count:]
    following = rest[0]["id"] if rest else 0
    if most and rest and (len(every) - len(rest)) % most == 0:
        following = 0
    if Failure.DUPLICATES in request.failures and shown:
        following = shown[-1]["id"] if rest else 0  # what is pushed down while the page is turned
    if Failure.BLANK_PAGE in request.failures and most:
        shown = []
    status = status_json(post, control)
    comments = [_with(one, status, control, request.failures) for one in shown]
    return json_answer(
        {
            "comments": comments, "hasvisible": False, "previous_cursor": 0,
            "next_cursor": following, "total_number": len(every),
        }
    )  # fmt: skip


def _batch(request: Request, world: Published, control: Control) -> Answer:
    wanted = request.query.get("cids", "").split(",")
    if len(wanted) > _BATCHED:
        return server_error(request.path, 10017, "parameter (cids)'s value invalid", 400)
    found = [
        _with(comment, status_json(post, control), control, request.failures)
        for post in world.posts(request.now)
        if not control.is_deleted(post.mid)
        for comment in comments_of(post, request.now)
        if str(comment["id"]) in wanted and not control.is_deleted(comment["id"])
    ]
    return json_answer(found)


def _with(
    comment: dict[str, Any], status: dict[str, Any], control: Control, failures: frozenset[Failure]
) -> dict[str, Any]:
    text = control.edited(comment["id"]) or comment["text"]
    if Failure.EDITS in failures and comment["id"] % 2:
        text = f"{text}（补充）"
    return {**comment, "text": text, "status": status}
