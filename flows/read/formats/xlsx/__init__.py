"""Workbooks of the .xlsx family: package, structure, cells."""
