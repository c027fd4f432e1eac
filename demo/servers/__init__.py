"""Faithful local sources: Weibo's official search, a court's feed, a UTF-8 and a GBK news site.

handle = start(World(t0, seed))
handle.urls["weibo"]            # http://127.0.0.1:…
handle.fail(Failure.CAPTCHA, "weibo")
handle.heal()
handle.stop()
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType

from demo.model import Published
from demo.servers.failures import SERVERS, Control, Failure, apply_setting
from demo.servers.feed import feed_site
from demo.servers.http import LocalServer, Seen, Site
from demo.servers.news import news_site
from demo.servers.weibo import ACCESS_TOKEN, weibo_site
from domain.errors import ConfigurationError
from domain.time import Clock, system_clock

__all__ = ["ACCESS_TOKEN", "SERVERS", "Failure", "Handle", "start"]


class Handle:
    """The running servers; a context manager that stops them."""

    def __init__(self, servers: Mapping[str, LocalServer], control: Control) -> None:
        self._servers = dict(servers)
        self._control = control
        self.urls = {name: server.url for name, server in servers.items()}

    def fail(self, kind: Failure | str, server: str = "") -> None:
        """Begin to fail in this way, at one server or at all."""
        self._control.fail(kind, server)

    def heal(self, server: str = "") -> None:
        """End all failures, at one server or at all."""
        self._control.heal(server)

    def edit(self, number: int, text: str) -> None:
        """Change the text of a post (by mid) or article (by number), as its author would."""
        self._control.edit(number, text)

    def delete(self, number: int) -> None:
        """Delete a post (by mid) or article (by number), as its author would."""
        self._control.delete(number)

    def seen(self, server: str) -> list[Seen]:
        """Return the requests a server answered so far, oldest first."""
        return list(self._servers[server].seen)

    def stop(self) -> None:
        """Stop all servers and free their ports; fine when done before."""
        while self._servers:
            self._servers.popitem()[1].stop()

    def __enter__(self) -> Handle:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(
    world: Published, ports: Mapping[str, int] | None = None, clock: Clock = system_clock
) -> Handle:
    """Start the four servers on loopback.

    Args:
        ports: server → port; any free port for those not named. Articles are identified by their
            address, so a world that is to be crawled twice needs the same ports twice.
        clock: only what the world has published by its time is visible.

    Raises:
        ConfigurationError: a port is taken, or a name is not one of `SERVERS`.
    """
    wanted = dict(ports or {})
    if unknown := wanted.keys() - set(SERVERS):
        raise ConfigurationError(
            f"no server is called {sorted(unknown)}", remedy=f"one of {', '.join(SERVERS)}"
        )
    control = Control()
    apply_setting(control, os.environ.get("DEMO_FAIL", ""))
    sites: dict[str, Site] = {
        "weibo": weibo_site(world, control),
        "feed": feed_site(world),
        "news_utf8": news_site(world, "utf8", control),
        "news_gbk": news_site(world, "gbk", control),
    }
    servers: dict[str, LocalServer] = {}
    for name, site in sites.items():
        port = wanted.get(name, 0)
        try:
            servers[name] = LocalServer(name, site, control, clock, port)
        except OSError as error:
            Handle(servers, control).stop()
            raise ConfigurationError(
                f"port {port} for the local {name} server can't be opened: {error.strerror}",
                remedy="stop what listens there, or choose other ports",
            ) from error
    return Handle(servers, control)
