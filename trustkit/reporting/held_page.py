"""The page that says what a study holds and why: a card for each purpose, and in it the data held alike.

What holds for most of the data is said once, above the cards. It is the public form of a record of processing
(GDPR Art. 30), written for respondents: it holds labels and reasons, no column names, and nothing that
depends on the day on which it is made.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from trustkit.headings import shortened
from trustkit.privacy.inventory import IDENTIFIES, inventory
from trustkit.reporting.page_templates import filled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustkit.reporting.page_blocks import Block
    from trustkit.survey.codebook import Codebook
    from trustkit.survey.variable import Variable

BASES = {
    "consent": "Respondents agreed.",
    "explicit consent": "Respondents agreed expressly.",
    "contract": "A contract with the respondent needs it.",
    "legal obligation": "A law obliges the study to keep it.",
    "vital interests": "It protects somebody's life or health.",
    "public task": "A task in the public interest needs it.",
    "legitimate interests": "The study has a legitimate interest in it, to which respondents may object.",
    "not personal": "No legal basis is needed, as no person is behind the data.",
    "not stated": "Not stated.",
}
"""Legal bases, as respondents read them."""

ASKED = "Why it may be held"

ALLOWED = "Allowed for"
"""How the purposes are headed that respondents were asked to allow."""

HOW = {
    "consent": "How respondents were asked",
    "explicit consent": "How respondents were asked",
    "legitimate interests": "Which interest it is",
}
"""What the study says besides of a basis -> how that is headed."""

MORE = "More on this"
"""How it is headed for other bases."""

RIGHTS = (
    "As long as the study can tell which answers are theirs, respondents may ask what it holds about them and"
    " have it corrected or erased. They may take back at any time what they agreed to"
    " (GDPR Art. 7(3) and 15 to 17)."
)
"""What respondents may ask for, where the data are about persons."""

NO_CONTACT = "The study does not say whom to write to."

FEW = 3
"""Up to so many pieces of data are named where they are described; more are folded in."""

UNSTATED = "No purpose is stated"
"""How the card is headed of data for which no purpose is stated."""


def held_block(book: Codebook) -> Block:
    """Return what a study holds, and the purposes that respondents were told."""
    cards = held_cards(book)
    alike = shared_facts(cards)
    usual = usual_facts(cards, alike)
    known = {**alike, **usual}
    purposes: dict[str, list[dict[str, Any]]] = {}
    for card in cards:
        own = {words: text for words, text in card["shown"].items() if known.get(words) != text}
        purposes.setdefault(card["title"], []).append({**card, "shown": own})
    values = {
        "about": [*book.caveats.sentences, f"About whom: {book.population or 'not stated'}."],
        "rights": _rights(book),
        "purposes": {name: purpose.wording for name, purpose in book.purposes.items()},
        "alike": alike,
        "usual": usual,
        "cards": [{"title": title, "parts": parts} for title, parts in purposes.items()],
    }
    return {"kind": "html", "text": filled("held", values)}


def shared_facts(cards: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what several cards say alike, so that a page says it once; nothing of a single card.

    Examples
    --------
    >>> shared_facts([{"shown": {"Kept": "a year", "Who sees it": who}} for who in ("we", "all")])
    {'Kept': 'a year'}
    """
    shown = [card["shown"] for card in cards]
    if len(shown) <= 1:
        return {}
    return {
        words: text for words, text in shown[0].items() if all(one.get(words) == text for one in shown[1:])
    }


def usual_facts(cards: Sequence[Mapping[str, Any]], alike: Mapping[str, str]) -> dict[str, str]:
    """Return what more than half of the cards say, of what every card says in some way and not all alike.

    Examples
    --------
    >>> cards = [{"shown": {"Kept": "a year", "Who sees it": who}} for who in ("we", "all", "all")]
    >>> usual_facts(cards, shared_facts(cards))
    {'Who sees it': 'all'}
    """
    shown = [card["shown"] for card in cards]
    counts = {
        words: Counter(one[words] for one in shown).most_common(1)[0]
        for words in (shown[0] if shown else ())
        if words not in alike and all(words in one for one in shown)
    }
    return {words: text for words, (text, count) in counts.items() if count > max(1, len(shown) / 2)}


