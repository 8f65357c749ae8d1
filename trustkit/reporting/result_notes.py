"""What stands below the tables and charts of a page: the data's mark, the base, what intervals rest on.

A notebook shows each result alone, so each says everything. On a page the model behind the intervals is named
once, a chart says in its picture that its data are synthetic, and short notes share a line.
"""

from __future__ import annotations

import re

from trustkit.caveats import OPT_IN, SYNTHETIC

BADGE = '<span class="tk-badge tk-synthetic">Synthetic data</span>'
"""The mark of synthetic data."""

MODEL = re.compile(rf"<[^>]*>|(?P<model>{re.escape(OPT_IN)}[^.<]+\.)")
"""What the intervals of an opt-in sample rest on; tags are passed over, as their texts are not seen."""

AS_ABOVE = "Opt-in sample: intervals are model-based, as above."
"""What stands in place of a model that was the last one named."""

NOTE = re.compile(r'<p class="tk-note">([^<]*)</p>')
NOTES = re.compile(
    rf"(?P<notes>{NOTE.pattern}(?:\s*{NOTE.pattern})*)"
    r"(?P<chart><details><summary>Numbers in the figure</summary>)?"
)
"""The notes of one result, and what follows those of a chart."""

SAID = re.compile(rf"(?:^|(?<=\s)){re.escape(SYNTHETIC)}(?=\s|$)")
"""The sentence on synthetic data among others."""

DICTIONARY = re.compile(rf'(<div class="tk-dictionary">\s*<p>){re.escape(SYNTHETIC)}')
LINE = 110
"""Characters that a line of notes holds."""


def said_once(body: str) -> str:
    """Return a page whose results do not repeat what the page, or their own picture, says already.

    Examples
    --------
    >>> page = '<p class="tk-note">Base: all.</p><p class="tk-note">Synthetic data.</p>'
    >>> said_once(page)
    '<p class="tk-note"><span class="tk-badge tk-synthetic">Synthetic data</span> Base: all.</p>'
    """
    return DICTIONARY.sub(rf"\1{BADGE}", NOTES.sub(_joined, _named_once(body)))


def _named_once(body: str) -> str:
    """Return a page that names the model of an opt-in sample once, not again under each result."""
    last = ""

    def shortened(found: re.Match[str]) -> str:
        nonlocal last
        model = found["model"]
        if model is None:
            return found[0]
        again, last = model == last, model
        return AS_ABOVE if again else model

    return MODEL.sub(shortened, body)


def _joined(found: re.Match[str]) -> str:
    """Return the notes of one result with one mark of synthetic data; short ones share a line."""
    given = NOTE.findall(found["notes"])
    chart = found["chart"] or ""
    notes = [" ".join(SAID.sub(" ", note).split()) for note in given]
    lines: list[str] = []
    for note in filter(None, notes):
        if lines and len(lines[-1]) + len(note) < LINE:
            lines[-1] += f" {note}"
        else:
            lines.append(note)
    if not chart and any(map(SAID.search, given)):
        lines[:1] = [" ".join([BADGE, *lines[:1]])]
    return "".join(f'<p class="tk-note">{line}</p>' for line in lines) + chart
