"""Privacy: what is held and why, analysis limited by consent, and how anonymous rows are.

Modules
-------
consent_records
    Consent records as a frame: who agreed to what, when, and for how long; checked before they are used.
gaps
    What an inventory of held data lacks: one rule for each thing that must be stated about a column.
inventory
    What is held, and why: an inventory of a study's columns, what it lacks, and the same as linked data.
legal_terms
    The terms of the Data Privacy Vocabulary for legal bases, purposes and terms of storage.
"""
