"""Encoder and n-grams speak together: a weighted sum of their logits for each column, calibrated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Logits = npt.NDArray[np.float32] | Doubles


@dataclass(frozen=True)
class Blend:
    """For each served column: factor of the encoder's logit, of the n-grams', and a shift."""

    deep: Doubles
    wide: Doubles
    shift: Doubles

    def apply(self, deep: Logits, wide: Logits) -> Doubles:
        """Calibrated logits; texts × columns."""
        result: Doubles = (
            deep.astype(np.float64) * self.deep + wide.astype(np.float64) * self.wide + self.shift
        )
        return result
