"""An exported model as a `transformers` folder again: to fine-tune it, or to look inside.

The int8 weights are multiplied by their scales; what int8 had rounded away stays lost. The shipped
model lies in git as int8 alone (9 MB instead of 33), and this is how one gets at its encoder.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from domain.errors import ConfigurationError
from domain.posts import Platform
from domain.protocols import Reading
from nlp import training
from nlp.encoder import folder as files
from nlp.encoder.base import HEAD_WIDTH, SPECIAL_TOKENS
from nlp.encoder.export import labels_alike
from nlp.encoder.network import Network, save_network
from nlp.encoder.serving import NeuralAnnotator

Floats = npt.NDArray[np.float32]
_PACKED, _SCALE = ".weight_Transposed_quantized", ".weight_Transposed_scale"
#: Least share of texts whose decided labels are all alike; an export itself must reach so much.
_LEAST_AGREEMENT = 0.9
_NO_EXPORT = "the folder holds no exported BERT"
_REMEDY = "name the shipped folder or one that `courtpulse model export` wrote of a BERT"


@dataclass(frozen=True)
class Restored:
    """How far the restored network agrees with the exported one.

    Attributes:
        texts: how many texts were compared.
        agreement: share of them whose decided labels are all alike.
    """

    texts: int
    agreement: float


def restore(exported: Path, out: Path) -> Restored:
    """Write `out` in the form that `courtpulse train` writes.

    `about.json` is written last: a folder whose proof failed can't be loaded.

    Raises:
        ConfigurationError: `exported` holds no exported BERT, or the restored network says
            something else.
    """
    about = files.read_about(exported)
    weights = _weights(exported / files.ONNX)
    out.mkdir(parents=True, exist_ok=True)
    (out / files.ABOUT).unlink(missing_ok=True)
    save_network(_network(weights).eval(), out)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(exported / files.TOKENIZER), **SPECIAL_TOKENS
    )
    tokenizer.save_pretrained(out)
    for name in (files.TOKENIZER, files.NGRAMS):
        shutil.copyfile(exported / name, out / name)
    files.write_about(about, out)
    found = _compared(exported, out)
    if found.agreement < _LEAST_AGREEMENT:
        (out / files.ABOUT).unlink()
        raise ConfigurationError(
            f"the restored network says something else: all labels alike on {found.agreement:.1%}",
            remedy=_REMEDY,
            where=exported.name,
        )
    (out / "restored.json").write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
    return found


def _compared(exported: Path, out: Path) -> Restored:
    readings = [text.reading for text in training.read_examples()] + [Reading("", Platform.WEIBO)]
    said = [NeuralAnnotator.load(folder).annotate(readings) for folder in (exported, out)]
    return Restored(len(readings), round(float(labels_alike(*said).all(axis=1).mean()), 4))


def _weights(file: Path) -> dict[str, Floats]:
    """Arrays by the names that the export gave them; matrices as torch holds them."""
    import onnx
    from google.protobuf.message import DecodeError
    from onnx import numpy_helper

    try:
        graph = onnx.load(str(file)).graph
    except (OSError, DecodeError) as error:
        raise ConfigurationError(_NO_EXPORT, remedy=_REMEDY, where=file.name) from error
    stored = {one.name: np.array(numpy_helper.to_array(one)) for one in graph.initializer}
    try:
        found = {name: array for name, array in stored.items() if array.dtype == np.float32}
        for name, array in stored.items():
            if name.endswith(_PACKED):
                plain = name.removesuffix(_PACKED)
                scaled = array.astype(np.float32) * stored[plain + _SCALE]
                found[f"{plain}.weight"] = scaled.T.copy()
        found["words"] = stored["words.table"].astype(np.float32) * stored["words.scales"]
        for needed in ("places", "heads.weight", "joined.0.weight"):
            _ = found[needed]
    except KeyError as error:
        raise ConfigurationError(_NO_EXPORT, remedy=_REMEDY, where=file.name) from error
    return found


def _network(weights: Mapping[str, Floats]) -> Network:
    vocabulary, width = weights["words"].shape
    layers = sum(name.startswith("joined.") and name.endswith(".weight") for name in weights)
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=max(1, width // HEAD_WIDTH),
        intermediate_size=len(weights["layers.0.intermediate.dense.bias"]),
        max_position_embeddings=len(weights["places"]),
    )
    bert: Any = BertModel(config, add_pooling_layer=False)
    network = Network(bert, len(weights["heads.bias"]))
    with torch.no_grad():
        bert.embeddings.word_embeddings.weight.copy_(torch.from_numpy(weights["words"]))
        bert.embeddings.position_embeddings.weight.copy_(torch.from_numpy(weights["places"]))
        # The export added the first kind of token to the places.
        bert.embeddings.token_type_embeddings.weight.zero_()
        _copy(bert.embeddings.LayerNorm, weights, "norm")
        _copy(network.heads, weights, "heads")
        for number, layer in enumerate(bert.encoder.layer):
            _fill(layer, weights, number)
    return network


def _fill(layer: Any, weights: Mapping[str, Floats], number: int) -> None:
    for name in ("attention.output.dense", "attention.output.LayerNorm", "intermediate.dense",
                 "output.dense", "output.LayerNorm"):  # fmt: skip
        _copy(layer.get_submodule(name), weights, f"layers.{number}.{name}")
    own = layer.attention.self
    parts = [own.query, own.key, own.value]
    alone = f"layers.{number}.attention.self.query"
    if f"{alone}.weight" in weights:  # the last layer: one query, all keys and values
        _copy(parts.pop(0), weights, alone)
    for kind in ("weight", "bias"):
        pieces = np.split(weights[f"joined.{number}.{kind}"], len(parts))
        for part, piece in zip(parts, pieces, strict=True):
            getattr(part, kind).copy_(torch.from_numpy(piece))


def _copy(module: nn.Module, weights: Mapping[str, Floats], name: str) -> None:
    for kind in ("weight", "bias"):
        getattr(module, kind).copy_(torch.from_numpy(weights[f"{name}.{kind}"]))
