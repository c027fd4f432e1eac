"""The command line. Every command is documented in docs/commands.md; a test holds the two together."""

from courtpulse.cli.main import app

__all__ = ["app"]
