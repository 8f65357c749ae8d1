"""Population targets, raking and calibration, adjustments, and what they did to the weights.

Modules
-------
adjustments
    Adjusting weights without population margins: trim, normalize, nonresponse, propensity.
attrition_weights
    Weights for attrition: those who stayed stand for those lost; variances know the model was estimated.
calibration
    Weighting to a population: rake, poststratify, calibrate; each `Design -> Design`.
fitting
    Fitting weights to population totals: iterative proportional fitting and calibration, as arrays.
matching
    Targets matched with a design: the respondents of each target, and the total their weights must reach.
propensity
    The propensity to be in a sample: a logistic model on the sample and a reference, checked.
rounded_targets
    Targets as printed tables give them: rounding is removed and noted, larger differences are refused.
standardization
    Direct standardisation: groups are compared as if they had the same composition.
summary
    What weighting did: achieved margins, unequal weights, and variables outside the targets.
targets
    Targets: known figures of a population, from a mapping, a frame, a file or a reference sample.
"""
