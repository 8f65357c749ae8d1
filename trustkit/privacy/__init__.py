"""Privacy: what is held and why, analysis limited by consent, and how anonymous rows are.

Modules
-------
legal_terms
    The terms of the Data Privacy Vocabulary for legal bases, purposes and terms of storage.
"""
