"""Names of columns made from wordings."""

from __future__ import annotations

from trustkit.survey.column_names import LONGEST_NAME, name_of


def test_a_name_is_cut_between_words_or_else_in_one():
    assert name_of("word " * 20) == "word_word_word_word_word_word_word_word"
    assert len(name_of("x" * 100)) == LONGEST_NAME
