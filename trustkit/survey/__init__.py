"""What is passed around: the respondents' frame, its codebook and the log of exclusions.

Modules
-------
answer_blocks
    Answers written once and used by many variables: named blocks, and missing codes of a whole file.
checks
    Rules that a column must meet to agree with its description, each broken rule with its rows.
codebook
    The codebook: the single description of every column of a survey.
codebook_json
    A codebook as a record of plain values, to travel inside a file and come back whole.
codebook_yaml
    The codebook as a YAML file: read with all faults at once, and written so that it reads back the same.
column_names
    Names of columns: made from wordings, each unlike the others, and compared.
columns
    Columns read by their descriptions: labels, counts, answers and missing codes.
exclusion_log
    The exclusion log: each step between the raw file and the estimates, with the respondents it affected.
multiple_answers
    Questions with several answers: cells that join them become boxes, and empty boxes get a meaning.
permissions
    What a variable may be used for: its permission, what a variable made of several inherits, and faults.
personal_looks
    What cells look like that tell who a respondent is, or that a respondent wrote freely.
protection
    What must not be published of a survey: the thresholds of protection, as named data with their sources.
purposes
    Why data are held: the purposes that respondents were told, the legal basis, and how long data are kept.
quoted_cells
    Cells of the data in messages: which ones a message may quote, and how. Every message follows this rule.
replicate_columns
    Which columns hold replicate weights and how they were made, as a codebook's ``design`` says it.
respondent_ids
    Ids of respondents as text, so that the same id in two files, of whatever programs, compares as equal.
survey
    A survey: the respondents' frame, the codebook that describes it, and the log of exclusions.
table_rows
    Rows of tables that a codebook describes: nets of answers, the statistic, answers that stay last.
variable
    One variable of a codebook: what is known about a column, and how its entry in the file is read.
where
    Domains: which respondents are counted, as rows, as a condition for an engine, and in words.
written_numbers
    Numbers as people and spreadsheets write them: decimal commas, thousands, percent, currencies.
"""
