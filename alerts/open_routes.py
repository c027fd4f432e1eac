"""Opening the routes file: its names are checked against each other, its channels are opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import alerts.notifiers
from alerts.duty import Hours, Roster
from alerts.routes import ON_DUTY, WINDOW, Channel, Route, Routing
from alerts.routes_file import HoursEntry, RouteEntry, RoutesFile, read
from alerts.workdays import Workdays
from domain.duty import Person, Shift
from domain.errors import ConfigurationError
from domain.protocols import Notifier
from domain.time import Clock, system_clock

_WINDOW_MOST = 60
_KEYS = frozenset({"kind", "window_minutes"})


def kinds() -> tuple[str, ...]:
    """Kinds of channels there are."""
    return tuple(sorted(module.name for module in iter_modules(alerts.notifiers.__path__)))


def load_routes(
    path: Path, clock: Clock = system_clock, workdays: Workdays | None = None
) -> Routing:
    """Read the routes of `path` and open its channels; nothing is sent.

    Raises:
        ConfigurationError: the file can't be read, says something we don't understand, names
            what it doesn't define, or needs a variable of the environment that is empty.
    """
    document, where = read(path), path.name
    _check_names(document, where)
    channels = {
        name: _channel(name, entry, f"{where}, channel {name}", clock)
        for name, entry in document.channels.items()
    }
    _check_addresses(channels, where)
    return Routing(
        channels=channels,
        roster=Roster(
            {id_: Person(id_, one.name, one.channels) for id_, one in document.people.items()},
            [
                Shift(
                    one.name, one.people, one.weekdays, one.start, one.end, one.first, one.last,
                    one.days,
                )
                for one in document.shifts
            ],
            workdays or Workdays(),
        ),
        routes=[_route(entry) for entry in document.routes],
        otherwise=document.otherwise,
    )  # fmt: skip


def _check_names(document: RoutesFile, where: str) -> None:
    """Every name means one thing, and is defined."""
    shifts = [shift.name for shift in document.shifts]
    names = [*document.channels, *document.people, *set(shifts), ON_DUTY]
    _refuse_twice(names, "name", where)
    _refuse_twice([route.name for route in document.routes], "route", where)
    for id_, person in document.people.items():
        _refuse_unknown(person.channels, document.channels, f"{where}, person {id_}", "channel")
    for shift in document.shifts:
        _refuse_unknown(shift.people, document.people, f"{where}, shift {shift.name}", "person")
    for route in document.routes:
        for to in _recipients(route):
            _refuse_unknown(to, names, f"{where}, route {route.name}", "channel, person or shift")
    fixed = [*document.channels, *document.people]
    _refuse_unknown(document.otherwise, fixed, f"{where}, otherwise", "channel or person")
    named = {name for route in document.routes for to in _recipients(route) for name in to}
    if named & {*shifts, ON_DUTY} and not document.otherwise:
        raise ConfigurationError(
            "otherwise is missing: who is told when nobody is on duty?",
            remedy="otherwise: [a channel or person]", where=where,
        )  # fmt: skip


def _recipients(route: RouteEntry) -> list[tuple[str, ...]]:
    return [route.to, *route.escalate]


def _refuse_twice(names: Sequence[str], what: str, where: str) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigurationError(
            f"the {what} {twice[0]} is used twice", remedy="rename one", where=where
        )


def _refuse_unknown(names: Iterable[str], known: Iterable[str], where: str, what: str) -> None:
    known = set(known)
    if missing := [name for name in names if name not in known]:
        raise ConfigurationError(
            f"there is no {what} called {missing[0]}",
            remedy=f"known: {', '.join(sorted(known)) or 'none'}", where=where,
        )  # fmt: skip


def _check_addresses(channels: Mapping[str, Channel], where: str) -> None:
    """One robot in two channels would be sent everything twice, past its rate limit."""
    seen: dict[str, str] = {}
    for channel in channels.values():
        target = getattr(channel.notifier, "target", None)
        if target is None:
            continue
        if target.url in seen:
            raise ConfigurationError(
                f"channels {seen[target.url]} and {channel.name} have the same address",
                remedy="make it one channel that several routes name", where=where,
            )  # fmt: skip
        seen[target.url] = channel.name


def _channel(name: str, entry: Mapping[str, object], where: str, clock: Clock) -> Channel:
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
    notifier: Notifier = module.open_channel(options, where, clock)
    return Channel(name, notifier, _window(entry, where))


def _window(entry: Mapping[str, object], where: str) -> timedelta:
    minutes = entry.get("window_minutes", WINDOW / timedelta(minutes=1))
    if isinstance(minutes, bool) or not isinstance(minutes, int | float):
        minutes = 0
    if not 1 <= minutes <= _WINDOW_MOST:
        raise ConfigurationError(
            f"window_minutes isn't a number from 1 to {_WINDOW_MOST}",
            remedy="leave it out for 5", where=where,
        )  # fmt: skip
    return timedelta(minutes=minutes)


def _route(entry: RouteEntry) -> Route:
    return Route(
        entry.name,
        entry.to,
        entry.courts,
        entry.min_level,
        entry.topics,
        entry.notices,
        _hours(entry.hours),
        entry.escalate,
    )


def _hours(entry: HoursEntry) -> Hours:
    return Hours(entry.start, entry.end, entry.days, entry.weekdays)
