"""Sampling designs: strata, PSUs, weights, replicates, grouped sums and the one variance function.

Modules
-------
auxiliaries
    Auxiliary variables: what is known of the population, and what of an estimate it explains.
coded
    Variables with labelled answers, all of them known.
design
    The sampling design: weights, strata, PSUs, finite populations, and the one variance function.
first_stage
    The first stage of sampling: strata, PSUs, finite populations and weights, read off columns.
lazy
    Lazy sources: data that stay where they are.
opt_in
    Under which model intervals hold where nobody was drawn at random: in words, from the design.
replicates
    Replicate weights: given as columns, or made from a design's PSUs.
sums
    Grouped sums: the only code that touches respondents in bulk.
variance
    The sample as arrays, and the one variance function.
weight_history
    The history of weights: what each weighting step did, and what it cost.
"""
