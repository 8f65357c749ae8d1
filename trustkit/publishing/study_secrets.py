"""What of a study's data must not be published: identifiers, open answers, rare answers, keys.

The codebook says which columns hold what. What a questionnaire itself says (wordings, labels of answers) and
what trustkit's own pages say is public, and is not looked for.
"""

from __future__ import annotations

import base64
import calendar
import getpass
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from trustkit.files.read import read
from trustkit.publishing.phrases import LONGEST, ONE_LETTER, WORD, Phrases, composed, run_length, words_of
from trustkit.publishing.singled_out import RespondentRows, plain_cell
from trustkit.reporting.page_templates import SITE
from trustkit.reporting.published_answers import FEWEST_GAVE, is_as_typed
from trustkit.reporting.study import study_exports
from trustkit.shipped_files import shipped
from trustkit.survey.protection import PROTECTION, strictest
from trustkit.survey.variable import code_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

    from trustkit.survey.codebook import Codebook
    from trustkit.survey.variable import Variable

OPEN, RARE, USER = "an open answer", "a rare answer", "the name of a user of this computer"
"""What can be found, beside the identifiers."""

FEWEST_CHARACTERS = 20
"""How many characters an open answer has at least that is looked for by its runs of words."""

FEWEST_LETTERS, FEWEST_DIGITS = 4, 5
"""How many characters an identifier with a letter has at least, and how many digits one without, to be looked
for everywhere; a shorter one is looked for beside a word such as "id" only."""

MOST_CLOSE = 0.0001
"""The share of the numbers between the smallest and the largest identifier that are identifiers; above it, a
number in a table is not taken for one."""

FEWEST_IN_WORD, FEWEST_IN_WORDS = 6, 8
"""How many characters a rare answer of one word, and of several, has at least to be looked for."""

ORDINARY_USERS = frozenset(
    {"root", "user", "admin", "runner", "ubuntu", "jovyan", "home", "vscode", "circleci"}
)
"""Names of users that tell of nobody."""

MONTHS = frozenset(
    name.casefold()
    for names in (calendar.month_name, calendar.month_abbr, calendar.day_name, calendar.day_abbr)
    for name in names
    if name
)
"""Names of months and days, which dates hold: looked for beside a word such as "name" only."""

ALSO_NAMES = frozenset(
    [
        *("amber", "april", "art", "august", "autumn", "baker", "bell", "bill", "black", "bob"),
        *("brown", "carter", "chase", "christian", "cook", "crystal", "dale", "dawn", "dean"),
        *("drew", "earl", "faith", "field", "fisher", "ford", "fox", "frank", "gene", "glen"),
        *("grace", "grant", "gray", "green", "guy", "hill", "hope", "hunter", "iris", "ivy"),
        *("jack", "joy", "june", "king", "lane", "lily", "little", "long", "major", "mark"),
        *("marks", "mason", "max", "may", "miles", "miller", "norm", "page", "parker", "pat"),
        *("pearl", "penny", "pierce", "price", "ray", "reed", "rich", "rob", "rose", "rowan"),
        *("ruby", "short", "sky", "small", "stone", "story", "sue", "summer", "ted", "tiffany"),
        *("turner", "violet", "walker", "ward", "wells", "white", "will", "wolf", "wood"),
        *("woods", "young"),
    ]
)
"""Names of people that are words of English, too: looked for in the spelling of the data only."""

THEMES = ("pydata_sphinx_theme", "sphinx")
"""The programs whose scripts and styles are on every site."""

SCRIPT = re.compile(r"\.(?:css|js)(?:_t|\.jinja)?\Z")
"""Names of scripts and styles, and of the templates of some."""

PAGES = ("maths.md", "terms.md")
"""Trustkit's own pages on a site."""


@dataclass(frozen=True, eq=False)
class Secrets:
    """What is looked for.

    Attributes
    ----------
    phrases
        The values that are looked for everywhere.
    ordinary
        Values of one word that is an ordinary word, too -> as the data have it: looked for in that spelling.
    short
        Short identifiers -> what they are: looked for beside a word such as "id". Numbers that lie so close
        together that other numbers of a page may be equal to one are among them.
    close
        The numbers of `short` that are looked for in sentences, too, but not in cells of tables.
    dense
        These numbers, and those of their series that begin with a zero: none of them is looked for behind a
        title in the address of a page, as many titles end with a number.
    labels
        Names and wordings of the columns of identifiers, as `plain_cell` returns them.
    respondents
        For each export, its rows.
    public
        What may stand on a page: e-mail addresses that the study gives as its contact.
    digests
        The SHA-256 of the raw exports.
    script_words
        The words of the scripts and styles that are on every site.
    fewest
        The smallest count of respondents that is published, by the rule of the study.
    """

    phrases: Phrases
    ordinary: dict[str, frozenset[str]]
    short: dict[str, str]
    close: frozenset[str]
    dense: frozenset[str]
    labels: frozenset[str]
    respondents: tuple[RespondentRows, ...]
    public: str
    digests: frozenset[str]
    script_words: frozenset[str]
    fewest: int = PROTECTION.threshold


