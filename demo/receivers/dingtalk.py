"""A custom robot of DingTalk: signature, 20,000 bytes, 20 messages a minute, then ten of silence."""

from __future__ import annotations

import hmac
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256

from demo.receivers.message import Meter, Reply, Request, Robot
from domain.time import Clock

PATH, TOKEN, SECRET = "/robot/send", "demo-token", "SECdemo"
_HOUR_MS = 3_600_000


def robot(clock: Clock) -> Robot:
    """The robot, with a meter of its own."""
    meter = Meter(20, clock, lock=timedelta(minutes=10))

    def judge(request: Request) -> Reply:
        token = request.query.get("access_token")
        if request.path != PATH:
            return _refuse(404, "请求的URI地址不存在")
        if not token:
            return _refuse(40035, "缺少参数 access_token")
        if token != TOKEN:
            return _refuse(300005, "token is not exist")
        if not request.headers.get("content-type", "").startswith("application/json"):
            return _refuse(43004, "无效的HTTP HEADER Content-Type")
        if not _signed(request):
            return _refuse(310000, "description:机器人发送签名不匹配;solution:请确认签名和时间戳")
        if len(request.body) > 20_000:
            return _refuse(460101, "message too long, exceed 20000 bytes")
        markdown = (request.document or {}).get("markdown") or {}
        if (request.document or {}).get("msgtype") != "markdown":
            return _refuse(400105, "不支持的消息类型")
        if not markdown.get("title") or not markdown.get("text"):
            return _refuse(40035, "缺少参数 title/text")
        if meter.exceeded():
            return _refuse(130101, "send too fast, exceed 20 times per minute")
        return Reply({"errcode": 0, "errmsg": "ok"}, str(markdown["text"]))

    return judge


def _signed(request: Request) -> bool:
    stamp, sign = request.query.get("timestamp", ""), request.query.get("sign", "")
    if not stamp.isdigit() or abs(request.now.timestamp() * 1000 - int(stamp)) > _HOUR_MS:
        return False
    digest = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), sha256).digest()
    return hmac.compare_digest(b64encode(digest).decode(), sign)


def _refuse(code: int, words: str) -> Reply:
    return Reply({"errcode": code, "errmsg": words})
