"""Routes: which alerts go to which channel, from a YAML file.

.. code-block:: yaml

    routes:
      - name: duty-room          # channel name in the outbox; keep it when you change the rest
        kind: webhook            # a module of alerts/notifiers
        min_level: yellow        # blue (default), yellow, orange, red
        url_env: COURTPULSE_WEBHOOK_URL
        secret_env: COURTPULSE_WEBHOOK_SECRET

Addresses and secrets stand in the environment, never in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import yaml

import alerts.notifiers
from alerts.levels import rank
from domain.alerts import Level
from domain.errors import ConfigurationError
from domain.protocols import Notifier

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_KEYS = frozenset({"name", "kind", "min_level"})


@dataclass(frozen=True, slots=True)
class Route:
    """One channel and the least level it is told of."""

    name: str
    notifier: Notifier
    min_level: Level = Level.BLUE

    def wants(self, level: Level) -> bool:
        """Whether alerts of `level` go this way."""
        return rank(level) >= rank(self.min_level)


def kinds() -> tuple[str, ...]:
    """Kinds of channels there are."""
    return tuple(sorted(module.name for module in iter_modules(alerts.notifiers.__path__)))


def load_routes(path: Path) -> tuple[Route, ...]:
    """Read the routes of `path`.

    Raises:
        ConfigurationError: the file can't be read, or says something we don't understand.
    """
    where = path.name
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(
            f"the routes can't be read ({type(error).__name__})",
            remedy="it is a UTF-8 YAML file with a list under routes:",
            where=where,
        ) from error
    if not isinstance(document, dict) or set(document) != {"routes"}:
        raise ConfigurationError(
            "the file must hold the one key routes", remedy="see docs/routes.md", where=where
        )
    entries = document["routes"] or []
    if not isinstance(entries, list):
        raise ConfigurationError("routes isn't a list", remedy="- name: …", where=where)
    routes = tuple(_route(entry, f"{where}, route {n}") for n, entry in enumerate(entries, 1))
    names = [route.name for route in routes]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ConfigurationError(
            f"two routes are called {sorted(twice)[0]}", remedy="rename one", where=where
        )
    return routes


def _route(entry: object, where: str) -> Route:
    if not isinstance(entry, dict) or not all(isinstance(key, str) for key in entry):
        raise ConfigurationError("a route is a mapping", remedy="- name: …", where=where)
    name = entry.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigurationError(
            "name is missing or not made of a–z, 0–9 and -", remedy="name: duty-room", where=where
        )
    where = f"{where} ({name})"
    return Route(name, _notifier(entry, where), _level(entry, where))


def _notifier(entry: Mapping[str, object], where: str) -> Notifier:
    kind = entry.get("kind")
    if kind not in kinds():
        raise ConfigurationError(
            f"there is no kind {kind!r}", remedy=f"one of {', '.join(kinds())}", where=where
        )
    module = import_module(f"alerts.notifiers.{kind}")
    options = {key: value for key, value in entry.items() if key not in _KEYS}
    if unknown := sorted(set(options) - module.OPTIONS):
        raise ConfigurationError(
            f"unknown key {unknown[0]!r}",
            remedy=f"known: {', '.join(sorted(_KEYS | module.OPTIONS))}",
            where=where,
        )
    notifier: Notifier = module.open_channel(options, where)
    return notifier


def _level(entry: Mapping[str, object], where: str) -> Level:
    word = entry.get("min_level", Level.BLUE.value)
    try:
        return Level(str(word))
    except ValueError as error:
        raise ConfigurationError(
            f"there is no level {word!r}",
            remedy=f"one of {', '.join(level.value for level in Level)}",
            where=where,
        ) from error
