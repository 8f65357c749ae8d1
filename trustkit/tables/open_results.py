"""Kinds of results without a ledger: those that are published all the same, and those that never are."""

from __future__ import annotations

OPEN = {
    "Claim": "a number that somebody else published",
    "Claims": "numbers that somebody else published",
    "Codebook": "wordings and answers of the codebook; answers that few gave are left out of the dictionary",
    "DataTable": "a frame of the author's; one with a column of respondents has a ledger",
    "Disclosure": "how the study was made",
    "Feasibility": "arithmetic on numbers that somebody else published",
    "FigureChecks": "arithmetic on numbers that somebody else published",
    "Instrument": "the wording of a published scale",
    "Inventory": "why columns are held; no answer of anybody",
    "PublishedFigure": "a number that somebody else published",
    "PublishedFigures": "numbers that somebody else published",
    "Synthesis": "numbers that somebody else published",
    "Targets": "known shares of a population",
    "Variable": "the wording and answers of the codebook",
    "Verdict": "one without data; a report with one on few respondents is refused",
    "Verdicts": "those without data; a report with one on few respondents is refused",
    "WeightHistory": "how unequal the weights are after each step",
    "WeightStep": "one that has margins has a ledger; others say how unequal the weights are",
    "DataFigure": "a chart of a frame of the author's",
}
"""The kinds of results that are published without a ledger, and why that tells of no respondent."""

FOR_THE_DESK = {
    "Anonymity": "it counts the respondents who are unique",
    "Careless": "it counts the respondents whose answers look careless",
    "Consents": "it counts the records of few persons",
    "Erasure": "it is about one respondent",
    "Expiry": "it names files and columns of the raw data",
    "TCString": "it is the choice of one person",
    "Protected": "it tells which rule hid a number; the tables that it holds are shown one by one",
}
"""The kinds of results that are never published, and why."""
