"""The pipeline disturbed at random moments and run under other circumstances: nothing is lost, nothing differs.

    python -m tests.soak --rounds 200 --seed 1        the long form (`make soak`)

The short form is in the suite. What is compared is the content of all published tables, with deliveries named by their
address and not by the number that the order of arrival gave them.
"""
