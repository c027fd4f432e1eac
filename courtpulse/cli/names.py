"""Who acts: given by `--by`, else the name of the login; kept with what was done."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from domain.errors import BadInput

#: Characters of a name in the records.
_LONGEST = 64
By = Annotated[str, typer.Option("--by", help="Name of who does it; else the login's.")]


def acting(by: str) -> str:
    """`by`, or the name of the login where it is empty.

    Raises:
        BadInput: neither is known, as in a container that runs under a bare number; or it is
            longer than the records keep.
    """
    try:
        name = by.strip() or getpass.getuser()
    except (KeyError, OSError) as error:  # KeyError up to Python 3.12
        raise BadInput(
            "nobody is logged in here by name", remedy="say who acts: --by NAME"
        ) from error
    if len(name) > _LONGEST:
        raise BadInput(
            f"the name has {len(name)} characters, {_LONGEST} at most", remedy="write it shorter"
        )
    return name
