"""Published figures: registered as printed, recomputed from data and judged.

Modules
-------
claims
    Published figures as objects: registered as printed, recomputed from data, and judged.
sensitivity
    How much a figure depends on the rules by which respondents were excluded.
trail
    How a number was made: the steps from the raw data to the base of an estimate, for readers of a page.
verify
    Published figures recomputed from data, and judged.
"""
