"""From facts to points: a year's scheme, its linter, the engine, and the sentences that explain a score.

Plain Python and exact fractions. This room knows no database, no scheduler and no clock: what it is given
(`Facts`) decides everything, so a score can be recomputed from two folders and a table of figures.
"""
