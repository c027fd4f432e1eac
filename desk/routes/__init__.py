"""Routes by page; each module offers `router`."""

from desk.routes import (
    about,
    alerts,
    candidates,
    case_facts,
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
    case_facts.router,
    candidates.router,
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
