"""The form of a case, new or held: filled, and with what was wrong in it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from desk import proposal
from desk.deps import Html
from desk.faults import said
from domain.cases import Case, Stage
from domain.errors import BadInput, ConfigurationError


def show(
    request: Request,
    html: Html,
    filled: proposal.Proposal,
    error: BadInput | ConfigurationError | None = None,
    *,
    already: list[tuple[str, str]] | None = None,
    candidate: str = "",
    editing: Case | None = None,
    base: str = "",
) -> Response:
    """The page of the form; 422 with an error.

    Args:
        already: ids and titles of cases that may be the same matter.
        candidate: id of the candidate it is filled from.
        editing, base: the case that is changed, and which version of it the form was filled from.
    """
    return html.page(
        request,
        "watch.html",
        status=422 if error else 200,
        filled=filled,
        error=said(error) if error else None,
        stages=[stage.value for stage in Stage],
        already=already or [],
        editing=editing,
        candidate=candidate,
        base=base,
    )
