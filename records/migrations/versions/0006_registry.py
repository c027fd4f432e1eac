"""The case registry: states, causes, numbers, history, key dates, imports, candidates"""

import sqlalchemy as sa
from alembic import op

import records.models

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('state', sa.String(length=16), server_default='watched', nullable=False))
        batch_op.add_column(sa.Column('cause', sa.String(length=200), server_default='', nullable=False))
        batch_op.add_column(sa.Column('relink', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index('ix_cases_state', ['state'], unique=False)
        batch_op.create_index('ix_cases_cause', ['cause'], unique=False)
    op.create_table('case_events',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('case_id', sa.String(length=64), nullable=False),
    sa.Column('at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('act', sa.String(length=16), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_case_events_case_id', 'case_events', ['case_id'])
    op.create_table('key_dates',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('case_id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('source', sa.String(length=100), nullable=False),
    sa.Column('review', sa.String(length=16), nullable=False),
    sa.Column('entered_by', sa.String(length=64), nullable=False),
    sa.Column('entered_at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('decided_by', sa.String(length=64), nullable=False),
    sa.Column('decided_at', records.models.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('case_id', 'kind', 'day', name='uq_key_dates_day')
    )
    op.create_index('ix_key_dates_case_id', 'key_dates', ['case_id'])
    op.create_index('ix_key_dates_review', 'key_dates', ['review'])
    op.create_table('case_imports',
    sa.Column('system', sa.String(length=64), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('case_id', sa.String(length=64), nullable=False),
    sa.Column('at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('system', 'key')
    )
    op.create_index('ix_case_imports_case_id', 'case_imports', ['case_id'])
    numbers = op.create_table('case_numbers',
    sa.Column('number', sa.String(length=100), nullable=False),
    sa.Column('case_id', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('number', 'case_id')
    )
    op.create_index('ix_case_numbers_case', 'case_numbers', ['case_id'])
    op.create_table('candidates',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('updated_at', records.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_candidates_state', 'candidates', ['state'])
    op.create_index('ix_candidates_updated_at', 'candidates', ['updated_at'])
    _fill(numbers)


def _fill(numbers: sa.Table) -> None:
    """What the new columns hold follows from the documents that are there."""
    cases = sa.table(
        'cases', sa.column('id', sa.String), sa.column('state', sa.String),
        sa.column('cause', sa.String), sa.column('archived_at', sa.DateTime),
        sa.column('document', sa.JSON),
    )
    connection = op.get_bind()
    held = connection.execute(sa.select(cases.c.id, cases.c.archived_at, cases.c.document)).all()
    for case_id, archived_at, document in held:
        connection.execute(
            cases.update().where(cases.c.id == case_id).values(
                state='archived' if archived_at is not None else 'watched',
                cause=document.get('cause', ''),
            )
        )
        for number in dict.fromkeys(document.get('numbers', ())):
            connection.execute(numbers.insert().values(number=number, case_id=case_id))


def downgrade() -> None:
    for table in ('candidates', 'case_numbers', 'case_imports', 'key_dates', 'case_events'):
        op.drop_table(table)
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_index('ix_cases_cause')
        batch_op.drop_index('ix_cases_state')
        batch_op.drop_column('relink')
        batch_op.drop_column('cause')
        batch_op.drop_column('state')
