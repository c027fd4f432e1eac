"""Metrics on labels small enough to count by hand."""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.annotation import Annotation, Demand, Emotion, Sentiment, Target
from domain.errors import BadInput, ConfigurationError
from domain.posts import Platform
from domain.protocols import Reading
from nlp import corpus, examination


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
                unsure=tuple(label.get("unsure", ())),
                emotion=Emotion(label["emotion"]) if "emotion" in label else None,
            )
            for label in (json.loads(reading.text) for reading in readings)
        ]


def row(
    target: str,
    sentiment: str,
    topics: list[str],
    said: tuple[str, str, list[str]],
    said_more: dict[str, object] | None = None,
    **more: object,
) -> str:
    text = json.dumps(
        {"target": said[0], "sentiment": said[1], "topics": said[2], "demand": "none"}
        | (said_more or {})
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
    result = examination.evaluate(path, Echo())
    values = {name: metric["value"] for name, metric in result.metrics.items()}
    assert (result.n, result.left_out) == (4, 1)
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
    assert values.pop("demand_macro_f1") is None
    for name in values:
        metric = result.metrics[name]
        assert metric["low"] <= metric["value"] <= metric["high"]


def test_a_metric_without_cases_is_none(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(
        row("event", "neutral", ["case_discussion"], ("event", "neutral", ["case_discussion"]))
    )
    metrics = examination.evaluate(path, Echo()).metrics
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


def felt(label: str, said: str | None, unsure: tuple[str, ...] = ()) -> str:
    words = {"target": "event", "sentiment": "neutral", "topics": ["x"], "demand": "none"}
    words |= {"emotion": said, "unsure": unsure} if said else {}
    return json.dumps({"text": json.dumps(words), "label": label})


def test_the_likeliest_label_is_measured_and_unsure_ones_stand_beside(tmp_path: Path) -> None:
    fair = ["fairness_consistency"]
    unsure: dict[str, object] = {"unsure": ["stance"]}
    path = tmp_path / "texts.jsonl"
    path.write_text(
        "\n".join(
            [
                row("court", "negative", fair, ("court", "negative", fair)),
                row("court", "negative", fair, ("court", "negative", fair), unsure),
                row("court", "positive", fair, ("court", "negative", fair), unsure),
                row("court", "positive", fair, ("court", "positive", fair)),
            ]
        )
    )
    result = examination.evaluate(path, Echo())
    assert result.metrics["joint_accuracy"]["value"] == 0.75
    assert result.metrics["court_negative_recall"]["value"] == 1.0
    assert {name: one["value"] for name, one in result.unsure.items()} == {
        "share": 0.5,
        "accuracy_among_sure": 1.0,
        "accuracy_among_unsure": 0.5,
    }


def test_no_demand_is_no_class_of_the_demand_figure(tmp_path: Path) -> None:
    fair, said = ["fairness_consistency"], ("court", "negative", ["fairness_consistency"])
    path = tmp_path / "texts.jsonl"
    rows = [row("court", "negative", fair, said) for _ in range(8)]
    rows.append(row("court", "negative", fair, said, {"demand": "consult"}, demand="consult"))
    rows.append(row("court", "negative", fair, said, demand="disclose"))
    path.write_text("\n".join(rows))
    assert examination.evaluate(path, Echo()).metrics["demand_macro_f1"]["value"] == 0.5


def test_the_json_has_the_figures_flat_with_intervals_beside(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl.xz"
    said = ("court", "negative", ["fairness_consistency"])
    path.write_bytes(lzma.compress(row("court", "negative", said[2], said).encode()))
    document = examination.evaluate(path, Echo()).to_json()
    names = {
        "joint_accuracy", "target_macro_f1", "court_negative_precision", "court_negative_recall",
        "court_negative_f1", "irrelevant_precision", "irrelevant_recall", "topics_micro_f1",
        "topics_concern_micro_f1", "demand_macro_f1", "irony_recall", "ece",
    }  # fmt: skip
    assert names <= set(document)
    assert names <= set(document["intervals"])
    assert (document["joint_accuracy"], document["n"]) == (1.0, 1)
    assert document["intervals"]["joint_accuracy"] == [1.0, 1.0]
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_emotions_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "felt.jsonl"
    path.write_text(
        "\n".join(
            [
                felt("angry", "angry"),
                felt("angry", "sad", ("emotion",)),
                felt("sad", "sad"),
                felt("fear", "fear"),
            ]
        )
    )
    result = examination.evaluate_emotion(path, Echo())
    assert result.metrics["accuracy"]["value"] == 0.75
    assert result.metrics["macro_f1"]["value"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3, abs=1e-4)
    assert result.unsure["share"]["value"] == 0.25
    assert result.unsure["accuracy_among_sure"]["value"] == 1.0


def test_an_annotator_without_emotions_says_so(tmp_path: Path) -> None:
    path = tmp_path / "felt.jsonl"
    path.write_text(felt("angry", None))
    with pytest.raises(ConfigurationError, match="echo tells no emotions"):
        examination.evaluate_emotion(path, Echo())


def test_bad_lines_are_named_and_the_rest_is_measured(tmp_path: Path) -> None:
    good = row("event", "neutral", ["court_work"], ("event", "neutral", ["court_work"]))
    lines = [good, "{", good, '{"text": 7}', "[" * 100_000, good]
    path = tmp_path / "texts.jsonl"
    path.write_bytes("\n".join(lines).encode() + b'\n{"text": "\xff"}\n')
    result = examination.evaluate(path, Echo())
    assert result.n == 3
    where = [bad.where for bad in result.bad_lines]
    assert where == [f"texts.jsonl:{number}" for number in (2, 4, 5, 7)]


def test_files_of_others_are_measured_whatever_their_kinds_topics_and_signature(
    tmp_path: Path,
) -> None:
    said = ("court", "negative", ["court_work"])
    many = ["court_work", "fairness_consistency", "trial_delay", "support_praise"]
    rows = [
        row(*said[:2], [], said),
        row(*said[:2], many, said, source_type=None, author="n"),
        row(*said[:2], ["court_work"], said, kind="ticket"),
        row(*said[:2], ["court_work"], said, source_type=["news"]),
        row(*said[:2], ["court_work"], said, source_type="article", kind="title"),
        row(*said[:2], ["court_work"], said, kind="repost", unsure=True),
    ]
    path = tmp_path / "texts.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8-sig")
    result = examination.evaluate(path, Echo())
    assert (result.n, result.left_out, result.unknown_kinds, result.bad_lines) == (5, 1, 3, ())
    assert result.to_json()["unknown_kinds"] == 3
    # Hits: three times court_work, once among four; misses: three of the many and one too much.
    assert result.metrics["topics_micro_f1"]["value"] == round(2 * 4 / (5 + 7), 4)
    assert corpus.platform_named(json.loads(rows[4])) is Platform.NEWS
    with pytest.raises(BadInput, match=r"texts\.jsonl:1"):
        corpus.read(path)  # training wants its one to three topics


def test_what_stands_before_a_broken_end_is_measured(tmp_path: Path) -> None:
    said = ("court", "negative", ["court_work"])
    line = row(*said, said).encode() + b"\n"
    first, second = lzma.compress(line * 3), lzma.compress(line * 3)
    path = tmp_path / "texts.jsonl.xz"
    path.write_bytes(first + second[:16])
    result = examination.evaluate(path, Echo())
    assert result.n == 3
    assert [bad.problem for bad in result.bad_lines] == ["the file can't be read: EOFError"]


@pytest.mark.parametrize("name", ["missing.jsonl", "broken.xz", "empty.jsonl"])
def test_a_file_that_gives_nothing_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "broken.xz").write_bytes(b"no xz")
    (tmp_path / "empty.jsonl").write_bytes(b"\n\n")
    result = examination.evaluate(tmp_path / name, Echo())
    [bad] = result.bad_lines
    assert (result.n, bad.where) == (0, str(tmp_path / name))
    assert result.metrics["joint_accuracy"] == {"value": None, "low": None, "high": None}
    assert examination.evaluate_emotion(tmp_path / name, Echo()).n == 0
