"""Deletion sync: what an author deleted at the source is deleted here (practice.md §6).

Posts up to seven days old are asked for every day, up to thirty days old once a week, evidence of
open alerts every day. A post that the source calls gone is forgotten everywhere it lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from crawlers.declared import ImportSource
from crawlers.jobs import Held
from crawlers.recheck import Rechecked, recheck
from domain.deletion import DeletionReason
from domain.errors import CourtpulseError
from domain.posts import Post
from domain.protocols import Query

if TYPE_CHECKING:
    from courtpulse.flow import Flow
    from crawlers.declarations import Declaration

log = structlog.get_logger()

_WEEK = timedelta(days=7)
_LONGEST = timedelta(days=30)
_WINDOW = timedelta(hours=6)
_PAGE = 500
#: A source that calls so many posts gone, and more than half of what it answered for, has more likely
#: moved its pages than lost its authors. Deleting is for good, so a person looks first [D].
_MANY = 20


@dataclass(frozen=True, slots=True)
class RecheckReport:
    """One round over the sources.

    Attributes:
        sources: source → what it answered; forgotten: posts deleted here.
        failed: source → an error of ours, or an answer nobody would believe unseen; its posts are
            asked for again next time.
    """

    sources: dict[str, Rechecked] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    forgotten: int = 0


def recheck_all(
    flow: Flow, sources: Sequence[str] | None = None, *, believe: bool = False
) -> RecheckReport:
    """Ask every declared source for the posts that are due, and forget what is gone.

    Args:
        believe: delete also where most posts are called gone at once; a person has looked.

    Raises:
        StoreFailure: the index doesn't answer; run again.
    """
    rooms, now = flow.rooms, flow.rooms.clock()
    flow.eraser().finish_pending()
    evidence = _evidence(flow)
    report = RecheckReport()
    forgotten = 0
    for name, declaration in rooms.sources.items():
        if (sources is not None and name not in sources) or isinstance(declaration, ImportSource):
            continue
        mark = f"recheck:{name}"
        last = rooms.records.marks.get(mark)
        held = [
            Held(post.id, post.url)
            for post in _posts(flow, name, now)
            if post.url and (post.id in evidence or is_due(post, last, now))
        ]
        try:
            answer = _ask(flow, declaration, held)
        except CourtpulseError as error:
            log.error("recheck failed", source=name, problem=error.problem)
            report.failed[name] = error.problem
            continue
        if not believe and is_doubtful(answer):
            log.error("recheck doubted", source=name, gone=len(answer.gone), present=answer.present)
            report.failed[name] = (
                f"{len(answer.gone)} of {len(answer.gone) + answer.present} posts are called gone, "
                "nothing was deleted; open some of them: if the site has moved, mend the source, if "
                f"they are gone, courtpulse recheck {name} --believe"
            )
            continue
        forgotten += flow.forget(answer.gone, DeletionReason.GONE, name) if answer.gone else 0
        report.sources[name] = answer
        if not answer.unanswered:
            rooms.records.marks.set(mark, now)
        log.info(
            "rechecked",
            source=name,
            asked=answer.asked,
            gone=len(answer.gone),
            unanswered=answer.unanswered,
        )
    return RecheckReport(report.sources, report.failed, forgotten)


def is_doubtful(answer: Rechecked) -> bool:
    """Whether a source calls so much gone that a person has to look before it is deleted."""
    return len(answer.gone) >= _MANY and len(answer.gone) > answer.present


def is_due(post: Post, last: datetime | None, now: datetime) -> bool:
    """Whether a post is to be asked for now.

    Args:
        last: when all posts of its source were last answered for, None never.
    """
    age = now - post.published_at
    if age > _LONGEST:
        return False
    if age <= _WEEK or last is None:
        return True
    # A weekly date fell after the last full round: none is lost to a day without one.
    return age // _WEEK > max(last - post.published_at, timedelta(0)) // _WEEK


def _ask(flow: Flow, declaration: Declaration, held: Sequence[Held]) -> Rechecked:
    from courtpulse.flow import folder_of

    settings = flow.rooms.settings
    return recheck(
        declaration,
        held,
        clock=flow.rooms.clock,
        data_dir=settings.folder,
        sites=folder_of(declaration, settings.sources),
        contact=settings.contact,
    )


def _evidence(flow: Flow) -> set[str]:
    return {
        piece.post_id for alert in flow.rooms.records.alerts.open() for piece in alert.why.evidence
    }


def _posts(flow: Flow, source: str, now: datetime) -> Iterator[Post]:
    """Posts of a source young enough to be asked for, in windows a search can page through."""
    start = now - _LONGEST
    while start <= now:
        until = start + _WINDOW
        query = Query(sources=(source,), since=start, until=until)
        offset = 0
        while page := flow.rooms.store.search(query, limit=_PAGE, offset=offset).posts:
            yield from (item.post for item in page)
            offset += _PAGE
        start = until
