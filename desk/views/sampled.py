"""What the counts of sampled sources stand for; see `domain.sampling`."""

from __future__ import annotations

from collections import defaultdict

from desk.services import Services
from domain.protocols import Query
from domain.sampling import whole


def rates(services: Services) -> dict[str, float]:
    """Source → share of its stream that it delivers, of the sampled ones."""
    statuses = services.records.runs.statuses()
    return {one.source: one.sample_rate for one in statuses if one.sample_rate < 1}


def wholes(services: Services, query: Query) -> dict[str, int]:
    """Case → posts of the whole streams, estimated; only cases with posts of a sampled source."""
    sampled = rates(services)
    if not sampled:
        return {}
    posts: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for cell in services.store.counts(query, ("case", "source")):
        posts[cell.key[0]].append((cell.key[1], cell.posts))
    found = {case: whole(cells, sampled) for case, cells in posts.items()}
    return {case: count for case, count in found.items() if count is not None}
