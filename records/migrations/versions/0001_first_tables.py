"""First tables"""

import sqlalchemy as sa
from alembic import op

import records.models

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('alert_events',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('alert_id', sa.String(length=32), nullable=False),
    sa.Column('at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('alert_events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alert_events_alert_id'), ['alert_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_alert_events_at'), ['at'], unique=False)

    op.create_table('alerts',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('level', sa.String(length=16), nullable=False),
    sa.Column('confirmed_level', sa.String(length=16), nullable=True),
    sa.Column('first_published_at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('detected_at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_bucket_at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', records.models.UtcDateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_at', records.models.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_at', records.models.UtcDateTime(timezone=True), nullable=True),
    sa.Column('updated_at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('why', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alerts_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_alerts_closed_at'), ['closed_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_alerts_detected_at'), ['detected_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_alerts_state'), ['state'], unique=False)
        batch_op.create_index(batch_op.f('ix_alerts_updated_at'), ['updated_at'], unique=False)

    op.create_table('cases',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('court', sa.String(length=200), nullable=False),
    sa.Column('watched_since', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('archived_at', records.models.UtcDateTime(timezone=True), nullable=True),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_cases_court'), ['court'], unique=False)

    op.create_table('deliveries',
    sa.Column('key', sa.String(length=128), nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('created_at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('next_at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('notification', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('key', 'channel')
    )
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deliveries_state'), ['state'], unique=False)

    op.create_table('gaps',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('start', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('end', records.models.UtcDateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=32), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('gaps', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_gaps_end'), ['end'], unique=False)
        batch_op.create_index(batch_op.f('ix_gaps_source'), ['source'], unique=False)
        batch_op.create_index(batch_op.f('ix_gaps_start'), ['start'], unique=False)

    op.create_table('marks',
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('reports',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('since', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('until', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('aggregates', sa.JSON(), nullable=False),
    sa.Column('files', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('reports', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reports_created_at'), ['created_at'], unique=False)

    op.create_table('seen',
    sa.Column('viewer', sa.String(length=64), nullable=False),
    sa.Column('at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('viewer')
    )
    op.create_table('source_runs',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('started_at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('finished_at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('window_start', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('window_end', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('requests', sa.Integer(), nullable=False),
    sa.Column('seen', sa.Integer(), nullable=False),
    sa.Column('new', sa.Integer(), nullable=False),
    sa.Column('rejected', sa.Integer(), nullable=False),
    sa.Column('gap', sa.String(length=32), nullable=True),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('source_runs', schema=None) as batch_op:
        batch_op.create_index('ix_source_runs_source_finished', ['source', 'finished_at'], unique=False)

    op.create_table('sources',
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('platform', sa.String(length=32), nullable=False),
    sa.Column('every_seconds', sa.Integer(), nullable=True),
    sa.Column('sample_rate', sa.Float(), nullable=False),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('source')
    )


def downgrade() -> None:
    op.drop_table('sources')
    with op.batch_alter_table('source_runs', schema=None) as batch_op:
        batch_op.drop_index('ix_source_runs_source_finished')

    op.drop_table('source_runs')
    op.drop_table('seen')
    with op.batch_alter_table('reports', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reports_created_at'))

    op.drop_table('reports')
    op.drop_table('marks')
    with op.batch_alter_table('gaps', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_gaps_start'))
        batch_op.drop_index(batch_op.f('ix_gaps_source'))
        batch_op.drop_index(batch_op.f('ix_gaps_end'))

    op.drop_table('gaps')
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_deliveries_state'))

    op.drop_table('deliveries')
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_cases_court'))

    op.drop_table('cases')
    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_alerts_updated_at'))
        batch_op.drop_index(batch_op.f('ix_alerts_state'))
        batch_op.drop_index(batch_op.f('ix_alerts_detected_at'))
        batch_op.drop_index(batch_op.f('ix_alerts_closed_at'))
        batch_op.drop_index(batch_op.f('ix_alerts_case_id'))

    op.drop_table('alerts')
    with op.batch_alter_table('alert_events', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_alert_events_at'))
        batch_op.drop_index(batch_op.f('ix_alert_events_alert_id'))

    op.drop_table('alert_events')
