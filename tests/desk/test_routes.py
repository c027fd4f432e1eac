"""The whole surface of the desk, listed: a new way in is a decision, not an accident."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from starlette.routing import Route

from desk import create_app
from desk.routes import ALL

ROUTES = {
    "GET /",
    "POST /seen",
    "GET /events",
    "GET /alerts/{alert_id}",
    "GET /alerts/{alert_id}/chart.json",
    "GET /alerts/{alert_id}/chart.svg",
    "POST /alerts/{alert_id}/confirm",
    "POST /alerts/{alert_id}/acknowledge",
    "POST /alerts/{alert_id}/dismiss",
    "POST /alerts/{alert_id}/reopen",
    "POST /alerts/{alert_id}/close",
    "POST /alerts/{alert_id}/flag",
    "POST /alerts/{alert_id}/acts",
    "POST /alerts/{alert_id}/acts/{act_id}/withdraw",
    "GET /settings",
    "GET /settings/routes",
    "GET /settings/budget",
    "POST /settings/budget/{step_id}/undo",
    "GET /silences",
    "POST /silences",
    "POST /silences/{silence_id}/end",
    "GET /cases",
    "GET /cases/{case_id}",
    "GET /cases/{case_id}/question",
    "GET /cases/{case_id}/chart.json",
    "GET /cases/{case_id}/chart.svg",
    "GET /cases/{case_id}/edit",
    "POST /cases/{case_id}/edit",
    "POST /cases/{case_id}/dates",
    "POST /cases/{case_id}/dates/{date_id}/accept",
    "POST /cases/{case_id}/dates/{date_id}/refuse",
    "GET /candidates",
    "POST /candidates/{candidate_id}/refuse",
    "POST /candidates/{candidate_id}/reopen",
    "POST /candidates/{candidate_id}/merge",
    "POST /cases/{case_id}/close",
    "POST /cases/{case_id}/reopen",
    "POST /cases/{case_id}/archive",
    "POST /cases/{case_id}/resume",
    "GET /watch",
    "POST /watch",
    "GET /posts",
    "GET /sources",
    "GET /sources.csv",
    "GET /sources/{source}",
    "GET /notifications",
    "POST /notifications/resend",
    "GET /operations",
    "POST /operations/exports/{export_id}/settle",
    "GET /alerts.atom",
    "GET /reports",
    "GET /reports/{report_id}/{kind}",
    "GET /about",
    "GET /health",
    "GET /static/{name}",
}
#: Whatever can send something out of the house.
_OUTBOUND = {"httpx", "requests", "urllib3", "aiohttp", "smtplib", "socket", "ftplib", "http",
             "subprocess", "websockets", "urllib.request"}  # fmt: skip


def test_every_route_is_on_the_list() -> None:
    found = {
        f"{method} {route.path}"
        for router in ALL
        for route in router.routes
        if isinstance(route, Route)
        for method in route.methods or ()
    }
    assert found == ROUTES


def test_the_application_adds_none_of_its_own(desk: Any) -> None:
    own = [route for route in create_app(desk.services).routes if isinstance(route, Route)]
    assert {route.path for route in own} <= {path.split()[1] for path in ROUTES}


def test_nobody_can_be_looked_up(desk: Any) -> None:
    for path in ("/authors", "/users", "/people", "/author/1", "/accounts", "/report-post"):
        assert desk.client.get(path).status_code == 404


def test_acts_are_not_done_by_looking(desk: Any) -> None:
    for route in ROUTES:
        method, path = route.split()
        if method == "POST" and path not in {"/watch", "/silences"}:
            names = dict.fromkeys(
                (
                    "alert_id",
                    "case_id",
                    "act_id",
                    "step_id",
                    "silence_id",
                    "export_id",
                    "candidate_id",
                    "date_id",
                ),
                "1",
            )
            answer = desk.client.get(path.format(**names))
            assert answer.status_code in {404, 405}, path


def test_the_desk_imports_nothing_that_writes_outside() -> None:
    folder = Path(__file__).parents[2] / "desk"
    modules = sorted(folder.rglob("*.py"))
    assert len(modules) > 15
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                outbound = name in _OUTBOUND or name.split(".")[0] in _OUTBOUND - {"urllib.request"}
                assert not outbound, f"{module.name} imports {name}"


def test_templates_trust_nothing() -> None:
    folder = Path(__file__).parents[2] / "desk" / "templates"
    for template in folder.glob("*.html"):
        text = template.read_text(encoding="utf-8")
        for word in ("|safe", "| safe", "autoescape", "style=", "<style", "onclick", "javascript:"):
            assert word not in text, (template.name, word)
