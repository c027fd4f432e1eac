"""Two looks at the same hour of a source"""

import sqlalchemy as sa
from alembic import op

import records.models

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'captures',
        sa.Column('source', sa.String(length=64), nullable=False),
        sa.Column('hour', records.models.UtcDateTime(timezone=True), nullable=False),
        sa.Column('looks', sa.String(length=16), nullable=False),
        sa.Column('first', sa.Integer(), nullable=False),
        sa.Column('second', sa.Integer(), nullable=False),
        sa.Column('both', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('source', 'hour', 'looks'),
    )


def downgrade() -> None:
    op.drop_table('captures')
