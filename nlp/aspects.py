"""What a text says about each case it names: its clauses, read as texts of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.annotation import STANCE, Annotation, Aspect, CaseLink, Sentiment, Target
from domain.cases import Case, Litigant
from domain.posts import Platform
from domain.protocols import Annotator, Reading
from nlp.mentions import clauses_of
from text.redaction import redact_names


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text as it was linked, with the labels of the whole.

    Attributes:
        text: with the names of litigants; the annotator gets it without.
    """

    text: str
    platform: Platform
    annotation: Annotation
    links: tuple[CaseLink, ...]


def per_mention(
    items: Sequence[Labelled], cases: Mapping[str, Case], annotator: Annotator
) -> list[tuple[Annotation, tuple[CaseLink, ...]]]:
    """Annotation and links of each, with `mixed` and the links' aspects set.

    Only texts that name two cases or two courts are read again, and only their clauses. An
    irrelevant text has no aspects.
    """
    wanted = [
        clauses_of(item.text, item.links, cases) if item.annotation.relevant else {}
        for item in items
    ]
    readings = [
        Reading(redact_names(clauses, _litigants(item.links, cases)), item.platform)
        for item, said in zip(items, wanted, strict=True)
        for clauses in said.values()
    ]
    answers = iter(annotator.annotate(readings)) if readings else iter(())
    return [
        _told(item, {subject: next(answers) for subject in said}) if said
        else (item.annotation, item.links)
        for item, said in zip(items, wanted, strict=True)
    ]  # fmt: skip


def _told(
    item: Labelled, said: Mapping[str, Annotation]
) -> tuple[Annotation, tuple[CaseLink, ...]]:
    moods = {one.sentiment for one in said.values() if one.relevant and one.target is Target.COURT}
    mixed = {Sentiment.POSITIVE, Sentiment.NEGATIVE} <= moods
    annotation = replace(item.annotation, mixed=mixed)
    return annotation, tuple(
        replace(link, aspect=_aspect(annotation, said.get(link.case_id))) for link in item.links
    )


def _aspect(whole: Annotation, part: Annotation | None) -> Aspect | None:
    """None when the clauses say nothing of their own: counts then use the whole text."""
    if part is None or not part.relevant:
        return None
    if not whole.mixed and (part.target, part.sentiment) == (whole.target, whole.sentiment):
        return None
    return Aspect(
        part.target,
        part.sentiment,
        part.scores.get(STANCE, 0.0),
        STANCE in part.unsure,
    )


def _litigants(links: Sequence[CaseLink], cases: Mapping[str, Case]) -> list[Litigant]:
    return [
        litigant
        for link in links
        if link.case_id in cases
        for litigant in cases[link.case_id].litigants
    ]
