"""District trade-union records in, normalised tables and annual assessment metrics out."""
