"""Searching posts."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.deps import Desk, Html
from desk.services import Services
from desk.views import evidence, search
from desk.views.feed import titles

router = APIRouter()


@router.get("/posts")
def index(request: Request, desk: Desk, html: Html) -> Response:
    """Words, case, target, sentiment, topic, source, days; newest first, with the exact total."""
    asked = search.read(request.query_params)
    found = desk.store.search(asked.query, limit=search.PAGE, offset=asked.offset)
    return html.page(
        request,
        "posts.html",
        asked=asked,
        total=found.total,
        distinct=search.distinct(desk, asked, found.total),
        posts=evidence.views(desk, found.posts),
        cases=desk.records.cases.all(),
        action="/posts",
        page_size=search.PAGE,
        **choices(desk),
    )


def choices(desk: Services) -> dict[str, Any]:
    """What the filters offer."""
    return {
        "topic_names": [(topic.id, topic.zh) for topic in desk.topics.values()],
        "source_names": sorted(titles(desk).items(), key=lambda pair: pair[1]),
    }
