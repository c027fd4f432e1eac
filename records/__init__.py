"""What is not a post: cases, alerts, source runs and gaps, deliveries, reports, the private author table.

SQLAlchemy models and repositories over SQLite (default) or PostgreSQL; schema by Alembic.
"""

from records.database import Records

__all__ = ["Records"]
