"""What the last comparison of a source added, so that a repeated run isn't counted twice"""

import sqlalchemy as sa
from alembic import op

import records.models

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'last_captures',
        sa.Column('source', sa.String(length=64), nullable=False),
        sa.Column('looks', sa.String(length=16), nullable=False),
        sa.Column('since', records.models.UtcDateTime(timezone=True), nullable=False),
        sa.Column('counts', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('source', 'looks'),
    )


def downgrade() -> None:
    op.drop_table('last_captures')
