"""Reading a YAML settings file that holds one mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from domain.errors import ConfigurationError
from text.strict_yaml import problem_of, read_yaml


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping of `path`; an empty file is an empty one.

    Raises:
        ConfigurationError: it can't be read, isn't YAML in UTF-8, or holds something else.
    """
    try:
        document = read_yaml(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(
            f"can't be read ({problem_of(error)})",
            remedy="correct that line; it is a YAML file in UTF-8, each key once",
            where=path.name,
        ) from error
    if document is None:
        return {}
    if not isinstance(document, dict) or not all(isinstance(key, str) for key in document):
        raise ConfigurationError("is not a mapping of names", remedy="levels: …", where=path.name)
    return document
