"""The engine against plain SQL: the same year scored twice, by code that shares nothing but the tables."""
