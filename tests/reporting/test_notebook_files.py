"""New notebooks are written without Jupyter, byte for byte as Jupyter's own library writes them."""

from __future__ import annotations

import nbformat
import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from trustkit.display import markdown_text
from trustkit.reporting.notebook_files import KERNEL, Cell, write_new_notebook

CELLS = [
    Cell("title", "# Vertrauen in Marken é 信\n\nTwo lines.", "markdown"),
    Cell("parameters", "folder = 'a/'\nexport = \"b.csv\"\n", tags=("parameters",)),
    Cell("empty", ""),
    Cell("odd", "a = '\\u2028'\x0c\n\n\nb", "markdown"),
]


def test_the_bytes_are_those_that_nbformat_writes(tmp_path):
    write_new_notebook(CELLS, tmp_path / "ours.ipynb")
    theirs = [
        new_markdown_cell(cell.text, id=cell.name)
        if cell.kind == "markdown"
        else new_code_cell(cell.text, id=cell.name, metadata={"tags": list(cell.tags)} if cell.tags else {})
        for cell in CELLS
    ]
    nbformat.write(new_notebook(cells=theirs, metadata={"kernelspec": KERNEL}), tmp_path / "theirs.ipynb")
    assert (tmp_path / "ours.ipynb").read_bytes() == (tmp_path / "theirs.ipynb").read_bytes()


def test_a_new_notebook_is_valid(tmp_path):
    write_new_notebook(CELLS, tmp_path / "deep" / "ours.ipynb")
    nbformat.validate(nbformat.read(tmp_path / "deep" / "ours.ipynb", as_version=4))


def test_a_notebook_that_can_not_be_written_leaves_the_old_one(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_new_notebook([Cell("a", "\ud800")], path)
    assert path.read_text() == "old"


@pytest.mark.parametrize(
    "typed",
    ["<b>*5* $ & [x](y)\n# z", "`` {raw}`x` {{ a }} \\(x\\) <http://x> ![p](q) | ~s~ ^t^ --- @@0@@ !"],
)
def test_markdown_is_shown_as_it_was_typed(typed):
    html = MarkdownIt("commonmark").render(f"# {markdown_text(typed)}")
    shown = BeautifulSoup(html, "html.parser")
    assert [tag.name for tag in shown.find_all()] == ["h1"]
    assert shown.h1.get_text() == " ".join(typed.split())
