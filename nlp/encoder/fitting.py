"""One stage of training: batches, loss, schedule, checkpoints, a log. A killed stage goes on.

A stage is a function of its sheet, its plan and its seed: the order of the batches is drawn from
them, so a stage that was killed sees the same batches when it goes on.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from nlp.encoder.layout import Layout
from nlp.encoder.network import Network
from nlp.encoder.reading import Tokens
from nlp.encoder.sheets import Floats, Sheet

#: Steps between checkpoints and between lines of the log.
CHECKPOINT_STEPS = 150
LOG_STEPS = 25
#: Batches of like length are cut from so many at a time.
_POOL = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """How a stage learns.

    Attributes:
        rate: largest learning rate, of the heads and the last layer.
        decay: each layer below learns slower by this factor.
        warmup: share of the steps in which the rate rises; then it falls to zero.
    """

    epochs: int
    batch: int = 32
    rate: float = 1e-4
    decay: float = 0.85
    warmup: float = 0.06
    seed: int = 20260601


@dataclass(frozen=True)
class Stage:
    """Where a stage keeps its state and tells its progress."""

    name: str
    folder: Path

    @property
    def done_file(self) -> Path:
        """Weights after the last step."""
        return self.folder / f"{self.name}.pt"

    @property
    def state_file(self) -> Path:
        """Weights and optimizer in the middle."""
        return self.folder / f"{self.name}.state.pt"

    def log(self, **fields: Any) -> None:
        """One line of `metrics.jsonl`."""
        line = json.dumps({"at": round(time.time(), 1), "stage": self.name, **fields})
        with (self.folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def fit(network: Network, sheet: Sheet | None, plan: Plan, layout: Layout, stage: Stage) -> None:
    """Train `network` in place, or load what this stage has reached before.

    Raises:
        ValueError: the stage isn't done, and there is nothing to learn from.
    """
    if stage.done_file.exists():
        network.load_state_dict(torch.load(stage.done_file, weights_only=True))
        return
    if sheet is None:
        raise ValueError(f"stage {stage.name} isn't done")
    batches = list(_batches(sheet, plan))
    optimizer = torch.optim.AdamW(_groups(network, plan), weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: _slope(step, len(batches), plan.warmup)
    )
    done = _resume(network, optimizer, schedule, stage)
    started, tokens, losses = time.perf_counter(), 0, []
    network.train()
    for step, chosen in enumerate(batches[done:], start=done + 1):
        torch.manual_seed(plan.seed + step)
        ids, mask = pad([sheet.ids[i] for i in chosen])
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(ids, mask)
        loss = _loss(logits.float(), sheet, chosen, layout)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        tokens += int(mask.sum())
        losses.append(float(loss.detach()))
        if step % LOG_STEPS == 0 or step == len(batches):
            stage.log(
                step=step,
                of=len(batches),
                loss=round(float(np.mean(losses)), 4),
                tokens_per_second=round(tokens / (time.perf_counter() - started)),
            )
            losses.clear()
        if step % CHECKPOINT_STEPS == 0:
            _write(
                {
                    "step": step,
                    "network": network.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "schedule": schedule.state_dict(),
                },
                stage.state_file,
            )
    _write(network.state_dict(), stage.done_file)
    stage.state_file.unlink(missing_ok=True)


def predict(network: Network, ids: Sequence[Tokens], batch: int = 64) -> Floats:
    """Logits of each text."""
    network.eval()
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    result = np.zeros((len(ids), network.heads.out_features), np.float32)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            result[chosen] = network(*pad([ids[i] for i in chosen])).float().numpy()
    return result


def shares(logits: Floats, layout: Layout) -> Floats:
    """Probabilities of all heads."""
    given = torch.from_numpy(logits)
    parts = [
        given[:, head.columns].softmax(1) if head.exclusive else given[:, head.columns].sigmoid()
        for head in layout.heads
    ]
    result: Floats = torch.cat(parts, 1).numpy()
    return result


def pad(ids: Sequence[Tokens]) -> tuple[torch.Tensor, torch.Tensor]:
    """Token numbers and mask, texts × longest."""
    width = max(len(one) for one in ids)
    padded = np.zeros((len(ids), width), np.int64)
    mask = np.zeros((len(ids), width), np.int64)
    for row, one in enumerate(ids):
        padded[row, : len(one)] = one
        mask[row, : len(one)] = 1
    return torch.from_numpy(padded), torch.from_numpy(mask)


def _loss(
    logits: torch.Tensor, sheet: Sheet, chosen: npt.NDArray[np.int64], layout: Layout
) -> torch.Tensor:
    wanted = torch.from_numpy(sheet.wanted[chosen])
    weights = torch.from_numpy(sheet.weights[chosen])
    total = logits.new_zeros(())
    for number, head in enumerate(layout.heads):
        said, true = logits[:, head.columns], wanted[:, head.columns]
        if head.exclusive:
            each = -(true * said.log_softmax(1)).sum(1)
        else:
            each = functional.binary_cross_entropy_with_logits(said, true, reduction="none").sum(1)
        total = total + head.factor * (each * weights[:, number]).sum()
    return total / len(chosen)


def _batches(sheet: Sheet, plan: Plan) -> Iterator[npt.NDArray[np.int64]]:
    generator = np.random.default_rng(plan.seed)
    lengths = np.array([len(one) for one in sheet.ids])
    for _ in range(plan.epochs):
        order = generator.permutation(len(sheet))
        pool = _POOL * plan.batch
        cut = []
        for start in range(0, len(order), pool):
            part = order[start : start + pool]
            part = part[np.argsort(lengths[part], kind="stable")]
            cut += [part[i : i + plan.batch] for i in range(0, len(part), plan.batch)]
        for index in generator.permutation(len(cut)):
            yield cut[index]


def _groups(network: Network, plan: Plan) -> list[dict[str, Any]]:
    """Parameters with the rate of their layer."""
    depth = network.encoder.config.num_hidden_layers
    groups: dict[float, list[torch.nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        below = 0
        if ".layer." in name:
            below = depth - 1 - int(name.split(".layer.")[1].split(".")[0])
        elif "embeddings" in name:
            below = depth
        groups.setdefault(plan.rate * plan.decay**below, []).append(parameter)
    return [{"params": group, "lr": rate} for rate, group in groups.items()]


def _slope(step: int, steps: int, warmup: float) -> float:
    rising = max(1, int(steps * warmup))
    if step < rising:
        return (step + 1) / rising
    return max(0.0, (steps - step) / max(1, steps - rising))


def _resume(network: Network, optimizer: Any, schedule: Any, stage: Stage) -> int:
    if not stage.state_file.exists():
        return 0
    state = torch.load(stage.state_file, weights_only=True)
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    stage.log(resumed=state["step"])
    return int(state["step"])


def _write(state: Any, file: Path) -> None:
    """Write beside and rename, so that a kill leaves the former file."""
    beside = file.with_suffix(".part")
    torch.save(state, beside)
    beside.replace(file)
