"""The weekly as one HTML file: no link outside, prints on A4, reads on a phone."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from reports import drawing
from reports.model import Heading, Paragraph, Picture, Table, WeeklyModel

_CHINESE = "一二三四五六七八九十"


def render(model: WeeklyModel) -> str:
    """The whole file. Everything from outside is escaped; only the drawn charts are markup."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    source = (files(__package__) / "templates" / "weekly.html").read_text(encoding="utf-8")
    return environment.from_string(source).render(
        model=model,
        sections=[(section, _numbered(section.blocks)) for section in model.sections],
        draw=lambda picture: Markup(drawing.svg(picture)),  # noqa: S704  # Vega escapes its texts
    )


def _numbered(
    blocks: tuple[Heading | Paragraph | Picture | Table, ...],
) -> list[tuple[str, str, Heading | Paragraph | Picture | Table]]:
    """(kind, number, block): headings are counted （一）（二）."""
    counted, numbered = 0, []
    for block in blocks:
        number = ""
        if isinstance(block, Heading):
            number, counted = f"（{_CHINESE[counted]}）", counted + 1
        numbered.append((type(block).__name__.lower(), number, block))
    return numbered
