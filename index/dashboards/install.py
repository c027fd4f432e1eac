"""Imports the saved objects into a running OpenSearch Dashboards or Kibana."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from domain.errors import StoreFailure
from index.dashboards.build import build
from index.transport import Body

TIMEOUT = 60.0
_REMEDIES = {
    400: "check that the address is that of Dashboards or Kibana",
    401: "pass credentials in the headers",
    403: "use an account that may write saved objects",
    404: "check the base path, e.g. http://host:5601/s/space",
    422: "this Dashboards is older than 2.0: update it",
}


def install(
    base_url: str, headers: Mapping[str, str] | None = None, *, text: str | None = None
) -> int:
    """Import the overview, replacing an earlier one; returns how many objects were written.

    Args:
        base_url: e.g. ``http://127.0.0.1:5601``, with the path of a space or tenant if any.
        headers: credentials; both programs' anti-forgery headers are added.
        text: saved objects of `build`, when the indices don't have the default prefix.

    Raises:
        StoreFailure: no answer, a refusal, or HTTP 200 with ``success: false``.
    """
    where = base_url.rstrip("/")
    try:
        answer = httpx.post(
            f"{where}/api/saved_objects/_import",
            params={"overwrite": "true"},
            headers={"osd-xsrf": "true", "kbn-xsrf": "true", **(headers or {})},
            # The name counts: a file that doesn't end in .ndjson is refused.
            files={"file": ("overview.ndjson", (text or build()).encode(), "application/ndjson")},
            timeout=TIMEOUT,
        )
    except httpx.HTTPError as error:
        raise StoreFailure(
            f"Dashboards didn't answer: {type(error).__name__}",
            remedy="check that it runs and the address is right",
            where=where,
        ) from error
    body = _body(answer)
    if answer.status_code != 200 or body.get("success") is not True:
        raise StoreFailure(
            f"the import was refused: {answer.status_code} {_reasons(body)}".rstrip(),
            remedy=_REMEDIES.get(answer.status_code, "run the check of the dashboards"),
            where=where,
        )
    return int(body.get("successCount", 0))


def _body(answer: httpx.Response) -> Body:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _reasons(body: Body) -> str:
    errors = body.get("errors")
    if not isinstance(errors, list):
        return str(body.get("message", ""))[:200]
    return "; ".join(
        f"{error.get('type')} {error.get('id')}: {error.get('error', {}).get('type')}"
        for error in errors[:5]
    )
