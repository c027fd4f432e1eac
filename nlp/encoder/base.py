"""A pretrained BERT kept as ONNX becomes a `transformers` folder that training can start from.

ONNX graphs name biases and norms as torch does, but hold the matrices of linear layers transposed
and under numbers; which is which is read from the graph's nodes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from domain.errors import ConfigurationError

if TYPE_CHECKING:
    from transformers import BertModel

Floats = npt.NDArray[np.float32]
#: Largest difference of an output number that counts as equal.
TOLERANCE = 1e-4
#: Channels of one attention head in every BERT of the original series.
HEAD_WIDTH = 64
SPECIAL_TOKENS: Mapping[str, Any] = {
    f"{name}_token": f"[{name.upper()}]" for name in ("unk", "pad", "cls", "sep", "mask")
}
_LINEAR = re.compile(
    r"/encoder/layer\.(\d+)/(attention/self/(?:query|key|value)|attention/output/dense"
    r"|intermediate/dense|output/dense)/MatMul$"
)


def convert(onnx_file: Path, tokenizer_file: Path, out: Path) -> float:
    """Write the encoder of `onnx_file` and its tokenizer as a `transformers` folder.

    Returns:
        The largest difference between an output of the folder and of the ONNX file.

    Raises:
        ConfigurationError: a file is missing or no BERT, or the outputs differ by more than
            `TOLERANCE`.
    """
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    weights = read_weights(onnx_file)
    try:
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(tokenizer_file), **SPECIAL_TOKENS)
    except Exception as error:  # tokenizers raises bare Exception
        raise ConfigurationError(
            "this is no tokenizer file", remedy="name a tokenizer.json", where=tokenizer_file.name
        ) from error
    model = BertModel(_config(weights, BertConfig), add_pooling_layer=False)
    _fill(model, weights)
    model.eval()
    gap = largest_difference(model, onnx_file)
    if not gap <= TOLERANCE:
        raise ConfigurationError(
            f"the converted encoder's outputs differ by {gap:.2g}",
            remedy="only encoders of the BERT layout can be converted",
            where=onnx_file.name,
        )
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    (out / "source.json").write_text(
        json.dumps({"file": onnx_file.name, "largest_difference": gap}) + "\n", encoding="utf-8"
    )
    return gap


def read_weights(onnx_file: Path) -> dict[str, Floats]:
    """Weights by their name in torch, linear matrices as torch holds them.

    Raises:
        ConfigurationError: the file is missing, damaged or no BERT.
    """
    import onnx
    from google.protobuf.message import DecodeError
    from onnx import numpy_helper

    try:
        graph = onnx.load(str(onnx_file)).graph
    except (OSError, DecodeError) as error:
        raise ConfigurationError(
            f"the ONNX file can't be read: {type(error).__name__}",
            remedy="fetch it again",
            where=onnx_file.name,
        ) from error
    stored = {one.name: np.array(numpy_helper.to_array(one)) for one in graph.initializer}
    named = {k: v for k, v in stored.items() if k.startswith(("embeddings.", "encoder."))}
    for node in graph.node:
        found = _LINEAR.match(node.name)
        if found and node.input[1] in stored:
            layer, place = found.groups()
            name = f"encoder.layer.{layer}.{place.replace('/', '.')}.weight"
            named[name] = stored[node.input[1]].T.copy()
    if "embeddings.word_embeddings.weight" not in named or not any(
        name.endswith("intermediate.dense.weight") for name in named
    ):
        raise ConfigurationError("this ONNX file holds no BERT encoder", where=onnx_file.name)
    return named


def largest_difference(model: BertModel, onnx_file: Path) -> float:
    """Between the outputs of `model` and of the ONNX file, on random inputs of three lengths."""
    import onnxruntime as ort
    import torch

    session = ort.InferenceSession(str(onnx_file), providers=["CPUExecutionProvider"])
    wanted = {one.name for one in session.get_inputs()}
    generator = np.random.default_rng(0)
    worst = 0.0
    for length in (4, 33, 96):
        ids = generator.integers(1, model.config.vocab_size, (2, length))
        mask = np.ones_like(ids)
        mask[1, length // 2 :] = 0
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (expected,) = session.run(None, {k: v for k, v in feed.items() if k in wanted})[:1]
        with torch.no_grad():
            got = model(**{k: torch.from_numpy(v) for k, v in feed.items()}).last_hidden_state
        worst = max(worst, float(np.abs(got.numpy() - expected)[mask > 0].max()))
    return worst


def _config(weights: Mapping[str, Floats], kind: Any) -> Any:
    vocabulary, width = weights["embeddings.word_embeddings.weight"].shape
    layers = {int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer.")}
    return kind(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=len(layers),
        num_attention_heads=max(1, width // HEAD_WIDTH),
        intermediate_size=len(weights["encoder.layer.0.intermediate.dense.bias"]),
        max_position_embeddings=len(weights["embeddings.position_embeddings.weight"]),
        type_vocab_size=len(weights["embeddings.token_type_embeddings.weight"]),
    )


def _fill(model: BertModel, weights: Mapping[str, Floats]) -> None:
    import torch

    given = {name: torch.from_numpy(value) for name, value in weights.items()}
    missing = model.load_state_dict(given, strict=False).missing_keys
    lacking = [name for name in missing if "position_ids" not in name and "pooler" not in name]
    if lacking:
        raise ConfigurationError(f"the ONNX file lacks {', '.join(lacking[:3])}")
