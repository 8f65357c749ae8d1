"""What a study must disclose: the items of AAPOR's Transparency Initiative, filled in, and those missing.

The items are the first part (III.A, items for immediate disclosure) of the Code of Professional Ethics and
Practices of the American Association for Public Opinion Research, revised in April 2021
(aapor.org/standards-and-ethics/disclosure-standards), in trustkit's words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from trustkit.arguments import DESIGN, accepts
from trustkit.design.opt_in import margins_of
from trustkit.design.weight_history import show_date
from trustkit.design.weighting_words import weighting_in_words
from trustkit.display import Shown, for_notebook, html_notes, html_table, visible
from trustkit.errors import CodebookError, DesignError, Faults, suggest
from trustkit.estimation.precision import margin_of_error
from trustkit.field_kinds import accepts_fields
from trustkit.ledger import result_bundle
from trustkit.plain_text import LINE, text_lines
from trustkit.reporting.published_answers import published_codebook
from trustkit.survey.where import asked_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trustkit.design.design import Design
    from trustkit.survey.codebook import Codebook

Source = Literal["codebook", "design", "codebook and design", "missing"]

DISCLOSURE_MIME = "application/vnd.trustkit.disclosure+json"
"""Under which a notebook's output carries a disclosure, for the site to collect."""

CODE = "AAPOR Code of Professional Ethics and Practices (April 2021), III.A"
"""What asks for the items."""

INDENT = "    "
"""What stands before an answer in the text."""

DATA_KINDS = ("id", "weight", "date")
"""Kinds of columns that nobody was asked for."""


@dataclass(frozen=True)
class Item:
    """One item to disclose.

    Attributes
    ----------
    name
        Its key under ``disclosure`` in the codebook, or what it is called here.
    number
        The item of AAPOR's list that it belongs to; 0 if it is not on that list.
    what
        What is asked for.
    field
        The field of the codebook that holds it, where that is not ``disclosure``.
    """

    name: str
    number: int
    what: str
    field: str = "disclosure"

    @property
    def where(self) -> str:
        """Where in the codebook it is written."""
        return f"disclosure: {self.name}" if self.field == "disclosure" else self.field


ITEMS = (
    Item("strategy", 1, "How the data were collected: a survey, interviews, records"),
    Item("sponsor", 2, "Who sponsored the research, and who paid for it if that is somebody else"),
    Item("conducted_by", 2, "Who conducted it"),
    Item("wording", 3, "The wording of every question and its answers", "variables"),
    Item("instructions", 3, "What respondents were told or shown before and between the questions"),
    Item("population", 4, "The population: place, age, other limits, time", "population"),
    Item("selection", 5, "A probability sample, or not", "sample"),
    Item("frame", 5, "The list, frame or panel that respondents come from, and who is not on it"),
    Item(
        "recruitment", 5, "How they were contacted and chosen: eligibility, screening, quotas, oversampling"
    ),
    Item("incentives", 5, "What was done and paid to gain cooperation"),
    Item("mode", 6, "The modes of contact and of data collection"),
    Item("languages", 6, "The languages offered"),
    Item("dates", 7, "The dates of data collection", "fieldwork"),
    Item("sample_size", 8, "How many respondents, by frame, panel or mode if there are several"),
    Item("precision", 8, "The precision of the results"),
    Item("weighting", 9, "How the data were weighted: variables, and where their targets come from"),
    Item("quality", 10, "Checks of data quality, exclusions, imputation, coding"),
    Item("limitations", 11, "The limitations of the design and of the data collection"),
    Item("contact", 0, "Where to ask for more (not on AAPOR's list)"),
)
"""Every item, in AAPOR's order."""


@dataclass(frozen=True)
class Answer:
    """One item with its answer and where that comes from; the answer to a missing one is empty."""

    item: Item
    text: str
    source: Source


