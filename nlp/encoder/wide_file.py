"""The wide part as plain arrays in one .npz: no pickle, no text; an n-gram is a slot number."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.errors import ConfigurationError
from nlp.encoder.layout import Layout
from nlp.encoder.wide import BITS, SIGNS, Grams, Part, Wide
from nlp.model_file import pack, unpack

_PARTS = ("labels", "emotion")


def save(wide: Wide, file: Path) -> None:
    """Write both parts; weights of n-grams take a byte each."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, part in zip(_PARTS, (wide.labels, wide.emotion), strict=True):
        count = len(part.grams.slots)
        packed, scales = pack(part.weights[:count])
        arrays |= {
            f"{name}_steps": np.diff(part.grams.slots, prepend=0).astype(np.uint32),
            f"{name}_idf": part.grams.weights.astype(np.float16),
            f"{name}_weights": packed,
            f"{name}_scales": scales,
            f"{name}_signs": part.weights[count:].astype(np.float32),
            f"{name}_bias": part.bias.astype(np.float32),
        }
    np.savez_compressed(file, allow_pickle=False, **arrays)


def load(file: Path, layout: Layout) -> Wide:
    """Read both parts; their columns must be those of `layout`.

    Raises:
        ConfigurationError: the file is missing, damaged or of another shape.
    """
    try:
        with np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        found = Wide(*(_part(arrays, name) for name in _PARTS))
        columns = (len(found.labels.bias), len(found.emotion.bias))
        if columns != (layout.labels, layout.served - layout.labels):
            raise ValueError(f"{columns} columns")
        return found
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise ConfigurationError(
            f"the n-gram weights can't be read: {type(error).__name__}",
            remedy="restore the model folder, or train anew with `courtpulse train`",
            where=file.name,
        ) from error


def _part(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> Part:
    slots = np.cumsum(arrays[f"{name}_steps"], dtype=np.int64).astype(np.int32)
    weights = np.vstack(
        [unpack(arrays[f"{name}_weights"], arrays[f"{name}_scales"]), arrays[f"{name}_signs"]]
    )
    shaped = len(weights) == len(slots) + SIGNS and weights.shape[1] == len(arrays[f"{name}_bias"])
    if not shaped or not len(slots) or slots[-1] >= 1 << BITS:
        raise ValueError("another shape")
    grams = Grams(slots, arrays[f"{name}_idf"].astype(np.float32))
    return Part(grams, weights.astype(np.float32), arrays[f"{name}_bias"])
