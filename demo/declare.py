"""Puts the demonstration into a data folder: source declarations and the hotline export.

The templates in `sources/` name the servers by ``${DEMO_WEIBO_URL}`` and the like, because ports
are known only when the servers run. Declarations themselves know no variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template

from demo.hotline import write_tickets
from demo.scenario import World

TEMPLATES = Path(__file__).parent / "sources"
#: Environment variable that `weibo_search` reads its token from; set it to `ACCESS_TOKEN`.
TOKEN_VARIABLE = "DEMO_WEIBO_TOKEN"
HOTLINE_FILE = "hotline_12368.csv"


def write_sources(folder: Path, urls: Mapping[str, str]) -> list[Path]:
    """Write the five declarations into `folder`, filled with the servers' addresses.

    Args:
        urls: server → address, as `demo.servers.Handle.urls`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values = {f"DEMO_{name.upper()}_URL": url for name, url in urls.items()}
    written = []
    for template in sorted(TEMPLATES.glob("*.yml")):
        target = folder / template.name
        text = Template(template.read_text(encoding="utf-8")).substitute(values)
        target.write_text(text, encoding="utf-8")
        written.append(target)
    return written


def write_hotline(folder: Path, world: World) -> Path:
    """Write the hotline's export into the import folder `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / HOTLINE_FILE
    write_tickets(world.tickets, path)
    return path
