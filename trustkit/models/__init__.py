"""Models of answers whose standard errors know the design.

Modules
-------
averages
    The mean predictions of a model over its respondents, and their covariance.
coding
    The columns of a model: its variables coded by levels, numbers and transformations.
expressions
    Numeric expressions of a formula: arithmetic, logarithms, polynomials and splines, computed by us.
families
    Variance functions and link functions of generalised linear models.
fit
    The result of a model: coefficients with their covariance, and how they show themselves.
formulas
    Formulas: parsed, and checked against a list of what is allowed, before anything is computed.
glm
    Generalised linear models.
groups
    One model in each of several groups, with the joint covariance of all coefficients.
identification
    Whether data determine a model's coefficients: columns that follow from others, separated outcomes.
likelihoods
    Models of answers with several levels: probabilities, scores and Newton's method, in arrays.
model_tables
    Several models side by side.
moments
    The observations of a linear model by their moments, for rows in an engine.
observations
    The observations of a model: rows, or cells of rows that share all values.
pooling
    Analyses of completed data sets, pooled by Rubin's rules.
predictions
    Predictions of a model: for given values, averaged over the respondents, and effects of a change.
respondents
    The respondents behind a model's coefficients: those of each level, by the answers to the outcome.
scoring
    The solution of a model's estimating equations, and its errors: separation, no convergence.
several_levels
    Ordinal and multinomial regression: outcomes with more than two levels.
slopes
    What an outcome adds to the estimates of a model, computed in blocks of observations.
term_tests
    Tests of a model's terms: whether all coefficients of a term, or of several, are 0.
"""
