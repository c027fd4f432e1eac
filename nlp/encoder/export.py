"""From a trained folder to one that needs no torch, with the proof that both say the same."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from domain.errors import ConfigurationError
from domain.posts import Platform
from domain.protocols import Reading
from nlp import training
from nlp.encoder import folder as files
from nlp.encoder.reading import Reader
from nlp.encoder.runtime import OnnxRuntime
from nlp.encoder.serving import NeuralAnnotator
from nlp.features import prepare

#: Name of the fp32 file of an export; only the int8 file is served.
FULL = "encoder.fp32.onnx"
PROOF = "export.json"
#: fp32 must agree with torch to this; int8 may change so many labels of a hundred.
_FULL_TOLERANCE, _LEAST_AGREEMENT = 1e-3, 0.9


@dataclass(frozen=True)
class Proof:
    """How far the exported files agree with torch.

    Attributes:
        texts: how many texts were compared.
        fp32_difference, int8_difference: largest difference of a logit.
        fp32_agreement, int8_agreement: share of texts with all labels alike.
    """

    texts: int
    fp32_difference: float
    int8_difference: float
    fp32_agreement: float
    int8_agreement: float


def export(trained: Path, out: Path) -> Proof:
    """Write `out` from a folder that a training wrote; keeps the fp32 file beside the int8 one.

    Raises:
        ConfigurationError: `trained` holds no trained model, or the outputs don't agree.
    """
    from nlp.encoder import network, onnx_files

    about = files.read_about(trained)
    if not (trained / files.WEIGHTS).exists():
        raise ConfigurationError(
            f"the folder holds no {files.WEIGHTS}, so there is nothing to export",
            remedy="name the folder that `courtpulse train` wrote",
            where=trained.name,
        )
    out.mkdir(parents=True, exist_ok=True)
    for name in (files.TOKENIZER, files.NGRAMS):
        shutil.copyfile(trained / name, out / name)
    if (trained / "card.md").exists():
        shutil.copyfile(trained / "card.md", out / "card.md")
    onnx_files.write(
        network.load_network(trained), about.layout.served, out / FULL, out / files.ONNX
    )
    files.write_about(about, out)
    proof = _prove(trained, out, about)
    (out / PROOF).write_text(json.dumps(asdict(proof), indent=1) + "\n", encoding="utf-8")
    if proof.fp32_difference > _FULL_TOLERANCE or proof.int8_agreement < _LEAST_AGREEMENT:
        raise ConfigurationError(
            f"the exported model says something else: fp32 differs by {proof.fp32_difference:.2g}, "
            f"int8 agrees on {proof.int8_agreement:.1%} of the texts",
            remedy="use the trained folder itself, and report the base model",
            where=out.name,
        )
    return proof


def _prove(trained: Path, out: Path, about: files.About) -> Proof:
    texts = training.read_examples()
    readings = [text.reading for text in texts] + [Reading("", Platform.WEIBO)]
    reader = Reader.load(out / files.TOKENIZER, about.longest)
    ids = reader.read([prepare(one.text) for one in readings], [one.platform for one in readings])
    in_torch = NeuralAnnotator.load(trained)
    expected, labels = in_torch.runtime.logits(ids), in_torch.annotate(readings)
    found = []
    for name in (FULL, files.ONNX):
        runtime = OnnxRuntime(out / name)
        said = in_torch.with_runtime(runtime).annotate(readings)
        alike = np.mean(
            [
                (a.target, a.sentiment, a.topics, a.demand, a.irony, a.emotion)
                == (b.target, b.sentiment, b.topics, b.demand, b.irony, b.emotion)
                for a, b in zip(labels, said, strict=True)
            ]
        )
        found.append((float(np.abs(runtime.logits(ids) - expected).max()), float(alike)))
    (full, full_alike), (small, small_alike) = found
    return Proof(len(readings), full, small, round(full_alike, 4), round(small_alike, 4))
