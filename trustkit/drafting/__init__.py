"""A first codebook for an export: what its columns may be, guessed and marked for review.

Modules
-------
batteries
    Questions that belong together: batteries and boxes of several answers, found among neighbours.
battery_scales
    The scale that the questions of a battery share: united where it is one, told apart where there are two.
boxes
    Boxes of a question with several answers: what marks them, and what a draft makes of them.
column_guesses
    What one column of an export may be: its kind, its answers and its missing codes, guessed and marked.
column_sketch
    What is being found out about one column of an export, and the variable that comes of it.
denied_answers
    Answers that deny another one: "Don't know" beside "Know" is an answer, and alone it is none.
draft
    A first codebook for an export: what the file does not tell is guessed, and each guess says so.
foreign_rows
    Rows of an export that are no respondents: the header again, sums and sub-totals, notes below the table.
joined_answers
    Cells that join several answers to one question: which sign joins them, and which answers there are.
missing_answers
    Which answers are none: one rule for readers and drafts, and how sure it is of each.
missing_words
    How questionnaires and data files word the answers that are none, in many languages.
number_bands
    Bands of numbers, such as "20.000 bis unter 30.000 Euro" and "65 or older", in the order of their numbers.
number_guesses
    What a column of numbers may be: codes, amounts, weights, ids or days.
persons
    Columns that tell who a respondent is: by their names, their wordings, and what their cells look like.
repeated_persons
    Columns of persons who have several rows each: they are judged as if each person had one row.
replicate_guesses
    Columns of replicate weights: runs of numbered columns whose names or labels say so.
row_guesses
    Rows that a platform or an id marks as tests, unfinished or repeated, and the step that drops them.
scale_words
    The wordings of ``scales.yaml`` and how answers are compared with them.
scales
    Answers that are steps of a scale: the scales of ``scales.yaml`` in many languages, and numbered ones.
shared_names
    What the names and wordings of neighbouring columns share at their start.
text_guesses
    What a column of texts may be: a closed question, several answers in a cell, dates, ids or open text.
typed_answers
    Answers typed in a column beside the question, by respondents whose answer in the question is empty.
wordings
    What questionnaires say: the words that give away weights, ids, scales and persons.
"""
