"""The stages of a training. Each leaves its weights in the work folder and is skipped when they lie
there; each killed one goes on from its last checkpoint.

ground: the base model learns emotions and stances toward given targets.
teacher: it learns the court's labels from real and fictional texts.
soften: the teacher labels the pool.
student: a smaller network of some of its layers learns from labels and from the teacher.

Teacher and student go through two phases: in `held` they never see one fold of events, so that
blend, thresholds and metrics are honest; in `all` they go on with everything, and that ships.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch

from domain.posts import Platform
from nlp.encoder import fitting, network, sheets
from nlp.encoder.fitting import Plan, Stage
from nlp.encoder.layout import Layout
from nlp.encoder.material import DataFolder, Emotions, Material
from nlp.encoder.network import Network
from nlp.encoder.reading import Reader, Tokens
from nlp.encoder.sheets import Floats, Sheet
from nlp.features import prepare

Phase = Literal["held", "all"]
Part = Literal["teacher", "student"]
_PAIR_SEED, _REPLAY_SEED = 3, 5
#: Heads the teacher labels of pool texts; how much its emotions weigh there.
_TAUGHT = ("stance", "demand", "topics", "irony", "emotion")
_SOFT_EMOTION = 0.3
#: Pool texts on which the importance of inner units is measured.
_IMPORTANCE_TEXTS = 640


@dataclass(frozen=True)
class Recipe:
    """What a training does; the defaults made the model that ships.

    Attributes:
        layers: layers of the teacher that the student keeps; empty: no student, the teacher ships.
        inner: inner units that each of them keeps.
        pairs: texts with a given target in the ground stage.
        replay: emotion texts of each set that the teacher sees again, so as not to forget.
        repeats: how often teacher and student see each labelled court text.
    """

    ground: Plan = field(default_factory=lambda: Plan(1, 32, 1.5e-4))
    teacher: Mapping[Phase, Plan] = field(
        default_factory=lambda: {"held": Plan(1, 32, 1.2e-4), "all": Plan(1, 32, 1.2e-4, seed=11)}
    )
    student: Mapping[Phase, Plan] = field(
        default_factory=lambda: {
            "held": Plan(1, 32, 4e-4, 0.9),
            "all": Plan(1, 32, 2.5e-4, 0.9, seed=12),
        }
    )
    layers: tuple[int, ...] = (0, 3)
    inner: int = 1024
    pairs: int = 10_000
    replay: tuple[int, ...] = (6000, 2000)
    repeats: tuple[int, int] = (2, 2)
    further: int = 6000
    vocabulary_lines: int = 500_000
    longest: int = 64


@dataclass(frozen=True)
class Stages:
    """All stages over one work folder."""

    base: str
    work: Path
    data: DataFolder
    recipe: Recipe
    material: Material
    reader: Reader
    layout: Layout
    kept: Tokens
    allow_download: bool = False

    def ground(self) -> Network:
        """The base model after emotions and given targets."""
        torch.manual_seed(0)
        encoder = network.load_encoder(self.base, allow_download=self.allow_download)
        if len(self.kept) != encoder.config.vocab_size:
            network.keep_tokens(encoder, self.kept)
        result, stage = Network(encoder, self.layout.size), Stage("ground", self.work)
        if stage.done_file.exists():
            fitting.fit(result, None, self.recipe.ground, self.layout, stage)
            return result
        pairs = sheets.of_pairs(
            self.data.file("c_stance.jsonl"),
            self.recipe.pairs,
            _PAIR_SEED,
            self.reader,
            self.layout,
        )
        felt = [sheet.rows(one.seen) for one, sheet in self.emotion_sheets()]
        sheet = sheets.join([*felt, pairs])
        fitting.fit(result, sheet, self.recipe.ground, self.layout, stage)
        return result

    def teacher(self, phase: Phase) -> Network:
        """The grounded network after the court's labels; in `all` it goes on from `held`."""
        result = self.ground() if phase == "held" else self.teacher("held")
        if self._stage("teacher", phase).done_file.exists():
            return self._fit(result, None, "teacher", phase)
        court, examples = self.court_sheets(phase)
        generator = np.random.default_rng(_REPLAY_SEED)
        replay = [
            sheet.rows(generator.choice(one.seen, min(count, len(one.seen)), replace=False))
            for (one, sheet), count in zip(self.emotion_sheets(), self.recipe.replay, strict=True)
        ]
        repeated = [court] * self.recipe.repeats[0] + [examples] * self.recipe.repeats[0]
        return self._fit(result, sheets.join([*repeated, *replay]), "teacher", phase)

    def student(self, phase: Phase) -> Network:
        """What ships: a part of the teacher, taught by it; the teacher itself without `layers`."""
        if not self.recipe.layers:
            return self.teacher(phase)
        if self._stage("student", phase).done_file.exists():
            return self._fit(self._part_of(self.ground()), None, "student", phase)
        teacher = self.teacher(phase)
        sheet, pool = self._lessons(phase, teacher)
        result = self._part_of(teacher, pool) if phase == "held" else self.student("held")
        return self._fit(result, sheet, "student", phase)

    def _part_of(self, teacher: Network, pool: Sequence[Tokens] = ()) -> Network:
        """Some layers of `teacher`, their inner units chosen on texts of the pool."""
        sample = pool[:_IMPORTANCE_TEXTS]
        batches = [fitting.pad(sample[i : i + 32]) for i in range(0, len(sample), 32)]
        weights = network.importance(teacher, batches)
        torch.manual_seed(1)
        return network.student(teacher, self.recipe.layers, self.recipe.inner, weights)

    def emotion_sheets(self) -> list[tuple[Emotions, Sheet]]:
        """Each emotion set with its sheet."""
        return [
            (one, sheets.of_emotions(one.texts, self.reader, self.layout))
            for one in self.material.emotions
        ]

    def court_sheets(self, phase: Phase) -> tuple[Sheet, Sheet]:
        """Collected and fictional texts that this phase may see."""
        material = self.material
        seen = material.seen if phase == "held" else np.arange(len(material.collected))
        collected = [material.collected[i] for i in seen]
        return (
            sheets.of_labelled(collected, self.reader, self.layout),
            sheets.of_labelled(material.examples, self.reader, self.layout),
        )

    def pool_ids(self, phase: Phase) -> list[Tokens]:
        """Pool texts without those held out."""
        material = self.material
        hidden = {material.collected[i].text for i in material.held} if phase == "held" else set()
        texts = [one for one in material.pool if one.text not in hidden]
        return self._ids([one.text for one in texts], [one.platform for one in texts])

    def _lessons(self, phase: Phase, teacher: Network) -> tuple[Sheet, list[Tokens]]:
        court, examples = self.court_sheets(phase)
        pool = self.pool_ids(phase)
        further = self._ids(
            [one.text for one in self.material.further],
            [one.platform for one in self.material.further],
        )
        soft = self._softened(phase, teacher, [pool, further, court.ids, examples.ids])
        of_pool = sheets.soft(pool, soft[0], self.layout, _TAUGHT)
        of_pool.weights[:, self.layout.number("emotion")] = _SOFT_EMOTION
        of_further = sheets.soft(further, soft[1], self.layout, ("emotion",))
        felt = [sheet.rows(one.seen) for one, sheet in self.emotion_sheets()]
        labelled = [self._mixed(court, soft[2])] * self.recipe.repeats[1]
        written = [self._mixed(examples, soft[3])] * self.recipe.repeats[1]
        return sheets.join([of_pool, of_further, *labelled, *written, *felt]), pool

    def _mixed(self, sheet: Sheet, soft: Floats) -> Sheet:
        """Half what the labels say, half what the teacher says; emotions are the teacher's."""
        wanted = (0.5 * sheet.wanted + 0.5 * soft).astype(np.float32)
        emotion, pair = self.layout.head("emotion"), self.layout.head("pair")
        wanted[:, emotion.columns] = soft[:, emotion.columns]
        wanted[:, pair.columns] = 0
        weights = sheet.weights.copy()
        weights[:, self.layout.number("emotion")] = _SOFT_EMOTION
        return Sheet(sheet.ids, wanted, weights)

    def _softened(
        self, phase: Phase, teacher: Network, parts: Sequence[Sequence[Tokens]]
    ) -> list[npt.NDArray[np.float32]]:
        file = self.work / f"soft-{phase}.npz"
        if not file.exists():
            said = {
                f"part{number}": fitting.shares(fitting.predict(teacher, ids), self.layout)
                for number, ids in enumerate(parts)
            }
            beside = self.work / f"soft-{phase}.part.npz"
            np.savez(beside, allow_pickle=False, **said)
            beside.replace(file)
        with np.load(file, allow_pickle=False) as stored:
            return [stored[f"part{number}"] for number in range(len(parts))]

    def _ids(self, texts: Sequence[str], platforms: Sequence[Platform]) -> list[Tokens]:
        return self.reader.read([prepare(text) for text in texts], platforms)

    def _fit(self, result: Network, sheet: Sheet | None, part: Part, phase: Phase) -> Network:
        """Train, or load what the stage has left; without a sheet it must have left something."""
        plan = self.recipe.teacher[phase] if part == "teacher" else self.recipe.student[phase]
        fitting.fit(result, sheet, plan, self.layout, self._stage(part, phase))
        return result

    def _stage(self, part: Part, phase: Phase) -> Stage:
        return Stage(f"{part}-{phase}", self.work)
