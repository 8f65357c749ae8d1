"""Respondents and columns taken out of a study: raw files, what was made from them, and a tombstone.

Modules
-------
erased_portable_rows
    A portable SPSS file (``.por``) without some rows: its cells are cut, and all before them stays.
erased_r_rows
    A file of R (``.rds``, ``.rda``) without some rows: the vectors of its data frames are cut.
erased_rows
    A raw file without some of its rows, in its own format: the bytes of the other rows stay where they can.
erased_sheet_rows
    A workbook without some rows of its data: the parts of the file are edited, so that formats stay.
erased_spss_rows
    An SPSS file (``.sav``, ``.zsav``) without some rows: its table is cut, and all before it stays.
erased_stata_rows
    A Stata file without some rows: its table is cut, and all else of the file stays byte for byte.
erased_transport_rows
    A SAS transport file (``.xpt``) without some rows: its table is cut, and all before it stays.
erasure
    Erasure of one respondent from a study: raw files, what was made from them, and a tombstone.
expired_columns
    A raw file and its codebook without some columns: the bytes of all other cells and lines stay.
expired_portable_columns
    A portable SPSS file (``.por``) without some variables: in its dictionary, and in its cells.
expired_r_columns
    A file of R (``.rds``, ``.rda``) without some columns of its data frames.
expired_sheet_columns
    A workbook without some columns of its data: the columns to the right move to the left.
expired_spss_columns
    An SPSS file (``.sav``, ``.zsav``) without some variables: in its dictionary, and in its table.
expired_stata_columns
    A Stata file without some variables: their descriptions, notes, labels that only they had, and cells.
expired_transport_columns
    A SAS transport file (``.xpt``) without some variables: their descriptions, labels and cells.
expiry
    Columns whose time is over, removed from a study's raw and processed data.
journal
    Changes of a study's files that happen all or not at all, also if the program is killed in between.
limits
    Where an erased respondent may still be, out of trustkit's reach, and what to do about it.
personal_traces
    What a study holds of one respondent: the values that are theirs alone, and where files still have them.
plan
    An erasure before it is decided: every new file of the study, written aside.
respondent_rows
    The rows of one respondent in the raw files of a study: every export, its copies, and other waves.
"""
