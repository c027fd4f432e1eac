"""Serving a model folder: same labels in any batch, no torch, damage named, odd texts survived."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ConfigurationError
from domain.posts import Platform
from domain.protocols import Reading
from nlp import training
from nlp.decisions import STANCES
from nlp.encoder.serving import NeuralAnnotator
from nlp.features import prepare

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


@settings(max_examples=25, deadline=None)
@given(
    texts=st.lists(
        st.one_of(
            st.sampled_from([one.text for one in READINGS] + ODD[:1] + ODD[2:4]),
            st.text("法院判得好坏拖不公？！?! [#a1", max_size=90),
        ),
        min_size=1,
        max_size=24,
    ),
    data=st.data(),
)
def test_numbers_are_the_same_bit_for_bit_in_any_batch(
    shipped: NeuralAnnotator, texts: list[str], data: st.DataObject
) -> None:
    readings = [Reading(text, data.draw(st.sampled_from(Platform))) for text in texts]
    together = shipped.logits(readings)
    shares = shipped.probabilities(readings)
    felt = shipped.emotions(readings)
    for row, one in enumerate(readings):
        assert np.array_equal(shipped.logits([one])[0], together[row])
        alone = shipped.probabilities([one])
        for name in ("stance", "demand", "topics", "irony"):
            assert np.array_equal(getattr(alone, name)[0], getattr(shares, name)[row])
        assert np.array_equal(shipped.emotions([one])[0], felt[row])


def test_the_end_of_a_long_letter_is_read(shipped: NeuralAnnotator) -> None:
    opening = "本人于去年三月到窗口递交材料，过程如下。" * 100
    complaint = "法院一直不立案，法官推来推去，太黑了，我要投诉！"
    alone, letter = shipped.logits([Reading(opening, Platform.WEIBO),
                                    Reading(opening + complaint, Platform.WEIBO)])  # fmt: skip
    assert "法官推来推去" in prepare(opening + complaint)
    column = STANCES.index("court/negative")
    assert letter[column] - letter[:15].mean() > alone[column] - alone[:15].mean()


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


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda about: about["thresholds"]["topics"].popitem(), "thresholds.topics"),
        (lambda about: about["thresholds"]["topics"].update(unheard=0.5), "thresholds.topics"),
        (lambda about: about["thresholds"].update(irony=float("nan")), "threshold"),
        (lambda about: about["thresholds"].pop("irrelevant"), "irrelevant"),
        (lambda about: about["topics"].pop(), "blend"),
        (lambda about: about["blend"]["shift"].pop(), "blend"),
        (lambda about: about["emotion_offsets"].pop(), "emotion_offsets"),
        (lambda about: about.update(longest=2), "longest"),
    ],
)
def test_an_about_that_does_not_fit_is_refused_when_it_is_loaded(
    tmp_path: Path, harm: Callable[[Any], Any], told: str
) -> None:
    from nlp.encoder.serving import SHIPPED

    folder = tmp_path / "model"
    shutil.copytree(SHIPPED, folder)
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    harm(about)
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"about\.json") as caught:
        NeuralAnnotator.load(folder)
    assert told in str(caught.value)


@pytest.mark.parametrize("made", [True, False])
def test_a_plain_base_or_a_hub_name_is_told_the_commands(tmp_path: Path, made: bool) -> None:
    base = tmp_path / "somebody" / "bert"
    if made:
        base.mkdir(parents=True)
        (base / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="courtpulse train --base") as caught:
        NeuralAnnotator.load(base)
    assert "courtpulse model export" in str(caught.value)


@pytest.mark.parametrize("file", ["encoder.fp32.onnx", "encoder.onnx"])
def test_a_damaged_export_fails_its_proof(
    trained: Path, exported: Path, tmp_path: Path, file: str
) -> None:
    import onnx
    from onnx import numpy_helper

    from nlp.encoder.export import prove

    folder = tmp_path / "model"
    shutil.copytree(exported, folder)
    assert prove(trained, folder).holds
    graph = onnx.load(folder / file)
    for tensor in graph.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.size > 1:
            tensor.CopyFrom(numpy_helper.from_array(-1000 * values, tensor.name))
    onnx.save(graph, folder / file)
    with pytest.raises(ConfigurationError, match="something else"):
        prove(trained, folder)


def test_an_export_says_what_torch_says(trained: Path, exported: Path) -> None:
    proof: dict[str, Any] = json.loads((exported / "export.json").read_text(encoding="utf-8"))
    assert proof["fp32_difference"] < 1e-3
    assert proof["fp32_agreement"] == 1.0
    assert proof["int8_agreement"] >= 0.9
    assert min(proof["int8_labels"].values()) >= proof["int8_agreement"]
    in_torch = NeuralAnnotator.load(trained).annotate(READINGS)
    in_onnx = NeuralAnnotator.load(exported).annotate(READINGS)
    alike = sum(a.target == b.target for a, b in zip(in_torch, in_onnx, strict=True))
    assert alike >= 0.9 * len(READINGS)


def test_an_exported_folder_has_nothing_to_export(exported: Path, tmp_path: Path) -> None:
    from nlp.encoder.export import export

    with pytest.raises(ConfigurationError, match=r"model\.safetensors"):
        export(exported, tmp_path / "again")
