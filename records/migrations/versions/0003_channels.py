"""Parts and kinds of deliveries, and the requests a rate limit counts"""

import sqlalchemy as sa
from alembic import op

import records.models

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('kind', sa.String(length=24), server_default='alert', nullable=False)
        )
        batch_op.add_column(sa.Column('parts', sa.Integer(), server_default='0', nullable=False))
    op.create_table('sends',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('sends', schema=None) as batch_op:
        batch_op.create_index('ix_sends_channel_at', ['channel', 'at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('sends', schema=None) as batch_op:
        batch_op.drop_index('ix_sends_channel_at')
    op.drop_table('sends')
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.drop_column('parts')
        batch_op.drop_column('kind')
