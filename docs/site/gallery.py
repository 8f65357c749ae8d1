"""Run the code of a page of Markdown, and show below it each chart that it draws, with words and numbers."""  # noqa: INP001

from __future__ import annotations

import ast
import re
from html import escape
from typing import TYPE_CHECKING

from trustkit.display import html_table, visible
from trustkit.figures.data_figure import DataFigure
from trustkit.figures.paper import PHONE, WIDTH

if TYPE_CHECKING:
    from pathlib import Path

CODE = re.compile(r"^```python\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def with_charts(text: str, pictures: Path) -> str:
    """Return a page with its charts.

    Parameters
    ----------
    text
        Markdown. Its blocks of Python run one after the other, with the same names.
    pictures
        The folder to write pictures to, beside the page.
    """
    names: dict[str, object] = {}
    count = 0

    def shown(block: re.Match[str]) -> str:
        nonlocal count
        chart = last_value(block[1], names)
        if not isinstance(chart, DataFigure):
            return block[0]
        count += 1
        return f"{block[0]}\n{picture_of(chart, f'chart_{count:02d}', pictures)}"

    pictures.mkdir(parents=True, exist_ok=True)
    return CODE.sub(shown, text)


def last_value(code: str, names: dict[str, object]) -> object:
    """Run code, and return the value of its last line if that is an expression."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "gallery.md", "exec"), names)  # noqa: S102  # the project's own page
    if not isinstance(last, ast.Expr):
        return None
    value: object = eval(compile(ast.Expression(last.value), "gallery.md", "eval"), names)  # noqa: S307
    return value


def picture_of(chart: DataFigure, name: str, pictures: Path) -> str:
    """Write a chart's pictures and return the Markdown that shows them, with its words and its numbers."""
    markdown = ""
    alt = visible(chart.caption, lines="joined")
    for kind, width in (("wide", WIDTH), ("narrow", PHONE)):
        file = pictures / f"{name}_{kind}.svg"
        file.write_text(chart.page_svg(width), encoding="utf-8", newline="\n")
        markdown += f"```{{image}} {pictures.name}/{file.name}\n:alt: {alt}\n:class: tk-{kind}\n```\n"
    words = f'<p class="tk-headline"><strong>{escape(visible(chart.title))}</strong></p>'
    words += f'<p class="tk-subtitle">{escape(visible(chart.subtitle))}</p>' if chart.subtitle else ""
    words += "".join(f'<p class="tk-note">{escape(visible(foot))}</p>' for foot in chart.feet)
    numbers = html_table(chart.table, caption=alt).replace("\n", " ")
    table = f"<details><summary>Numbers in the chart</summary>{numbers}</details>"
    return f'{markdown}\n<div class="cell_output">{words}{table}</div>\n'
