"""A first codebook for an export: what its columns may be, guessed and marked for review.

Modules
-------
batteries
    Questions that belong together: batteries and boxes of several answers, found among neighbours.
column_guesses
    What one column of an export may be: its kind, its answers and its missing codes, guessed and marked.
draft
    A first codebook for an export: what the file does not tell is guessed, and each guess says so.
reader_guesses
    Guesses about columns that a file says too little about: each is marked for review in the codebook.
wordings
    What questionnaires say: scales in order, and the words that give away weights, ids and persons.
"""
