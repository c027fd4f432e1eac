"""The list of hearings of a court's openness platform (庭审公开, sources.md F).

``GET /search/a/revmor/full?dataType=2&pageNumber&pageSize`` gives ``resultList`` and ``paging``;
each of the world's posts stands for one hearing: its number, and the minute it was made.
"""

from __future__ import annotations

from typing import Any

from demo.model import Published, WeiboPost
from demo.servers.failures import Control, Failure
from demo.servers.http import Answer, Request, Site, json_answer, not_found
from domain.time import SHANGHAI

_PATH = "/search/a/revmor/full"
_MAX_SIZE = 200


def hearings_site(world: Published, control: Control) -> Site:
    """Return the platform with one hearing a post of `world`."""

    def site(request: Request) -> Answer:
        if request.path == "/robots.txt":
            return Answer(b"User-agent: *\nAllow: /\n", content_type="text/plain")
        if request.path != _PATH:
            return not_found()
        held = [
            post for post in reversed(world.posts(request.now)) if not control.is_deleted(post.mid)
        ]
        size = min(int(request.query.get("pageSize") or 10), _MAX_SIZE)
        page = max(int(request.query.get("pageNumber") or 1), 1)
        start = (page - 1) * size
        if Failure.DUPLICATES in request.failures and page > 1:
            start -= min(size, 3)
        shown = held[start : (page - 1) * size + size]
        if Failure.BLANK_PAGE in request.failures and (page == 2 or len(held) <= size):
            shown = []
        paging = {
            "pageNumber": page, "pageSize": size, "totalCount": len(held),
            "pageTotal": -(-len(held) // size),
        }  # fmt: skip
        entries = [_entry(post, control) for post in shown]
        return json_answer({"resultList": entries, "paging": paging})

    return site


def _entry(post: WeiboPost, control: Control) -> dict[str, Any]:
    number = post.mid % 100_000
    edited = control.edited(post.mid)
    return {
        "caseId": str(post.mid), "title": f"{post.author.name}与某公司物业服务合同纠纷",
        "courtName": "望川区人民法院", "caseNo": f"（2026）浙9902民初{number}号",
        "caseCause": edited if edited is not None else "物业服务合同纠纷", "judge": post.author.name,
        "beginTime": f"{post.moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
    }  # fmt: skip