def study_secrets(study: Path) -> Secrets:
    """Return what must not be published of a study's exports.

    Raises
    ------
    DataError
        If the folder holds no export with its codebook, or an export has changed since its checksum.
    CodebookError
        With every error of a codebook.
    """
    surveys = [read(export, codebook) for export, codebook in study_exports(study)]
    public = "\n".join(
        [*(text for survey in surveys for text in public_texts(survey.codebook)), *_own_texts()]
    )
    own = frozenset(words_of(public)) | ALSO_NAMES
    spelled = frozenset(WORD.findall(composed(public)))
    known: dict[tuple[str, ...], str] = {}
    asides: dict[tuple[str, ...], str] = {}
    ordinary: dict[str, set[str]] = {}
    short: dict[str, str] = {}
    dense: set[str] = set()
    labels: set[str] = set()
    for survey in surveys:
        listed = _listed(survey.codebook)
        for name, variable in survey.codebook.variables.items():
            if name not in survey.data.columns:
                continue
            values = _values(survey.data[name])
            if variable.identifier == "direct" or variable.kind == "id":
                labels.update(plain_cell(text) for text in (name, variable.label, variable.short) if text)
                what = f"an identifier ({name})"
                for value in values.keys() - listed:
                    _add_identifier(value, what, own, (known, ordinary, short))
                series = _dense_numbers(values)
                dense |= series
                short.update(dict.fromkeys(series, what))
            elif variable.kind == "text":
                asides.update(_open_phrases(values))
                asides.update(_rare_phrases(values))
            elif is_as_typed(variable):
                asides.update(_rare_phrases(_answers(values, variable)))
    wanted = Phrases(asides).without([public])
    user = _user()
    if user and not {*words_of(user)} <= own:
        known.setdefault(words_of(user), USER)
    phrases = {words: what for words, what in asides.items() if words[:LONGEST] in wanted} | known
    return Secrets(
        Phrases(phrases),
        {word: frozenset(spellings) - spelled for word, spellings in ordinary.items()},
        short,
        _without_zero(dense),
        frozenset(dense),
        frozenset(labels),
        tuple(map(RespondentRows, surveys)),
        public + _contacts(study),
        frozenset(survey.digest for survey in surveys),
        _script_words(),
        strictest(survey.codebook.protection for survey in surveys).threshold,
    )


def public_texts(book: Codebook) -> Iterator[str]:
    """Iterate over what a questionnaire itself says: wordings, labels, and what is told of the study.

    Examples
    --------
    >>> from trustkit import Codebook, Variable
    >>> trust = Variable("trust", "Do you trust brands?", "single", codes={1: "Yes", 2: "No"})
    >>> list(public_texts(Codebook({"trust": trust}, title="Trust")))[:3]
    ['Do you trust brands?', '', 'Yes']
    """
    for variable in book.variables.values():
        yield from (variable.label, variable.short)
        if not is_as_typed(variable):
            yield from variable.labels
        yield from variable.missing_labels
    yield from (book.title, book.population, book.source, book.fieldwork)
    yield from (str(text) for text in book.disclosure.values())


def _own_texts() -> Iterator[str]:
    """Iterate over what trustkit itself writes on a site: the pages of the method and of terms."""
    for name in PAGES:
        yield (shipped("docs") / name).read_text(encoding="utf-8")
    for path in sorted(SITE.iterdir()):
        if path.suffix in (".css", ".html", ".js", ".md", ".txt"):
            yield path.read_text(encoding="utf-8")


@cache
def _script_words() -> frozenset[str]:
    """Return the words of the theme's scripts and styles, as far as the theme is installed."""
    words: set[str] = set()
    for name in THEMES:
        spec = find_spec(name)
        for folder in spec.submodule_search_locations or () if spec else ():
            for path in sorted(Path(folder).rglob("*")):
                if SCRIPT.search(path.name) and "static" in path.parts:
                    words.update(words_of(path.read_text(encoding="utf-8", errors="replace")))
    return frozenset(words)


def _contacts(study: Path) -> str:
    """Return the files in which a study says whom to write to, and how it is cited."""
    paths = [study / name for name in ("CITATION.cff", "LICENSE")]
    return "\n".join(["", *(path.read_text(encoding="utf-8") for path in paths if path.is_file())])


