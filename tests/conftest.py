"""Fixtures every room's tests share."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import settings

# No deadline: on a busy machine any example may take longer than the default of 200 ms.
# HYPOTHESIS_PROFILE=long looks for ten times as many examples where a test sets no number itself.
settings.register_profile("patient", deadline=None)
settings.register_profile("long", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "patient"))

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
