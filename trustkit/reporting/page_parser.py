"""How Sphinx reads a page: text that comes from data is put into the page and never parsed.

A page is a JSON document of blocks (`Block`). Only blocks of prose, which a person wrote, are parsed as
Markdown, and of Markdown only what a report needs: no HTML, no file is included, linked or read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from docutils import nodes  # type: ignore[import-untyped]
from markdown_it.token import Token
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from myst_parser.parsers.mdit import create_md_parser
from myst_parser.parsers.sphinx_ import MystParser
from sphinx import addnodes

from trustkit.display import visible
from trustkit.reporting.page_blocks import CELL_LINES, PARSER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

    from trustkit.reporting.page_blocks import Block

DIRECTIVES = frozenset(
    {"note", "tip", "hint", "important", "warning", "caution", "attention", "danger", "error", "seealso"}
    | {"admonition", "math", "code-block", "table", "list-table"}
)
ROLES = frozenset({"eq", "ref", "doc", "term", "numref", "math", "sub", "sup", "abbr", "kbd"})
"""Directives and roles that prose may use: none of them reads a file or passes markup on."""


class PageParser(MystParser):
    """Reads pages of blocks, and files of Markdown with the same limits."""

    supported = (PARSER,)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Put a page's blocks into the document."""
        env = document.settings.env
        markdown = create_md_parser(env.myst_config, PageRenderer)
        markdown.options["document"] = document
        environment: dict[str, Any] = {}
        page: dict[str, Any] = {"wide": False, "blocks": [{"kind": "prose", "text": inputstring}]}
        if env.doc2path(env.docname).suffix != ".md":
            markdown.disable("front_matter")
            page = json.loads(inputstring)
        if page["wide"]:
            env.metadata[env.docname]["html_theme.sidebar_secondary.remove"] = "true"
        tokens = [token for block in page["blocks"] for token in _tokens(block, markdown, environment)]
        markdown.renderer.render(tokens, markdown.options, environment)


def _tokens(block: Block, markdown: MarkdownIt, environment: dict[str, Any]) -> Iterator[Token]:
    """Return a block's tokens; those of text hold it as it is, so that nothing is left to be parsed."""
    first = block.get("cell", 0) * CELL_LINES
    if block["kind"] == "prose":
        for token in markdown.parse(block["text"], environment):
            if token.map:
                token.map = [first + token.map[0], first + token.map[1]]
            yield token
    elif block["kind"] == "heading":
        tag, shown = f"h{block.get('level', 1)}", visible(block["text"], lines="joined")
        yield Token("heading_open", tag, 1, map=[first, first])
        yield Token("inline", "", 0, content=shown, children=[Token("tk_typed", "", 0, content=shown)])
        yield Token("heading_close", tag, -1)
    else:
        yield Token(f"tk_{block['kind']}", "", 0, meta=dict(block), map=[first, first])


class PageRenderer(SphinxRenderer):
    """Makes nodes of a page's blocks, and of Markdown without HTML, files and other documents' markup."""

    def render_tk_typed(self, token: SyntaxTreeNode) -> None:
        """Show a heading's text as it was typed: its quotation marks are not made curly."""
        self.current_node.append(nodes.inline("", token.content, support_smartquotes=False))

    def render_tk_html(self, token: SyntaxTreeNode) -> None:
        """Put HTML that trustkit made where it stands."""
        self.current_node.append(nodes.raw("", token.meta["text"], format="html"))

    def render_tk_output(self, token: SyntaxTreeNode) -> None:
        """Put an output's text into a box of its own, as it is."""
        shown = visible(token.meta["text"])
        self.current_node.append(nodes.literal_block(shown, shown, language="none", classes=["output"]))

    def render_tk_picture(self, token: SyntaxTreeNode) -> None:
        """Show a picture with its alternative text; the site's settings join the one for narrow screens."""
        alt = visible(token.meta["text"], lines="joined")
        pictures = [nodes.image(uri=token.meta["file"], alt=alt, classes=["tk-wide"])]
        if "narrow" in token.meta:
            pictures.append(nodes.image(uri=token.meta["narrow"], alt=alt, classes=["tk-narrow"]))
        for picture in pictures:
            self.add_line_and_source_path(picture, token)
            self.current_node.append(picture)

    def render_tk_contents(self, token: SyntaxTreeNode) -> None:
        """Add the documents of the site to Sphinx, in their order."""
        documents = [(visible(title) or None, name) for title, name in token.meta["documents"]]
        contents = addnodes.toctree()
        contents.attributes.update({
            "parent": self.sphinx_env.docname, "entries": documents,
            "includefiles": [name for _, name in documents],
            "maxdepth": -1, "caption": token.meta["text"], "rawcaption": token.meta["text"], "glob": False,
            "hidden": True, "includehidden": False, "numbered": 0, "titlesonly": False,
        })  # fmt: skip
        self.current_node.append(nodes.compound("", contents, classes=["toctree-wrapper"]))

    def render_html_block(self, token: SyntaxTreeNode) -> None:
        """Show HTML in prose as it was typed."""
        self.current_node.append(nodes.paragraph("", token.content.strip()))

    def render_html_inline(self, token: SyntaxTreeNode) -> None:
        """Show HTML in prose as it was typed."""
        self.current_node.append(nodes.Text(token.content))

    def render_front_matter(self, token: SyntaxTreeNode) -> None:
        """Leave a file's own settings unread."""

    def render_image(self, token: SyntaxTreeNode) -> None:
        """Refuse a picture in prose: the pictures of a report are outputs of its cells."""
        self._refuse(token, "a picture in prose is not shown; make it the output of a cell")

    def render_restructuredtext(self, token: SyntaxTreeNode) -> None:
        """Refuse another markup language."""
        self._refuse(token, "the directive eval-rst may not be used in a report")

    def render_directive(self, token: SyntaxTreeNode, name: str, arguments: str, **options: Any) -> None:  # noqa: ANN401
        """Run a directive that prose may use."""
        if name in DIRECTIVES:
            super().render_directive(token, name, arguments, **options)
        else:
            known = ", ".join(sorted(DIRECTIVES))
            self._refuse(token, f"the directive {name} may not be used in a report; there are {known}")

    def render_myst_role(self, token: SyntaxTreeNode) -> None:
        """Run a role that prose may use."""
        if token.meta["name"] in ROLES:
            super().render_myst_role(token)
        else:
            known = ", ".join(sorted(ROLES))
            self._refuse(
                token, f"the role {token.meta['name']} may not be used in a report; there are {known}"
            )

    def render_link_path(self, token: SyntaxTreeNode) -> None:
        """Link to a page of the site."""
        self.render_link_project(token)

    def render_link_unknown(self, token: SyntaxTreeNode) -> None:
        """Link to a page of the site, never to another file."""
        self.render_link_project(token)

    def _refuse(self, token: SyntaxTreeNode, message: str) -> None:
        line = token.map[0] + 1 if token.map else 0
        self.reporter.warning(message, line=line)
