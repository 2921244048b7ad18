"""Worlds, inboxes and schemes that tests of several rooms share."""
