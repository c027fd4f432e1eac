"""When a label is marked unsure: its calibrated score lies below its threshold (decision 0006)."""

from __future__ import annotations

from collections.abc import Mapping

from domain.annotation import UNSURE_FIELDS

#: Below one half a calibrated label is likelier wrong than right. Observed on the fictional gold
#: texts, whose events no model has seen, with court-v1: of the 161 plain ones 12 % of the stances
#: lie below and 25 % of these are right, 78 % of the rest; of the 393 hard ones 18 %, 34 % and 78 %
#: (`courtpulse evaluate` prints them). Scores are calibrated, so one number serves every model.
LEAST: Mapping[str, float] = dict.fromkeys(UNSURE_FIELDS, 0.5)


def unsure_fields(
    scores: Mapping[str, float], least: Mapping[str, float] = LEAST
) -> tuple[str, ...]:
    """Fields whose score lies below the threshold; a field without score or threshold is sure."""
    return tuple(
        field
        for field in UNSURE_FIELDS
        if field in scores and field in least and scores[field] < least[field]
    )
