"""Scales: how well several items measure one thing, and what drives it, with the design's intervals.

Modules
-------
coefficients
    Coefficients of a scale as functions of its items' covariance, with their derivatives.
derivatives
    Derivatives by a covariance that have no formula, and correlations.
drivers
    How much of an outcome's variance each of several predictors explains.
item_analysis
    What each item adds to a scale: its mean, spread, missing answers, relation to the rest.
norms
    Estimates less a published norm of an instrument.
one_factor
    One factor by maximum likelihood, and how its parameters follow from the items' covariance.
relative_importance
    Shares of R2 and standardized coefficients as functions of a covariance, with their derivatives.
reliability
    The reliability of a scale, with an interval from the design.
scale_answers
    The scored answers of those who answered all items, their covariance, and what each row adds to it.
several_factors
    Several factors by maximum likelihood, their rotations, and a general factor above them.
"""
