"""The database on SQLAlchemy: SQLite in a file, or PostgreSQL."""
