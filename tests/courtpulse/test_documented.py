"""An undocumented command or setting fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from courtpulse.cli import app
from courtpulse.settings import Settings

DOCS = Path(__file__).resolve().parents[2] / "docs"


def _commands(command: Any, path: str = "courtpulse") -> Iterator[tuple[str, Any]]:
    if isinstance(command, TyperGroup):
        for name, child in command.commands.items():
            yield from _commands(child, f"{path} {name}")
    else:
        yield path, command


def test_every_command_and_option_is_documented() -> None:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    commands = list(_commands(typer.main.get_command(app)))
    assert len(commands) > 20
    for path, command in commands:
        assert f"`{path}" in text, f"docs/commands.md doesn't know {path}"
        section = text.split(f"`{path}", 1)[1].split("\n| `", 1)[0]
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--") and option != "--help":
                    assert option in section, f"docs/commands.md doesn't know {path} {option}"


def test_no_documented_command_is_gone() -> None:
    known = {path for path, _ in _commands(typer.main.get_command(app))}
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    documented = {
        " ".join(word for word in line.split("`")[1].split() if word.islower() and word.isascii())
        for line in text.splitlines()
        if line.startswith("| `courtpulse ")
    }
    assert documented <= known, documented - known


def test_every_setting_is_documented_with_its_default() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        row = next(
            (line for line in text.splitlines() if f"`COURTPULSE_{name.upper()}`" in line), None
        )
        assert row is not None, f"docs/settings.md doesn't know {name}"
        assert str(field.description) in row, name
        if isinstance(field.default, str | int | float) and field.default != "":
            assert f"`{field.default}`" in row, name