def _listed(book: Codebook) -> frozenset[str]:
    """Return the labels of closed questions, which are public whoever has the same name."""
    return frozenset(
        label
        for variable in book.variables.values()
        if variable.identifier != "direct" and not is_as_typed(variable)
        for label in (*variable.labels, *variable.missing_labels)
    )


def _values(column: pd.Series) -> dict[str, int]:
    """Return a column's values as text, and how many respondents have each."""
    counts = column.dropna().value_counts()
    values: dict[str, int] = {}
    for value, count in counts.items():
        text = code_text(value).strip() if isinstance(value, float) else str(value).strip()
        if text and count:
            values[text] = values.get(text, 0) + int(count)
    return values


def _answers(values: dict[str, int], variable: Variable) -> dict[str, int]:
    """Return the answers of a question without labels of its own that were typed."""
    missing = {*variable.missing_labels}
    own = {label for code, label in variable.codes.items() if code_text(code) != code_text(label)}
    return {value: count for value, count in values.items() if value not in missing | own}


def _add_identifier(
    value: str,
    what: str,
    own: frozenset[str],
    places: tuple[dict[tuple[str, ...], str], dict[str, set[str]], dict[str, str]],
) -> None:
    """Add an identifier to where it is looked for: everywhere, in one spelling, or beside a label."""
    known, ordinary, short = places
    words = words_of(value)
    signs = "".join(words)
    has_letter = any(sign.isalpha() for sign in signs)
    if not words or len(signs) < (FEWEST_LETTERS if has_letter else FEWEST_DIGITS):
        if words:
            short[plain_cell(value)] = what
        return
    if signs in MONTHS:
        short[plain_cell(value)] = what
        return
    if len(words) == 1 and signs.isalpha() and signs in own:
        ordinary.setdefault(signs, set()).update({value, value.upper()})
    known.setdefault(words[: run_length(words)], what)
    digits = "".join(sign for sign in value if sign.isdecimal())
    if len(digits) > FEWEST_LETTERS + FEWEST_LETTERS and not has_letter:  # a number that is written in groups
        known.setdefault((digits,), what)
    for spelling in {value, value.lower()}:
        coded = base64.b64encode(spelling.encode()).decode()
        known.setdefault(words_of(coded), what)  # in addresses, too, whose other signs are no letters either


def _without_zero(numbers: Iterable[str]) -> frozenset[str]:
    """Return the numbers that do not begin with a zero: outside addresses, no other number of a page does."""
    return frozenset(number for number in numbers if not number.startswith("0"))


def _dense_numbers(values: Iterable[str]) -> frozenset[str]:
    """Return the numbers among identifiers if so many lie together that any number may be equal to one.

    Examples
    --------
    >>> sorted(_dense_numbers(["10001", "10002", "00003"])), sorted(_dense_numbers(["10001001", "98402133"]))
    (['00003', '10001', '10002'], [])
    """
    numbers = [
        value for value in values if value.isascii() and value.isdecimal() and len(value) >= FEWEST_DIGITS
    ]
    for length in {len(value) for value in numbers}:
        alike = [int(value) for value in numbers if len(value) == length]
        if len(alike) > 1 and len(alike) / (max(alike) - min(alike) + 1) > MOST_CLOSE:
            return frozenset(numbers)
    return frozenset()


def _open_phrases(values: dict[str, int]) -> dict[tuple[str, ...], str]:
    """Return the runs of words of open answers; a shorter answer is one run."""
    phrases: dict[tuple[str, ...], str] = {}
    for value in values:
        words = words_of(value)
        if len(value) >= FEWEST_CHARACTERS:
            length = run_length(words)
            starts = range(max(len(words) - length, 0) + 1)
            phrases.update({words[start : start + length]: OPEN for start in starts})
    return phrases


def _rare_phrases(values: dict[str, int]) -> dict[tuple[str, ...], str]:
    """Return the answers that few respondents typed, if they say something; numbers may be anything."""
    phrases: dict[tuple[str, ...], str] = {}
    for value, count in values.items():
        words = words_of(value)
        is_word = len(words) == 1 or ONE_LETTER.search(value)
        fewest = FEWEST_IN_WORD if is_word else FEWEST_IN_WORDS
        has_letter = re.search(r"[^\W\d_]", value) is not None
        is_code = any(sign.isdecimal() for sign in value) and len("".join(words)) >= FEWEST_DIGITS
        if (
            count < FEWEST_GAVE
            and has_letter
            and (len(value) >= fewest or is_code)
            and len(value) < FEWEST_CHARACTERS
        ):
            phrases[words] = RARE
    return phrases


def _user() -> str:
    """Return the name of this computer's user, nothing if it is a common one."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
    return name if len(name) >= FEWEST_LETTERS and name.casefold() not in ORDINARY_USERS else ""
