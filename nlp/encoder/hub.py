"""Where a model lies: the shipped folder, a folder of the court's own, or a hub repository's copy.

Looking never touches the network. A repository gets into the local cache only by `fetch`, which the
user asks for by a command.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from domain.errors import ConfigurationError
from nlp.encoder.folder import ABOUT
from nlp.encoder.serving import SHIPPED

#: ``owner/name`` or ``owner/name@revision``, as a hub writes it.
_NAME = re.compile(r"(?P<name>\w[\w.-]*/\w[\w.-]*?)(?:@(?P<revision>\w[\w./-]*))?")


def located(model: Path | None) -> Path:
    """The folder of the model a setting names; of none, the one that ships.

    Args:
        model: a folder, or the hub name of a repository that holds such a folder.

    Raises:
        ConfigurationError: a hub name that was never fetched.
    """
    if model is None:
        return SHIPPED
    found = None if model.is_dir() else _NAME.fullmatch(str(model))
    return model if found is None else _snapshot(found, allow_download=False)


def fetch(name: str) -> Path:
    """Download a repository that holds a model folder; returns the cached copy.

    Raises:
        ConfigurationError: no hub name, no such repository, no answer, or no model folder in it.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise ConfigurationError(
            "this is no hub name", remedy="give owner/name or owner/name@revision", where=name
        )
    folder = _snapshot(found, allow_download=True)
    if not (folder / ABOUT).is_file():
        raise ConfigurationError(
            f"the repository holds no {ABOUT}, so it has no heads for court labels",
            remedy=f"train them: `courtpulse train --base {name} --allow-download`, then "
            "`courtpulse model export`",
            where=name,
        )
    return folder


def _snapshot(found: re.Match[str], *, allow_download: bool) -> Path:
    # Not at the top: the shipped model needs none of it, and the import costs a tenth of a second.
    import httpx
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    name, revision = found["name"], found["revision"]
    try:
        return Path(
            snapshot_download(
                name,
                revision=revision,
                local_files_only=not allow_download,
                endpoint=os.environ.get("HF_ENDPOINT") or None,
            )
        )
    except HfHubHTTPError as error:
        status = error.response.status_code
        raise ConfigurationError(
            f"the hub answered {status}",
            remedy="check name and revision, and HF_TOKEN for a private repository",
            where=name,
        ) from error
    except (LocalEntryNotFoundError, HFValidationError, OSError, httpx.HTTPError) as error:
        why = "the hub can't be reached" if allow_download else "neither a folder nor in the cache"
        raise ConfigurationError(
            f"{why}: {type(error).__name__}",
            remedy=f"`courtpulse model fetch {found[0]}` downloads it, or name a folder that "
            "`courtpulse train` or `courtpulse model export` wrote",
            where=name,
        ) from error
