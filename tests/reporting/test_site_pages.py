"""The pages made from data say which studies they are about, and which they are not."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from trustkit import Codebook, Variable
from trustkit.reporting.site_pages import (
    NOT_HELD,
    UNDISCLOSED,
    Page,
    data_page,
    disclosure_page,
    held_page,
    versions_page,
)
from trustkit.reporting.transparency import DISCLOSURE_MIME

AGE = Variable("age", "Age", "numeric", purpose="weighting", basis="contract", retention="a year")


def book(title):
    return Codebook({"age": AGE}, title=title)


def shown(blocks):
    """Return the text of a page's blocks, as a reader sees it."""
    return BeautifulSoup("\n".join(block["text"] for block in blocks), "html.parser").get_text()


@pytest.fixture
def disclosing():
    """A report that shows the disclosure of the first study."""
    data = {"text/html": "<p>Items</p>", DISCLOSURE_MIME: {"study": "First", "missing": []}}
    output = nbformat.v4.new_output("display_data", data)
    cell = nbformat.v4.new_code_cell("", outputs=[output])
    return Page(Path("a.ipynb"), "a", "A", "Why?", nbformat.v4.new_notebook(cells=[cell]))


def test_the_disclosures_name_the_studies_that_no_report_discloses(disclosing):
    text = shown(disclosure_page([disclosing], [book("First"), book("Second <b>"), book("")]))
    assert text.count("First") == 1
    assert UNDISCLOSED in text
    assert "Second <b>" in text
    assert UNDISCLOSED not in shown(disclosure_page([disclosing], [book("First")]))


def test_what_is_held_names_the_studies_of_which_no_data_are_held():
    text = shown(held_page([book("First")], ["Second"]))
    assert text.index(NOT_HELD) < text.index("Second")
    assert NOT_HELD not in shown(held_page([book("First")]))


def test_the_dictionary_says_what_it_is_before_the_first_study():
    lead, study = (shown(data_page([book("First")])).index(words) for words in ("who was asked", "First"))
    assert lead < study


def test_the_digests_say_what_a_digest_is_for(disclosing):
    digests = [{"folder": "data/raw/first", "file": "answers.csv", "SHA-256": "0" * 64}]
    text = shown(versions_page([disclosing], digests))
    assert "fingerprint" in text
    assert "data/raw/first" in text
