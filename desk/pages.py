"""Jinja environment and the one way to answer with a page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from desk import display, forms, wording
from desk.assets import Assets
from desk.services import Services

_TEMPLATES = Path(__file__).parent / "templates"
#: A form cookie lives this long; the token in a page left open over a shift stays good.
_COOKIE_SECONDS = 7 * 24 * 3600


class Pages:
    """Renders templates; one instance an application."""

    def __init__(self, services: Services, assets: Assets) -> None:
        self._services = services
        self.environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals.update(
            asset=assets.url,
            court_name=services.court_name,
            wording=wording,
            link=_link,
            UNKNOWN=wording.UNKNOWN,
        )
        self.environment.filters.update(
            percent=display.percent,
            number=display.number,
            heat=display.heat,
            estimate=display.estimate,
            window=display.window,
            outside=outside_url,
        )

    def page(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """Answer with `template`; sets the form cookie where the browser has none."""
        cookie = request.cookies.get(forms.COOKIE) or forms.new_cookie()
        text = self.text(
            template,
            path=request.url.path,
            form_field=forms.FIELD,
            acting=forms.last_name(request),
            form_token=forms.token(self._services.secret, cookie),
            **values,
        )
        response = HTMLResponse(text, status_code=status)
        if forms.COOKIE not in request.cookies:
            response.set_cookie(
                forms.COOKIE, cookie, max_age=_COOKIE_SECONDS, httponly=True, samesite="strict"
            )
        return response

    def text(self, template: str, **values: Any) -> str:
        """The rendered template; `when` and `since` read times against one and the same now."""
        now: datetime = values.setdefault("now", self._services.clock())
        values["when"] = lambda moment: display.time_tag(moment, now)
        values["since"] = lambda moment: display.duration(now - moment)
        values["between"] = lambda start, end: display.span(start, end, now)
        values["left"] = lambda reading: display.left(reading, now)
        values["at"] = lambda moment: display.clock_time(moment, now)
        return self.environment.get_template(template).render(values)


def outside_url(url: str) -> str:
    """`url` when it is plain http(s) with a host, else "": no other scheme is ever a link."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    plain = url.isprintable() and " " not in url
    return url if plain and parts.scheme in {"http", "https"} and parts.netloc else ""


def _link(path: str, **parameters: object) -> Markup:
    """`path` with a query of the parameters that aren't empty, escaped for an attribute."""
    query = urlencode([(name, str(value)) for name, value in parameters.items() if value])
    return Markup("{}").format(f"{path}?{query}" if query else path)
