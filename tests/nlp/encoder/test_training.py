"""From raw files to a model folder: whole, killed and gone on, any base, and what goes wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from domain.errors import BadInput, ConfigurationError
from nlp import corpus, training
from nlp.encoder.serving import NeuralAnnotator
from nlp.model_card import read_metrics

FEW = training.read_examples()[::18]
_KILLED = """
    import sys, torch
    from pathlib import Path
    import numpy as np
    from transformers import BertConfig, BertModel
    from nlp.encoder import fitting
    from nlp.encoder.layout import Layout
    from nlp.encoder.network import Network
    from nlp.encoder.sheets import Sheet

    torch.set_num_threads(1)
    fitting.CHECKPOINT_STEPS = 4
    layout = Layout(("filing_difficulty",))
    torch.manual_seed(1)
    config = BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1,
                        num_attention_heads=2, intermediate_size=16)
    network = Network(BertModel(config, add_pooling_layer=False), layout.size)
    drawn = np.random.default_rng(0)
    ids = [drawn.integers(1, 50, 12) for _ in range(400)]
    wanted = np.zeros((400, layout.size), np.float32)
    wanted[np.arange(400), drawn.integers(0, 15, 400)] = 1
    sheet = Sheet(ids, wanted, np.ones((400, len(layout.heads)), np.float32))
    folder = Path(sys.argv[1])
    fitting.fit(network, sheet, fitting.Plan(int(sys.argv[2]), 8), layout,
                fitting.Stage("one", folder))
"""


def test_a_whole_training_leaves_a_model_a_card_and_a_log(trained: Path) -> None:
    said = NeuralAnnotator.load(trained).annotate([text.reading for text in FEW])
    assert {one.model for one in said} == {"tiny-v1"}
    assert all(one.emotion is not None for one in said)
    assert "court_negative_f1" in (trained / "card.md").read_text(encoding="utf-8")
    assert set(read_metrics(trained / "card.md")) >= {"joint_accuracy", "court_negative_f1"}
    stages = {json.loads(line)["stage"] for line in (trained / "work/metrics.jsonl").open()}
    assert stages == {"ground", "teacher-held", "student-held", "teacher-all", "student-all"}


def test_the_card_tells_of_this_run_and_no_other(trained: Path, tiny_base: Path) -> None:
    card = " ".join((trained / "card.md").read_text(encoding="utf-8").split())
    size = json.loads((trained / "config.json").read_text())["vocab_size"]
    assert f"(bert, 2 layers, width 32, inner width 32, {size:,} tokens; at most 48 tokens" in card
    assert f"Base: {tiny_base.name} (bert, 4 layers, width 32, inner width 64" in card
    assert "student of its layers 1, 4 with 32 inner units" in card
    assert str(tiny_base) not in card
    assert "Labels of the pool came from other files" in card
    assert not {"bge", "512", "7,130", "court-v1"} & set(re.findall(r"bge|[\w,-]+", card))


@pytest.mark.parametrize("name", ["court-v1", "a b", "../x"])
def test_a_name_that_would_mislead_is_refused(tiny_data: Any, tmp_path: Path, name: str) -> None:
    pytest.importorskip("transformers")
    from nlp.encoder.train import Training

    with pytest.raises(ConfigurationError, match="--name"):
        Training(tiny_data, "nobody/nothing", tmp_path, name).run()
    with pytest.raises(ConfigurationError, match="--name"):
        Training(tiny_data, "nobody/nothing", tmp_path / "court-v1").run()


def test_a_finished_training_run_again_trains_nothing(
    trained: Path, tiny_base: Path, tiny_data: Any, tiny_recipe: Any
) -> None:
    from nlp.encoder.train import Training

    before = logits_of(trained)
    log = (trained / "work" / "metrics.jsonl").read_text()
    Training(tiny_data, str(tiny_base), trained, "tiny-v1", tiny_recipe).run()
    assert (trained / "work" / "metrics.jsonl").read_text() == log
    assert np.array_equal(logits_of(trained), before)


def test_a_killed_stage_goes_on_and_ends_where_an_unbroken_one_ends(
    torch_needed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from nlp.encoder import fitting

    monkeypatch.setattr(fitting, "CHECKPOINT_STEPS", fitting.CHECKPOINT_STEPS)
    script = textwrap.dedent(_KILLED)
    folders = [tmp_path / "killed", tmp_path / "unbroken"]
    for folder in folders:
        folder.mkdir()
    killed = subprocess.Popen(
        [sys.executable, "-c", script, str(folders[0]), "4"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    until = time.monotonic() + 120
    while not (folders[0] / "one.state.pt").exists() and time.monotonic() < until:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert (folders[0] / "one.state.pt").exists()
    assert not (folders[0] / "one.pt").exists(), "killed too late to show anything"
    for folder in folders:
        monkeypatch.setattr(sys, "argv", ["", str(folder), "4"])
        exec(script, {})
    assert '"resumed"' in (folders[0] / "metrics.jsonl").read_text()
    ends = [torch.load(folder / "one.pt", weights_only=True) for folder in folders]
    assert all(torch.equal(ends[0][key], ends[1][key]) for key in ends[0])


def test_another_architecture_takes_the_same_heads(
    tiny_base: Path, tiny_data: Any, tiny_recipe: Any, tmp_path: Path
) -> None:
    import dataclasses
    import shutil

    from transformers import RobertaConfig, RobertaModel

    from nlp.encoder.export import export
    from nlp.encoder.train import Training

    base = tmp_path / "roberta"
    shutil.copytree(tiny_base, base)
    (base / "config.json").unlink()
    size = json.loads((tiny_base / "config.json").read_text())["vocab_size"]
    config = RobertaConfig(
        vocab_size=size, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=128, pad_token_id=0,
    )  # fmt: skip
    RobertaModel(config, add_pooling_layer=False).save_pretrained(base)
    plain = dataclasses.replace(tiny_recipe, layers=())
    Training(tiny_data, str(base), tmp_path / "mine-v1", recipe=plain).run()
    proof = export(tmp_path / "mine-v1", tmp_path / "exported")
    assert proof.fp32_difference < 1e-3
    assert NeuralAnnotator.load(tmp_path / "exported").name == "mine-v1"
    card = (tmp_path / "exported" / "card.md").read_text(encoding="utf-8")
    assert "fine-tuned" in card
    assert "roberta, 1 layers, width 16" in card


def test_a_base_that_is_not_here_is_not_fetched(tiny_data: Any, tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    from nlp.encoder.train import Training

    with pytest.raises(ConfigurationError, match="--allow-download"):
        Training(tiny_data, "nobody/nothing", tmp_path).run()


def test_a_missing_data_file_is_named(tiny_base: Path, tmp_path: Path) -> None:
    from nlp.encoder.material import DataFolder
    from nlp.encoder.train import Training

    with pytest.raises(ConfigurationError, match=r"unlabelled\.txt"):
        Training(DataFolder(tmp_path), str(tiny_base), tmp_path / "out").run()


def test_an_unknown_emotion_names_its_line(tmp_path: Path) -> None:
    lines = ('{"text": "好", "label": "happy"}', '{"text": "好", "label": "?"}')
    (tmp_path / "felt.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(BadInput, match=r"felt\.jsonl:2"):
        corpus.read_emotions(tmp_path / "felt.jsonl")


def logits_of(folder: Path) -> Any:
    """Logits of the few examples by a model folder."""
    return np.asarray(NeuralAnnotator.load(folder).logits([text.reading for text in FEW]))
