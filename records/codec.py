"""Domain dataclasses ↔ JSON, by pydantic's type adapters (strict about unknown enum values)."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, kind))


def to_json(value: object) -> dict[str, Any]:
    """A frozen dataclass as plain JSON values (times in ISO 8601 with zone)."""
    return cast(
        dict[str, Any], _adapter(cast(Hashable, type(value))).dump_python(value, mode="json")
    )


def from_json(kind: type[T], data: object) -> T:
    """The dataclass `kind` made from what `to_json` gave.

    Raises:
        pydantic.ValidationError: the data isn't of that shape.
    """
    return cast(T, _adapter(cast(Hashable, kind)).validate_python(data))
