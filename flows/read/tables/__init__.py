"""Grids → the tables in them: header, caption, rows, totals."""
