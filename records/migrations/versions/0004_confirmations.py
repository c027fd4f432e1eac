"""What was proposed when a person confirmed, and the confirmation before a relapse"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('confirmed_from', sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column('earlier', sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.drop_column('earlier')
        batch_op.drop_column('confirmed_from')
