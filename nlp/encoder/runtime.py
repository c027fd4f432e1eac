"""What computes the encoder's logits: ONNX Runtime, or torch for a folder that isn't exported."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from domain.errors import ConfigurationError
from nlp.encoder import folder as files
from nlp.encoder.reading import Tokens

Floats = npt.NDArray[np.float32]
#: From so many texts on the work is shared between threads.
_WORTH_THREADS = 16


class Runtime(Protocol):
    """Token numbers to logits."""

    def logits(self, ids: Sequence[Tokens]) -> Floats: ...  # texts × served columns


class OnnxRuntime:
    """Runs `encoder.onnx`, one text a run; a text's logits depend on nothing else."""

    def __init__(self, file: Path, threads: int | None = None) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(
                file.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises kinds of its own, without a common base
            raise ConfigurationError(
                f"the encoder can't be loaded: {type(error).__name__}",
                remedy="restore the model folder, or export the model again",
                where=f"{file.parent.name}/{file.name}",
            ) from error
        self._threads = threads or len(os.sched_getaffinity(0))

    def logits(self, ids: Sequence[Tokens]) -> Floats:
        """Texts × served columns."""
        if self._threads == 1 or len(ids) < _WORTH_THREADS:
            return np.concatenate([self._one(one) for one in ids])
        with ThreadPoolExecutor(self._threads) as pool:
            return np.concatenate(list(pool.map(self._one, ids)))

    def _one(self, ids: Tokens) -> Floats:
        result: Floats = self._session.run(None, {"ids": ids[None]})[0]
        return result


class TorchRuntime:
    """Runs the `transformers` folder of a training in fp32; needs torch."""

    def __init__(self, folder: Path, columns: int) -> None:
        try:
            from nlp.encoder.network import load_network
        except ImportError as error:
            raise ConfigurationError(
                "a model that isn't exported needs torch",
                remedy="install courtpulse[torch], or run `courtpulse model export`",
                where=folder.name,
            ) from error
        self._network, self._columns = load_network(folder), columns

    def logits(self, ids: Sequence[Tokens]) -> Floats:
        """Texts × served columns."""
        import torch

        with torch.no_grad():
            parts = [
                self._network(torch.from_numpy(one[None]), torch.ones(1, len(one))) for one in ids
            ]
        result: Floats = torch.cat(parts)[:, : self._columns].numpy()
        return result


def open_runtime(folder: Path, columns: int) -> Runtime:
    """The runtime a model folder asks for.

    Raises:
        ConfigurationError: the folder holds no encoder, or a damaged one.
    """
    if (folder / files.ONNX).exists():
        return OnnxRuntime(folder / files.ONNX)
    if (folder / files.WEIGHTS).exists():
        return TorchRuntime(folder, columns)
    raise ConfigurationError(
        f"the folder holds neither {files.ONNX} nor {files.WEIGHTS}",
        remedy="name a folder that `courtpulse train` or `courtpulse model export` wrote",
        where=folder.name,
    )
