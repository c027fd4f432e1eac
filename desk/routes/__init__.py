"""Routes by page; each module offers `router`."""

from desk.routes import about, alerts, cases, events, feed, posts, reports, sources

ALL = (
    feed.router,
    events.router,
    alerts.router,
    cases.router,
    posts.router,
    sources.router,
    reports.router,
    about.router,
)

__all__ = ["ALL"]
