"""The last look at a site before it leaves: what of it could tell of a respondent.

Modules
-------
leaks
    Leaks in a text: each with what it is, where it stands, and its words with most letters hidden.
pdf_texts
    What a PDF holds as text: its metadata, and what its pages show, as far as that can be read.
phrases
    Many phrases looked for in a text at once, in time linear in the text, whatever their number.
printed_rows
    Rows that a text may hold: of HTML tables, of JSON, of CSV, and of lines with cells between signs.
release_check
    The last look at a site before it leaves: whether any byte tells of a respondent or of this computer.
singled_out
    Whether a row belongs to one respondent: it holds answers that, taken together, nobody else gave.
site_files
    What the files of a site hold as text: every file is opened, unpacked and decoded, whatever it is.
site_versions
    Two versions of a site: what the counts of both tell of a few respondents.
small_counts
    Counts of few respondents that are not marked: in the ledgers of a site, and in its printed tables.
study_secrets
    What of a study's data must not be published: identifiers, open answers, rare answers, keys.
texts
    The parts of a text, and the ways it can be read: as it stands, without its tags, decoded.
"""
