"""A scored year for the people it is about: a page, a workbook, a screen, all from the published warehouse alone."""
