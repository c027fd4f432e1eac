"""What routes ask for: the services, the pages, the submitted form."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from desk.forms import Form, read_form
from desk.pages import Pages
from desk.services import Services


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


Desk = Annotated[Services, Depends(_services)]
Html = Annotated[Pages, Depends(_pages)]
Submitted = Annotated[Form, Depends(read_form)]
