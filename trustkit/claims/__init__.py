"""Published figures: registered as printed, recomputed from data and judged.

Modules
-------
claims
    Published figures as objects: registered as printed, recomputed from data, and judged.
sensitivity
    How much a figure depends on the rules by which respondents were excluded.
verify
    Published figures recomputed from data, and judged.
"""
