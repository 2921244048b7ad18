"""Delimited text as a grid."""
