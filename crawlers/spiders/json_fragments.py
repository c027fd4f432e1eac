"""Fragments that are JSON objects with an id: how they are named, kept and read again."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any

from crawlers.spiders.base import from_json
from crawlers.state import digest

#: Longest part of an id that something is remembered by.
_LONGEST = 64


class JsonFragments(ABC):
    """Part of a spider; stands before its base class."""

    #: Field that holds the id, and the types it comes in; anything else is no id.
    id_field = "id"
    id_types: tuple[type, ...] = (int,)

    @abstractmethod
    def kept(self, fragment: Any) -> Any:
        """What of a fragment the quarantine may hold: nothing that names or describes anybody."""

    def key(self, fragment: Any) -> str:
        """The fragment's id, if it has one."""
        known = fragment.get(self.id_field) if isinstance(fragment, dict) else None
        if isinstance(known, self.id_types):
            return str(known)[:_LONGEST]
        return digest(repr(fragment))

    def raw(self, fragment: Any) -> str:
        """What is kept of the fragment, as JSON."""
        return json.dumps(self.kept(fragment))

    def fragment(self, raw: bytes, where: str) -> Any:
        """What was kept of the fragment, again."""
        return from_json(raw, where)
