"""Leaks in a text: each with what it is, where it stands, and its words with most letters hidden."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustkit.privacy.leak_looks import MAIL, looks_like_leaks
from trustkit.publishing.phrases import WORD, words_of
from trustkit.publishing.printed_rows import line_tables, printed_tables
from trustkit.publishing.singled_out import plain_cell, rows_of_respondents
from trustkit.publishing.small_counts import (
    small_counts_in_sentences,
    small_ledger_counts,
    small_printed_counts,
)
from trustkit.publishing.texts import readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trustkit.publishing.printed_rows import Row
    from trustkit.publishing.site_files import Piece
    from trustkit.publishing.study_secrets import Secrets

OFFICE = (".xlsx", ".docx", ".pptx")
"""Endings of Office files, whose attributes hold many numbers."""

ROW, CLOSED = "a row of one respondent", "a file that cannot be searched"

UNPROTECTED = "the counts behind a result, which are not protected"
"""What can be found, beside what other modules name."""

LONGEST_ADDRESS = 500
"""How many characters before a number are looked at for the beginning of an address."""

TITLE_IN_ADDRESS = re.compile(r"https?://[^?#]*[^\W\d_][-_]")
"""The address of a page up to the number at the end of its title, as in ``/news/trust-in-shops-10024``."""

LONGEST_EXCERPT = 40
"""How many characters of a leak are shown, most of them hidden."""

NUMERIC = re.compile(
    r"\b(?:d|points|viewBox|transform|stroke-dasharray|width|height|[xy][12]?|w:\w+)=(\"|')"
    r"[\w\s.,()+-]*\1"
)
"""An attribute of a drawing or of a Word document, which holds coordinates or codes."""

BESIDE = re.compile(
    r"(?i:(?<![\w#-])(?:(?:respondent|participant|panel(?:l?ist| member)?|person|case|user|member"
    r"|customer|client|patient|employee|student|interview|record|serial|response)"
    r"[ _-]?(?:id|no|nr|number|key|code)\b\.?"
    r"|id\b(?!=)|identifier\b|pseudonym\b|[?&]id(?==)|(?:first|last|given|family|full)[ _-]?name\b|surname\b)"
    r"[\"']?\s{0,3}[:=#]?\s{0,3}[\"'#]?)(\w[\w.-]{0,15})"
)
"""A word such as "id", and what stands behind it."""

WORD_INDEX = "searchindex.js"
"""The file of a site that lists each word with the numbers of the pages that have it; these are no ids."""

METHOD_PAGES = ("docs/", "_static/", WORD_INDEX)
"""The pages on the method, which are about no data, and the scripts of a site."""


@dataclass(frozen=True)
class Leak:
    """Something that must not be published.

    Attributes
    ----------
    file, place
        The file, from the site's folder on, and where in it.
    what
        What it is.
    excerpt
        Its words, with all but their first letters hidden.
    """

    file: str
    place: str
    what: str
    excerpt: str


def masked(text: str) -> str:
    """Return a text with all letters hidden but the first of each word, and all digits.

    Examples
    --------
    >>> masked("Ann Brown, P4711"), masked("ann@example.org")
    ('A** B****, P****', 'a**@e******.o**')
    """
    plain = " ".join(text.split())
    shown = plain if len(plain) <= LONGEST_EXCERPT else f"{plain[: LONGEST_EXCERPT - 3]}..."
    hidden, before = "", ""
    for sign in shown:
        is_word = sign.isalnum() or unicodedata.category(sign).startswith("M")  # a mark belongs to its letter
        hidden += sign if not is_word or (not before and sign.isalpha()) else "*"
        before = sign if is_word else ""
    return hidden


def piece_leaks(piece: Piece, secrets: Secrets) -> Iterator[Leak]:
    """Iterate over the leaks in a text of a file.

    Parameters
    ----------
    piece
        The text.
    secrets
        What is looked for.
    """
    if piece.kind == "closed":
        yield Leak(piece.file, piece.place, CLOSED, piece.text)
        return
    if piece.kind == "counts":
        if piece.place:  # in a notebook, and not the ledger of what is published
            yield Leak(piece.file, piece.place, UNPROTECTED, "")
        for place, what in small_ledger_counts(piece.text, secrets.fewest):
            yield Leak(piece.file, _joined(piece.place, place), what, "*")
    texts = readings(piece.text, piece.kind)
    printed = list(printed_tables(piece.text, piece.kind))
    for text in texts:
        yield from _text_leaks(text, piece, secrets)
        yield from _row_leaks(line_tables(text), piece, secrets)
    yield from _row_leaks(printed, piece, secrets)
    for place, what in small_printed_counts(printed, secrets.fewest):
        yield Leak(piece.file, _joined(piece.place, place), what, "*")


def _text_leaks(text: str, piece: Piece, secrets: Secrets) -> Iterator[Leak]:
    """Iterate over the values of the data in a text, and over what looks like a leak."""
    found = list(secrets.phrases.find(words_of(text)))
    if found:
        spans = [word.span() for word in WORD.finditer(text)]
        for start, length, what in found:
            if start + length > len(spans):
                continue
            first, last = spans[start][0], spans[start + length - 1][1]
            words = text[first:last]
            if _counts_as_found(text, (first, last), secrets, file=piece.file):
                yield Leak(piece.file, _place(piece.place, text, first), what, masked(words))
    drawn = NUMERIC.sub(lambda attribute: " " * len(attribute[0]), text) if "<" in text else text
    for at, what, words in looks_like_leaks(drawn):
        if what != MAIL or words not in secrets.public:
            yield Leak(piece.file, _place(piece.place, text, at), what, masked(words))
    yield from _told_counts(drawn, piece, secrets)
    if secrets.short and piece.file != WORD_INDEX:
        for match in BESIDE.finditer(text):
            what = secrets.short.get(plain_cell(match[1].rstrip(".-")), "")
            if what:
                yield Leak(piece.file, _place(piece.place, text, match.start(1)), what, masked(match[1]))


def _told_counts(text: str, piece: Piece, secrets: Secrets) -> Iterator[Leak]:
    """Iterate over the numbers of few respondents in the sentences of a page that is about data."""
    if piece.file.startswith(METHOD_PAGES):
        return
    for at, what, words in small_counts_in_sentences(text, secrets.fewest):
        if words not in secrets.public:
            yield Leak(piece.file, _place(piece.place, text, at), what, masked(words))


def _counts_as_found(text: str, span: tuple[int, int], secrets: Secrets, *, file: str) -> bool:
    """Return whether a value stands in a text as itself: not as a part of a number, and in its spelling."""
    first, last = span
    words = text[first:last]
    in_script = file.endswith((".css", ".js"))
    if in_script and _is_the_sites_own(words, secrets, file=file):
        return False
    spellings = secrets.ordinary.get(words.casefold())
    if spellings is not None:
        return words in spellings
    if not words.isdecimal():
        return True
    before, after = text[max(first - 2, 0) : first], text[last : last + 2]
    in_number = before[-1:] in (".", ",") and before[:1].isdecimal()
    if in_number or (after[:1] in (".", ",") and after[1:].isdecimal()) or before[-1:] == "#":
        return False
    in_attribute = file.endswith(OFFICE) and before[-1:] == '"' == after[:1]  # a colour, a width
    if in_attribute or (words in secrets.dense and _ends_a_title(text, first)):
        return False
    return words not in secrets.close or not (in_script or _in_cell(text, first, last))


def _is_the_sites_own(words: str, secrets: Secrets, *, file: str) -> bool:
    """Return whether words of a script are those of every site, or a stem of a public word in the index.

    The index of words has stems: "divers" for "diversity". The pages themselves are searched whole.
    """
    if file == WORD_INDEX:
        return re.search(rf"\b{re.escape(words)}", secrets.public, re.IGNORECASE) is not None
    return "_static/" in file and words.casefold() in secrets.script_words


def _in_cell(text: str, first: int, last: int) -> bool:
    """Return whether a number is a cell of a table or a number of JSON, and no word of a sentence."""
    before, after = text[max(first - 2, 0) : first], text[last : last + 2]
    begins = (
        not before
        or before[-1] in ">\x1e\t\n,;|["
        or before in ("  ", "| ", ", ", ": ", "[ ")
        or before[-1] == ":"
    )
    ends = not after or after[0] in "<\x1e\t\n\r,;|]}" or after in ("  ", " |", " ]", " }")
    return begins and ends


def _ends_a_title(text: str, first: int) -> bool:
    """Return whether a number belongs to a title in an address; alone, or as a parameter, it may be an id."""
    before = re.split(r"[\s\"'<>()]", text[max(first - LONGEST_ADDRESS, 0) : first])[-1]
    return TITLE_IN_ADDRESS.fullmatch(before) is not None


def _row_leaks(tables: Iterable[Sequence[Row]], piece: Piece, secrets: Secrets) -> Iterator[Leak]:
    """Iterate over rows of one respondent, and short identifiers below their column's name."""
    tables = list(tables)
    for names, cells in rows_of_respondents(tables, secrets.respondents):
        where = "a row of" if names else "a row that begins with"
        shown = ", ".join(cells[:6])
        yield Leak(
            piece.file,
            _joined(piece.place, f"{where} {len(cells)} cells"),
            ROW,
            masked(shown),
        )
    if not secrets.short:
        return
    for table in tables:
        for names, cells in table:
            for name, cell in zip(names, cells, strict=False):
                what = secrets.short.get(plain_cell(cell), "") if plain_cell(name) in secrets.labels else ""
                if what:
                    yield Leak(
                        piece.file,
                        _joined(piece.place, f"column {name}"),
                        what,
                        masked(cell),
                    )


def _place(place: str, text: str, at: int) -> str:
    """Return where in a file something stands: the part, and the line if there are several."""
    line = f"line {text.count(chr(10), 0, at) + 1}" if "\n" in text.strip() else ""
    return _joined(place, line)


def _joined(place: str, part: str) -> str:
    return ", ".join(filter(None, (place, part)))
