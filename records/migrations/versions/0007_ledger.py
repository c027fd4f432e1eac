"""The ledger's versions, readings of robots.txt, coverage by hour, changes of a source's state"""

import sqlalchemy as sa
from alembic import op

import records.models

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = records.models.UtcDateTime(timezone=True)
    op.create_table('ledger',
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('since', moment, nullable=False),
    sa.Column('made_by', sa.String(length=200), nullable=False),
    sa.Column('changed', sa.JSON(), nullable=False),
    sa.Column('document', sa.JSON(none_as_null=True), nullable=True),
    sa.PrimaryKeyConstraint('source', 'revision')
    )
    op.create_table('robots_readings',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('verdict', sa.String(length=16), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('disallowed', sa.JSON(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('fetched_at', moment, nullable=False),
    sa.Column('checked_at', moment, nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_robots_readings_source_checked', 'robots_readings', ['source', 'checked_at'])
    op.create_table('source_hours',
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('start', moment, nullable=False),
    sa.Column('got', sa.Integer(), nullable=False),
    sa.Column('arrived', sa.Integer(), nullable=False),
    sa.Column('rate', sa.Float(), nullable=False),
    sa.Column('expected', sa.Float(), nullable=True),
    sa.Column('low', sa.Float(), nullable=True),
    sa.Column('basis', sa.String(length=16), nullable=False),
    sa.Column('history', sa.Integer(), nullable=False),
    sa.Column('covered', sa.Float(), nullable=False),
    sa.Column('blind', sa.Float(), nullable=False),
    sa.Column('reason', sa.String(length=32), nullable=True),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('settled', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('source', 'start')
    )
    op.create_index('ix_source_hours_start', 'source_hours', ['start'])
    op.create_table('source_standings',
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=16), nullable=False),
    sa.Column('bad', sa.Boolean(), nullable=False),
    sa.Column('since', moment, nullable=False),
    sa.Column('turning', moment, nullable=True),
    sa.PrimaryKeyConstraint('source', 'subject')
    )
    op.create_table('source_changes',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=16), nullable=False),
    sa.Column('bad', sa.Boolean(), nullable=False),
    sa.Column('at', moment, nullable=False),
    sa.Column('began', moment, nullable=False),
    sa.Column('noticed_at', moment, nullable=False),
    sa.Column('reason', sa.String(length=32), nullable=True),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('told_at', moment, nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key')
    )
    op.create_index('ix_source_changes_source', 'source_changes', ['source'])
    op.create_index('ix_source_changes_at', 'source_changes', ['at'])
    op.create_index('ix_source_changes_told_at', 'source_changes', ['told_at'])


def downgrade() -> None:
    for table in ('source_changes', 'source_standings', 'source_hours', 'robots_readings', 'ledger'):
        op.drop_table(table)
