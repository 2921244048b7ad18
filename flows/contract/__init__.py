"""What things mean: record kinds, their columns, code lists and indicators.

Everything that reads, stores, checks, documents or generates a record derives from the files this
room loads; it imports nothing of ours, so that meaning never depends on mechanism.
"""
