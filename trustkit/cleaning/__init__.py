"""Exclusions, recoding, scores and careless responding.

Modules
-------
careless
    Screening a survey for careless responding: every index, one row per respondent. Nobody is dropped.
careless_inputs
    A survey's answers, in the form that the indices of careless responding need.
clean
    Cleaning: the steps of a codebook's ``cleaning`` list, checked, applied in their order and logged.
consent
    The consent step: it drops respondents who have not agreed to a purpose, and limits the survey to it.
consistency
    Consistency: how far answers that belong together agree within a respondent.
derive
    Steps from `Survey` to `Survey` that make variables from others, or set missing codes to missing.
duplicates
    Duplicates: respondents who look like a copy of another. Nobody is dropped here.
exclusions
    Exclusion rules: steps from `Survey` to `Survey` that drop respondents, or mark broken rules.
recode
    Steps from `Survey` to `Survey` that rename, merge or reverse answers.
response_patterns
    Careless responding: indices per respondent from a frame of numbers. Nobody is dropped here.
scores
    Scales: several items scored into one number per respondent.
segments
    Segments: respondents sorted by a registered rule that counts answers which show concern.
stacked_waves
    Waves of a survey, one below the other: renamed questions brought together, answers matched by label.
step_arguments
    Arguments of cleaning steps as a codebook gives them: checked against the types in the step's signature.
"""
