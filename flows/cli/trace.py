"""The command that leads from a score back to the cells it came from."""
