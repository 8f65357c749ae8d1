"""Notebooks, the site, transparency and studies of one's own.

Modules
-------
audit
    The audit of a study: what each export holds, what is not stated about it, and what no analysis uses.
cell_ends
    How cells end: an extension of IPython under which every failure of a cell names the line it began in.
cell_outputs
    What a notebook's cells show while they run: refused beyond a size, and joined in time linear in it.
citation
    Who made a report, under which licence, and how to cite it: what each page says at its foot.
completion
    Completion of variables' names in JupyterLab and IPython: `%load_ext trustkit` turns it on.
dictionary_page
    The data dictionary as cards: one for a variable, one for the variables of a battery.
downloads
    What readers may take from a report: tables as CSV and Excel, charts as pictures, and how to cite them.
findings
    What a study found, for a first page without claims: the leading number of each chart of estimates.
first_notebook
    A first notebook on a new study: the survey, its log, a few questions, the claims and the limits.
held_page
    The page that says what a study holds and why: a card for the data that are held alike.
kernel_forks
    The process that kernels are forked from: it has imported the large libraries, and runs nothing.
kernels
    The kernels that notebooks run in: started, cold or warm, and stopped together.
notebook_files
    Notebooks as files, without Jupyter: which a project has, what they are called, and new ones.
notebook_pages
    A notebook as a page: its prose, and what its cells showed.
notebooks
    Notebooks: run to a file that depends on code and data alone, and read for a report.
opened_files
    Which files a kernel opens: an extension of IPython that writes them down while a notebook runs.
page_blocks
    The blocks that a page is made of, and how they are written for Sphinx to read (`page_parser`).
page_guard
    The last look at a built page: its security policy, and whether anything in it could run or load.
page_parser
    How Sphinx reads a page: text that comes from data is put into the page and never parsed.
page_styles
    The theme's style sheet without the rules that no page and no script of a site can use.
page_templates
    Templates of pages: filled with values that are escaped, whatever they are.
paper_text
    What paper shows of a site's pages: text, tables, pictures and formulas, without what needs a screen.
pdf_opening
    How the PDF looks, and its title and contents.
pdf_report
    The whole report as one tagged PDF, made from the pages of its site by pandoc and Typst.
processed_data
    A study's processed data, all of which can be made again: its files, and the columns that they hold.
protected_pages
    Notebooks as they may be published: numbers of few respondents hidden, over all pages together.
published_answers
    Which answers may stand on a page: those of closed questions, and what enough respondents gave.
render
    The report: a site of static pages rendered from the outputs of committed notebooks; nothing is run.
reports
    A study's report: what changed is run, the site is rendered if it would be another.
result_notes
    What stands below the tables and charts of a page: the data's mark, the base, what intervals rest on.
review
    Guesses of a drafted codebook, looked at: which are open, and how a person accepts them.
run_records
    What a run of a notebook rested on: a record in the notebook, by which only what changed is run again.
safe_html
    HTML of the kind that trustkit's own tables and figures make: anything else is taken out.
safe_svg
    Charts as SVG of the kind that trustkit writes: anything else is refused.
shown_tables
    Tables as pages show them, read from their HTML and written as CSV: no cell is a formula.
site_pages
    The pages that are made from data: claims, data dictionary, disclosure, versions.
site_records
    What a site was made from: a record in its folder, so that the same site is not made again.
stacked_tables
    Tables of several long texts, marked so that a narrow screen shows each of their rows as a card.
study
    A study of one's own: a folder made from an export, and what disagrees in it.
study_runs
    The notebooks of a study, run beside each other; every failure is told at once.
trails
    How published numbers were made: what the pages show of the trails that verdicts carry.
transparency
    What a study must disclose: the items of AAPOR's Transparency Initiative, filled in, and those missing.
uncounted
    Results without a ledger: all of them are withheld but those that tell of no respondent.
used_columns
    Which columns of an export an analysis uses, as far as the files of its study say.
verdict_outputs
    The verdicts on published figures that notebooks hold in their outputs.
warm_kernels
    Kernels that start warm: forked from one process that has imported the large libraries.
workbooks
    Tables as a workbook of Excel, the same bytes every time: numbers as numbers, all else as text.
"""
