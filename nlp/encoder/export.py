"""From a trained folder to one that needs no torch, with the proof that both say the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from domain.annotation import Annotation
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
#: Largest difference of an fp32 and of an int8 logit from torch's (the shipped int8: .2). Labels alone
#: wouldn't show a damaged encoder where the n-grams decide.
_FULL_TOLERANCE, _SMALL_TOLERANCE = 1e-3, 2.0
#: Least share of texts whose decided labels are all alike, in fp32 and in int8.
_FULL_AGREEMENT, _LEAST_AGREEMENT = 0.999, 0.9
_LABELS = ("target", "sentiment", "topics", "demand", "irony", "emotion")


@dataclass(frozen=True)
class Proof:
    """How far the exported files agree with torch.

    Attributes:
        texts: how many texts were compared.
        fp32_difference, int8_difference: largest difference of a logit.
        fp32_agreement, int8_agreement: share of texts whose decided labels are all alike.
        int8_labels: share of texts alike, for each label.
    """

    texts: int
    fp32_difference: float
    int8_difference: float
    fp32_agreement: float
    int8_agreement: float
    int8_labels: dict[str, float]

    @property
    def holds(self) -> bool:
        """Whether the export may be used. Written so that a NaN fails."""
        return (
            self.fp32_difference <= _FULL_TOLERANCE
            and self.int8_difference <= _SMALL_TOLERANCE
            and self.fp32_agreement >= _FULL_AGREEMENT
            and self.int8_agreement >= _LEAST_AGREEMENT
        )


def export(trained: Path, out: Path) -> Proof:
    """Write `out` from a folder that a training wrote; keeps the fp32 file beside the int8 one.

    `about.json` is written last: a folder whose proof failed can't be loaded.

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
    (out / files.ABOUT).unlink(missing_ok=True)
    proof = prove(trained, out)
    files.write_about(about, out)
    (out / PROOF).write_text(json.dumps(asdict(proof), indent=1) + "\n", encoding="utf-8")
    return proof


def prove(trained: Path, out: Path) -> Proof:
    """Compare both ONNX files of `out` with `trained` in torch, logits and decided labels.

    Raises:
        ConfigurationError: they say something else.
    """
    about = files.read_about(trained)
    texts = training.read_examples()
    readings = [text.reading for text in texts] + [Reading("", Platform.WEIBO)]
    reader = Reader.load(out / files.TOKENIZER, about.longest)
    ids = reader.read([prepare(one.text) for one in readings], [one.platform for one in readings])
    in_torch = NeuralAnnotator.load(trained)
    expected, labels = in_torch.runtime.logits(ids), in_torch.annotate(readings)
    differences, alike = [], []
    for name in (FULL, files.ONNX):
        runtime = OnnxRuntime(out / name)
        said = in_torch.with_runtime(runtime).annotate(readings)
        differences.append(float(np.abs(runtime.logits(ids) - expected).max()))
        alike.append(labels_alike(labels, said))
    full, small = (float(one.all(axis=1).mean()) for one in alike)
    by_label = {name: round(float(s), 4) for name, s in zip(_LABELS, alike[1].mean(0), strict=True)}
    proof = Proof(
        texts=len(readings),
        fp32_difference=differences[0],
        int8_difference=differences[1],
        fp32_agreement=round(full, 4),
        int8_agreement=round(small, 4),
        int8_labels=by_label,
    )
    if not proof.holds:
        raise ConfigurationError(
            f"the exported model says something else: logits differ by "
            f"{proof.fp32_difference:.2g} (fp32) and {proof.int8_difference:.2g} (int8), "
            f"all labels alike on {full:.1%} (fp32) and {small:.1%} (int8) of the texts",
            remedy="use the trained folder itself, and report the base model",
            where=out.name,
        )
    return proof


def labels_alike(some: Sequence[Annotation], others: Sequence[Annotation]) -> npt.NDArray[np.bool_]:
    """Whether two readings agree; texts × target, sentiment, topics, demand, irony, emotion."""
    return np.array(
        [
            [getattr(a, name) == getattr(b, name) for name in _LABELS]
            for a, b in zip(some, others, strict=True)
        ]
    )
