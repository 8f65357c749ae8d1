"""Templates of pages: filled with values that are escaped, whatever they are."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from trustkit.display import visible
from trustkit.units import IN_CELLS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import jinja2

SITE = Path(__file__).parent / "site"
"""The site's settings, style and page templates."""


def filled(template: str, values: Mapping[str, object]) -> str:
    """Fill a template: every value is escaped, its control characters written out."""
    return _templates().get_template(f"{template}.html.jinja").render(values)


@cache
def _templates() -> jinja2.Environment:
    """Return the templates, each of which is compiled once."""
    import jinja2  # noqa: PLC0415  # comes with the report extra, whose absence `notebooks` explains

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(SITE),
        autoescape=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def show_unit(unit: object) -> str:
    """Return what stands behind a number of a verdict's unit.

    Examples
    --------
    >>> show_unit("%"), show_unit("points"), show_unit("")
    ('%', ' points', '')
    """
    return {"%": "%", "points": IN_CELLS}.get(str(unit), "")


def show_plain(value: float) -> str:
    """Show a number in running text: with one decimal, below ten with two.

    Examples
    --------
    >>> show_plain(39.97), show_plain(4.6012)
    ('40.0', '4.60')
    """
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.2f}"  # noqa: PLR2004