def held_cards(book: Codebook) -> list[dict[str, Any]]:
    """Return a part for each purpose, basis and term: ``title``, ``shown``, ``count`` and ``labels``.

    A few labels stand in ``shown``, under ``Data``; then ``labels`` is empty. Otherwise each of ``labels``
    has the words that a battery shares (``stem``) and its ``items``, or a label of its own as its stem.

    Examples
    --------
    >>> from trustkit import Codebook, Variable
    >>> about = {"purpose": "weighting", "basis": "contract", "retention": "two years"}
    >>> names = {"age": "Age", "sex": "Sex"}
    >>> book = Codebook({name: Variable(name, label, "text", **about) for name, label in names.items()})
    >>> (card,) = held_cards(book)
    >>> card["title"], card["count"], card["labels"], card["shown"]["Kept"]
    ('Weighting', '2 pieces of data', [], 'Two years.')
    >>> card["shown"]["Data"]
    'Age; Sex'
    """
    cards: dict[tuple[str, ...], list[Variable]] = {}
    for row in inventory(book).to_frame().to_dict("records"):
        of_nobody = row["basis"] == "not personal"
        identifies = "" if of_nobody else IDENTIFIES.get(str(row["identifier"]), str(row["identifier"]))
        basis = str(row["basis"])
        shown = {
            ASKED: BASES[basis],
            HOW.get(basis, MORE): "" if of_nobody else row["consent"],
            ALLOWED: row["permission"],
            "Special category": "" if row["special"] == "none" else row["special"],
            "Does it identify a person?": identifies,
            "Kept": row["retention"] or row["keep_until"] or "Not stated.",
            "Who sees it": row["seen_by"],
        }
        told = {words: str(text) if words == ALLOWED else _sentence(text) for words, text in shown.items()}
        key = (str(row["purpose"]), *(f"{words}\n{text}" for words, text in told.items() if text))
        cards.setdefault(key, []).append(book[str(row["variable"])])
    return [
        {
            "title": _capital(purpose) or UNSTATED,
            "shown": _data([about.label for about in held]) | dict(line.split("\n", 1) for line in lines),
            "count": "1 piece of data" if len(held) == 1 else f"{len(held):,} pieces of data",
            "labels": _batteries(held) if len(held) > FEW else [],
        }
        for (purpose, *lines), held in cards.items()
    ]


def _batteries(held: Sequence[Variable]) -> list[dict[str, Any]]:
    """Return variables by what they are called; those of a battery with the words that they share once."""
    found: list[dict[str, Any]] = []
    for _, members in groupby(held, key=lambda about: about.set or f"\n{about.name}"):
        labels = [about.label for about in members]
        items, stem = shortened(labels)
        found += [{"stem": stem, "items": items}] if stem else [{"stem": one, "items": []} for one in labels]
    return found


def _data(labels: Sequence[str]) -> dict[str, str]:
    """Return what data a card is about, if they are few."""
    listed = "; ".join(labels).replace("?; ", "? ").replace(".; ", ". ")
    return {"Data": listed} if len(labels) <= FEW else {}


def _rights(book: Codebook) -> list[str]:
    """Return what respondents may ask for and whom; nothing if no person is behind the data."""
    if all(about.basis == "not personal" for about in book.variables.values()):
        return []
    contact = book.disclosure.get("contact", "").strip()
    return [RIGHTS, f"Whom to write to: {_sentence(contact)}" if contact else NO_CONTACT]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: object) -> str:
    """Return words as a sentence of their own."""
    words = _capital(str(text).strip())
    return words if not words or words.endswith((".", "!", "?")) else f"{words}."
