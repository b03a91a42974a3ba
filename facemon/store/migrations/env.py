"""Alembic's entry: runs the migrations on the connection that `facemon.store.migrate` hands over."""

from alembic import context

from facemon.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most things in place
    transactional_ddl=True,  # a migration that is killed leaves nothing behind
)
with context.begin_transaction():
    context.run_migrations()
