"""What the model is unsure of stands on the pages, apart from what it is sure of."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

from domain.annotation import Aspect, Sentiment, Target


def test_an_alert_says_how_many_posts_are_in_neither_number(desk: Any) -> None:
    alert = desk.services.records.alerts.recent(1)[0]
    page = desk.text(f"/alerts/{alert.id}")
    assert "另有 7 帖可能说到法院，模型把握不足或褒贬混杂，单列不计" in page
    assert "表外：把握不足 9 帖，褒贬混杂 4 帖。" in page


def test_a_case_counts_unsure_posts_apart_and_shows_its_own_part(
    desk: Any, seed: ModuleType
) -> None:
    store = desk.services.store
    unsure, praised = [item for item in seed.posts() if item.links][-2:]
    [link] = praised.links
    aspect = Aspect(Target.COURT, Sentiment.POSITIVE, 0.64)
    store.upsert(
        [
            replace(unsure, annotation=replace(unsure.annotation, unsure=("stance", "demand"))),
            replace(praised, links=(replace(link, aspect=aspect),)),
        ]
    )
    page = desk.text(f"/cases/{link.case_id}")
    assert "态度、诉求把握不足" in page
    assert "对法院·正面（就本案）" in page
    assert "把握 0.64" in page
    found = desk.text(f"/cases/{link.case_id}?certainty=unsure")
    assert "共 1 帖" in found
