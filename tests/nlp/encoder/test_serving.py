"""Serving a model folder: same labels in any batch, no torch, damage named, odd texts survived."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from domain.errors import ConfigurationError
from domain.posts import Platform
from domain.protocols import Reading
from nlp import training
from nlp.encoder.serving import NeuralAnnotator

READINGS = [text.reading for text in training.read_examples()[::40]]
ODD = [
    "", " ", "😡😡😡", "👨‍👩‍👧", "a" * 100_000, "法院" * 50_000, "\x00\x01\x1b[31m", "\ud800",
    "法\u200b院\u200c黑\u200d", "ｆａ院", "Ｃourt оf lаw", "!!!!!!!!!", "#", "１２３４", "法",
    "ไทย עברית العربية", "\n\n\n",
]  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> NeuralAnnotator:
    return NeuralAnnotator.load()


def test_a_text_gets_the_same_labels_in_any_batch(shipped: NeuralAnnotator) -> None:
    together = shipped.annotate(READINGS)
    assert [shipped.annotate([one])[0] for one in READINGS] == together
    assert shipped.annotate(READINGS[::-1])[::-1] == together
    assert shipped.annotate(READINGS * 5) == together * 5


def test_labels_are_complete_and_scores_are_shares(shipped: NeuralAnnotator) -> None:
    for one in shipped.annotate(READINGS):
        assert one.emotion is not None
        assert 1 <= len(one.topics) <= 3
        assert set(one.scores) >= {"stance", "target", "sentiment", "topics", "demand", "emotion"}
        assert all(0 <= score <= 1 for score in one.scores.values())
        assert all(one.scores[field] < 0.5 for field in one.unsure)


@pytest.mark.parametrize("text", ODD)
def test_an_odd_text_gets_a_valid_annotation(shipped: NeuralAnnotator, text: str) -> None:
    for platform in Platform:
        (one,) = shipped.annotate([Reading(text, platform)])
        assert one.topics
        assert one.model == shipped.name


def test_no_text_gives_no_annotation(shipped: NeuralAnnotator) -> None:
    assert shipped.annotate([]) == []


def test_serving_needs_neither_torch_nor_scikit_learn() -> None:
    script = (
        "import sys\n"
        "from nlp.encoder.serving import NeuralAnnotator\n"
        "from domain.protocols import Reading\n"
        "from domain.posts import Platform\n"
        "NeuralAnnotator.load().annotate([Reading('判得好', Platform.WEIBO)])\n"
        "print(sorted({'torch', 'transformers', 'sklearn'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["about.json", "tokenizer.json", "ngrams.npz", "encoder.onnx"])
@pytest.mark.parametrize("harm", ["gone", "cut", "rubbish"])
def test_a_damaged_folder_is_refused_by_the_name_of_the_file(
    tmp_path: Path, name: str, harm: str
) -> None:
    from nlp.encoder.serving import SHIPPED

    folder = tmp_path / "model"
    shutil.copytree(SHIPPED, folder)
    file = folder / name
    content = file.read_bytes()
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(content[: len(content) // 2] if harm == "cut" else b"rubbish")
    with pytest.raises(ConfigurationError, match=name.replace(".", r"\.")):
        NeuralAnnotator.load(folder)


def test_a_folder_of_another_format_is_refused(tmp_path: Path) -> None:
    from nlp.encoder.serving import SHIPPED

    folder = tmp_path / "model"
    shutil.copytree(SHIPPED, folder)
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    (folder / "about.json").write_text(json.dumps({**about, "format": 99}), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"about\.json"):
        NeuralAnnotator.load(folder)


def test_an_export_says_what_torch_says(trained: Path, exported: Path) -> None:
    proof: dict[str, Any] = json.loads((exported / "export.json").read_text(encoding="utf-8"))
    assert proof["fp32_difference"] < 1e-3
    assert proof["fp32_agreement"] == 1.0
    assert proof["int8_agreement"] >= 0.9
    in_torch = NeuralAnnotator.load(trained).annotate(READINGS)
    in_onnx = NeuralAnnotator.load(exported).annotate(READINGS)
    alike = sum(a.target == b.target for a, b in zip(in_torch, in_onnx, strict=True))
    assert alike >= 0.9 * len(READINGS)


def test_an_exported_folder_has_nothing_to_export(exported: Path, tmp_path: Path) -> None:
    from nlp.encoder.export import export

    with pytest.raises(ConfigurationError, match=r"model\.safetensors"):
        export(exported, tmp_path / "again")
