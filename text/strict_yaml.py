"""YAML as people write it by hand: plain values, each key once, no aliases, no great depth.

Aliases are refused because a few lines of them stand for gigabytes ("billion laughs"), and because
one may hold itself; depth is bounded because PyYAML and what walks its result recurse.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml

#: The deepest file that ships has six levels.
MAX_DEPTH = 50


class _StrictLoader(yaml.SafeLoader):
    """YAML without aliases, and without the silent choice of the last among repeated keys."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise _refused("aliases are not understood: write the value out", self)
        if self._depth >= MAX_DEPTH:
            raise _refused(f"it is nested deeper than {MAX_DEPTH} levels", self)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        lines: dict[Hashable, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                continue  # the base class says so of the same key
            if key in lines:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} stands twice, first in line {lines[key]}",
                    key_node.start_mark,
                )  # fmt: skip
            lines[key] = key_node.start_mark.line + 1
        return super().construct_mapping(node, deep=deep)


def read_yaml(text: str) -> Any:
    """The plain values `text` stands for.

    Raises:
        yaml.YAMLError: it is no YAML, or none that a person would write.
    """
    try:
        # The loader is a SafeLoader: it makes plain values only.
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506
    except (ValueError, OverflowError, LookupError, TypeError, AttributeError) as error:
        # A date such as 2026-13-45, a number such as 0x_, a key that can't be one: PyYAML converts
        # without catching what the conversion says.
        raise yaml.YAMLError(f"a value can't be read: {type(error).__name__}") from error


def problem_of(error: Exception) -> str:
    """What is wrong and in which line, without the line's text, which may hold a secret."""
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", None) or "")
    if not said:
        said = str(error) if type(error) is yaml.YAMLError else type(error).__name__
    return f"line {mark.line + 1}: {said}" if mark else said


def _refused(problem: str, loader: yaml.SafeLoader) -> yaml.YAMLError:
    return yaml.composer.ComposerError(None, None, problem, loader.peek_event().start_mark)  # type: ignore[no-untyped-call]
