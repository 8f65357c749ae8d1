"""Tables as files that can be published: no text is run, numbers are numbers, the same bytes every time.

Modules
-------
banner_layout
    The tables of a banner as they are printed: bases, then rows, with a column for each group.
documents
    Tables for Word: headings, captions, header rows that repeat, charts as pictures.
microdata_guard
    What is never exported: rows of respondents, and columns that tell who a respondent is.
panels
    How a wide table is divided for pages and slides.
plain_files
    Tables as CSV, JSON, Parquet and HTML.
printed_tables
    Tables as every format prints them: cells, columns, a chart.
result_layout
    Every other result as it is printed: estimates, cross tables, tables of frames, charts.
safe_text
    Text that no program runs, what every format can hold, and names of sheets.
same_bytes
    Office files without the time at which they were written.
shown_cells
    Cells as results show them, read as the numbers they show.
slide_charts
    Charts of PowerPoint that can be edited, with intervals.
slides
    Tables for PowerPoint: a chart, or a table over several slides, with notes.
table_sheets
    A workbook of tables: contents, a sheet for each table, and all numbers of banners.
unrounded
    Which numbers of a result leave with all their digits: those that its protected table shows.
workbooks
    Workbooks of Excel, with charts that can be edited.
write_tables
    Tables written in the format that the file's name ends in.
"""
