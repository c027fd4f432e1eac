"""The topic catalogue is read strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.errors import ConfigurationError
from nlp import topics
from nlp.corpus import LabelledText
from nlp.training import read_examples


def catalogue(**changes: Any) -> dict[str, Any]:
    topic = {
        "id": "filing",
        "zh": "立案",
        "group": "concern",
        "owner_dept": "立案庭",
        "articles": [13],
    }
    rest = {"group": "context", "owner_dept": "", "articles": []}
    others = [
        {"id": "irrelevant", "zh": "无关"} | rest,
        {"id": "case_discussion", "zh": "案件"} | rest,
    ]
    return {
        "version": 1,
        "groups": {"concern": "", "context": ""},
        "topics": [topic | changes, *others],
    }


def write(folder: Path, data: Any) -> Path:
    path = folder / "topics.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


def test_the_shipped_catalogue_is_whole() -> None:
    shipped = topics.load()
    assert len(shipped) == 20
    assert "12368" in shipped["service_conduct"].keywords
    assert shipped["filing_difficulty"].articles == (13, 22, 25, 26)
    concerns = topics.concern_ids(shipped)
    assert "filing_difficulty" in concerns
    assert not concerns & {"irrelevant", "case_discussion", "court_work", "support_praise"}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"keyword": ["立案"]}, "unknown keys"),
        ({"owner_dept": "民事审判第一庭"}, "trial division"),
        ({"owner_dept": "刑二庭"}, "trial division"),
        ({"zh": "缠访户"}, "labels people"),
        ({"id": "political_stance"}, "labels people"),
        ({"id": "Filing!"}, "no topic id"),
        ({"group": "other"}, "no known group"),
        ({"keywords": "立案"}, "no list"),
        ({"articles": ["十三"]}, "no numbers"),
        ({"id": "irrelevant"}, "stands twice"),
    ],
)
def test_a_wrong_topic_is_refused(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        topics.load(write(tmp_path, catalogue(**changes)))


def test_the_right_one_is_read(tmp_path: Path) -> None:
    loaded = topics.load(write(tmp_path, catalogue(keywords=["立案", 12368])))
    assert loaded["filing"].keywords == ("立案", "12368")


@pytest.mark.parametrize("data", [[], {"topics": 3}, {"topics": [], "colour": 1}, {"topics": []}])
def test_a_wrong_file_is_refused(tmp_path: Path, data: Any) -> None:
    with pytest.raises(ConfigurationError):
        topics.load(write(tmp_path, data))


def test_a_missing_or_broken_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="can't be read"):
        topics.load(tmp_path / "none.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("topics: [", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="can't be read"):
        topics.load(broken)


def test_examples_for_training_follow_the_guideline() -> None:
    examples: list[LabelledText] = read_examples()
    known = set(topics.load())
    assert len(examples) >= 400
    assert len({example.text for example in examples}) == len(examples)
    for example in examples:
        assert set(example.topics) <= known
        assert example.relevant or (example.target == "other" and example.demand == "none")
        assert example.topics[1:] == () or "case_discussion" not in example.topics
