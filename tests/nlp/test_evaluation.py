"""Metrics on labels small enough to count by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.annotation import Annotation, Demand, Sentiment, Target
from domain.errors import BadInput
from domain.posts import Platform
from domain.protocols import Reading
from nlp import corpus, evaluation


class Echo:
    """Says of every text what its own JSON says, so that each metric is known."""

    name = "echo"

    def annotate(self, readings: Sequence[Reading]) -> list[Annotation]:
        return [
            Annotation(
                Target(label["target"]),
                Sentiment(label["sentiment"]),
                tuple(label["topics"]),
                Demand(label["demand"]),
                scores={"target": label.get("score", 1.0)},
            )
            for label in (json.loads(reading.text) for reading in readings)
        ]


def row(
    target: str, sentiment: str, topics: list[str], said: tuple[str, str, list[str]], **more: object
) -> str:
    text = json.dumps(
        {"target": said[0], "sentiment": said[1], "topics": said[2], "demand": "none"}
    )
    fields = {
        "text": text,
        "target": target,
        "sentiment": sentiment,
        "topics": topics,
        "demand": "none",
    }
    return json.dumps(fields | more)


def test_metrics_by_hand(tmp_path: Path) -> None:
    fair, lost = ["fairness_consistency"], ["irrelevant"]
    rows = [
        row("court", "negative", fair, ("court", "negative", fair)),
        row("court", "negative", fair, ("party", "negative", ["case_discussion"])),
        # Of an irrelevant text the sentiment isn't scored.
        row("other", "positive", lost, ("other", "negative", lost), kind="comment"),
        row(
            "other", "neutral", lost, ("court", "negative", fair), irony=True, source_type="hotline"
        ),
        row("event", "neutral", ["case_discussion"], ("court", "negative", fair), unsure=True),
    ]
    path = tmp_path / "texts.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    result = evaluation.evaluate(path, Echo())
    values = {name: metric["value"] for name, metric in result["metrics"].items()}
    assert result["n"] == 4
    assert values["joint_accuracy"] == 0.5
    assert values["court_negative_precision"] == 0.5
    assert values["court_negative_recall"] == 0.5
    assert values["irrelevant_precision"] == 1.0
    assert values["irrelevant_recall"] == 0.5
    # Hits: one fair, one irrelevant of four given and four true labels.
    assert values["topics_micro_f1"] == 0.5
    assert values["topics_concern_micro_f1"] == 0.5
    assert values["irony_recall"] == 0.0
    assert values["ece"] == 0.5
    for metric in result["metrics"].values():
        assert metric["low"] <= metric["value"] <= metric["high"]


def test_a_metric_without_cases_is_none(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(
        row("event", "neutral", ["case_discussion"], ("event", "neutral", ["case_discussion"]))
    )
    metrics = evaluation.evaluate(path, Echo())["metrics"]
    assert metrics["court_negative_recall"] == {"value": None, "low": None, "high": None}
    assert metrics["joint_accuracy"]["value"] == 1.0


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"text": "x"}', row("court", "negative", ["irrelevant", "court_work"], ("court", "negative", ["x"])), row("court", "angry", ["court_work"], ("court", "negative", ["x"]))],
)  # fmt: skip
def test_a_line_that_is_no_labelled_text_names_its_place(tmp_path: Path, line: str) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"texts\.jsonl:2"):
        corpus.read(path)


def test_platform_follows_kind_or_source_type(tmp_path: Path) -> None:
    said = ("event", "neutral", ["case_discussion"])
    path = tmp_path / "texts.jsonl"
    lines = [
        row("event", "neutral", ["case_discussion"], said, kind="consultation"),
        row("event", "neutral", ["case_discussion"], said, source_type="news"),
        row("event", "neutral", ["case_discussion"], said),
    ]
    path.write_text("\n".join(lines))
    assert [text.platform for text in corpus.read(path)] == [
        Platform.HOTLINE,
        Platform.NEWS,
        Platform.WEIBO,
    ]
