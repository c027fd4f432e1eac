"""What was imported of a case names no litigant: a digest stands for them"""

import secrets
from hashlib import blake2b

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    keys = op.create_table(
        'case_import_keys',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('key', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    key = secrets.token_bytes(32)
    op.bulk_insert(keys, [{'id': 1, 'key': key}])
    imports = sa.table(
        'case_imports', sa.column('system', sa.String), sa.column('key', sa.String),
        sa.column('fields', sa.JSON),
    )
    connection = op.get_bind()
    for system, name, fields in connection.execute(sa.select(imports)).all():
        if 'litigants' in fields:
            # As records.case_imports does; here it stands as it was when this was written.
            text = fields['litigants'].encode()
            digest = blake2b(text, digest_size=16, key=key).hexdigest()
            connection.execute(
                imports.update()
                .where(imports.c.system == system, imports.c.key == name)
                .values(fields={**fields, 'litigants': digest})
            )


def downgrade() -> None:
    """The names are gone; a version from before takes the next import's for the first."""
    imports = sa.table(
        'case_imports', sa.column('system', sa.String), sa.column('key', sa.String),
        sa.column('fields', sa.JSON),
    )
    connection = op.get_bind()
    for system, name, fields in connection.execute(sa.select(imports)).all():
        kept = {word: text for word, text in fields.items() if word not in ('litigants', 'people')}
        connection.execute(
            imports.update()
            .where(imports.c.system == system, imports.c.key == name)
            .values(fields=kept)
        )
    op.drop_table('case_import_keys')
