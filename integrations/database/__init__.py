"""The database: what is known about people and programmes, and what was done."""
