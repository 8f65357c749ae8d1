"""Sphinx settings of the documentation: look, formulas and boxes are those of a rendered report."""  # noqa: INP001

from __future__ import annotations

import re
import runpy
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.addnodes import pending_xref

import trustkit as tk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

HERE = Path(__file__).parent
REPORT = Path(tk.__file__).parent / "reporting" / "site"
report = runpy.run_path(str(REPORT / "conf.py"))

project = "trustkit"
version = release = tk.__version__
language = report["language"]
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.githubpages"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}

myst_enable_extensions = report["myst_enable_extensions"]
myst_heading_anchors = report["myst_heading_anchors"]

add_module_names = False
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
default_role = "py:obj"
maximum_signature_line_length = 72
nitpicky = True  # a name in a docstring's single backticks is a public one, and links to its entry
nitpick_ignore_regex = [("py:class", ".*")]  # types in signatures, other packages' among them
toc_object_entries = False

html_title = f"trustkit {version}"
html_theme = report["html_theme"]
html_theme_options: dict[str, Any] = {
    **report["html_theme_options"],
    "navbar_center": ["doc_places.html"],
    "search_bar_text": "Search the docs",
    "footer_start": ["doc_made.html"],
}
html_favicon = str(REPORT / "favicon.svg")
html_static_path = [
    str(REPORT / "report.css"), str(REPORT / "favicon.svg"), "documentation.css",
    *map(str, sorted(REPORT.glob("*.woff2"))), str(REPORT / "fonts-licence.txt"),
]  # fmt: skip
html_css_files = ["report.css", "documentation.css"]
html_math_renderer = report["html_math_renderer"]
html_permalinks = False
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_show_sourcelink = False
html_use_index = False
html_domain_indices = False
html_sidebars = {"**": ["doc_contents.html"], "index": [], "search": []}
html_context = report["html_context"]
templates_path = [".", str(REPORT)]

PAGE = re.compile(r"(?<!`)`docs/(\w+)\.md`(?!`)")
DOI = re.compile(r"\bdoi:(10\.\d{4,}/[^\s,;()]+(?:\([^\s()]*\)[^\s,;()]*)*[^\s,;().])")
SIGNATURE = re.compile(r'<dt class="sig.*?</dt>', re.DOTALL)
SEE_ALSO = re.compile(r"^(\w+) : ")
FULL_NAME = re.compile(r"(?<!`)`trustkit\.(\w+)`(?!`)")
CALLED = re.compile(r"(?:tk\.|(?=[A-Z]|\w+_\w+\Z))(\w+)(?=\Z|[(])")
"""A public name at the beginning of a piece of code: after ``tk.``, or a name that is no word of English."""

NAMED_ALONE = ("changelog", "decisions/", "reference/")
"""Pages whose names are not linked: they name what was, or are the entries themselves."""


def parts_of(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the sections of a numpy docstring, title and lines; the first has no title."""
    heads = [
        at for at, (line, rule) in enumerate(pairwise(lines)) if line.strip() and set(rule.strip()) == {"-"}
    ]
    yield "", lines[: heads[0]] if heads else lines
    for start, end in pairwise([*heads, len(lines)]):
        yield lines[start].strip(), lines[start + 2 : end]


def term(title: str, text: str) -> str:
    """Return the names at the head of an entry as code; those of results and errors link to their entry."""
    public = () if title == "Parameters" else tk.__all__  # a parameter may have the name of a function
    return ", ".join(f":py:obj:`{name}`" if name in public else f"``{name}``" for name in text.split(", "))


def entries(title: str, lines: list[str]) -> Iterator[str]:
    """Yield a section's lines as reStructuredText: a definition list, or attributes that can be linked to."""
    for line in lines:
        names = line.split(", ") if line and not line.startswith(" ") else []
        if not names:
            yield line
        elif title == "Attributes":
            yield from (
                "",
                f".. py:attribute:: {names[0]}",
                *(f"                   {name}" for name in names[1:]),
                "",
            )
        else:
            yield term(title, line)


def write_docstring(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Turn a numpy docstring into reStructuredText, in place."""
    del app, what, name, obj, options
    written: list[str] = []
    for title, body in parts_of(lines):
        if title:
            written += ["", f".. rubric:: {title}", "   :heading-level: 3", ""]
        if title in ("Attributes", "Parameters", "Raises", "Returns"):
            written += entries(title, body)
        else:
            written += [
                SEE_ALSO.sub(r":py:obj:`\1`: ", line) if title == "See Also" else line for line in body
            ]
    linked = (FULL_NAME.sub(r":py:obj:`\1 <trustkit.\1>`", PAGE.sub(r":doc:`/\1`", line)) for line in written)
    lines[:] = [DOI.sub(r"`\g<0> <https://doi.org/\1>`__", line) for line in linked]


def name_factories(  # noqa: PLR0917  # as Sphinx calls it
    app: Sphinx,
    what: str,
    name: str,
    obj: object,
    options: object,
    signature: str | None,
    returns: str | None,
) -> tuple[str | None, str | None]:
    """Write a default that is made anew as ``...``: the ``<factory>`` of a dataclass is no Python."""
    del app, what, name, obj, options
    return signature and signature.replace("<factory>", "..."), returns


def link_names(app: Sphinx, doctree: nodes.document) -> None:
    """Make a public name that begins a piece of code a link to its entry, on every page for readers."""
    if app.env.docname.startswith(NAMED_ALONE):
        return
    for code in list(doctree.findall(nodes.literal)):
        text = code.astext()
        found = CALLED.match(text)
        if (
            found is None
            or found[1] not in tk.__all__
            or isinstance(code.parent, (nodes.title, nodes.reference))
        ):
            continue
        entry = {"refdomain": "py", "reftype": "obj", "reftarget": f"trustkit.{found[1]}"}
        link = pending_xref(
            "", nodes.Text(found[0]), refexplicit=True, refwarn=True, refdoc=app.env.docname, **entry
        )
        code.children = []
        code += [link, nodes.Text(text[found.end() :])]


def write_signatures(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Write a signature of several lines in spans: Sphinx writes a list of definitions without terms."""
    del app, pagename, templatename, doctree

    def spans(found: re.Match[str]) -> str:
        opened = (
            found[0].replace("<dl>", '<span class="tk-parameters">').replace("<dd>", '<span class="tk-line">')
        )
        return opened.replace("</dl>", "</span>").replace("</dd>", "</span>")

    if "body" in context:
        context["body"] = SIGNATURE.sub(spans, context["body"])


def end_blocks(app: Sphinx, doctree: nodes.document) -> None:
    """Take the empty line from the end of an example, which Markdown keeps and doctest needs."""
    del app
    for block in doctree.findall(nodes.literal_block):
        block.rawsource = block.astext().rstrip()  # equal to the text, or Sphinx takes it for no code
        block[:] = [nodes.Text(block.rawsource)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the formulas and boxes of a report, and the docstrings."""
    done: dict[str, bool] = report["setup"](app)
    app.connect("doctree-read", link_names)
    app.connect("autodoc-process-docstring", write_docstring)
    app.connect("autodoc-process-signature", name_factories)
    app.connect("doctree-read", end_blocks)
    app.connect("html-page-context", write_signatures)
    return done
