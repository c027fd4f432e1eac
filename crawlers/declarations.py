"""Source declarations: one YAML a source, read strictly.

A key that is not understood stops the program: a misspelt ``expect`` would otherwise mean that
nobody notices when the source falls silent. No templates, no secrets: credentials are named by
the environment variable that holds them.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from crawlers.declared import FeedSource, ImportSource, MastodonSource, SiteSource, WeiboSource
from crawlers.declared_seeds import GdeltSource, HearingsSource
from crawlers.declared_weibo import GsdataSource, WeiboCommentsSource, WeiboPushSource
from domain.errors import ConfigurationError
from text.strict_yaml import read_yaml

#: Any declaration; which one is said by its ``kind``.
Declaration = (
    FeedSource
    | SiteSource
    | WeiboSource
    | WeiboPushSource
    | WeiboCommentsSource
    | GsdataSource
    | MastodonSource
    | ImportSource
    | HearingsSource
    | GdeltSource
)
#: What `kind` may say.
KINDS = (
    "feed", "site", "weibo_api", "weibo_push", "weibo_comments", "gsdata", "mastodon", "import",
    "hearings", "gdelt",
)  # fmt: skip

#: Folder of the declarations that ship with the program.
SITES = Path(__file__).with_name("sites")

_PROBLEMS = {
    "extra_forbidden": "unknown key",
    "unexpected_keyword_argument": "unknown key",
    "missing": "missing key",
    "union_tag_invalid": "unknown kind",
    "union_tag_not_found": "missing key kind",
}
_REMEDIES = {
    "unknown key": "remove it or correct its spelling; docs/sources.md lists every key",
    "missing key": "add it; docs/sources.md says what belongs there",
    "missing key kind": f"add kind: one of {', '.join(KINDS)}",
    "unknown kind": f"use one of {', '.join(KINDS)}",
}


@cache
def adapter() -> TypeAdapter[Declaration]:
    """Validator and JSON form of declarations; built once, because building takes 30 ms."""
    tagged = Annotated[Declaration, Field(discriminator="kind")]
    made: TypeAdapter[Declaration] = TypeAdapter(tagged)
    return made


def load(path: Path) -> Declaration:
    """Read one declaration; the file stem becomes its `source`.

    Raises:
        ConfigurationError: unreadable file, broken YAML, unknown, missing or wrong key.
    """
    try:
        document = read_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"can't be read: {error.strerror}", remedy="check path and permissions", where=str(path)
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"is not YAML: {' '.join(str(error).split())}",
            remedy="correct it at the place named; save as UTF-8",
            where=str(path),
        ) from error
    if not isinstance(document, dict):
        raise ConfigurationError(
            "is not a mapping of keys", remedy="begin with title: and kind:", where=str(path)
        )
    return _validate(document, path)


def load_all(*folders: Path) -> list[Declaration]:
    """Read every ``*.yml`` of the folders, enabled or not, in order of `source`.

    Raises:
        ConfigurationError: a folder is missing, a file is wrong, or two files share a stem.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise ConfigurationError(
                "folder of source declarations does not exist",
                remedy="create it or correct the setting",
                where=str(folder),
            )
        for path in sorted(folder.glob("*.yml")):
            if path.stem in found:
                raise ConfigurationError(
                    f"source {path.stem} is also declared in {found[path.stem]}",
                    remedy="rename one of the files: the stem is the source's name",
                    where=str(path),
                )
            found[path.stem] = path
    return [load(found[stem]) for stem in sorted(found)]


def _validate(document: dict[str, Any], path: Path) -> Declaration:
    if "source" in document:
        raise ConfigurationError(
            "unknown key source", remedy="the file's name is the source", where=str(path)
        )
    # Through JSON, because pydantic's strict mode takes enums and tuples only in their JSON form.
    text = json.dumps({**document, "source": path.stem}, default=_plain, ensure_ascii=False)
    try:
        return adapter().validate_json(text)
    except ValidationError as error:
        raise _explain(error, path) from error


def _plain(value: object) -> str:
    if isinstance(value, date | timedelta):
        return str(value)
    return repr(value)


def _explain(error: ValidationError, path: Path) -> ConfigurationError:
    """The first few mistakes as file, key, remedy."""
    lines, remedy = [], ""
    for mistake in error.errors(include_url=False, include_context=False)[:5]:
        place = [str(part) for part in mistake["loc"]]
        key = ".".join(place[1:] if place and place[0] in KINDS else place)
        problem = _PROBLEMS.get(mistake["type"], mistake["msg"].removeprefix("Value error, "))
        lines.append(
            f"{problem} {key}" if problem in _REMEDIES else f"{key}: {problem}".lstrip(": ")
        )
        remedy = remedy or _REMEDIES.get(problem, "correct the value")
    return ConfigurationError("; ".join(lines), remedy=remedy, where=str(path))
