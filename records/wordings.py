"""What alerts and decisions hold in posts' own words, taken out when the posts are deleted.

An alert names questions and narratives in the wording of some post, and the ids of posts that
stand for it; a decision keeps the wordings that people were told of.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from sqlalchemy import or_, select

from domain.alerts import Why
from domain.policy import Decision
from records.codec import from_json, to_json
from records.database import Records
from records.models import AlertRow, DecisionRow

#: (case id, wording) → whether another post of the case, still held, says it too.
StillSaid = Callable[[str, str], bool]


def scrub(
    records: Records,
    ids: Collection[str],
    cases: Collection[str],
    still_said: StillSaid,
    gist: Callable[[str], str],
) -> int:
    """Take deleted posts out of the alerts of `cases`; returns how many rows changed.

    Args:
        ids: posts that are gone from the index already.
        gist: says in other words what a wording asks; decisions keep that, because the policy
            compares later questions with it.
    """
    return _alerts(records, set(ids), cases, still_said) + _decisions(
        records, cases, still_said, gist
    )


def _alerts(records: Records, ids: set[str], cases: Collection[str], still_said: StillSaid) -> int:
    # Open ones too, whatever their case: a post may have left it since.
    chosen = or_(AlertRow.case_id.in_(sorted(cases)), AlertRow.closed_at.is_(None))
    with records.sessions() as session:
        found = session.execute(select(AlertRow.id, AlertRow.case_id, AlertRow.why).where(chosen))
        rows = [(row.id, row.case_id, from_json(Why, row.why)) for row in found]
    changed = 0
    for alert_id, case_id, why in rows:
        kept = _without(why, ids, case_id, still_said)
        if kept != why:
            with records.sessions.begin() as session:
                session.get_one(AlertRow, alert_id).why = to_json(kept)
            changed += 1
    return changed


def _without(why: Why, ids: set[str], case_id: str, still_said: StillSaid) -> Why:
    asked = [one for one in why.asked if still_said(case_id, one[0])]
    return replace(
        why,
        evidence=tuple(piece for piece in why.evidence if piece.post_id not in ids),
        questions=tuple((words, posts) for words, posts, _ in asked),
        question_texts=tuple(texts for _, _, texts in asked if texts is not None),
        narratives=tuple(one for one in why.narratives if still_said(case_id, one.text)),
    )


def _decisions(
    records: Records,
    cases: Collection[str],
    still_said: StillSaid,
    gist: Callable[[str], str],
) -> int:
    statement = (
        select(DecisionRow.id, DecisionRow.document, AlertRow.case_id)
        .join(AlertRow, AlertRow.id == DecisionRow.alert_id)
        .where(AlertRow.case_id.in_(sorted(cases)))
    )
    with records.sessions() as session:
        rows = [
            (row.id, from_json(Decision, row.document), row.case_id)
            for row in session.execute(statement)
        ]
    changed = 0
    for row_id, decision, case_id in rows:
        kept = tuple(
            wording if still_said(case_id, wording) else gist(wording)
            for wording in decision.questions
        )
        if kept != decision.questions:
            with records.sessions.begin() as session:
                session.get_one(DecisionRow, row_id).document = to_json(
                    replace(decision, questions=kept)
                )
            changed += 1
    return changed
