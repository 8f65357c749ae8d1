"""Privacy: what is held and why, analysis limited by consent, how anonymous rows are, and public-use files.

Modules
-------
anonymity
    How anonymous rows are: who shares what is known of a person, and the risk to be found in a population.
check_digits
    Official numbers that are told from other numbers by their check digits: accounts, cards, people.
consent_bits
    Rows of bits in consent strings: numbers, letters, times, fields of bits, ranges, Fibonacci numbers.
consent_documents
    Consent records in JSON: Cookiebot, Didomi, OneTrust, Kantara, and ISO/IEC TS 27560 in terms of DPV.
consent_files
    Reading a consent file: its kind is told by its header or fields, and every fault is listed at once.
consent_reading
    What reading a consent file gathers: decisions, counts, states, and every fault with its row and field.
consent_records
    Consent records as a frame: who agreed to what, when, and for how long; checked before they are used.
consent_signals
    Signals that one cell holds: TCF, GPP and US privacy strings, Global Privacy Control, tracking status.
consent_tables
    Consent records in delimited files: our own form, Usercentrics, CookieScript and Commanders Act.
consent_times
    Times in consent records: always with a zone, kept in UTC.
consented
    Analysis limited by consent: respondents who agreed to a purpose, and the others by status in the log.
consents
    Consent records: what each subject decided for each purpose, and when; their last status at a date.
gaps
    What an inventory of held data lacks: one rule for each thing that must be stated about a column.
gpp
    Strings of the Global Privacy Platform (GPP): a header that lists sections, and the sections of US laws.
inventory
    What is held, and why: an inventory of a study's columns, what it lacks, and the same as linked data.
leak_looks
    Leaks that are known by how they look: addresses, telephone and account numbers, keys, paths.
legal_terms
    The terms of the Data Privacy Vocabulary for legal bases, purposes and terms of storage.
pseudonyms
    Pseudonyms: ids replaced by a keyed hash that stays the same over waves and files.
public_use
    Public-use files: the rows of a survey without identifiers, written only if nobody stands out in them.
tcf
    Strings of the Transparency and Consent Framework (TCF 2.0 to 2.3), decoded bit by bit.
"""
