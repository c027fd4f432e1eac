"""Archiving a case ends its alerts too: what nobody counts can't stay open."""

from __future__ import annotations

from domain.cases import Case
from records.database import Records


def archive_case(records: Records, case_id: str, by: str, why: str) -> Case:
    """Archive a case and end its open alerts, saying who archived it and why; safe to repeat.

    Killed in between, detection ends what was left open (`alerts.detection`).

    Raises:
        NotAllowed: it isn't counted; BadInput: no name or no reason; NotFound: no such case.
    """
    case = records.case_states.archive(case_id, by, why)
    for alert in records.alerts.open(case_id):
        records.alerts.expire(alert.id, f"案件已归档（{by.strip()}）：{why.strip()}")
    return case
