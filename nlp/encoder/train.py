"""A whole training: raw files to a model folder. Resumable; its state lies in `OUT/work`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from domain.annotation import IRRELEVANT
from domain.errors import ConfigurationError
from domain.posts import Platform
from nlp import label_files, topics
from nlp.corpus import LabelledText
from nlp.encoder import card, fitting, material, reading, wide_file, wide_fit
from nlp.encoder import folder as files
from nlp.encoder.layout import Layout
from nlp.encoder.material import DataFolder, Material
from nlp.encoder.network import Network, base_config, save_network
from nlp.encoder.reading import Reader, Tokens
from nlp.encoder.settling import HeldCourt, HeldEmotions, Settled, settle
from nlp.encoder.stages import Recipe, Stages
from nlp.encoder.wide import Part, Wide, hashed, signs
from nlp.features import prepare

#: Name of the model that ships. Two models of one name couldn't be told apart in stored annotations,
#: in the weekly report or by the drift reference.
SHIPPED_NAME = "court-v1"
_NAME = re.compile(r"\w[\w.-]{0,63}")
_KEPT = "kept.npy"


@dataclass(frozen=True)
class Training:
    """What is trained, from what, into which folder.

    Attributes:
        base: a `transformers` folder, or a hub name where `allow_download` is set.
        name: name and version, stored with every annotation; empty: the name of the folder `out`.
    """

    data: DataFolder
    base: str
    out: Path
    name: str = ""
    recipe: Recipe = field(default_factory=Recipe)
    allow_download: bool = False

    def run(self) -> Settled:
        """Train, settle, write the model folder `out`; goes on where a killed run stood.

        Raises:
            ConfigurationError: a file or the base model is missing, or the name is no name of an
                own model.
            BadInput: a data file holds what is no text of its kind.
        """
        name = own_name(self.name or self.out.resolve().name)
        work = self.out / "work"
        work.mkdir(parents=True, exist_ok=True)
        stages = self._stages(work)
        settled = self._settle(stages)
        everything = np.arange(len(stages.material.collected))
        wide = Wide(
            wide_fit.fit_labels(
                [*_chosen(stages.material, everything), *stages.material.examples],
                stages.layout.topic_ids,
            ),
            self._emotion_part(stages),
        )
        self._write(name, stages, settled, wide, stages.student("all"))
        return settled

    def _stages(self, work: Path) -> Stages:
        catalogue = topics.load()
        layout = Layout(tuple(t for t in catalogue if t not in (IRRELEVANT, topics.FALLBACK)))
        kept = self._vocabulary(work)
        return Stages(
            base=self.base,
            work=work,
            data=self.data,
            recipe=self.recipe,
            material=material.read(self.data, self.recipe.further),
            reader=Reader.load(work / files.TOKENIZER, self.recipe.longest),
            layout=layout,
            kept=kept,
            allow_download=self.allow_download,
        )

    def _vocabulary(self, work: Path) -> Tokens:
        kept_file, tokenizer_file = work / _KEPT, work / files.TOKENIZER
        if not kept_file.exists():
            texts = material.vocabulary_texts(self.data, self.recipe.vocabulary_lines)
            smaller, kept = reading.pruned(self._base_tokenizer(), texts)
            smaller.save(str(tokenizer_file))
            np.save(kept_file, kept)
        loaded: Tokens = np.load(kept_file, allow_pickle=False)
        return loaded

    def _base_tokenizer(self) -> Tokenizer:
        from transformers import AutoTokenizer

        try:
            loaded = AutoTokenizer.from_pretrained(
                self.base, local_files_only=not self.allow_download
            )
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"the base model's tokenizer can't be loaded: {type(error).__name__}",
                remedy="name a transformers folder, or allow the download with --allow-download",
                where=self.base,
            ) from error
        tokenizer: Tokenizer = loaded.backend_tokenizer
        return tokenizer

    def _settle(self, stages: Stages) -> Settled:
        """Blend, thresholds and metrics from what the `held` phase has not seen."""
        inputs = stages.material
        network = stages.student("held")
        seen = [*_chosen(inputs, inputs.seen), *inputs.examples]
        labels = wide_fit.fit_labels(seen, stages.layout.topic_ids)
        sure = np.array([i for i in inputs.held if not inputs.collected[i].unsure], np.int64)
        texts = _chosen(inputs, sure)
        court = HeldCourt(
            texts,
            deep_logits(network, stages, [t.text for t in texts], [t.platform for t in texts]),
            _label_logits(labels, texts, stages.layout),
            inputs.group_of[sure],
        )
        emotion = self._emotion_part(stages)
        return settle(court, _held_emotions(stages, network, emotion), stages.layout)

    def _emotion_part(self, stages: Stages) -> Part:
        return wide_fit.fit_emotions(
            [one.texts[i] for one in stages.material.emotions for i in one.seen]
        )

    def _write(
        self, name: str, stages: Stages, settled: Settled, wide: Wide, network: Network
    ) -> None:
        save_network(network.eval(), self.out)
        (self.out / files.TOKENIZER).write_bytes((stages.work / files.TOKENIZER).read_bytes())
        wide_file.save(wide, self.out / files.NGRAMS)
        files.write_about(
            files.About(
                name=name,
                layout=stages.layout,
                thresholds=settled.thresholds,
                blend=settled.blend,
                longest=self.recipe.longest,
                emotion_offsets=settled.emotion_offsets,
            ),
            self.out,
        )
        card.write(self.out / "card.md", name, settled, stages.material, self._making(network))

    def _making(self, network: Network) -> card.Making:
        base = base_config(self.base, allow_download=self.allow_download)
        return card.Making(
            base=Path(self.base).name if Path(self.base).is_dir() else self.base,
            base_network=card.shape(base),
            network=card.shape(network.encoder.config),
            longest=self.recipe.longest,
            shipped_labels=self.data.labels == label_files.LABELS,
            layers=self.recipe.layers,
            inner=self.recipe.inner,
        )


def own_name(name: str) -> str:
    """`name`, if an own model may bear it.

    Raises:
        ConfigurationError: it is the shipped model's, or holds what is no letter, digit, `.`, `-`.
    """
    if name == SHIPPED_NAME:
        raise ConfigurationError(
            f"{SHIPPED_NAME} is the name of the model that ships",
            remedy="name yours otherwise with --name, or let --out be another folder",
            where=name,
        )
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            "this is no name of a model: letters, digits, '.', '_' and '-', at most 64",
            remedy="give another one with --name",
            where=name,
        )
    return name


def deep_logits(
    network: Network, stages: Stages, texts: Sequence[str], platforms: Sequence[Platform]
) -> npt.NDArray[np.float64]:
    """The encoder's logits over the served columns."""
    ids = stages.reader.read([prepare(text) for text in texts], platforms)
    said = fitting.predict(network, ids)[:, : stages.layout.served]
    return said.astype(np.float64)


def _chosen(inputs: Material, numbers: npt.NDArray[np.int64]) -> list[LabelledText]:
    return [inputs.collected[i] for i in numbers]


def _label_logits(
    part: Part, texts: Sequence[LabelledText], layout: Layout
) -> npt.NDArray[np.float64]:
    prepared = [prepare(text.text) for text in texts]
    result = np.zeros((len(texts), layout.served))
    signed = signs(prepared, [text.platform for text in texts])
    result[:, : layout.labels] = part.logits(hashed(prepared), signed)
    return result


def _held_emotions(stages: Stages, network: Network, part: Part) -> list[HeldEmotions]:
    found = []
    columns = stages.layout.head("emotion").columns
    for one in stages.material.emotions:
        texts = [one.texts[i] for i in one.held]
        prepared = [prepare(text.text) for text in texts]
        platforms = [Platform.WEIBO] * len(texts)
        wide = np.zeros((len(texts), stages.layout.served))
        wide[:, columns] = part.logits(hashed(prepared), signs(prepared, platforms))
        deep = deep_logits(network, stages, [text.text for text in texts], platforms)
        found.append(HeldEmotions(one.name, [text.emotion for text in texts], deep, wide))
    return found
