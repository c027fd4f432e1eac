"""The shipped model as a `transformers` folder again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from domain.errors import ConfigurationError
from nlp.encoder.serving import SHIPPED, NeuralAnnotator


def test_the_shipped_model_comes_back_as_transformers_and_says_the_same(
    torch_needed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoModel, AutoTokenizer

    from nlp import training
    from nlp.encoder.restore import restore

    some = training.read_examples()[::20]
    monkeypatch.setattr(training, "read_examples", lambda: some)
    found = restore(SHIPPED, tmp_path / "restored")
    assert found.texts == len(some) + 1
    assert found.agreement >= 0.97
    encoder = AutoModel.from_pretrained(tmp_path / "restored", local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "restored", local_files_only=True)
    assert encoder.config.num_hidden_layers == 2
    assert encoder.config.vocab_size == tokenizer.backend_tokenizer.get_vocab_size() == 7130
    assert NeuralAnnotator.load(tmp_path / "restored").name == "court-v1"


def test_an_encoder_that_is_no_export_of_ours_is_refused(
    torch_needed: None, tmp_path: Path
) -> None:

    from nlp.encoder import folder as files
    from nlp.encoder.restore import restore

    shutil.copytree(SHIPPED, tmp_path / "other")
    (tmp_path / "other" / files.ONNX).write_bytes(b"rubbish")
    about = json.loads((tmp_path / "other" / files.ABOUT).read_text(encoding="utf-8"))
    about["sha256"].pop(files.ONNX)
    (tmp_path / "other" / files.ABOUT).write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no exported BERT"):
        restore(tmp_path / "other", tmp_path / "out")
    assert not (tmp_path / "out" / files.ABOUT).exists()
