"""`python -m courtpulse`."""

from courtpulse.cli import app

app()
