"""Tombstones, count records of deletions, and the list of what left the house"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        'tombstones',
        sa.Column('post_id', sa.String(length=64), primary_key=True),
        sa.Column('deletion_id', sa.Integer(), nullable=False),
        sa.Column('source', sa.String(length=64), nullable=False),
        sa.Column('reason', sa.String(length=16), nullable=False),
        sa.Column('asked_at', moment, nullable=False),
    )
    op.create_index('ix_tombstones_deletion_id', 'tombstones', ['deletion_id'])
    op.create_index('ix_tombstones_asked_at', 'tombstones', ['asked_at'])
    op.create_table(
        'deletions',
        sa.Column('id', sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column('source', sa.String(length=64), nullable=False),
        sa.Column('reason', sa.String(length=16), nullable=False),
        sa.Column('asked_at', moment, nullable=False),
        sa.Column('asked', sa.Integer(), nullable=False),
        sa.Column('held', sa.Integer(), nullable=False),
        sa.Column('cases', sa.JSON(), nullable=False),
        sa.Column('places', sa.JSON(), nullable=False),
        sa.Column('finished_at', moment, nullable=True),
    )
    op.create_index('ix_deletions_asked_at', 'deletions', ['asked_at'])
    op.create_index('ix_deletions_finished_at', 'deletions', ['finished_at'])
    op.create_table(
        'exports',
        sa.Column('id', sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('version', sa.String(length=128), nullable=False),
        sa.Column('made_at', moment, nullable=False),
        sa.Column('posts', sa.Integer(), nullable=False),
        sa.Column('settled_at', moment, nullable=True),
        sa.Column('settled_by', sa.String(length=64), server_default='', nullable=False),
        sa.UniqueConstraint('kind', 'name', 'version', name='uq_exports_version'),
    )
    op.create_index('ix_exports_made_at', 'exports', ['made_at'])
    op.create_table(
        'export_posts',
        sa.Column('post_id', sa.String(length=64), primary_key=True),
        sa.Column('export_id', sa.Integer(), primary_key=True, autoincrement=False),
    )
    op.create_index('ix_export_posts_export_id', 'export_posts', ['export_id'])


def downgrade() -> None:
    for table in ('export_posts', 'exports', 'deletions', 'tombstones'):
        op.drop_table(table)
