"""Our news volume beside an outside index's"""

import sqlalchemy as sa
from alembic import op

import records.models

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'cross_checks',
        sa.Column('source', sa.String(length=64), nullable=False),
        sa.Column('at', records.models.UtcDateTime(timezone=True), nullable=False),
        sa.Column('document', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('source'),
    )


def downgrade() -> None:
    op.drop_table('cross_checks')
