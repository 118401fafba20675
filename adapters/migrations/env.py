"""Alembic's entrance: runs the versions on the connection that `adapters.history_engine.migrate` hands over."""

from alembic import context

from adapters.history_tables import metadata

connection = context.config.attributes["connection"]
# Batch mode, because SQLite changes a table only by copying it.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
