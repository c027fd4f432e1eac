"""Stored reports: the list, and their files."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from desk.deps import Desk, Html
from desk.services import Services
from domain.errors import NotFound
from records.reports import StoredReport

router = APIRouter()

_TYPES = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "json": "application/json",
}
#: A report is a document, not a page of ours: it may be styled and hold pictures, nothing else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


@router.get("/reports")
def index(request: Request, desk: Desk, html: Html) -> Response:
    """The newest first, with the files that are there."""
    reports = desk.records.reports.all()
    return html.page(
        request,
        "reports.html",
        reports=[
            (one, [kind for kind in sorted(one.files) if _path(desk, one, kind)]) for one in reports
        ],
    )


@router.get("/reports/{report_id}/{kind}")
def file(desk: Desk, report_id: str, kind: str) -> Response:
    """A report's file; HTML opens here, everything else is downloaded."""
    report = desk.records.reports.get(report_id)
    path = _path(desk, report, kind)
    if path is None:
        raise NotFound("这份报告没有这种格式的文件", remedy="回到周报列表，选列出的格式")
    headers = {"content-security-policy": _POLICY}
    if kind != "html":
        name = f"{desk.court_name}-{report.id}{path.suffix}"
        headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return FileResponse(path, media_type=_TYPES[kind], headers=headers)


def _path(desk: Services, report: StoredReport, kind: str) -> Path | None:
    """The file of a known kind when it exists inside the folder of reports, links resolved."""
    if kind not in _TYPES or kind not in report.files:
        return None
    folder = desk.reports_folder.resolve()
    path = (folder / report.files[kind]).resolve()
    return path if path.is_relative_to(folder) and path.is_file() else None
