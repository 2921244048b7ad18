"""DuckDB and the vault: the only room that opens a database.

Readers hand over Arrow batches of text; this room types them, judges each row, decides which part
of which delivery is in force, and publishes finished databases that nobody can write to.
"""
