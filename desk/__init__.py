"""The press office's console: pages that read without JavaScript, live by server-sent events."""

from desk.app import create_app
from desk.services import Services

__all__ = ["Services", "create_app"]
