"""Letting posts go that a case no longer matches: a narrower formula, an alias taken away.

What is still held with names is decided by the whole formula. An older post stands in the index
with litigants named by role, so a word that holds a name is looked for in that form too: there a
post is kept where the text as it is can't tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from courtpulse.annotate import nameless, without_names
from domain.annotation import AnnotatedPost, CaseLink
from domain.cases import Case, MatchFormula
from domain.posts import CollectedPost
from domain.protocols import Query, Store
from nlp.linking import SHORTEST_ALIAS, Linker
from text.redaction import redact_names

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Held:
    """Posts of the segments: those that match, and the ids of all that were read."""

    matching: tuple[CollectedPost, ...]
    read: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lost:
    """Posts to be written without links they had, and how many each case lost."""

    items: dict[str, AnnotatedPost] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


def unlinked(
    store: Store,
    cases: Mapping[str, Case],
    found: Mapping[str, AnnotatedPost],
    held: frozenset[str],
) -> Lost:
    """Posts linked to `cases` in the index that these, as they are now, don't match.

    Args:
        found: what matches by now, already with its new links.
        held: ids of posts whose text with names was just read.
    """
    lost = Lost()
    for case in cases.values():
        lenient = Linker([by_role(case)])
        for stored in _linked(store, case.id):
            post_id = stored.post.id
            if post_id in found and found[post_id].links_to(case.id):
                continue
            if post_id not in held and lenient.link(stored.post.full_text):
                continue
            base = lost.items.get(post_id) or found.get(post_id) or stored
            kept = tuple(link for link in base.links if link.case_id != case.id)
            lost.items[post_id] = replace(base, links=kept)
            lost.counts[case.id] += 1
    return lost


def by_role(case: Case) -> Case:
    """`case` with every word also in the form in which an indexed text holds it."""

    def both(words: Iterable[str], shortest: int = 1) -> tuple[str, ...]:
        redacted = (redact_names(word, case.litigants) for word in words)
        known = tuple(words)
        return (*known, *(w for w in redacted if w not in known and len(w) >= shortest))

    formula = case.formula
    return replace(
        case,
        archived_at=None,
        litigants=(
            *case.litigants,
            *(replace(one, name=redact_names(one.name, case.litigants)) for one in case.litigants),
        ),
        aliases=both(case.aliases, SHORTEST_ALIAS),
        formula=MatchFormula(
            subjects=both(formula.subjects),
            regions=both(formula.regions),
            persons=both(formula.persons),
            events=both(formula.events),
            excludes=formula.excludes,
        ),
    )


def relinked(
    stored: AnnotatedPost,
    cases: Mapping[str, Case],
    links: Iterable[CaseLink],
    *,
    keep: bool = False,
) -> AnnotatedPost:
    """`stored` with `links` in place of those it had to `cases`; its litigants named by role.

    Args:
        keep: links to `cases` that aren't found again stay: the text has no names any more.
    """
    links = tuple(links)
    again = {link.case_id for link in links}
    gone = again if keep else again | cases.keys()
    every = (*(link for link in stored.links if link.case_id not in gone), *links)
    return AnnotatedPost(
        without_names(stored.post, every, cases),
        stored.annotation,
        nameless(every, cases),
        stored.family,
    )


def _linked(store: Store, case_id: str) -> list[AnnotatedPost]:
    query, found = Query(cases=(case_id,)), list[AnnotatedPost]()
    while posts := store.search(query, limit=_PAGE, offset=len(found)).posts:
        found += posts
    return found
