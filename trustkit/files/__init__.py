"""Survey files read and written: delimited text, spreadsheets, statistics programs, survey platforms.

Modules
-------
delimited
    Delimited text: encoding and delimiter told from the content, broken rows refused with their line.
excel
    Excel sheets as grids of cells: values alone, no formulas.
google_forms
    Responses of Google Forms: columns named by their wording, choices joined in one cell.
limesurvey
    Exports of LimeSurvey: question codes, parts in brackets.
parquet
    Parquet files, read and written; the codebook travels in the file's metadata.
platforms
    What exports of survey platforms have in common: own columns, checkboxes, batteries.
qualtrics
    Exports of Qualtrics, told by their third header row.
read
    `read`: tells a file's format by its content and calls the format's reader; checksums of raw data.
spss_bytes
    The bytes of SPSS files: their dictionary record by record, and multiple-response sets put into it.
spss_stata_sas
    Files of SPSS, Stata and SAS: data and what the file knows about them, through pyreadstat.
spss_writer
    SPSS files written through pyreadstat: names, codes, missing codes and sets as SPSS takes them.
surveymonkey
    Exports of SurveyMonkey, told by their two header rows.
typed_cells
    Columns of text typed without loss: numbers only where every cell is a plain number.
write
    Surveys written for other programs: SPSS files and Parquet, with what the codebook says.
zip_archives
    Zip archives opened safely: one data file inside, of bounded size, that stays in its folder.
"""
