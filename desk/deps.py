"""What routes ask for: the services, the pages, the submitted form."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from desk.forms import Form, read_form
from desk.pages import Pages
from desk.services import Services
from desk.views.chart import Courses


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


def _courses(request: Request) -> Courses:
    courses: Courses = request.app.state.courses
    return courses


Desk = Annotated[Services, Depends(_services)]
Html = Annotated[Pages, Depends(_pages)]
Drawn = Annotated[Courses, Depends(_courses)]
Submitted = Annotated[Form, Depends(read_form)]
