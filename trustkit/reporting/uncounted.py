"""Results without a ledger: all of them are withheld but those that tell of no respondent.

A result that a notebook shows says how many respondents its numbers rest on, by its ledger, or names its
kind. What does neither was made by an older version, or is a frame of a result with all its numbers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustkit.counted import UNPROTECTED
from trustkit.display import for_notebook, html_notes
from trustkit.ledger import COUNTS_MIME, RESULT_MIME
from trustkit.reporting.shown_tables import OWN
from trustkit.tables.open_results import OPEN

if TYPE_CHECKING:
    from nbformat import NotebookNode

WITHHELD_RESULT = (
    "This result ({}) is withheld: it is for the desk, as it does not say how many respondents its numbers "
    "rest on and can't be protected."
)
"""What stands in place of a result that is not published."""

WITHHELD_OLD = (
    "This result is withheld: the notebook was run with an older version of trustkit, which did not say how "
    "many respondents its numbers rest on. Run the notebook again."
)
"""What stands in place of a result whose kind is not known."""

WITHHELD_FRAME = (
    "This frame is withheld: it has all numbers of a result, unrounded. Show the result itself, whose small "
    "cells are hidden."
)
"""What stands in place of the frame of a result."""

WITHHELD_TEXT = (
    "This text is withheld: it is that of a result with numbers of few respondents. Show the result itself "
    "in place of printing it; its small cells are then hidden."
)
"""What stands in place of a printed result."""

HEAD = re.compile(r"<th[^>]*>([^<]*)</th>")

FRAME_HEADS = frozenset({"estimate", "se"})
"""The columns by which the frame of a result is known."""


def withhold_uncounted(outputs: list[NotebookNode]) -> None:
    """Replace the outputs of a cell that must not be published, as nobody knows their respondents.

    Parameters
    ----------
    outputs
        The outputs of a cell, which are changed. The name of a result's kind is taken out of all of them.
    """
    for place, output in enumerate(outputs):
        data = output.get("data", {})
        said = WITHHELD_TEXT if prints_unprotected(output) else reason_to_withhold(data)
        data.pop(RESULT_MIME, None)
        if not said:
            continue
        if "text" in output:
            output.text = said
            continue
        above = outputs[place - 1] if place else None
        pictured = [] if above is None else [above] if _is_chart(above) else []
        for one in (output, *pictured):
            one.data.clear()
            one.metadata.clear()
            one.data["text/html"] = for_notebook(html_notes([said]))
            one.data["text/plain"] = said


def reason_to_withhold(data: dict[str, object]) -> str:
    """Return why an output must not be published; empty if it may be, once its ledger is protected.

    Examples
    --------
    >>> reason_to_withhold({RESULT_MIME: {"result": "Claim"}})
    ''
    >>> "(Anonymity) is withheld" in reason_to_withhold({RESULT_MIME: {"result": "Anonymity"}})
    True
    """
    if COUNTS_MIME in data:
        return ""
    kind = data.get(RESULT_MIME)
    if isinstance(kind, dict):
        name = str(kind.get("result"))
        return "" if name in OPEN else WITHHELD_RESULT.format(name)
    html = str(data.get("text/html", ""))
    if f'class="{OWN}' in html:
        return WITHHELD_OLD
    heads = (set(map(str.casefold, HEAD.findall(part))) for part in html.split("<tbody"))
    return WITHHELD_FRAME if any(head >= FRAME_HEADS for head in heads) else ""


def prints_unprotected(output: NotebookNode) -> bool:
    """Return whether an output is the text of a result, as ``print`` shows it, that is not protected."""
    texts = [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
    return COUNTS_MIME not in output.get("data", {}) and any(UNPROTECTED in str(text) for text in texts)


def _is_chart(output: NotebookNode) -> bool:
    return bool(output.get("metadata", {}).get("image/png", {}).get("words") == "beside")
