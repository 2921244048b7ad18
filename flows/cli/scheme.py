"""Commands about a year's scheme: check it, print it, write its targets from a signed workbook."""
