"""The theme's style sheet without the rules that no page and no script of a built site can use.

A rule is kept if each class and each id in one of its selectors is a word of some page or script. Words are
looked for in the whole text of these files, so only a class that a script puts together from parts could be
missed; a test compares how pages look with the whole sheet and with the small one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

TOKEN = re.compile(r"""/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[{};]""", re.DOTALL)
"""What opens or ends a part of a style sheet, and texts and comments, in which such a sign means nothing."""

NAME = re.compile(r"[.#](-?[A-Za-z_](?:[\w-]|\\.)*)")
"""A class or an id in a selector."""

TEXT = re.compile(r"""\[[^\]]*\]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""")
"""What of a selector holds no class and no id: conditions on attributes, and texts."""

ANY_OF = re.compile(r":(?:not|is|where|has)\(")
"""Selectors that are true for one of several, or for none of them: their rules are kept."""

WORD = re.compile(r"-?[A-Za-z_][\w-]*")
"""A word of a page or a script."""

GROUPS = ("@media", "@supports", "@layer", "@container")
"""What holds rules of its own."""


class Rule(NamedTuple):
    """A part of a style sheet: what stands before the brace, and what is in it; none for a statement."""

    head: str
    body: str | None


def trim_styles(site: Path, sheet: str = "_static/styles/pydata-sphinx-theme.css") -> None:
    """Take out of a built site's sheet what none of its pages and scripts can use.

    Parameters
    ----------
    site
        The folder of the site.
    sheet
        The style sheet, as a path in it. A site without it has nothing to take out.
    """
    path = site / sheet
    if not path.is_file():
        return
    files = (*site.rglob("*.html"), *site.rglob("*.js"))
    used: set[str] = set()
    for file in files:
        used.update(WORD.findall(file.read_text(encoding="utf-8")))
    path.write_text(trimmed(path.read_text(encoding="utf-8"), used), encoding="utf-8")


def trimmed(text: str, used: Collection[str]) -> str:
    """Return a style sheet with the rules that can apply to a page with these classes and ids.

    Examples
    --------
    >>> trimmed(".a,.b .c{color:red}.b{margin:0}p{margin:0}@media print{.b{margin:0}}", {"a"})
    '.a{color:red}p{margin:0}'
    """
    return "".join(_kept(rule, used) for rule in rules(text))


def _kept(rule: Rule, used: Collection[str]) -> str:
    if rule.body is None:
        return f"{rule.head};"
    if rule.head.startswith(GROUPS):
        inner = trimmed(rule.body, used)
        return f"{rule.head}{{{inner}}}" if inner else ""
    if rule.head.startswith("@") or ANY_OF.search(rule.head):
        return f"{rule.head}{{{rule.body}}}"

    def may_be_used(name: str) -> bool:
        return name in used or not WORD.fullmatch(name)

    selectors = [one for one in rule.head.split(",") if all(map(may_be_used, names_in(one)))]
    return f"{','.join(selectors)}{{{rule.body}}}" if selectors else ""


def names_in(selector: str) -> list[str]:
    r"""Return the classes and ids of a selector.

    Examples
    --------
    >>> names_in('html[data-theme=".dark"] .bd-main #top .w-1\\/2')
    ['bd-main', 'top', 'w-1/2']
    """
    return [re.sub(r"\\(.)", r"\1", name) for name in NAME.findall(TEXT.sub("", selector))]


def rules(text: str) -> Iterator[Rule]:
    """Yield the parts of a style sheet, or of what stands in the braces of one; comments are left out.

    Examples
    --------
    >>> [rule.head for rule in rules('@charset "utf-8";a{content:"}"}@media print{b{margin:0}}')]
    ['@charset "utf-8"', 'a', '@media print']
    """
    depth, head, start = 0, "", 0
    for token in TOKEN.finditer(text):
        sign = token[0]
        if sign.startswith("/*") and depth == 0:
            head, start = head + text[start : token.start()], token.end()
        elif sign == "{":
            if depth == 0:
                head, start = head + text[start : token.start()], token.end()
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield Rule(head.strip(), text[start : token.start()])
                head, start = "", token.end()
        elif sign == ";" and depth == 0:
            yield Rule((head + text[start : token.start()]).strip(), None)
            head, start = "", token.end()
