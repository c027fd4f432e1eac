"""What people ask of a case: the list on a page, and the posts behind one question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.services import Services
from domain.alerts import Alert
from domain.annotation import AnnotatedPost
from domain.cases import Case
from domain.posts import Post, PostKind
from domain.protocols import Query
from domain.questions import FocusQuestion

#: Newest posts of a window whose texts are read [D]: the same as for alerts.
READ = 2000
#: Questions among which the one asked for is looked up: more than a page lists.
_ALL = 50
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Focus questions of a window; of `total` posts the newest `read` were read.

    Attributes:
        media: of those read, what media asked the spokesperson: not said in public, counted apart.
    """

    questions: tuple[FocusQuestion, ...]
    read: int
    total: int
    media: int = 0


def asked(services: Services, case: Case, since: datetime, until: datetime) -> Asked:
    """The focus questions of a case."""
    posts, total = _read(services, case, since, until)
    public = _public(posts)
    found = services.questions.questions(public)
    return Asked(tuple(found), len(posts), total, len(posts) - len(public))


def behind(
    services: Services, case: Case, wording: str, since: datetime, until: datetime
) -> tuple[FocusQuestion | None, list[AnnotatedPost]]:
    """The question of that wording and its posts, newest first; None when nobody asks it now."""
    posts, _ = _read(services, case, since, until)
    every = services.questions.questions(_public(posts), _ALL)
    found = next((one for one in every if wording in (one.text, *one.wordings)), None)
    if found is None:
        found = next(
            (one for one in every if not services.questions.new([wording], one.wordings)), None
        )
    if found is None:
        return None, []
    return found, services.store.get(list(reversed(found.post_ids)))


def window_of(alert: Alert) -> tuple[datetime, datetime]:
    """The stretch an alert's figures are over."""
    return alert.why.window_start, alert.why.window_end


def _public(posts: Sequence[Post]) -> list[Post]:
    return [post for post in posts if post.kind is not PostKind.MEDIA_QUERY]


def _read(
    services: Services, case: Case, since: datetime, until: datetime
) -> tuple[list[Post], int]:
    query = Query(cases=(case.id,), since=since, until=until)
    posts: dict[str, Post] = {}
    total = 0
    for offset in range(0, READ, _PAGE):
        page = services.store.search(query, limit=_PAGE, offset=offset)
        total = page.total
        posts.update((item.post.id, item.post) for item in page.posts)
        if offset + _PAGE >= total:
            break
    return list(posts.values()), total
