"""Tables for people: what a run shows, the dictionary, and whether the installation is sound.

Everything here is made from what the store and the contracts say; nothing is computed that a number
of an assessment depends on.
"""
