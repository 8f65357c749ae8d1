"""Survey files read and written: delimited text, spreadsheets, statistics programs, survey platforms.

Modules
-------
code_pages
    Code pages of old files that do not name theirs, guessed by how plausible the words are.
delimited
    Delimited text: encoding and delimiter told from the content, broken rows refused with their line.
delimited_records
    The rows of delimited text as they are written: a row is not a line, as cells may hold line ends.
erased_ids
    Respondents erased on request: the study's tombstones, and whether a file brings one of them back.
excel
    Excel sheets as grids of cells: values alone, no formulas.
file_places
    Places of files to write: what may not be replaced there, and where nothing is published.
foreign_files
    Files of other programs, opened in a process of their own with limits of time and memory.
google_forms
    Responses of Google Forms: columns named by their wording, choices joined in one cell.
grids
    Tables as they were written: what a delimited file and a worksheet have in common, and columns' names.
header_rows
    Header rows of tables of no known platform: titles above them, wordings and ids below them.
held_letters
    Code pages whose letters wait for the next byte, such as Hebrew: put into Unicode after the file is read.
known_formats
    Formats that are known and not read: each is refused with one way to a file that can be read.
label_sheets
    Sheets of labels beside a sheet of data.
limesurvey
    Exports of LimeSurvey: question codes, parts in brackets.
number_formats
    The number formats of a workbook's cells: which of its styles show a number as percent, or as a date.
parquet
    Parquet files, read and written; the codebook travels in the file's metadata.
platforms
    What exports of survey platforms have in common: own columns, checkboxes, batteries.
qualtrics
    Exports of Qualtrics, told by their third header row.
r_objects
    Data frames of R out of the parse tree of package rdata: values, labels, missing codes and factors.
read
    `read`: tells a file's format by its content and calls the format's reader; checksums of raw data.
reading_process
    What runs in the process that opens files of other programs.
scratch_folders
    Folders that a run works in and removes, also those of runs that were killed; and the switch to a new one.
spss_bytes
    The bytes of SPSS files: their dictionary record by record, and multiple-response sets put into it.
spss_stata_sas
    Files of SPSS, Stata and SAS: data, and what the file tells about them, as a codebook.
spss_writer
    SPSS files written through pyreadstat: names, codes, missing codes and sets as SPSS takes them.
stata_texts
    The long texts of Stata 13 files, put into UTF-8 before the file is read.
surveymonkey
    Exports of SurveyMonkey, told by their two header rows.
transport_bytes
    The bytes of SAS transport files: whether a file is complete.
typed_cells
    Columns of text typed without loss: numbers only where every cell is a plain number.
worksheets
    The XML of worksheets before they are read: formulas, errors, far cells, long numbers, styles of cells.
write
    Surveys written for other programs: SPSS files and Parquet, with what the codebook says.
zip_archives
    Zip archives opened safely: one data file inside, of bounded size, that stays in its folder.
"""
