"""Reading a form: url-encoded fields, and the token that proves the form was ours."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from urllib.parse import parse_qs, quote, unquote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.errors import BadInput, CourtpulseError
from domain.time import SHANGHAI, as_utc

#: Cookie that the form token is bound to (signed double submit).
COOKIE = "courtpulse_form"
#: Name of the hidden field.
FIELD = "form_token"
#: Cookie that keeps the name typed last, so that it needn't be typed again. No account stands
#: behind it: it says who answers for an act, not who was proven to do it.
NAME_COOKIE = "courtpulse_name"
#: Longest name, in characters.
LONGEST_NAME = 32
#: A shift: the next person at this computer types their own.
NAME_SECONDS = 12 * 3600
#: Longest value of a field, in characters.
_LONGEST = 4_000


class StaleForm(CourtpulseError):
    """The form wasn't made for this browser by this server."""

    http_status = 403


@dataclass(frozen=True, slots=True)
class Form:
    """Fields of a submitted form, trimmed; a missing field is empty."""

    fields: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The field's text, "" when missing."""
        return self.fields.get(name, "")

    @property
    def by(self) -> str:
        """Who submits it.

        Raises:
            BadInput: the name is missing.
        """
        name = self.text("by")
        if not name:
            raise BadInput("没有写姓名", remedy="写下谁在操作，以后能知道谁决定的")
        return name[:LONGEST_NAME]

    def moment(self, name: str) -> datetime:
        """The field as a time of Asia/Shanghai, as `<input type=datetime-local>` sends it; UTC.

        Raises:
            BadInput: it isn't one.
        """
        try:
            return as_utc(datetime.fromisoformat(self.text(name)).replace(tzinfo=SHANGHAI))
        except ValueError as error:
            raise BadInput("时间无法识别", remedy="写成 2026-11-23 14:05") from error

    def words(self, name: str) -> tuple[str, ...]:
        """The field split at commas, 、, semicolons and line ends, without repeats."""
        text = self.text(name)
        for mark in "、,，;；\r":
            text = text.replace(mark, "\n")
        return tuple(dict.fromkeys(part.strip() for part in text.split("\n") if part.strip()))

    def lines(self, name: str) -> tuple[str, ...]:
        """The field's non-empty lines."""
        return tuple(line.strip() for line in self.text(name).splitlines() if line.strip())


def done(path: str, by: str) -> Response:
    """Back to `path` after an act; the browser keeps the name for the next form."""
    response = RedirectResponse(path, 303)
    response.set_cookie(
        NAME_COOKIE, quote(by), max_age=NAME_SECONDS, httponly=True, samesite="strict"
    )
    return response


def last_name(request: Request) -> str:
    """The name typed last in this browser, "" when none."""
    return unquote(request.cookies.get(NAME_COOKIE, ""))[:LONGEST_NAME]


def new_cookie() -> str:
    """A random value for a browser that has none."""
    return token_urlsafe(24)


def token(secret: bytes, cookie: str) -> str:
    """The token that belongs to `cookie`."""
    return hmac.new(secret, cookie.encode(), sha256).hexdigest()


async def read_form(request: Request) -> Form:
    """The submitted form of `request`.

    Raises:
        StaleForm: the token is missing or belongs to another browser or an earlier start.
        BadInput: the body isn't a form in UTF-8.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise BadInput("提交的内容不是表单", remedy="请从页面上的按钮提交")
    try:
        body = (await request.body()).decode("ascii")
        parsed = parse_qs(body, keep_blank_values=True, errors="strict", max_num_fields=60)
    except ValueError as error:
        raise BadInput("提交的表单无法读取", remedy="请返回页面重新填写") from error
    fields = {name: values[-1].strip() for name, values in parsed.items()}
    if any(len(value) > _LONGEST for value in fields.values()):
        raise BadInput("有一项内容过长", remedy=f"每项不超过 {_LONGEST} 字")
    _check(fields.pop(FIELD, ""), request)
    return Form(fields)


def _check(given: str, request: Request) -> None:
    secret: bytes = request.app.state.services.secret
    cookie = request.cookies.get(COOKIE, "")
    if not cookie or not hmac.compare_digest(given.encode(), token(secret, cookie).encode()):
        raise StaleForm("页面已过期，操作没有执行", remedy="返回上一页，刷新后再提交一次")
