"""The courts, the cases and the accounts of the fictional city."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from demo.model import Author
from demo.wording import Writer
from domain.cases import Case, Litigant, MatchFormula, Stage
from domain.time import as_utc

#: The court that runs the demonstration, and the courts of its districts.
COURTS = (
    "江澜市中级人民法院",
    "望川区人民法院",
    "云岫区人民法院",
    "青崖县人民法院",
    "白榆县人民法院",
)
#: How long before T0 the world begins, and the cases are watched.
BACKGROUND = timedelta(days=14)
AUTHORS = 2_000
_MEDIA = ("江澜晚报", "江澜法治在线", "望川时讯", "青崖融媒", "澜城早知道", "江澜交通广播")
_COURT_ACCOUNTS = ("江澜法院发布", "云岫区法院", "望川区法院", "青崖县法院")
_FIRST_UID = 1_000_000_001


def cases(t0: datetime) -> tuple[Case, ...]:
    """Return the five cases, watched since two weeks before `t0` (aware)."""
    since = as_utc(t0) - BACKGROUND
    return tuple(_case(entry, since) for entry in _entries())


@cache
def _entries() -> list[dict[str, Any]]:
    path = Path(__file__).with_name("cases.yml")
    entries: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return entries


def _case(entry: dict[str, Any], since: datetime) -> Case:
    formula = {group: tuple(words) for group, words in entry["formula"].items()}
    return Case(
        id=entry["id"],
        title=entry["title"],
        court=entry["court"],
        watched_since=since,
        numbers=tuple(entry.get("numbers", ())),
        cause=entry["cause"],
        stage=Stage(entry["stage"]),
        aliases=tuple(entry["aliases"]),
        litigants=tuple(Litigant(**litigant) for litigant in entry.get("litigants", ())),
        formula=MatchFormula(**formula),
    )


class Cast:
    """About 2,000 accounts: a few write much, most write once or twice."""

    def __init__(self, chance: random.Random) -> None:
        writer = Writer(chance)
        named = [*((name, 3) for name in _MEDIA), *((name, 1) for name in _COURT_ACCOUNTS)]
        ordinary = [(writer.name(), -1) for _ in range(AUTHORS - len(named))]
        self.authors = tuple(
            Author(
                uid=_FIRST_UID + index,
                name=name,
                followers=int(chance.paretovariate(0.7) * (20_000 if kind >= 0 else 30))
                % 5_000_000,
                verified_type=kind,
            )
            for index, (name, kind) in enumerate([*named, *ordinary])
        )
        self._institutions = self.authors[: len(named)]
        self._people = self.authors[len(named) :]
        self._weights = [1 / (rank + 20) ** 0.7 for rank in range(len(self._people))]

    def somebody(self, chance: random.Random, stance: str) -> Author:
        """Return who posts next; news often comes from media and courts."""
        if stance == "neutral" and chance.random() < 0.3:
            return chance.choice(self._institutions)
        return chance.choices(self._people, self._weights)[0]

    def crowd(self, chance: random.Random, size: int) -> list[Author]:
        """Return `size` different people."""
        return chance.sample(self._people, size)
