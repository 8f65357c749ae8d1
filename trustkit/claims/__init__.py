"""Published figures: registered as printed, recomputed from data and judged.

Modules
-------
choices
    Named choices of a sensitivity analysis: what each option changes, checked.
claims
    Published figures as objects: registered as printed, and when a number agrees with them.
claims_file
    The file of claims, read with all of its errors at once.
feasibility
    Whether a published percentage is possible at all.
printed_numbers
    Numbers as printed, and exactly the values that round to them.
readings
    What a claim says, computed from a design.
registry
    Figures that others published, as data: with source and checks.
registry_file
    The file of a registry of published figures, read with all of its errors at once.
reported_precision
    Whether published margins of error and changes agree with their numbers of respondents.
reported_shares
    Whether published percentages fit each other: answers and their sum, groups and their total.
reported_statistics
    Whether reported means, tests and fit indices agree with the numbers reported beside them.
sensitivity
    How much a figure depends on the rules by which respondents were excluded.
specifications
    A claim under every combination of named choices, all on one design.
synthesis
    One figure over several sources: random effects on the scale of log odds.
trail
    How a number was made: the steps from the raw data to the base of an estimate, for readers of a page.
verdicts
    What recomputing published figures gave, as a table and for a report's pages.
verify
    Published figures recomputed from data, and judged.
"""
