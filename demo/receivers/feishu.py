"""A custom bot of Feishu: signature, 20 KB, 100 messages a minute and 5 a second, cards."""

from __future__ import annotations

import hmac
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any

from demo.receivers.message import Meter, Reply, Request, Robot
from domain.time import Clock

PATH, SECRET = "/open-apis/bot/v2/hook/demo-hook", "demo-secret"
_TEMPLATES = frozenset(
    ["blue", "wathet", "turquoise", "green", "yellow", "orange", "red", "carmine", "violet", "grey"]
)


def robot(clock: Clock) -> Robot:
    """The bot, with meters of its own."""
    meters = (Meter(100, clock), Meter(5, clock, per=timedelta(seconds=1)))

    def judge(request: Request) -> Reply:
        if request.path != PATH:
            return _refuse(19001, "param invalid: incoming webhook access token invalid")
        document = request.document
        if document is None or len(request.body) > 20 * 1024:
            return _refuse(9499, "Bad Request")
        if not _signed(request, document):
            return _refuse(
                19021, "sign match fail or timestamp is not within one hour from current time"
            )
        text = _text(document)
        if text is None:
            return _refuse(9499, "Bad Request")
        exceeded = [meter.exceeded() for meter in meters]  # every meter counts every request
        if any(exceeded):
            return _refuse(11232, "frequency limited psm[lark.oapi.app_platform_runtime]")
        said: dict[str, Any] = {"StatusCode": 0, "StatusMessage": "success", "code": 0}
        return Reply({**said, "data": {}, "msg": "success"}, text)

    return judge


def _text(document: dict[str, Any]) -> str | None:
    """What the card shows, None when it isn't one."""
    card = document.get("card")
    if document.get("msg_type") != "interactive" or not isinstance(card, dict):
        return None
    header, elements = card.get("header") or {}, card.get("elements") or []
    if header.get("template") not in _TEMPLATES or not elements:
        return None
    shown = [header.get("title"), *(element.get("text") for element in elements)]
    for element in elements:
        for action in element.get("actions") or ():
            shown += [action.get("text"), {"tag": "plain_text", "content": action.get("url")}]
    texts = [part for part in shown if part]
    if any(part.get("tag") != "plain_text" or not part.get("content") for part in texts):
        return None
    return "\n".join(str(part["content"]) for part in texts)


def _signed(request: Request, document: dict[str, Any]) -> bool:
    stamp = str(document.get("timestamp", ""))
    if not stamp.isdigit() or abs(request.now.timestamp() - int(stamp)) > 3600:
        return False
    digest = hmac.new(f"{stamp}\n{SECRET}".encode(), b"", sha256).digest()
    return hmac.compare_digest(b64encode(digest).decode(), str(document.get("sign", "")))


def _refuse(code: int, words: str) -> Reply:
    return Reply({"code": code, "msg": words, "data": {}})
