"""Sampling designs: strata, PSUs, weights, replicates, grouped sums and the one variance function.

Modules
-------
auxiliaries
    Auxiliary variables: what is known of the population, and what of an estimate it explains.
coded
    Variables with labelled answers, all of them known.
design
    The sampling design: weights, strata, PSUs, finite populations, and the one variance function.
engines
    Engines that hold rows: a source is opened with narwhals, and small results are collected.
first_stage
    The first stage of sampling: strata, PSUs, finite populations and weights, read from columns.
held
    What a design holds of each domain: its PSUs and strata, and so the degrees of freedom of its estimates.
lazy
    Rows in an engine: data that stay where they are.
lazy_distributions
    Weighted distributions of rows in an engine.
opt_in
    The model under which intervals hold where nobody was drawn at random: in words, from the design.
read_design
    Reading a design from a survey, a frame, or a source in an engine.
read_lazy
    Reading a design whose rows are in an engine: one query checks the weights of all strata and PSUs.
replicates
    Replicate weights: given as columns, or made from a design's PSUs.
role_columns
    What fills a design's roles: columns, crossings of columns, or values given row by row.
rows
    What a design asks of its rows, wherever they are, and rows in memory.
sums
    Grouped sums: the only code that touches respondents in bulk.
variance
    The sample as arrays, and the one variance function.
weight_history
    The history of weights: what each weighting step did, and what it cost.
weighted_distributions
    Weighted distributions of rows in memory: quantiles without sorting all rows.
"""
