"""What a model folder holds, read strictly: a damaged folder names the file that is wrong.

| file | what |
|---|---|
| `about.json` | name, topics, thresholds, blend, checksums |
| `tokenizer.json` | of `tokenizers` |
| `ngrams.npz` | the wide part |
| `encoder.onnx` | exported: int8 (or fp32) encoder with heads, one text a run |
| `config.json`, `model.safetensors`, `heads.safetensors` | not exported: `transformers` format |
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from domain.errors import ConfigurationError
from nlp.decisions import DEMANDS, STANCES, Thresholds
from nlp.encoder.blend import Blend
from nlp.encoder.layout import EMOTIONS, Layout

#: Raised when a file changes its meaning.
FORMAT = 1
ABOUT, TOKENIZER, NGRAMS, ONNX = "about.json", "tokenizer.json", "ngrams.npz", "encoder.onnx"
#: Fewer leave no room for a text between its marks.
LEAST_TOKENS = 8
WEIGHTS, HEADS = "model.safetensors", "heads.safetensors"


@dataclass(frozen=True)
class About:
    """Everything about a model that is no weight.

    Attributes:
        longest: tokens read of a text.
        emotion_offsets: added to the log-probability of each emotion before the largest is taken.
        checksums: SHA-256 of the other files, by name.
    """

    name: str
    layout: Layout
    thresholds: Thresholds
    blend: Blend
    longest: int
    emotion_offsets: tuple[float, ...] = (0.0,) * len(EMOTIONS)
    checksums: Mapping[str, str] = field(default_factory=dict)


def write_about(about: About, folder: Path) -> None:
    """Write `about.json` with the checksums of the files beside it."""
    names = (TOKENIZER, NGRAMS, ONNX, WEIGHTS, HEADS)
    content = {
        "format": FORMAT,
        "name": about.name,
        "topics": about.layout.topic_ids,
        "stances": STANCES,
        "demands": DEMANDS,
        "emotions": EMOTIONS,
        "longest": about.longest,
        "thresholds": {
            "court_negative": about.thresholds.court_negative,
            "irrelevant": about.thresholds.irrelevant,
            "topics": dict(about.thresholds.topics),
            "irony": about.thresholds.irony,
        },
        "emotion_offsets": about.emotion_offsets,
        "blend": {
            part: [round(float(one), 6) for one in getattr(about.blend, part)]
            for part in ("deep", "wide", "shift")
        },
        "sha256": {name: _digest(folder / name) for name in names if (folder / name).exists()},
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (folder / ABOUT).write_text(text + "\n", encoding="utf-8")


def read_about(folder: Path) -> About:
    """Read `about.json` and check the files beside it.

    Raises:
        ConfigurationError: a file is missing, damaged or of another format; names the file.
    """
    file = folder / ABOUT
    if not file.exists() and (not folder.is_dir() or (folder / "config.json").exists()):
        raise ConfigurationError(
            "no model folder of courtpulse is here; a plain transformers folder has no heads for "
            "court labels",
            remedy=f"train them: `courtpulse train --base {folder} --data DATA --out trained`, then "
            "`courtpulse model export trained --out model`, and name `model` (a hub name needs "
            "--allow-download); docs/training.md says what DATA holds",
            where=f"{folder.name}/{ABOUT}",
        )
    try:
        about = _about(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        # The words of an OSError hold the path, which `where` tells shorter.
        why = "" if isinstance(error, OSError) else f": {error}"
        raise ConfigurationError(
            f"the model can't be read: {type(error).__name__}{why}",
            remedy="name a folder that `courtpulse train` or `courtpulse model export` wrote, "
            "or leave the setting empty for the model that ships",
            where=f"{folder.name}/{ABOUT}",
        ) from error
    for name, digest in about.checksums.items():
        if not (folder / name).is_file() or _digest(folder / name) != digest:
            raise ConfigurationError(
                "the file is missing or damaged",
                remedy="restore the model folder, or export the model again",
                where=f"{folder.name}/{name}",
            )
    return about


def _about(content: Mapping[str, Any]) -> About:
    labels = tuple(tuple(content[name]) for name in ("stances", "demands", "emotions"))
    if content["format"] != FORMAT or labels != (STANCES, DEMANDS, EMOTIONS):
        raise ValueError("another format")
    layout = Layout(tuple(content["topics"]))
    blend = Blend(
        *(np.array(content["blend"][part], np.float64) for part in ("deep", "wide", "shift"))
    )
    for part in (blend.deep, blend.wide, blend.shift):
        if part.shape != (layout.served,) or not np.isfinite(part).all():
            raise ValueError(f"the blend must be {layout.served} numbers a part")
    offsets = tuple(map(float, content["emotion_offsets"]))
    if len(offsets) != len(EMOTIONS) or not np.isfinite(offsets).all():
        raise ValueError("emotion_offsets must be a number for each emotion")
    longest = int(content["longest"])
    if longest < LEAST_TOKENS:
        raise ValueError(f"longest must be at least {LEAST_TOKENS}")
    return About(
        name=str(content["name"]),
        layout=layout,
        thresholds=_thresholds(content["thresholds"], layout),
        blend=blend,
        longest=longest,
        emotion_offsets=offsets,
        checksums={str(name): str(digest) for name, digest in content["sha256"].items()},
    )


def _thresholds(content: Mapping[str, Any], layout: Layout) -> Thresholds:
    topics = {str(topic): float(least) for topic, least in content["topics"].items()}
    if set(topics) != set(layout.topic_ids) or len(set(layout.topic_ids)) != len(layout.topic_ids):
        raise ValueError("thresholds.topics must name each of topics once")
    found = Thresholds(
        float(content["court_negative"]),
        float(content["irrelevant"]),
        topics,
        float(content["irony"]),
    )
    numbers = (found.court_negative, found.irrelevant, found.irony, *topics.values())
    if not np.isfinite(numbers).all():
        raise ValueError("a threshold is no number")
    return found


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
