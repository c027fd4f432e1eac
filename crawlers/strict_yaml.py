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
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} stands twice", node.start_mark
                )
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


def _refused(problem: str, loader: yaml.SafeLoader) -> yaml.YAMLError:
    return yaml.composer.ComposerError(None, None, problem, loader.peek_event().start_mark)  # type: ignore[no-untyped-call]
