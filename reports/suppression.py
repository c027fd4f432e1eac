"""Small cells stay hidden: n < 10 is “<10”, and what would give it away is hidden with it.

practice.md §6 [D]: k-threshold 10 for cross-tabulations and whatever leaves the press office.
Every text made here carries its n, because a bare percentage fails the report's check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Smallest count that is shown [D].
THRESHOLD = 10
SMALL = f"<{THRESHOLD}"
WITHHELD = "未列"


@dataclass(frozen=True, slots=True)
class Cell:
    """A count as it may be shown: `n` is None when hidden, `text` is what stands in its place."""

    n: int | None
    text: str


def count(n: int) -> str:
    """A count on its own, e.g. “1,204” or “<10”."""
    return f"{n:,}" if n >= THRESHOLD else SMALL


def protect(cells: Sequence[int], first: Sequence[int] | None = None) -> tuple[Cell, ...]:
    """Cells of one row whose total is shown elsewhere.

    Cells below the threshold are hidden; when the total would give them away (one hidden cell,
    or hidden ones that sum to less than the threshold), further cells are hidden with them.

    Args:
        first: indices in the order in which further cells are given up; smallest first if None.
    """
    small = {index for index, n in enumerate(cells) if n < THRESHOLD}
    hidden = set(small)
    order = first if first is not None else sorted(range(len(cells)), key=lambda i: (cells[i], i))
    for index in order:
        if not hidden or (len(hidden) > 1 and sum(cells[i] for i in hidden) >= THRESHOLD):
            break
        hidden.add(index)
    return tuple(
        Cell(None, SMALL if index in small else WITHHELD) if index in hidden else Cell(n, f"{n:,}")
        for index, n in enumerate(cells)
    )


def share(k: int, n: int) -> str:
    """k of n in words, with n; rounded down to a bound when k or n − k is small."""
    if n < THRESHOLD:
        return f"{SMALL}，不计算占比"
    if k < THRESHOLD:
        return f"{SMALL}（n={n:,}）"
    if n - k < THRESHOLD:
        return f"不低于 {100 * (n - THRESHOLD + 1) // n}%（n={n:,}）"
    return f"{k:,} 帖，占 {percent(k, n)}"


def percent(k: int, n: int) -> str:
    """“61%（n=131）”; the caller has made sure that neither k nor n − k is small."""
    return f"{100 * k / n:.0f}%（n={n:,}）"


def change(now: int, before: int) -> str:
    """The change against the week before, with both n."""
    if now < THRESHOLD and before < THRESHOLD:
        return "两周均 <10，不计算"
    if before < THRESHOLD:
        return "上周 <10，不计算"
    if now < THRESHOLD:
        return "本周 <10，不计算"
    difference = 100 * (now - before) / before
    if abs(difference) < 0.5:
        return f"持平（n={before:,}→{now:,}）"
    return f"{difference:+.0f}%（n={before:,}→{now:,}）".replace("-", "−")
