"""Between warehouse and engine: facts read, a year scored, results written."""
