"""Bytes of any format → grids of text cells."""
