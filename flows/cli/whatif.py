"""Commands that ask what would change a score: further records, another weight, target or ruling."""