@dataclass(frozen=True, eq=False, repr=False)
class Disclosure(Shown):
    """The items that a study discloses.

    Attributes
    ----------
    study
        The study's title.
    answers
        One for each item: the answer, and where it comes from.
    questions
        One row per question: ``variable``, ``wording``, ``answers``, ``asked``.
    notes
        What a reader must know beside them.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> book = tk.Codebook({}, title="Example study", population="Adults")
    >>> survey = tk.Survey(pd.DataFrame({"trust": [1, 2, 2]}), book)
    >>> found = tk.disclosure(tk.Design(survey)).to_frame().set_index("item")
    >>> found.loc[["population", "sponsor"], "source"].tolist()
    ['codebook', 'missing']
    """

    study: str
    answers: tuple[Answer, ...]
    questions: pd.DataFrame
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the items that have no answer."""
        return tuple(answer.item.name for answer in self.answers if answer.source == "missing")

    def to_frame(self) -> pd.DataFrame:
        """Return one row per item: ``item``, ``what``, ``answer``, ``source``.

        ``what`` begins with the item's number in AAPOR's list. A missing item's ``source`` is
        ``missing`` and its ``answer`` says where to write it.
        """
        return pd.DataFrame(
            [
                {
                    "item": answer.item.name,
                    "what": f"{answer.item.number}. {answer.item.what}"
                    if answer.item.number
                    else answer.item.what,
                    "answer": answer.text or f"Missing. Write it in the codebook, {answer.item.where}",
                    "source": answer.source,
                }
                for answer in self.answers
            ],
            columns=["item", "what", "answer", "source"],
        )

    def __repr__(self) -> str:
        """Show as text: an item a paragraph, for answers are too long for a table's cells."""
        lines = [f"Disclosure: {self.study}"]
        for row in self.to_frame().to_dict("records"):
            lines.append(visible(f"{row['what']} [{row['source']}]", lines="joined"))
            answer = text_lines(visible(row["answer"], lines="joined"), LINE - len(INDENT), indent="")
            lines += [INDENT + line for line in answer]
        return "\n".join([*lines, *self._parts()[2]])

    def _repr_html_(self) -> str:
        shown = self.questions.drop(columns="variable").rename(columns={"asked": "asked only if"})
        questions = html_table(shown, caption=f"Questions and answers: {self.study}")
        summary = f"<summary>Wording of {len(self.questions)} questions and columns</summary>"
        folded = (
            f'<div class="tk-wording"><details>{summary}{questions}</details></div>'
            if len(self.questions)
            else ""
        )
        title, table, notes = self._parts()
        return for_notebook(html_table(table, caption=title) + html_notes(notes) + folded)

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        """Show as text and HTML, marked for whoever collects disclosures from notebooks."""
        mark = {"study": self.study, "missing": list(self.missing)}
        shown = {"text/plain": repr(self), "text/html": self._repr_html_(), DISCLOSURE_MIME: mark}
        return {**shown, **result_bundle(self)}

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        absent = self.missing
        count = f"Missing: {', '.join(absent)}." if absent else "No item is missing."
        table = self.to_frame()[["what", "answer"]].rename(columns={"what": "item"})
        return f"Disclosure: {self.study}", table, (count, f"Items of the {CODE}.", *self.notes)


def disclosure(design: Design) -> Disclosure:
    """Fill in what AAPOR's Transparency Initiative asks a study to disclose, and name what is missing.

    Parameters
    ----------
    design
        The design that the results are estimated with. It gives sample size, precision, weighting and
        exclusions. Its codebook gives the wording of the questions and, under ``disclosure``, the items
        that no other field has. ``precision``, ``weighting`` and ``quality`` may be
        written there, too, and are added to what the design gives.

    Returns
    -------
    Disclosure
        One answer for each item, with its source.

    Raises
    ------
    CodebookError
        With every key under ``disclosure`` that is not an item, or that belongs in another field.

    Notes
    -----
    For an opt-in sample the precision is no margin of error but the model under which intervals hold, as
    AAPOR's item 8 asks of non-probability samples. Only what was written or done is disclosed: an answer
    that is there may still be wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> book = tk.Codebook({}, title="Tiny", population="Adults", disclosure={"sponsor": "Nobody"})
    >>> survey = tk.Survey(pd.DataFrame({"trust": [1, 2, 2]}), book)
    >>> found = tk.disclosure(tk.Design(survey)).to_frame().set_index("item")
    >>> found.loc[["sponsor", "population", "mode"], "source"].tolist()
    ['codebook', 'codebook', 'missing']
    """
    accepts(design=(design, DESIGN))
    book = design.codebook
    _refuse_unknown(book)
    try:
        rows = design.data
    except DesignError:  # rows in an engine
        rows = None
    questions = _questions(published_codebook(book, rows))
    known = {**_from_codebook(book, questions), **{name: tell(design) for name, tell in _TOLD.items()}}
    answers = tuple(_answer(item, known.get(item.name, ""), book.disclosure) for item in ITEMS)
    notes = list(book.caveats.sentences)
    if _without_source(design) and not book.disclosure.get("weighting", "").strip():
        notes.insert(0, "Where the weighting targets come from is missing: codebook, disclosure: weighting.")
    return Disclosure(book.title or "untitled study", answers, questions, tuple(notes))


