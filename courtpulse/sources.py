"""Declared sources as the program uses them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from crawlers.declarations import Declaration, load_all
from records.runs import SourceInfo


def declared(folders: Sequence[Path]) -> dict[str, Declaration]:
    """Enabled declarations of all folders by name.

    Raises:
        ConfigurationError: a declaration is wrong, or two folders declare the same name.
    """
    return {found.source: found for found in load_all(*folders) if found.enabled}


def info(declaration: Declaration) -> SourceInfo:
    """What the records keep of a declaration."""
    return SourceInfo(
        source=declaration.source,
        title=declaration.title,
        platform=declaration.platform,
        every=interval(declaration),
        sample_rate=declaration.sample_rate,
        basis=declaration.basis,
    )


def interval(declaration: Declaration) -> timedelta | None:
    """Interval of the schedule; None for a cron line, whose runs are not evenly spaced."""
    return declaration.schedule.every
