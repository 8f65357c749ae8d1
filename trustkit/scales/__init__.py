"""Scales: how well several items measure one thing, and what drives it, with the design's intervals.

Modules
-------
answer_patterns
    The patterns of answers that respondents gave to several items, and what rows of a pattern add together.
bivariate_normal
    The bivariate normal distribution, without sampling, for tables of two ordered items.
class_members
    Respondents placed in latent classes: their most likely class as a variable, and answers by class.
class_mixture
    Latent classes in arrays: shares of answers in each class by maximum likelihood on counts of patterns.
class_search
    The search for latent classes: the best of many starts, and what is refused of it.
coefficients
    Coefficients of a scale as functions of its items' covariance, with their derivatives.
confirm
    Confirmatory factor models with the design's standard errors and test.
derivatives
    Derivatives by a covariance that have no formula, and correlations.
drivers
    How much of an outcome's variance each of several predictors explains.
factor_structure
    Factor models of simple structure: what their parameters imply, and their fit by maximum likelihood.
factors
    Exploratory factors of several items, on their weighted correlations.
grouped_answers
    The answers to some items in one or several groups: their moments, and what each row adds to them.
invariance
    Whether a scale measures the same in several groups.
item_analysis
    What each item adds to a scale: its mean, spread, missing answers, relation to the rest.
latent_classes
    Latent classes: groups of respondents that show in how their answers to several items go together.
model_fit
    How well a factor model fits: its test with the design's covariance, and indices.
norms
    Estimates less a published norm of an instrument.
one_factor
    One factor by maximum likelihood, and how its parameters follow from the items' covariance.
polychoric
    Polychoric correlations of ordered items, with weighted thresholds and the design's standard errors.
relative_importance
    Shares of R2 and standardized coefficients as functions of a covariance, with their derivatives.
reliability
    The reliability of a scale, with an interval from the design.
scale_answers
    The scored answers of those who answered all items, their covariance, and what each row adds to it.
several_factors
    Several factors by maximum likelihood, their rotations, and a general factor above them.
"""
