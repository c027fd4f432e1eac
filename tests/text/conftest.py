"""Properties are judged by their result: a loaded machine must not fail one for being slow."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
