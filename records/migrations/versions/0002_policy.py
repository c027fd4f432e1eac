"""Decisions, silences, people's words on flags, acts, threshold steps; relapses and names of alerts"""

import sqlalchemy as sa
from alembic import op

import records.models

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

_TIME = records.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('confirmed_by', sa.String(length=64), server_default='', nullable=False))
        batch_op.add_column(sa.Column('acknowledged_by', sa.String(length=64), server_default='', nullable=False))
        batch_op.add_column(sa.Column('relapses', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('relapsed_at', _TIME, nullable=True))
        batch_op.add_column(sa.Column('began_at', _TIME, nullable=True))
    with op.batch_alter_table('alert_events', schema=None) as batch_op:
        batch_op.add_column(sa.Column('made_by', sa.String(length=64), server_default='', nullable=False))

    op.create_table('decisions',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('alert_id', sa.String(length=32), nullable=False),
    sa.Column('at', _TIME, nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('waiting', sa.Boolean(), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key')
    )
    with op.batch_alter_table('decisions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_decisions_alert_id'), ['alert_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_decisions_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_decisions_waiting'), ['waiting'], unique=False)

    op.create_table('silences',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('scope', sa.String(length=16), nullable=False),
    sa.Column('value', sa.String(length=200), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('starts_at', _TIME, nullable=False),
    sa.Column('ends_at', _TIME, nullable=False),
    sa.Column('ended_at', _TIME, nullable=True),
    sa.Column('ended_by', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('silences', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_silences_ends_at'), ['ends_at'], unique=False)

    op.create_table('flag_marks',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('alert_id', sa.String(length=32), nullable=False),
    sa.Column('fact', sa.String(length=32), nullable=False),
    sa.Column('value', sa.Boolean(), nullable=True),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('at', _TIME, nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('flag_marks', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_flag_marks_alert_id'), ['alert_id'], unique=False)

    op.create_table('acts',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('alert_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('at', _TIME, nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('withdrawn_at', _TIME, nullable=True),
    sa.Column('withdrawn_by', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('acts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_acts_alert_id'), ['alert_id'], unique=False)

    op.create_table('threshold_steps',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('court', sa.String(length=200), nullable=False),
    sa.Column('alert_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('amount', sa.Float(), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('at', _TIME, nullable=False),
    sa.Column('undone_at', _TIME, nullable=True),
    sa.Column('undone_by', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('threshold_steps', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_threshold_steps_alert_id'), ['alert_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_threshold_steps_court'), ['court'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('threshold_steps', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_threshold_steps_court'))
        batch_op.drop_index(batch_op.f('ix_threshold_steps_alert_id'))

    op.drop_table('threshold_steps')
    with op.batch_alter_table('acts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_acts_alert_id'))

    op.drop_table('acts')
    with op.batch_alter_table('flag_marks', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_flag_marks_alert_id'))

    op.drop_table('flag_marks')
    with op.batch_alter_table('silences', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_silences_ends_at'))

    op.drop_table('silences')
    with op.batch_alter_table('decisions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_decisions_waiting'))
        batch_op.drop_index(batch_op.f('ix_decisions_at'))
        batch_op.drop_index(batch_op.f('ix_decisions_alert_id'))

    op.drop_table('decisions')
    with op.batch_alter_table('alert_events', schema=None) as batch_op:
        batch_op.drop_column('made_by')

    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.drop_column('began_at')
        batch_op.drop_column('relapsed_at')
        batch_op.drop_column('relapses')
        batch_op.drop_column('acknowledged_by')
        batch_op.drop_column('confirmed_by')
