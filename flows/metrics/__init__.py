"""Rows in force → the value of every indicator for every unit and period."""
