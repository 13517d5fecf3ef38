"""Alembic's way in: only ever with the connection that `Desk.open` hands over."""

from alembic import context

from audit.cases.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
