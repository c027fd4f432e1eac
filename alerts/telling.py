"""The last step of a run: what was decided is queued for whoever is on duty, and what is due is sent.

Nothing is decided here. A run killed between queueing and marking a decision as queued queues it
again, under the same keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from alerts.compose import of_decision
from alerts.notices import Notice
from alerts.outbox import queue
from alerts.routes import Routing
from records import Records


def tell(
    records: Records,
    routing: Routing,
    address: str,
    at: datetime,
    others: Iterable[Notice] = (),
) -> int:
    """Queue the decisions that wait, and `others` (sources, clocks); how many deliveries are new.

    Args:
        address: where the pages are, e.g. "http://127.0.0.1:8080".
    """
    new = 0
    for decision in records.decisions.waiting():
        alert = records.alerts.get(decision.alert_id)
        notice = of_decision(decision, alert, records.cases.get(alert.case_id), address)
        (queued,) = queue(records, routing, [notice], at)
        records.decisions.queued(decision.key, queued.lines)
        new += queued.new
    return new + sum(queued.new for queued in queue(records, routing, others, at))
