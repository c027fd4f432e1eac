"""A tiny random BERT, data files made of the fictional examples, and what training makes of them."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from nlp import training
from nlp.encoder.layout import EMOTIONS, PAIR_STANCES
from nlp.features import prepare

FEW = training.read_examples()[::18]


@pytest.fixture(scope="session")
def torch_needed(require: Callable[[object, str], None]) -> None:
    """For tests that train: without torch they are skipped, on CI they fail.

    One thread: tiny products lose time on two, and runs are comparable bit by bit.
    """
    found = importlib.util.find_spec("torch") and importlib.util.find_spec("transformers")
    require(found, "training needs torch and transformers (make everything)")
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_base(torch_needed: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `transformers` folder of a random BERT over the characters of the examples."""
    import torch
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("base")
    tokenizer = tiny_tokenizer()
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=32, num_hidden_layers=4,
        num_attention_heads=2, intermediate_size=64, max_position_embeddings=96,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]",
    ).save_pretrained(folder)  # fmt: skip
    return folder


def tiny_tokenizer() -> Tokenizer:
    special = [
        "[PAD]",
        *(f"[unused{n}]" for n in range(1, 10)),
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
    ]
    characters = sorted({c for text in FEW for c in prepare(text.text) if c.strip()})
    vocabulary = {token: n for n, token in enumerate([*special, *characters])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    return tokenizer


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The files a training reads, fictional and small."""
    from nlp.encoder.material import DataFolder

    folder = tmp_path_factory.mktemp("data")
    rows = [
        {
            "id": str(number), "text": text.text, "kind": "post", "target": text.target,
            "sentiment": text.sentiment, "topics": text.topics, "demand": text.demand,
            "irony": text.irony,
        }
        for number, text in enumerate(FEW)
    ]  # fmt: skip
    felt = [{"text": t.text, "label": EMOTIONS[n % 6]} for n, t in enumerate(FEW)]
    write(folder / "court_labelled.jsonl", rows)
    write(
        folder / "court_pool.jsonl", [{k: row[k] for k in ("id", "text", "kind")} for row in rows]
    )
    for name in ("smp2020_ewect_usual", "smp2020_ewect_virus", "covid19_weibo_7emotion"):
        write(folder / f"{name}.jsonl", felt)
    pairs = [
        {"text": t.text, "target": "法院", "label": PAIR_STANCES[n % 3]} for n, t in enumerate(FEW)
    ]
    write(folder / "c_stance.jsonl", pairs)
    lines = "".join(f"fiction\t{t.text}\n" for t in FEW)
    (folder / "unlabelled.txt").write_text(lines * 5, encoding="utf-8")
    examples = tmp_path_factory.mktemp("examples")
    write(examples / "few.jsonl", rows[:30])
    return DataFolder(folder, tmp_path_factory.mktemp("labels"), examples)


@pytest.fixture(scope="session")
def tiny_recipe(torch_needed: None) -> Any:
    from nlp.encoder.fitting import Plan
    from nlp.encoder.stages import Recipe

    plan = {"held": Plan(1, 16, 1e-3), "all": Plan(1, 16, 1e-3, seed=2)}
    return Recipe(
        ground=Plan(1, 16, 1e-3), teacher=plan, student=plan, inner=32, pairs=40, replay=(40, 40),
        further=40, longest=48,
    )  # fmt: skip


@pytest.fixture(scope="session")
def trained(
    tiny_base: Path, tiny_data: Any, tiny_recipe: Any, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What a whole training of the tiny model writes."""
    from nlp.encoder.train import Training

    out = tmp_path_factory.mktemp("trained")
    Training(tiny_data, str(tiny_base), out, "tiny-v1", tiny_recipe).run()
    return out


@pytest.fixture(scope="session")
def exported(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model exported."""
    from nlp.encoder.export import export

    out = tmp_path_factory.mktemp("exported")
    export(trained, out)
    return out


def write(file: Path, rows: list[Any]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    file.write_text("".join(lines), encoding="utf-8")
