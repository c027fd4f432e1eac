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
    try:
        about = _about(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"the model can't be read: {type(error).__name__}",
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
    if len(blend.deep) != layout.served or len(blend.wide) != layout.served:
        raise ValueError("a blend of another shape")
    return About(
        name=str(content["name"]),
        layout=layout,
        thresholds=Thresholds(**content["thresholds"]),
        blend=blend,
        longest=int(content["longest"]),
        emotion_offsets=tuple(map(float, content["emotion_offsets"])),
        checksums={str(name): str(digest) for name, digest in content["sha256"].items()},
    )


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
