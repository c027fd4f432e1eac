"""The application: routes, the guard before them, and pages for everything that goes wrong."""

from __future__ import annotations

from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response

from desk.assets import Assets
from desk.guard import Guard
from desk.pages import Pages
from desk.routes import ALL
from desk.services import Services
from domain.errors import CourtpulseError

#: Head of the error page by status; what exactly happened stands below it.
_HEADS = {
    403: "页面已过期",
    404: "没有找到",
    405: "不能这样访问",
    409: "现在不能这样操作",
    422: "填写的内容有误",
    500: "程序出错",
    502: "外部服务没有响应",
    503: "数据暂时读不到",
}


def create_app(services: Services) -> FastAPI:
    """The desk over `services`. It opens no connection of its own and writes to nobody outside."""
    app = FastAPI(title="courtpulse desk", openapi_url=None, docs_url=None, redoc_url=None)
    assets = Assets()
    app.state.services, app.state.assets = services, assets
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
    return _page(request, error.http_status, error.problem, error.remedy)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _page(request, error.status_code, "这个地址没有页面", "从上面的导航重新进入")


def _records(request: Request, error: Exception) -> Response:
    del error  # its text may hold the address of the database
    return _page(request, 503, "记录库没有响应", "稍后刷新；仍然不行时，请管理员检查记录库")


def _bug(request: Request, error: Exception) -> Response:
    """Starlette raises `error` again after this answer, so that the log has it."""
    del error
    return _page(request, 500, "这是程序的错误，已记入日志", "稍后再试；反复出现时请告诉管理员时间")


def _page(request: Request, status: int, problem: str, remedy: str) -> Response:
    pages: Pages = request.app.state.pages
    return pages.page(
        request,
        "error.html",
        status=status,
        code=status,
        head=_HEADS.get(status, "出错了"),
        problem=problem,
        remedy=remedy or "返回上一页再试一次",
    )
