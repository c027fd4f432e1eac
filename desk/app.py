"""The application: routes, the guard before them, and pages for everything that goes wrong."""

from __future__ import annotations

from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response

from desk.assets import Assets
from desk.faults import Said, by_status, said
from desk.guard import Guard
from desk.pages import Pages
from desk.routes import ALL
from desk.services import Services
from desk.views.chart import Courses
from domain.errors import CourtpulseError


def create_app(services: Services) -> FastAPI:
    """The desk over `services`. It opens no connection of its own and writes to nobody outside."""
    app = FastAPI(
        title="courtpulse desk",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    assets = Assets()
    app.state.services, app.state.assets = services, assets
    app.state.courses = Courses(services)
    app.state.pages = Pages(services, assets)
    for router in ALL:
        app.include_router(router)
    app.add_exception_handler(CourtpulseError, _known)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _records)
    app.add_exception_handler(Exception, _bug)
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    app.add_middleware(Guard, hosts=services.hosts)
    return app


def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, CourtpulseError)
    return _page(request, error.http_status, said(error))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _page(request, error.status_code, by_status(error.status_code))


def _records(request: Request, error: Exception) -> Response:
    del error  # its text may hold the address of the database
    return _page(request, 503, by_status(503))


def _bug(request: Request, error: Exception) -> Response:
    """Starlette raises `error` again after this answer, so that the log has it."""
    del error
    return _page(request, 500, by_status(500))


def _page(request: Request, status: int, words: Said) -> Response:
    pages: Pages = request.app.state.pages
    return pages.page(request, "error.html", status=status, code=status, said=words)
