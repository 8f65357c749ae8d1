"""Estimates by domain, contrasts and tests.

Modules
-------
agreement
    Two answers of the same respondents: paired differences, agreement and kappa.
assembly
    Parts of an estimate: who is counted, the functional of each variable, and how they are put together.
association
    Tests of association and of fit: Rao-Scott, Wald and the exact sum of chi-squares.
attrition
    Attrition: which respondents of a wave are lost in a later one, and how they differ from the others.
comparisons
    Comparisons of means, ranks and paired proportions, with design-based effect sizes only.
consent_banner_rates
    Consent rates of banners on websites, under each definition in use.
consent_counts
    Consent rates from counts of a consent platform, under each definition and for each unit counted.
consent_definitions
    What definitions of consent rates share: the states that are counted, their letters and their words.
consent_rates
    Consent: opt-in rates under each definition in use, and the consent funnel.
contrasts
    Contrasts of estimates: linear, smooth, and between waves.
counts
    Counts of answers in the population: weighted totals with intervals that stay in their range.
distributions
    Quantiles and tail areas of the reference distributions: t, F, chi-square, normal and beta.
domains
    Who is counted: the domains of an estimate, the rows that are chosen, and both in words.
estimates
    Estimates of a design: proportions, means, totals and ratios, by domain, with full covariance.
group_means
    The test of equal means in several groups.
intervals
    Confidence intervals for proportions, as pure functions of estimate, standard error and sizes.
item_nonresponse
    Item nonresponse: who was asked a question and gave no answer, by reason, and which questions together.
net_scores
    Net scores and top boxes: several answers to one question taken together.
opt_in_definitions
    Definitions of opt-in rates: the states of a device, what each definition counts, and its source.
pairs
    Pairs: the differences between all pairs of estimates, with p-values adjusted for their number.
precision
    Precision as published reports put it: one margin of error, and the design effect behind a printed one.
quantiles
    Quantiles of a design, with Woodruff intervals.
ranking
    Ranks with intervals: which estimates are above which, all comparisons taken together.
replicate_statistics
    Any statistic of rows and weights, with the variance of its replicates.
rest_differences
    Each group less everyone else, with the exact covariance of the design.
results
    Results: frozen values that carry their uncertainty, base and method, and show themselves.
score_shares
    Shares of the answers to an item that is answered with a number, such as 0 to 10.
second_moments
    Variances and correlations: functions of the weighted sums of squares and products.
significance
    Results of tests: null hypothesis, statistic and p-value, or why there is none; and adjusted p-values.
small_groups
    Small groups: notes on a comparison whose degrees of freedom hide those of one small group.
times
    Answers that are times: years, other numbers, months and days, and the place of each on an axis.
transitions
    Transitions: who gave which answer in a later wave, among those who answered in both.
trend_tests
    Tests of change over three and more waves, from the joint covariance of the waves.
trust_index
    An index of several items, of respondents' means or of the items' shares.
turf
    TURF: which few items reach the most respondents, by trying every set of them.
wave_changes
    The change between two waves whose respondents may be the same persons.
wave_rows
    Rows of two waves matched by their domains, variables and answers, whatever their order and spelling.
willingness
    Willingness to share: each kind of data for each benefit, and which benefits differ.
"""
