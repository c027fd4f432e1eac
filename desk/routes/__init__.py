"""Routes by page; each module offers `router`."""

from desk.routes import (
    about,
    alerts,
    case_states,
    cases,
    events,
    feed,
    notifications,
    operations,
    posts,
    questions,
    reports,
    settings,
    sources,
)

ALL = (
    feed.router,
    events.router,
    alerts.router,
    cases.router,
    case_states.router,
    posts.router,
    questions.router,
    sources.router,
    notifications.router,
    operations.router,
    reports.router,
    settings.router,
    about.router,
)

__all__ = ["ALL"]
