"""The only room that opens a DuckDB file."""
