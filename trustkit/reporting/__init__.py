"""Notebooks, the site, transparency and studies of one's own.

Modules
-------
completion
    Completion of variables' names in JupyterLab and IPython: `%load_ext trustkit` turns it on.
first_notebook
    A first notebook on a new study: the survey, its log, a few questions, the claims and the limits.
notebook_files
    New notebooks as files, written without Jupyter: cells that were not run yet, and text in Markdown.
notebook_pages
    A notebook as a page: its prose, and what its cells showed.
notebooks
    Notebooks: run to a file that depends on code and data alone, and read for a report.
page_guard
    The last look at a built page: its security policy, and whether anything in it could run or load.
page_parser
    How Sphinx reads a page: text that comes from data is put into the page and never parsed.
published_answers
    Which answers may stand on a page: those of closed questions, and what enough respondents gave.
render
    The report: a site of static pages rendered from the outputs of committed notebooks; nothing is run.
review
    Guesses of a drafted codebook, looked at: which are open, and how a person accepts them.
safe_html
    HTML of the kind that trustkit's own tables and figures make: anything else is taken out.
site_pages
    The pages that are made from data: claims, data dictionary, disclosure, versions.
study
    A study of one's own: a folder made from an export, and what disagrees in it.
transparency
    What a study must disclose: the items of AAPOR's Transparency Initiative, filled in, and those missing.
"""
