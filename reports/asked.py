"""What a weekly asks of the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.alerts import Alert, AlertState
from domain.posts import Platform
from domain.protocols import Query
from reports.period import Week
from reports.queries import StoredQuery

#: Weeks of the line chart, this one included.
WEEKS = 8
#: What answers the service line and the mailbox gave (practice.md §5, section 6 of the weekly).
LETTERS = (Platform.HOTLINE.value, Platform.MAILBOX.value)


def queries(week: Week, cases: list[str]) -> list[StoredQuery]:
    """All questions of a weekly, in a fixed order."""
    this = Query(since=week.since, until=week.until, relevant=True)
    before = week.earlier(1)
    last = Query(since=before.since, until=before.until, relevant=True)
    letters = Query(platforms=LETTERS, since=week.since, until=week.until, relevant=True)
    letters_before = Query(platforms=LETTERS, since=before.since, until=before.until, relevant=True)
    asked = [
        StoredQuery("distinct", "distinct", this),
        StoredQuery("models", "models", this),
        StoredQuery(
            "irrelevant", "total", Query(since=week.since, until=week.until, relevant=False)
        ),
        StoredQuery("topics:before", "counts", last, ("topic",)),
        StoredQuery("demands", "counts", this, ("topic", "demand")),
        StoredQuery("sources", "counts", this, ("source",)),
        StoredQuery("letters", "said", letters, ("platform",)),
        StoredQuery("letters:before", "said", letters_before, ("platform",)),
        StoredQuery("letters:topics", "said", letters, ("topic",)),
        StoredQuery("letters:demands", "said", letters, ("demand",)),
        StoredQuery("letters:media", "media_queries", letters),
    ]
    for number in range(WEEKS):
        past = week.earlier(number)
        span = Query(since=past.since, until=past.until)
        asked += [
            StoredQuery(f"week:{number}:all", "total", span),
            StoredQuery(f"week:{number}:distinct", "distinct", replace(span, relevant=True)),
            StoredQuery(
                f"week:{number}", "counts",
                Query(since=past.since, until=past.until, relevant=True),
                ("target", "sentiment", "certainty"),
            ),
        ]  # fmt: skip
    for number, (since, until) in enumerate(week.days()):
        day = Query(since=since, until=until, relevant=True)
        asked.append(
            StoredQuery(
                f"day:{number}:topics", "counts", day, ("topic", "target", "sentiment", "certainty")
            )
        )
        if cases:  # an empty filter would count the posts of all cases
            of_cases = Query(cases=tuple(cases), since=since, until=until)
            asked.append(StoredQuery(f"day:{number}:cases", "counts", of_cases, ("case",)))
    return asked


def episodes(alerts: Sequence[Alert]) -> list[StoredQuery]:
    """Where each episode began, where it spread to, and how much of it is copies."""
    asked = []
    for alert in alerts:
        if alert.state is not AlertState.DISMISSED:
            since, until = alert.why.window_start, alert.why.window_end
            query = Query(cases=(alert.case_id,), since=since, until=until)
            asked += [
                StoredQuery(f"episode:{alert.id}:first", "first", query),
                StoredQuery(f"episode:{alert.id}:reach", "reach", query),
                StoredQuery(f"episode:{alert.id}:copies", "copies", query),
            ]
    return asked
