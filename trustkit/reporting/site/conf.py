"""Sphinx settings of the site: pages from committed outputs, without code, scripts of others or times."""  # noqa: INP001

from __future__ import annotations

import json
import re
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes  # type: ignore[import-untyped]
from latex2mathml.converter import convert
from sphinx.util.math import get_node_equation_number

from trustkit.display import visible
from trustkit.reporting.citation import IDENTITY
from trustkit.reporting.page_blocks import PARSER
from trustkit.reporting.page_parser import PageParser
from trustkit.reporting.result_notes import said_once
from trustkit.reporting.stacked_tables import stacked

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "trustkit"
language = "en"
extensions = ["myst_parser", "sphinx.ext.githubpages"]
source_suffix = dict.fromkeys((".json", ".ipynb", ".md"), PARSER)
smartquotes_action = "q"

myst_enable_extensions = ["amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
myst_disable_syntax = ["substitution_inline", "substitution_block"]

html_theme = "pydata_sphinx_theme"
html_favicon = "favicon.svg"
html_static_path = [
    "report.css", "favicon.svg", "site.js",
    *(path.name for path in sorted(Path(__file__).parent.glob("*.woff2"))), "fonts-licence.txt",
]  # fmt: skip
html_css_files = ["report.css"]
html_math_renderer = "mathml"
html_permalinks = False
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_show_sourcelink = False
html_use_index = False
html_domain_indices = False
templates_path = ["."]
html_sidebars = {"**": ["contents.html"], "index": [], "search": []}
html_context = {"default_mode": "auto"}
html_theme_options: dict[str, Any] = {
    "navbar_align": "left",
    "navbar_start": ["name.html"],
    "navbar_center": ["places.html"],
    "navbar_persistent": [],
    "navbar_end": ["search-field", "theme-switcher"],
    "search_bar_text": "Search the report",
    "article_header_start": [],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["made.html"],
    "footer_end": [],
    "back_to_top_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
CAPTION = re.compile(r"(<caption\b[^>]*>)(.*?)(</caption>)", re.DOTALL)
PICTURE = re.compile(
    r"(?P<wide><img\b(?![^>]*\btk-thumbnail\b)[^>]*>)(?:\s*<img\b(?=[^>]*\btk-narrow\b)[^>]*\bsrc=\"(?P<narrow>[^\"]*)\"[^>]*>)?"
)
NARROW = "(max-width: 40rem)"
"""Screens on which a picture is shown as wide as a phone."""

EMPTY_HEADER = re.compile(r'<th scope="col"( class="[^"]*")?></th>')
NO_NUMBER = re.compile(r"(<td\b[^>]*>)-(?=</td>)")
"""A cell without a number, which results mark with a hyphen and pages with a dash."""

RANDOM = re.compile("equation-[0-9a-f]{8}-")
NUMBERED = re.compile(r"(\\(?:begin|end)\{(?:align|alignat|equation|gather|multline))\}")
TAG = re.compile(r"<[^>]+>")
LEAD = re.compile(r"<p\b[^>]*>(.*?)</p>", re.DOTALL)
DESCRIPTION = 300
"""Characters of a page's first paragraph that describe it elsewhere."""


def visit_math(self: Any, node: nodes.math) -> None:  # noqa: ANN401
    """Write a formula in a line as MathML."""
    self.body.append(convert(node.astext(), display="inline"))
    raise nodes.SkipNode


def visit_math_block(self: Any, node: nodes.math_block) -> None:  # noqa: ANN401
    """Write a formula on its own as MathML that scrolls by itself where it is too wide."""
    names = "".join(f' id="{name}"' for name in node["ids"][:1] if not RANDOM.match(name))
    formula = convert(NUMBERED.sub(r"\1*}", node.astext()), display="block")
    if node["number"]:
        formula += f'<span class="tk-equation-number">({get_node_equation_number(self, node)})</span>'
    self.body.append(
        f'<div class="tk-math"{names} role="group" aria-label="Formula" tabindex="0">{formula}</div>'
    )
    raise nodes.SkipNode


def refuse_files(app: Sphinx) -> None:
    """Keep docutils from reading files and from passing markup on, whatever a page asks for."""
    app.env.settings.update(file_insertion_enabled=False, raw_enabled=False)


def finish_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Put every table into a box that scrolls by itself and that the keyboard reaches; join pictures."""
    del templatename, doctree
    context["site_name"] = context["docstitle"]
    if as_text(context.get("title", "")) == as_text(context["docstitle"]):
        context["docstitle"] = ""
    context["identity"] = identity_of(Path(app.srcdir), pagename, as_text(context.get("title", "")))
    names: dict[str, int] = {}

    def boxed_table(match: re.Match[str]) -> str:
        caption = CAPTION.search(match[0])
        name = unescape(TAG.sub("", caption[2])).strip() if caption else "Table"
        names[name] = names.get(name, 0) + 1
        label = name if names[name] == 1 else f"{name} ({names[name]})"
        cells = NO_NUMBER.sub("\\1\N{EN DASH}", EMPTY_HEADER.sub(r"<td\1></td>", match[0]))
        table = CAPTION.sub(r"\1<span>\2</span>\3", cells, count=1)
        box = f'<div class="tk-scroll" role="region" tabindex="0" aria-label="{escape(label)}">'
        return f"{box}{stacked(table)}</div>"

    def boxed_picture(picture: re.Match[str]) -> str:
        narrow = f'<source media="{NARROW}" srcset="{picture["narrow"]}">' if picture["narrow"] else ""
        return f'<div class="tk-picture"><picture>{narrow}{picture["wide"]}</picture></div>'

    if "body" in context:
        tags = described(context["title"], context["body"]) + pictured(context["identity"])
        context["metatags"] = context.get("metatags", "") + tags
        body = PICTURE.sub(boxed_picture, TABLE.sub(boxed_table, context["body"]))
        context["body"] = said_once(body)


def as_text(html: str) -> str:
    """Return what a reader sees of HTML, on one line."""
    return " ".join(unescape(TAG.sub("", html)).split())


@cache
def read_identity(source: Path) -> dict[str, Any]:
    """Return what the pages of a site say of themselves (`citation.write_identity`)."""
    path = source / IDENTITY
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {"facts": [], "facts_of": {}, "author": "", "cited": None, "url": "", "pictures": {}, **found}


def identity_of(source: Path, pagename: str, title: str) -> dict[str, Any]:
    """Return what a page says of itself: a page without a chart has the picture of the first that has one."""
    shared = read_identity(source)
    told = shared["facts_of"].get(pagename, shared["facts"])
    facts = [(visible(name, lines="joined"), visible(text, lines="joined")) for name, text in told]
    cited = title and shared["cited"] and [visible(part, lines="joined") for part in shared["cited"]]
    pictures = shared["pictures"]
    picture = pictures.get(pagename) or next(iter(pictures.values()), None)
    place = f"{shared['url']}/" if shared["url"] else "../" * pagename.count("/")
    return {**shared, "facts": facts, "cited": cited, "page": title, "picture": picture, "place": place}


def pictured(identity: dict[str, Any]) -> str:
    """Return the author of a page, and the picture that a shared link shows of it."""
    tags = f'<meta name="author" content="{escape(identity["author"])}">' if identity["author"] else ""
    if identity["picture"]:
        file, alt = identity["picture"]
        tags += f'<meta property="og:image" content="{escape(identity["place"] + file)}">'
        tags += f'<meta property="og:image:alt" content="{escape(visible(alt, lines="joined"))}">'
        tags += '<meta name="twitter:card" content="summary_large_image">'
    return f'{tags}<meta property="og:type" content="article">'


def described(title: str, body: str) -> str:
    """Return what search engines and shared links show of a page: its title and its first paragraph."""
    lead = LEAD.search(body)
    name = as_text(title)
    text = as_text(lead[1]) if lead else name
    short = text if len(text) <= DESCRIPTION else f"{text[:DESCRIPTION]} ..."
    tags = f'<meta property="og:title" content="{escape(name)}">'
    for key in ('name="description"', 'property="og:description"'):
        tags += f'<meta {key} content="{escape(short)}">'
    return tags


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the parser, the formulas and the boxes."""
    app.add_source_parser(PageParser)
    app.connect("builder-inited", refuse_files)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    app.connect("html-page-context", finish_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
