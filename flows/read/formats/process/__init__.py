"""Workbooks are read by child processes that may die."""
