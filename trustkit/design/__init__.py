"""Sampling designs: strata, PSUs, weights, replicates, grouped sums and the one variance function.

Modules
-------
auxiliaries
    Auxiliary variables: known figures of the population, and how much of an estimate they explain.
coded
    Variables with labelled answers, all of them known.
design
    The sampling design: weights, strata, PSUs, finite populations, and the one variance function.
engine_arguments
    Arguments of the methods by which estimators ask a design for sums: what each of them takes.
engines
    Engines that hold rows: a source is opened with narwhals, and small results are collected.
first_stage
    The first stage of sampling: strata, PSUs, finite populations and weights, read from columns.
held
    The PSUs and strata of each domain, which give the degrees of freedom of its estimates.
influences
    Estimates that are no function of sums: their variance from what each row adds to them.
lazy
    Rows in an engine: the data stay in the engine, and only sums come back.
lazy_distributions
    Weighted distributions of rows in an engine.
linked_waves
    Waves with respondents in common: each person is one PSU, so that answers of one person are related.
opt_in
    The model that the intervals of an opt-in sample rest on, in words, from the design.
permitted
    Whether a variable may be used for the purpose to which the respondents of a design agreed.
pps
    Sampling with unequal probabilities without replacement: what each pair of PSUs adds to the variance.
read_design
    Reading a design from a survey, a frame, or a source in an engine.
read_lazy
    Reading a design whose rows are in an engine: one query checks the weights of all strata and PSUs.
replicates
    Replicate weights: given as columns, or made from a design's PSUs.
replication
    Replicate weights made from the strata and PSUs of a design.
reweighting
    A design with other weights: its replicates, degrees of freedom, history and log follow them.
role_columns
    The source of a design's weights, strata, PSUs and fpc: columns, crossed columns, or values by row.
rows
    The operations that a design needs from its rows, and rows in memory.
stages
    Sampling in several stages: the units inside PSUs, and what each stage adds to the variance.
sums
    Grouped sums: the only code that touches respondents in bulk.
variance
    The sample as arrays, and the one variance function.
wave_pairs
    Two waves of linked rows: which they are, and how many respondents they have in common.
weight_history
    The history of weights: what each weighting step did, and what it cost.
weighted_distributions
    Weighted distributions of rows in memory: quantiles without sorting all rows.
weighting_words
    How a design is weighted, in words.
"""
