"""A case that is changed lets go what it no longer matches; a watcher that was killed is finished."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from courtpulse.flow import Flow, opened
from courtpulse.settings import Settings
from courtpulse.unlinking import by_role
from courtpulse.watch import Watcher
from domain.annotation import AnnotatedPost, Annotation, Sentiment, Target
from domain.cases import Case, CaseState, Litigant, MatchFormula
from domain.errors import StoreFailure
from domain.posts import CollectedPost, Platform, Post, PostKind
from domain.protocols import Query
from domain.registry import KeyDateKind
from nlp.linking import Linker
from records import Records
from records.key_dates import BY_HAND, Day

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
CASE = Case(
    "x", "望川酒驾案", "望川区人民法院", NOW, aliases=("望川酒驾案",),
    litigants=(Litigant("梁砚岚", "被告人"),),
    formula=MatchFormula(persons=("梁砚岚",), events=("酒驾", "宣判")),
)  # fmt: skip
TEXTS = ("望川酒驾案开庭", "梁砚岚酒驾被判", "梁砚岚案宣判", "与此无关的帖文")


def _post(number: int, text: str, at: datetime) -> Post:
    return Post(f"{number:032}", "weibo", Platform.WEIBO, PostKind.POST, text, at, at)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An index with posts of two months ago, and newer ones that segments still hold."""
    settings = Settings(data=tmp_path)
    label = Annotation(Target.OTHER, Sentiment.NEUTRAL, ("judgment_reasoning",))
    new = [_post(n, text, NOW - timedelta(hours=1)) for n, text in enumerate(TEXTS)]
    old = [_post(10 + n, text, NOW - timedelta(days=60)) for n, text in enumerate(TEXTS)]
    with opened(settings, lambda: NOW) as flow:
        flow.rooms.store.upsert([AnnotatedPost(post, label) for post in (*old, *new)])
        inbox = flow.rooms.inbox
        inbox.commit(inbox.write([CollectedPost(post) for post in new]))
    return settings


@pytest.fixture
def flow(settings: Settings) -> Iterator[Flow]:
    with opened(settings, lambda: NOW) as flow:
        yield flow


def _linked(flow: Flow) -> set[int]:
    return {int(item.post.id) for item in flow.rooms.store.search(Query(cases=("x",))).posts}


def test_watching_again_unchanged_changes_nothing(flow: Flow) -> None:
    flow.watcher().watch(CASE)
    before = _linked(flow)
    assert {0, 1, 2} <= before
    assert flow.watcher().watch(CASE).unlinked == 0
    assert _linked(flow) == before


def test_what_a_narrower_case_no_longer_matches_leaves_and_comes_back(flow: Flow) -> None:
    flow.watcher().watch(CASE)
    before = _linked(flow)
    narrow = replace(CASE, aliases=(), formula=replace(CASE.formula, events=("酒驾",)))
    found = flow.watcher().watch(narrow)
    after = _linked(flow)
    assert after & {0, 1, 2} == {1}
    assert found.unlinked == len(before - after)
    # The indexed texts name the litigant by role; what matches so is kept.
    assert flow.watcher().watch(narrow).unlinked == 0
    assert _linked(flow) == after
    flow.watcher().watch(CASE)
    assert {0, 1, 2} <= _linked(flow)


@pytest.mark.parametrize("step", ["_held", "_from_index", "_told"])
def test_a_watcher_stopped_at_any_step_is_finished_by_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def stop(*_: Any, **__: Any) -> Any:
        raise StoreFailure("stopped here")

    with opened(settings, lambda: NOW) as flow:
        with monkeypatch.context() as patch:
            patch.setattr(Watcher, step, stop)
            with pytest.raises(StoreFailure):
                flow.watcher().watch(CASE)
        assert [one.id for one in flow.rooms.records.cases.to_relink()] == ["x"]
    with opened(settings, lambda: NOW) as flow:
        assert set(flow.watcher().resume()) == {"x"}
        assert flow.rooms.records.cases.to_relink() == []
        assert {0, 1, 2} <= _linked(flow)
        assert flow.watcher().resume() == {}


@pytest.mark.parametrize("matching", [False, True])
def test_what_is_written_of_a_case_while_it_is_linked_stays(
    flow: Flow, monkeypatch: pytest.MonkeyPatch, matching: bool
) -> None:
    records, day = flow.rooms.records, date(2026, 12, 4)
    linked = Watcher._told

    def meanwhile(watcher: Watcher, items: list[AnnotatedPost]) -> list[AnnotatedPost]:
        records.key_dates.enter([Day("x", KeyDateKind.HEARING, day)], BY_HAND, "书记员甲")
        records.case_states.close("x", "值班员甲", "已宣判", timedelta(days=14))
        if matching:
            records.cases.save(replace(records.cases.get("x"), aliases=("望川酒驾案", "酒驾二审")))
        return linked(watcher, items)

    with monkeypatch.context() as patch:
        patch.setattr(Watcher, "_told", meanwhile)
        flow.watcher().watch(CASE)
    case = records.cases.get("x")
    assert (case.hearings, case.state) == ((day,), CaseState.CLOSED)
    assert case.watched_since == NOW - timedelta(days=60)
    # Words that came in meanwhile were not looked for: the next run does it.
    assert [one.id for one in records.cases.to_relink()] == (["x"] if matching else [])


def test_a_case_archived_while_its_watcher_waited_is_left_alone(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = flow.rooms.records
    alone = type(records).alone

    def archived_first(self: Records, task: str) -> Any:
        records.case_states.archive("x", "值班员甲", "不再关注")
        return alone(self, task)

    with monkeypatch.context() as patch:
        patch.setattr(Records, "alone", archived_first)
        assert flow.watcher().watch(CASE).linked == 0
    assert records.cases.get("x").state is CaseState.ARCHIVED
    assert _linked(flow) == set()


def test_a_word_that_holds_a_name_is_also_looked_for_by_role() -> None:
    roles = by_role(replace(CASE, aliases=("梁砚岚酒驾案",)))
    assert roles.aliases == ("梁砚岚酒驾案", "被告人酒驾案")
    assert roles.formula.persons == ("梁砚岚", "被告人")
    assert Linker([roles]).link("法院说被告人酒驾属实")


def test_a_litigant_who_stands_for_a_group_is_also_looked_for_by_role() -> None:
    formula = MatchFormula(subjects=("沅溪",), events=("采砂",))
    roles = Linker([by_role(replace(CASE, aliases=(), formula=formula))])
    assert roles.link("望川区法院今天开庭，被告人在采砂船上干了三年")
    assert roles.link("望川区法院今天开庭，采砂船上的证人没来") == ()
