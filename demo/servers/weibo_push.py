"""Weibo's commercial push: ``GET /commercial/push?subid=…&since_id=…``, shape A′ of sources.md.

One JSON object a line, CRLF at its end, numbered; what comes after `since_id` is sent again for
three days, without one the last hundred lines. The connection ends after five minutes, or after
five seconds without a line. No login: the platform knows its customers by their addresses.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from demo.model import Published, WeiboPost
from demo.servers.comments import comments_of
from demo.servers.failures import Control, Failure
from demo.servers.http import Answer, Request, Site, not_found, server_error
from demo.servers.weibo import status_json
from domain.time import Clock

_PATH = "/commercial/push"
_NUMBER = 2_611_200_000_000_000
_REDELIVERED = 100
_MEMORY = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What was ordered from the platform.

    Attributes:
        percentage: share of the matching posts that is delivered, 0–100.
        comments: also comments on matching posts.
        quiet, longest: seconds without a line, and altogether, after which a connection ends.
        beat: seconds between empty lines as signs of life; 0 for none.
    """

    subid: str = "10542"
    keywords: tuple[str, ...] = ("法院",)
    percentage: float = 100.0
    comments: bool = False
    quiet: float = 5.0
    longest: float = 300.0
    beat: float = 0.0


class _Log:
    """All lines so far: numbered, in the order in which things happened."""

    def __init__(self, world: Published, control: Control, order: Subscription) -> None:
        self._world, self._control, self._order = world, control, order
        self._lock = threading.Lock()
        self._lines: list[tuple[int, datetime, dict[str, Any]]] = []
        self._known: set[tuple[str, int, str]] = set()

    def after(self, since: int, now: datetime) -> list[tuple[int, dict[str, Any]]]:
        """Lines behind number `since`; the last hundred when it is 0 or forgotten."""
        with self._lock:
            self._grow(now)
            kept = [(number, line) for number, at, line in self._lines if now - at <= _MEMORY]
        known = any(number == since for number, _ in kept)
        return [one for one in kept if one[0] > since] if known else kept[-_REDELIVERED:]

    def _grow(self, now: datetime) -> None:
        edits, deleted = self._control.changes()
        for post in self._world.posts(now):
            if not self._wanted(post):
                continue
            self._add("add", post.mid, "", post.moment, self._status(post, ""))
            if post.mid in edits:
                text = edits[post.mid]
                self._add("update", post.mid, text, now, self._status(post, text))
            if post.mid in deleted:
                gone = {"id": post.mid, "mid": str(post.mid)}
                self._add("delete", post.mid, "", now, {"type": "status", "status": gone})
            for comment in comments_of(post, now) if self._order.comments else ():
                body = {"type": "comment", "comment": {**comment, "status": status_json(post)}}
                self._add("add", comment["id"], "", now, body)

    def _status(self, post: WeiboPost, text: str) -> dict[str, Any]:
        status = status_json(post)
        if text:
            status |= {"text": text, "edit_config": {"edited": True}}
        return {"type": "status", "status": status}

    def _add(self, event: str, number: int, words: str, at: datetime, body: dict[str, Any]) -> None:
        key = (event, number, words)
        if key in self._known:
            return
        self._known.add(key)
        line = _NUMBER + len(self._lines) + 1
        text = {"type": body["type"], "event": event, **body}
        matched = {"keyword": next(iter(self._order.keywords), ""), "uid": 0}
        self._lines.append((line, at, {"id": line, "text": text, "match_info": matched}))

    def _wanted(self, post: WeiboPost) -> bool:
        matches = any(word in post.text for word in self._order.keywords)
        return matches and crc32(str(post.mid).encode()) % 10_000 < self._order.percentage * 100


def push_site(world: Published, control: Control, order: Subscription, clock: Clock) -> Site:
    """Return the platform's end of one subscription."""
    log = _Log(world, control, order)

    def site(request: Request) -> Answer:
        if request.path != _PATH:
            return not_found()
        if request.query.get("subid") != order.subid:
            return server_error(request.path, 10017, "parameter (subid)'s value invalid", 400)
        since = request.query.get("since_id", "")
        lines = _lines(log, int(since) if since.isdigit() else 0, order, clock, request.failures)
        return Answer(b"", content_type="application/json;charset=UTF-8", lines=lines)

    return site


def _lines(
    log: _Log, since: int, order: Subscription, clock: Clock, failures: frozenset[Failure]
) -> Iterator[bytes]:
    began = spoke = beat = time.monotonic()
    while True:
        for number, line in log.after(since, clock()):
            since, spoke = number, time.monotonic()
            written = json.dumps(line, ensure_ascii=False).encode() + b"\r\n"
            yield written
            if Failure.DUPLICATES in failures:
                yield written
        now = time.monotonic()
        if now - spoke >= order.quiet or now - began >= order.longest:
            return
        if order.beat and now - beat >= order.beat:
            beat = now
            yield b"\r\n"
        time.sleep(0.02)
