"""Are the posts we hold still public? Asked of the source itself (practice.md §6, deletion sync).

Light to import: Scrapy lives in the child process only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

from crawlers.declarations import Declaration
from crawlers.declared import ImportSource
from crawlers.declared_weibo import GsdataSource, WeiboPushSource
from crawlers.jobs import Held, Job, Places
from crawlers.run import error_of, spawn, unlicensed, without_credentials
from domain.time import Clock, as_utc

#: Posts one process asks for; with a second between requests it stays below `_LIMIT`.
_CHUNK = 500
#: Time limit of one process. A declaration's own is meant for a poll.
_LIMIT = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What a source said about the posts we hold.

    Attributes:
        asked: posts that were to be asked for.
        gone: ids of those that are no longer public.
        present: how many still are. What is left over was not answered and is asked again.
        detail: why something was not answered, in Chinese; "" when everything was.
    """

    asked: int = 0
    gone: tuple[str, ...] = ()
    present: int = 0
    detail: str = ""

    @property
    def unanswered(self) -> int:
        """Posts of which nothing was learned."""
        return self.asked - self.present - len(self.gone)


def recheck(
    declaration: Declaration,
    held: Sequence[Held],
    *,
    clock: Clock,
    data_dir: Path,
    sites: Path | None = None,
    contact: str = "",
) -> Rechecked:
    """Ask the source for each of the posts `held`, politely and to the end of its patience.

    A file import has no source to ask: its posts come back unanswered.

    Raises:
        CourtpulseError: an error of ours (a credential not set, a crash).
    """
    if isinstance(declaration, ImportSource):
        return Rechecked(len(held), detail="文件导入的内容无法向来源复查")
    if isinstance(declaration, WeiboPushSource | GsdataSource) and not declaration.lookup:
        return Rechecked(len(held), detail="来源没有声明 lookup 查询接口，无法复查")
    total = Rechecked(len(held))
    for chunk in _chunks(held):
        total = _ask(declaration, chunk, total, clock, data_dir, sites, contact)
        if total.detail:
            break  # the rest would meet the same wall
    return total


def _ask(
    declaration: Declaration,
    chunk: tuple[Held, ...],
    total: Rechecked,
    clock: Clock,
    data_dir: Path,
    sites: Path | None,
    contact: str,
) -> Rechecked:
    now = as_utc(clock())
    job = Job(
        declaration=replace(declaration, timeout=_LIMIT),
        places=Places.under(data_dir, sites=sites),
        now=now,
        window_start=now,
        window_end=now,
        covered_until=None,
        contact=contact,
        recheck=chunk,
    )
    outcome = without_credentials(job) or unlicensed(job) or spawn(job)
    if outcome.fault is not None:
        raise error_of(outcome.fault, declaration.source)
    return replace(
        total,
        gone=(*total.gone, *outcome.gone),
        present=total.present + outcome.present,
        detail=outcome.detail,
    )


def _chunks(held: Sequence[Held]) -> Iterator[tuple[Held, ...]]:
    rest = iter(held)
    while chunk := tuple(islice(rest, _CHUNK)):
        yield chunk