def _refuse_unknown(book: Codebook) -> None:
    """Raise one error that lists every key that is not an item to write there."""
    written = [item.name for item in ITEMS if item.field == "disclosure" and item.name != "sample_size"]
    elsewhere = {item.name: item.field for item in ITEMS if item.field != "disclosure"}
    faults = Faults(f"the items to disclose of {book.title or 'the codebook'}", CodebookError)
    for key in book.disclosure:
        if key not in written:
            faults.add("no such item", where=key, do=_instead(key, elsewhere) or suggest(key, written))
    faults.refuse(do=f"write these items there: {', '.join(written)}")


def _instead(key: str, elsewhere: Mapping[str, str]) -> str:
    """Return where an item comes from if it is not under ``disclosure``."""
    if key == "sample_size":
        return "it is counted in the data"
    field = elsewhere.get(key) or (key if key in elsewhere.values() else "")
    return f"it stands in the codebook's {field}" if field else ""


def _answer(item: Item, known: str, written: Mapping[str, str]) -> Answer:
    added = written.get(item.name, "").strip()
    text = " ".join(filter(None, [known, added]))
    if not text:
        return Answer(item, "", "missing")
    if item.name not in _TOLD:
        return Answer(item, text, "codebook")
    return Answer(item, text, "codebook and design" if known and added else "design" if known else "codebook")


def _questions(book: Codebook) -> pd.DataFrame:
    """List what was asked: the wording, the answers, and who was asked."""
    rows = [
        {
            "variable": variable.name,
            "wording": variable.label,
            "answers": "; ".join([*variable.labels, *variable.missing_labels]),
            "asked": asked_in_words(variable, book.variables),
        }
        for variable in book.variables.values()
        if variable.kind not in DATA_KINDS
    ]
    return pd.DataFrame(rows, columns=["variable", "wording", "answers", "asked"])


def _from_codebook(book: Codebook, questions: pd.DataFrame) -> dict[str, str]:
    """Return what the codebook's own fields tell."""
    kinds = {
        "probability": "A probability sample.",
        "opt-in": "Not a probability sample: respondents opted in.",
    }
    pairs = zip(questions["variable"], questions["wording"], strict=True)
    bare = [str(name) for name, wording in pairs if wording in ("", name)]
    wording = f"{len(questions):,} questions and other columns, worded as in the codebook and listed with it."
    if bare:
        wording += f" Without a wording: {', '.join(bare)}."
    return {
        "population": book.population,
        "selection": kinds[book.sample],
        "dates": show_date(book.fieldwork),
        "wording": wording if len(bare) < len(questions) else "",
    }


def _size(design: Design) -> str:
    steps = design.log.steps
    read = f" of {steps[0].n_before:,} rows" if steps and steps[0].n_before != design.n else ""
    return f"{design.n:,} respondents{read}. Each result states its own base and n."


def _precision(design: Design) -> str:
    """State a margin of error, or the model that stands in its place."""
    replicates, met = design.replicates is not None, design.calibration is not None
    how = "replicate weights" if replicates else "Taylor linearization"
    if met:
        how += ", each weighted to the margins" if replicates else ", as residuals from the weighting margins"
    model = design.caveats.assumption
    if model:
        return (
            "No margin of error: nobody was drawn at random. Intervals are model-based, as if "
            f"{model}; standard errors by {how}. The data can't test that model."
        )
    margin = margin_of_error(design)
    return " ".join([margin.sentence, *margin.notes,
                     f"Intervals of results are their own: standard errors by {how}."])  # fmt: skip


def _without_source(design: Design) -> bool:
    """Return whether a step has targets and does not record where they come from."""
    return any(margins_of([step]) and not step.source for step in design.history)


def _quality(design: Design) -> str:
    """Return the exclusions of the log, in words."""
    gone = [
        f'{step.n_before - step.n_after:,} for "{step.reason}" ({step.rule})'
        for step in design.log.steps
        if step.n_before != step.n_after
    ]
    return f"Left out: {'; '.join(gone)}." if gone else ""


_TOLD: Mapping[str, Callable[[Design], str]] = {
    "sample_size": _size,
    "precision": _precision,
    "weighting": weighting_in_words,
    "quality": _quality,
}
"""Items that the design tells."""
