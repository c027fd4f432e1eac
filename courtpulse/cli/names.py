"""Who acts: given by `--by`, else the name of the login; kept with what was done."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

By = Annotated[str, typer.Option("--by", help="Name of who does it; else the login's.")]


def acting(by: str) -> str:
    """`by`, or the name of the login where it is empty."""
    return by.strip() or getpass.getuser()
