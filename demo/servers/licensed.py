"""The bought sources, started apart from the demonstration's own: push, comments, the vendor.

with start_licensed(world) as handle:
    handle.urls["push"], handle.urls["comments"], handle.urls["gsdata"], handle.urls["weibo"]
"""

from __future__ import annotations

from demo.model import Published
from demo.servers import Handle
from demo.servers.comments import comments_site
from demo.servers.failures import Control
from demo.servers.gsdata import gsdata_site
from demo.servers.http import LocalServer, Site
from demo.servers.weibo import weibo_site
from demo.servers.weibo_push import Subscription, push_site
from domain.time import Clock, system_clock

#: Servers that `start_licensed` starts; "weibo" is there for re-checks.
LICENSED = ("push", "comments", "gsdata", "weibo")


def start_licensed(
    world: Published,
    clock: Clock = system_clock,
    order: Subscription | None = None,
    quota: int = 10_000,
) -> Handle:
    """Start the servers on free loopback ports.

    Args:
        order: what the push subscription is for.
        quota: requests that the vendor answers before it is used up.
    """
    control = Control(LICENSED)
    sites: dict[str, Site] = {
        "push": push_site(world, control, order or Subscription(), clock),
        "comments": comments_site(world, control),
        "gsdata": gsdata_site(world, control, quota=quota),
        "weibo": weibo_site(world, control),
    }
    servers = {name: LocalServer(name, site, control, clock, 0) for name, site in sites.items()}
    return Handle(servers, control)
