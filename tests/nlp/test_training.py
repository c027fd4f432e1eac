"""Training on the fictional examples alone: same file twice, folds keep events together."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import numpy as np
import pytest

from domain.posts import Platform
from domain.protocols import Reading
from nlp import grouping, model_file, training, word_vectors
from nlp.linear import LinearAnnotator


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small labelled file and its unlabelled neighbours, made from the fictional examples."""
    folder = tmp_path_factory.mktemp("data")
    texts = training.read_examples()[::4]
    rows = [
        {
            "text": t.text,
            "source_type": t.platform,
            "target": t.target,
            "sentiment": t.sentiment,
            "topics": t.topics,
            "demand": t.demand,
            "irony": t.irony,
        }
        for t in texts
    ]
    write_xz(folder / "labelled.jsonl.xz", [json.dumps(row) for row in rows])
    write_xz(folder / "unlabelled.txt.xz", [f"fiction\t{t.text}" for t in texts] * 3)
    write_xz(folder / "court_pool.jsonl.xz", [json.dumps({"text": t.text}) for t in texts])
    return folder


def write_xz(path: Path, lines: list[str]) -> None:
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def test_the_same_data_gives_the_same_file_and_a_card(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_vectors, "VOCABULARY", 400)
    monkeypatch.setattr(word_vectors, "DIMENSIONS", 16)
    few = training.read_examples()[1::10]
    monkeypatch.setattr(training, "read_examples", lambda: few)
    for name in ("one", "two"):
        training.main(
            ["--data", str(folder / "labelled.jsonl.xz"), "--out", str(folder / f"{name}.npz")]
        )
    assert (folder / "one.npz").read_bytes() == (folder / "two.npz").read_bytes()
    card = (folder / "one.md").read_text(encoding="utf-8")
    assert "not by people" in card
    assert "$" not in card
    said = LinearAnnotator.load(folder / "one.npz").annotate(
        [Reading("法院路堵车", Platform.WEIBO), Reading("立案窗口态度太差", Platform.WEIBO)]
    )
    assert len(said) == 2


def test_storing_a_model_hardly_changes_what_it_says(tmp_path: Path) -> None:
    shipped = model_file.load(model_file_path())
    copy = tmp_path / "copy.npz"
    model_file.save(shipped, copy)
    readings = [text.reading for text in training.read_examples()]
    before = LinearAnnotator(shipped).probabilities(readings).stance
    after = LinearAnnotator.load(copy).probabilities(readings).stance
    assert np.abs(before - after).max() < 0.02


def model_file_path() -> Path:
    return training.EXAMPLES.with_name("models") / "linear-v1.npz"


def test_events_stay_in_one_fold() -> None:
    texts = [
        "#云岫幼儿园中毒# 今天开庭",
        "#云岫幼儿园中毒# 家长在门口",
        "青崖县法院今天公开宣判一起工程款纠纷案",
        "青崖县法院今天公开宣判一起工程款纠纷案。",
        "完全不同的一句话",
    ]
    groups = grouping.groups(texts)
    assert groups[0] == groups[1]
    assert groups[2] == groups[3]
    assert len({groups[0], groups[2], groups[4]}) == 3
    folds = grouping.folds(groups, 3, seed=1)
    assert folds[0] == folds[1]
    assert folds[2] == folds[3]
    assert sorted(np.bincount(folds)) == [1, 2, 2]


def test_word_vectors_bring_neighbours_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_vectors, "DIMENSIONS", 4)
    sentences = ["法院 今天 判决", "法庭 今天 判决", "西瓜 夏天 好吃", "冬瓜 夏天 好吃"] * 20
    learnt = word_vectors.learn(sentences, seed=1)
    from nlp.features import count_slots, words

    def vector(word: str) -> np.ndarray:
        row = learnt.vocabulary.select(count_slots([words(word)]))
        return learnt.vectors[row.indices[0]]

    assert vector("法院") @ vector("法庭") > vector("法院") @ vector("西瓜") + 0.5
