"""Files as district clerks send them, with their truth: a measuring set for the reader.

The words of the files were taken from published forms, reports and notices and were fixed before anyone looked at the
contracts; see README.md. ``python -m tests.natural`` measures what the pipeline makes of them.
"""
