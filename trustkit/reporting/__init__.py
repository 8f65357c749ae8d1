"""Notebooks, the site, transparency and studies of one's own.

Modules
-------
first_notebook
    A first notebook on a new study: the survey, its log, a few questions, the claims and the limits.
notebook_files
    New notebooks as files, written without Jupyter: cells that were not run yet, and text in Markdown.
notebooks
    Notebooks: run to a file that depends on code and data alone, and read for a report.
render
    The report: a site of static pages rendered from the outputs of committed notebooks; nothing is run.
review
    Guesses of a drafted codebook, looked at: which are open, and how a person accepts them.
study
    A study of one's own: a folder made from an export, and what disagrees in it.
transparency
    What a study must disclose: the items of AAPOR's Transparency Initiative, filled in, and those missing.
"""
