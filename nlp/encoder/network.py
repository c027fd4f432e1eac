"""The network that is trained: an encoder, its first token's state, one linear layer for all heads.

Needs torch; serving doesn't (`serving.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoConfig, AutoModel, BertModel, PreTrainedModel

from domain.errors import ConfigurationError
from nlp.encoder.folder import HEADS
from nlp.encoder.reading import Tokens

Ids: TypeAlias = torch.Tensor
_DROPOUT = 0.1


class Network(nn.Module):
    """Token numbers to logits of all heads."""

    def __init__(self, encoder: PreTrainedModel, columns: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.drop = nn.Dropout(_DROPOUT)
        self.heads = nn.Linear(encoder.config.hidden_size, columns)
        nn.init.normal_(self.heads.weight, std=0.02)
        nn.init.zeros_(self.heads.bias)

    def state(self, ids: Ids, mask: Ids) -> torch.Tensor:
        """The last state of the first token; texts × width."""
        if isinstance(self.encoder, BertModel):
            return first_state(self.encoder, ids, mask)
        found: torch.Tensor = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return found[:, 0]

    def forward(self, ids: Ids, mask: Ids) -> torch.Tensor:
        """Texts × columns."""
        logits: torch.Tensor = self.heads(self.drop(self.state(ids, mask)))
        return logits


def first_state(bert: BertModel, ids: Ids, mask: Ids) -> torch.Tensor:
    """What `bert` gives as the first token's last state, without computing the others' last layer.

    Only keys and values of the other tokens matter there: a layer costs a sixth.
    """
    states = bert.embeddings(input_ids=ids)
    hidden = (1.0 - mask[:, None, None, :].to(states.dtype)) * -10000.0
    *lower, last = bert.encoder.layer
    for layer in lower:
        states = _apply(layer, states, states, hidden)
    return _apply(last, states[:, :1], states, hidden)[:, 0]


def _apply(
    layer: Any, queries: torch.Tensor, states: torch.Tensor, hidden: torch.Tensor
) -> torch.Tensor:
    own = layer.attention.self
    heads, width = own.num_attention_heads, own.attention_head_size

    def split(value: torch.Tensor) -> torch.Tensor:
        return value.view(value.shape[0], -1, heads, width).transpose(1, 2)

    query, key, value = split(own.query(queries)), split(own.key(states)), split(own.value(states))
    shares = (query @ key.transpose(-1, -2) / math.sqrt(width) + hidden).softmax(-1)
    context = (own.dropout(shares) @ value).transpose(1, 2).flatten(2)
    attended = layer.attention.output(context, queries)
    result: torch.Tensor = layer.output(layer.intermediate(attended), attended)
    return result


def load_encoder(base: str, *, allow_download: bool = False) -> PreTrainedModel:
    """An encoder of a local folder, or of the hub where a download is allowed.

    Raises:
        ConfigurationError: there is no such folder, or the hub's model isn't here.
    """
    kind: Any = AutoModel
    options: dict[str, Any] = {"local_files_only": not allow_download}
    if _is_bert(base, options):
        kind, options["add_pooling_layer"] = BertModel, False
    try:
        encoder: PreTrainedModel = kind.from_pretrained(base, **options)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"the base model can't be loaded: {type(error).__name__}",
            remedy="name a transformers folder, or allow the download with --allow-download",
            where=base,
        ) from error
    return encoder


def base_config(base: str, *, allow_download: bool = False) -> Any:
    """The configuration of a base that `load_encoder` has loaded."""
    return AutoConfig.from_pretrained(base, local_files_only=not allow_download)


def _is_bert(base: str, options: dict[str, Any]) -> bool:
    try:
        return bool(AutoConfig.from_pretrained(base, **options).model_type == "bert")
    except (OSError, ValueError):
        return False  # from_pretrained tells what is wrong


def keep_tokens(encoder: PreTrainedModel, kept: Tokens) -> None:
    """Leave only some rows of the embedding table; token i becomes the former `kept[i]`."""
    table: Any = encoder.get_input_embeddings()
    smaller = nn.Embedding(len(kept), table.embedding_dim, padding_idx=0)
    with torch.no_grad():
        smaller.weight.copy_(table.weight[torch.from_numpy(kept)])
    encoder.set_input_embeddings(smaller)
    encoder.config.vocab_size = len(kept)


def student(teacher: Network, layers: Sequence[int], inner: int, importance: Any) -> Network:
    """A network of some of the teacher's layers, each with its `inner` most important inner units.

    Args:
        importance: layers of the teacher × inner units.
    """
    bert = teacher.encoder
    config = type(bert.config)(**bert.config.to_dict())
    config.num_hidden_layers, config.intermediate_size = len(layers), inner
    small = BertModel(config, add_pooling_layer=False)
    small.embeddings.load_state_dict(bert.embeddings.state_dict())
    for layer, number in zip(small.encoder.layer, layers, strict=True):
        _copy_layer(layer, bert.encoder.layer[number], importance[number].topk(inner).indices)
    result = Network(small, teacher.heads.out_features)
    result.heads.load_state_dict(teacher.heads.state_dict())
    return result


def _copy_layer(new: Any, old: Any, units: torch.Tensor) -> None:
    new.attention.load_state_dict(old.attention.state_dict())
    with torch.no_grad():
        new.intermediate.dense.weight.copy_(old.intermediate.dense.weight[units])
        new.intermediate.dense.bias.copy_(old.intermediate.dense.bias[units])
        new.output.dense.weight.copy_(old.output.dense.weight[:, units])
        new.output.dense.bias.copy_(old.output.dense.bias)
    new.output.LayerNorm.load_state_dict(old.output.LayerNorm.state_dict())


def importance(teacher: Network, batches: Sequence[tuple[Ids, Ids]]) -> torch.Tensor:
    """How much each inner unit contributes on `batches`: mean activation × length of its weights."""
    bert: Any = teacher.encoder
    sums = [torch.zeros(bert.config.intermediate_size) for _ in bert.encoder.layer]
    hooks = [
        layer.intermediate.register_forward_hook(
            lambda _module, _given, out, total=total: total.add_(
                out.detach().float().abs().flatten(0, -2).mean(0)
            )
        )
        for layer, total in zip(bert.encoder.layer, sums, strict=True)
    ]
    teacher.eval()
    with torch.no_grad():
        for ids, mask in batches:
            teacher(ids, mask)
    for hook in hooks:
        hook.remove()
    lengths = [layer.output.dense.weight.detach().norm(dim=0) for layer in bert.encoder.layer]
    return torch.stack([total * length for total, length in zip(sums, lengths, strict=True)])


def save_network(network: Network, folder: Path) -> None:
    """Write the encoder in `transformers` format and the heads beside it."""
    network.encoder.save_pretrained(folder)
    state = {name: value.contiguous() for name, value in network.heads.state_dict().items()}
    save_file(state, folder / HEADS)


def load_network(folder: Path) -> Network:
    """Read what `save_network` wrote.

    Raises:
        ConfigurationError: a file is missing or damaged.
    """
    try:
        state = load_file(folder / HEADS)
        network = Network(load_encoder(str(folder)), len(state["bias"]))
        network.heads.load_state_dict(state)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ConfigurationError(
            f"the network can't be read: {type(error).__name__}",
            remedy="restore the model folder, or train anew with `courtpulse train`",
            where=folder.name,
        ) from error
    network.eval()
    return network
