"""Scales: how well several items measure one thing, with the intervals of the sampling design.

Modules
-------
coefficients
    Coefficients of a scale as functions of its items' covariance, with their derivatives.
item_analysis
    What each item adds to a scale: its mean, spread, missing answers, relation to the rest.
one_factor
    One factor by maximum likelihood, and how its parameters follow from the items' covariance.
reliability
    The reliability of a scale, with an interval from the design.
scale_answers
    The scored answers of those who answered all items, their covariance, and what each row adds to it.
several_factors
    Several factors by maximum likelihood, their rotations, and a general factor above them.
"""
