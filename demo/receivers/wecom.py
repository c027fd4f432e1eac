"""A group robot of WeCom: error codes, 4,096 bytes, 20 messages a minute."""

from __future__ import annotations

from demo.receivers.message import Meter, Reply, Request, Robot
from domain.time import Clock

PATH, KEY = "/cgi-bin/webhook/send", "demo-key"
_LIMITS = {"text": 2048, "markdown": 4096}


def robot(clock: Clock) -> Robot:
    """The robot, with a meter of its own."""
    meter = Meter(20, clock)

    def judge(request: Request) -> Reply:
        if request.path != PATH or request.query.get("key") != KEY:
            return _refuse(93000, "invalid webhook url")
        document = request.document
        if document is None:
            return _refuse(47001, "data format error")
        kind = document.get("msgtype")
        if kind not in _LIMITS:
            return _refuse(40008, "invalid message type")
        content = (document.get(kind) or {}).get("content")
        if not isinstance(content, str) or not content:
            return _refuse(44004, "empty content")
        if len(content.encode()) > _LIMITS[kind]:
            return _refuse(
                40058,
                f"{kind}.content exceed max length {_LIMITS[kind]}. Invalid input invalid Request Parameter",
            )
        if meter.exceeded():
            return _refuse(45009, "api freq out of limit")
        return Reply({"errcode": 0, "errmsg": "ok"}, content)

    return judge


def _refuse(code: int, words: str) -> Reply:
    hint = "hint: [1795460000000000000000000], from ip: 127.0.0.1, more info at "
    link = f"https://open.work.weixin.qq.com/devtool/query?e={code}"
    return Reply({"errcode": code, "errmsg": f"{words}, {hint}{link}"})
