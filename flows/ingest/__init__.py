"""Files in, kept for ever: the inbox, the vault, the ledger of deliveries."""
