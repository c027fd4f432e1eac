"""Fixtures every room's tests share."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

Require = Callable[[object, str], None]


@pytest.fixture(scope="session")
def require() -> Require:
    """Skip with the reason when something optional is missing; fail instead under CI."""

    def check(condition: object, reason: str) -> None:
        if condition:
            return
        if os.environ.get("CI") == "true":
            pytest.fail(f"missing under CI: {reason}")
        pytest.skip(reason)

    return check
