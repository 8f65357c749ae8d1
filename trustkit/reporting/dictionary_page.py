"""The data dictionary as cards: one for a variable, one for the variables of a battery.

A battery's question, and all that its variables share, stands once. Cards are as wide as a phone or wider,
and are filtered by kind without a script.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from trustkit.headings import shortened
from trustkit.privacy.inventory import IDENTIFIES
from trustkit.reporting.page_templates import filled
from trustkit.survey.codebook import REVERSED, answers_in_words
from trustkit.survey.where import asked_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustkit.reporting.page_blocks import Block
    from trustkit.survey.codebook import Codebook
    from trustkit.survey.variable import Variable

KINDS = {
    "single": "one answer",
    "ordinal": "one answer, in order",
    "multiple": "chosen or not",
    "numeric": "number",
    "text": "text",
    "date": "date",
    "id": "identifier",
    "weight": "weight",
}
"""Kinds of variables, as readers call them."""

SHOWN = {
    "answers": "Answers",
    "reversed": "Scale",
    "missing": "Missing answers",
    "range": "Range",
    "asked": "Asked only if",
}
"""What a card shows at once: column of the data dictionary -> what a reader sees."""

FOLDED = {
    "purpose": "Why it is held",
    "consent": "Consent",
    "identifier": "Does it identify a person?",
    "retention": "Kept",
    "review": "To be reviewed",
}
"""What a card shows when it is opened."""

NARROW = 240
"""Characters of answers that a card holds which is not as wide as the page."""


def dictionary_block(book: Codebook, number: int) -> Block:
    """Return the cards of a codebook, with the sentence about its study and the filter.

    Parameters
    ----------
    book
        The codebook, without answers that may not be published.
    number
        The place of the codebook on the page, which makes the filter's names unique.
    """
    cards = dictionary_cards(book)
    kinds = [kind for kind in KINDS if any(card["kind"] == kind for card in cards)]
    source = f"Source: {book.source}" if book.source.strip() else ""
    about = [*book.caveats.sentences, f"Population: {book.population or 'not stated'}.", source]
    values = {
        "about": [*filter(None, about)],
        "cards": cards,
        "kinds": {kind: KINDS[kind] for kind in kinds},
        "number": number,
        "variables": f"{len(book.variables):,}",
    }
    return {"kind": "html", "text": filled("dictionary", values)}


def dictionary_cards(book: Codebook) -> list[dict[str, Any]]:
    """Return what each card holds: ``title``, ``kind``, ``kinds``, ``items``, ``shown`` and ``folded``.

    ``answers`` has the answers that ``shown`` joins, one by one.

    Examples
    --------
    >>> from trustkit import Codebook, Variable
    >>> about = {"kind": "single", "codes": {1: "Yes", 2: "No"}, "set": "trust"}
    >>> names = {"q1": "Do you trust banks?", "q2": "Do you trust shops?"}
    >>> book = Codebook({name: Variable(name, label, **about) for name, label in names.items()})
    >>> (card,) = dictionary_cards(book)
    >>> card["title"], [item["label"] for item in card["items"]], card["shown"]
    ('Do you trust ...?', ['banks', 'shops'], {'Answers': '1 = Yes; 2 = No'})
    """
    rows = {str(row["variable"]): _row(book, row) for row in book.to_frame().to_dict("records")}
    batteries = groupby(book.variables.values(), key=lambda variable: variable.set or f"\n{variable.name}")
    return [_card(book, list(members), rows) for _, members in batteries]


def _row(book: Codebook, row: Mapping[Any, Any]) -> dict[str, str]:
    """Return a row of the data dictionary in a reader's words: other variables by their wording."""
    about = book[str(row["variable"])]
    identifier = str(row["identifier"])
    words = {name: str(text) for name, text in row.items()}
    return {
        **words,
        "answers": words["answers"].removesuffix(REVERSED),
        "reversed": "reversed" if words["answers"].endswith(REVERSED) else "",
        "asked": asked_in_words(about, book.variables),
        "identifier": IDENTIFIES.get(identifier, identifier),
    }


def _card(
    book: Codebook, members: Sequence[Variable], rows: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Return the card of a variable, or of the variables of a battery."""
    columns = {**SHOWN, **FOLDED}
    texts = {name: [rows[member.name][name] for member in members] for name in columns}
    shared = {name: found[0] for name, found in texts.items() if len(set(found)) == 1}
    labels, stem = shortened([member.label for member in members])
    if len(members) > 1:
        title = book.sets.get(members[0].set) or stem or members[0].set
    else:
        title, labels = members[0].label or members[0].name, [""]
    kinds = dict.fromkeys(KINDS.get(str(member.kind), str(member.kind)) for member in members)
    parted = {columns[name]: found for name, found in texts.items() if name not in shared}
    items = [
        {
            "name": member.name,
            "label": label,
            "own": {words: found[place] for words, found in parted.items() if found[place]},
        }
        for place, (member, label) in enumerate(zip(members, labels, strict=True))
    ]
    long = max((len(shared.get(name, "")) for name in SHOWN), default=0) > NARROW
    return {
        "title": title,
        "kind": str(members[0].kind),
        "kinds": ", ".join(kinds),
        "items": items,
        "wide": len(items) > 1 or long,
        "answers": answers_in_words(members[0]) if shared.get("answers") else [],
        "shown": {words: shared[name] for name, words in SHOWN.items() if shared.get(name)},
        "folded": {words: shared[name] for name, words in FOLDED.items() if shared.get(name)},
    }
