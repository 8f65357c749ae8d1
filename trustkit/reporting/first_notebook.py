"""A first notebook on a new study: the survey, its log, a few questions, the claims and the limits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING

from trustkit.display import markdown_text
from trustkit.reporting.notebook_files import Cell
from trustkit.reporting.published_answers import may_be_published
from trustkit.survey.columns import answered
from trustkit.survey.variable import CODED
from trustkit.weighting.targets import NUMERIC

if TYPE_CHECKING:
    from trustkit.survey.codebook import Codebook
    from trustkit.survey.survey import Survey
    from trustkit.survey.variable import Variable
    from trustkit.weighting.targets import Targets

MOST_FINDINGS, MOST_ANSWERS = 5, 11
"""How many questions are shown, and how many answers one of them may have."""

TITLE_LENGTH = 90
"""Characters of a wording that a title keeps."""

FEWEST_ASKED = 10
"""How many respondents must have answered a question for it to be shown."""

OWN_COLUMNS = ("status", "finished", "progress", "userlanguage", "distributionchannel", "collectorid")
"""Columns that survey platforms add, which are no questions."""

LINE = 120
"""Characters of a line of prose."""

OPENING = (
    "**What did the respondents answer?** The figures below show it, {weighted}, as far as the codebook "
    "describes the export correctly."
)
DATA = {
    "real": "The data are treated as **real**: the codebook doesn't call them made up.",
    "synthetic": "The data are **synthetic**.",
}
ABOUT = (
    "{data} What the codebook says of each column may have been drafted by a program: what "
    "was guessed is marked under `review`, there and in the data dictionary, until a person has looked at it."
)
SURVEY = (
    "One row per interview, as it was exported. The file is compared with its checksum and never changed."
)
CHECK = (
    "A code that the codebook does not know, a value out of range, an id that occurs twice or an answer to a "
    "question that was not asked is listed here."
)
CHECKED = """\
faults = survey.check()[["variable", "rule", "count"]]
tk.data_table(faults, title="What disagrees with the codebook\""""
"""The values themselves are left to ``trustkit check``: what one respondent typed is not published."""
LOG = "The steps are under `cleaning` in the codebook, in their order. If it lists none, nobody is left out."
DESIGN = "Weights, strata and sampling points are those that the codebook names under `design`."
WEIGHTED = "Whether the weights fit the population is for a person to judge."
UNWEIGHTED = "Without weights the figures describe the respondents, not a population."
TO_TARGETS = "The weights are then made so that they meet the targets of `targets.yaml`."
BASE = "Shares of those who gave an answer; don't know and refused are left out."
BOXES = "Shares of those who chose an answer, among all who are known to have chosen it or not."
PUBLISHED = (
    "Figures that were published from these data are listed in `claims.yaml`. Each is computed again and "
    "judged."
)
DISCLOSED = (
    "What the American Association for Public Opinion Research asks a study to disclose, as far as codebook "
    "and design have it. Write what is missing at the top of the codebook."
)
LIMITS = (
    "What the codebook marks for review was guessed; a wrong guess makes a wrong figure.",
    "Only the cleaning that the log lists was done: hurried, careless and repeated interviews may be left.",
    "Differences between answers may be smaller than their intervals.",
)
NOTHING = "No question is shown: none that is safe to show has enough answers."
OPT_IN = (
    "The codebook calls the sample opt-in, as every draft does. Intervals then rest on the weighting model, "
    "not on random selection."
)

NUMBERS = ("one", "two", "three", "four", "five")


@dataclass(frozen=True)
class Finding:
    """A question to show: its wording, and the code that estimates and draws it."""

    name: str
    wording: str
    code: str
    about: str


def first_look(
    survey: Survey, *, title: str, folder: str, export: str, targets: Targets | None = None
) -> list[Cell]:
    """Return the cells of a notebook that looks at a survey for the first time; they are not run yet.

    Parameters
    ----------
    survey
        As read with its codebook.
    title
        The study's name.
    folder, export
        The raw data's folder as seen from the notebook, with a slash at its end, and the file in it.
    targets
        The weighting targets in ``targets.yaml`` beside the export; None: there are none.

    Returns
    -------
    list of Cell
        Title, question and answer, one import cell, parameters, and a section each for the survey, what
        disagrees with the codebook, the exclusion log, the design, up to five questions, the claims, what is
        disclosed and the limits.
    """
    book = survey.codebook
    weights = book.design.weights
    findings = find_questions(survey)
    weighted = f"weighted by `{_code(weights)}`" if weights else "without weights"
    design, about_design = "tk.Design(cleaned)", [DESIGN, WEIGHTED if weights else UNWEIGHTED]
    if targets is not None:
        weighted = "weighted to the targets of the population"
        numeric = any(margin.kind in NUMERIC for margin in targets.margins)
        to_meet = "calibrate" if numeric else "rake"  # raking meets no totals and no means
        design, about_design = (
            f'tk.{to_meet}({design}, folder + "targets.yaml")',
            [DESIGN, TO_TARGETS, WEIGHTED],
        )
    note = f", note={' '.join(book.caveats.sentences)!r}" if book.caveats.sentences else ""
    cells = [
        _prose("title", f"# {markdown_text(title)}: a first look", OPENING.format(weighted=weighted)),
        _prose("about", ABOUT.format(data=DATA[book.data])),
        Cell("import", "import trustkit as tk"),
        Cell("parameters", f"folder = {folder!r}\nexport = {export!r}", tags=("parameters",)),
        _prose("survey-text", "## The survey", SURVEY),
        Cell("survey", 'survey = tk.read(folder + export, codebook=folder + "codebook.yaml")\nsurvey'),
        _prose("check-text", "## Does it agree with its codebook?", CHECK),
        Cell("check", f"{CHECKED}{note})"),
        _prose("log-text", "## Who is left out, and why", LOG),
        Cell("log", "cleaned = tk.clean(survey)\ncleaned.log"),
        _prose("design-text", "## The design", " ".join(about_design)),
        Cell("design", f"design = {design}\ndesign"),
    ]
    for number, finding in zip(NUMBERS, findings, strict=False):
        cells.append(_prose(f"finding-{number}-text", f"## {markdown_text(finding.wording)}", finding.about))
        cells.append(Cell(f"finding-{number}", finding.code))
    cells += [
        _prose("claims-text", "## Published figures, checked", PUBLISHED),
        Cell("claims", 'tk.verify(tk.read_claims(folder + "claims.yaml"), design)'),
        _prose("disclosure-text", "## What is disclosed, and what is missing", DISCLOSED),
        Cell("disclosure", "tk.disclosure(design)"),
        _prose("limits", "## Limits", _limits(book, findings, targets)),
    ]
    return cells


def _prose(name: str, *paragraphs: str) -> Cell:
    """Return a cell of prose, its paragraphs broken into lines; headings and lists are not."""
    broken = (text if text.startswith(("#", "-")) else _filled(text) for text in paragraphs)
    return Cell(name, "\n\n".join(broken), "markdown")


def _filled(text: str) -> str:
    return fill(text, LINE, break_long_words=False, break_on_hyphens=False)


def find_questions(survey: Survey) -> list[Finding]:
    r"""Choose the questions to show first: those that read most like questions, then the file's order.

    Only closed questions that enough respondents answered, and that tell nothing of a person or of how the
    sample was drawn; a battery is one question. Without any, the mean of a number.

    Examples
    --------
    >>> import pandas as pd
    >>> from trustkit import Codebook, Survey, Variable
    >>> trust = Variable("q1", "Do you trust brands?", "single", codes={1: "Yes", 2: "No"})
    >>> find_questions(Survey(pd.DataFrame({"q1": [1, 2] * 10}), Codebook({"q1": trust})))[0].code
    "found = tk.proportion(design, 'q1')\ntk.dot_interval(found, title='Do you trust brands?')"
    """
    book = survey.codebook
    ranked: list[tuple[int, Finding]] = []
    done: set[str] = set()
    roles = book.design.columns
    sampled = {name for role in ("strata", "psu") for name in roles.get(role, ())}
    for variable in book.variables.values():
        members = [book[name] for name in book.members(variable.set)] or [variable]
        if variable.name in done or variable.name in sampled:
            continue
        if not all(_is_shown(member, survey) for member in members):
            continue
        done |= {member.name for member in members}
        if len(members) > 1 and variable.set not in book.variables:
            battery = _battery(members, book)
            if battery:
                ranked.append((2 + (variable.set in book.sets), battery))
        elif len(members) == 1 and variable.kind != "multiple":
            score = 2 * variable.label.rstrip().endswith("?") + (variable.kind == "ordinal")
            ranked.append((score, _question(variable)))
    ranked.sort(key=lambda item: -item[0])
    if ranked:
        return [finding for _, finding in ranked[:MOST_FINDINGS]]
    numbers = [
        variable
        for variable in book.variables.values()
        if variable.kind == "numeric" and variable.identifier != "direct" and _asked(variable, survey)
    ]
    return [_mean(variable) for variable in numbers[:1]]


def _is_shown(variable: Variable, survey: Survey) -> bool:
    """Return whether a variable is a question whose answers may be shown as they are."""
    return (
        variable.kind in CODED
        and variable.identifier == "none"
        and 1 < len(variable.codes) <= MOST_ANSWERS
        and re.sub(r"[\W_]", "", variable.name.casefold()) not in OWN_COLUMNS
        and _asked(variable, survey)
        and may_be_published(variable, survey.data)
    )


def _asked(variable: Variable, survey: Survey) -> bool:
    """Return whether enough respondents answered, and have a weight."""
    if variable.name not in survey.data:
        return False
    valid = answered(survey.data[variable.name], variable)
    weights = survey.codebook.design.weights
    if weights is not None and weights in survey.data:
        valid &= survey.data[weights].gt(0)
    return int(valid.sum()) >= FEWEST_ASKED


def _battery(members: list[Variable], book: Codebook) -> Finding | None:
    """Show a battery as stacked bars, or the boxes of one question as shares of those who chose them."""
    name = members[0].set
    wording = _shortened(book.sets.get(name) or name)
    if any(member.codes != members[0].codes for member in members):
        return None
    if members[0].kind == "multiple":
        chosen = members[0].labels[0]
        code = f"found = tk.proportion(design, {name!r}, level={chosen!r})\n"
        code += f"tk.dot_interval(found, title={wording!r})"
        return Finding(name, wording, code, f"{BOXES} `{_code(name)}` in the codebook.")
    kind = "" if members[0].kind == "ordinal" else ', colours="kinds"'
    code = f"found = tk.proportion(design, {name!r})\ntk.likert_bars(found, title={wording!r}{kind})"
    return Finding(name, wording, code, f"{BASE} `{_code(name)}` in the codebook.")


def _question(variable: Variable) -> Finding:
    """Show the shares of one question's answers."""
    wording = _shortened(variable.label)
    code = f"found = tk.proportion(design, {variable.name!r})\ntk.dot_interval(found, title={wording!r})"
    return Finding(variable.name, wording, code, f"{BASE} `{_code(variable.name)}` in the codebook.")


def _mean(variable: Variable) -> Finding:
    """Show the mean of a number."""
    wording = _shortened(f"Mean: {variable.label}")
    code = f"found = tk.mean(design, {variable.name!r})\ntk.dot_interval(found, title={wording!r})"
    about = f"The mean of those who gave a number. `{_code(variable.name)}` in the codebook."
    return Finding(variable.name, wording, code, about)


def _limits(book: Codebook, findings: list[Finding], targets: Targets | None) -> str:
    """Return the limits of a first look."""
    lines = list(LIMITS) if findings else [NOTHING, *LIMITS]
    if book.sample == "opt-in":
        lines.append(OPT_IN)
    if targets is not None:
        lines.append("The weights correct what the targets name, and nothing else.")
    elif book.design.weights is None:
        lines.append("There are no weights: groups that answered more often count for more.")
    return "\n".join(f"- {line}" for line in lines)


def _code(text: str) -> str:
    """Write a text so that it can stand between backquotes."""
    return " ".join(text.split()).replace("`", "'")


def _shortened(text: str) -> str:
    """Keep the start of a long wording, on one line, without what can't be printed."""
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split()) or "?"
    if len(line) <= TITLE_LENGTH:
        return line
    return line[:TITLE_LENGTH].rpartition(" ")[0].rstrip(",;:") + " ..."
