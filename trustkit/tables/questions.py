"""The questions of a banner, and what each of them counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from trustkit.arguments import NAME, TEXT, WHERE, ArgumentKind, accepts, is_of, one_of
from trustkit.errors import DataError
from trustkit.estimation.assembly import names_of
from trustkit.estimation.domains import Base
from trustkit.survey.quoted_cells import quoted_cells
from trustkit.survey.table_rows import Statistic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustkit.design.design import Design
    from trustkit.survey.variable import Variable
    from trustkit.survey.where import Where

Sort = Literal["codebook", "total"]

SELECTED = "Selected"
"""The answer of a box that was ticked, unless another is named."""

NETS = ArgumentKind(
    lambda value: (
        isinstance(value, dict)
        and all(
            isinstance(name, str)
            and isinstance(answers, list | tuple)
            and len(answers) > 1
            and all(isinstance(answer, str) for answer in answers)
            for name, answers in value.items()
        )
    ),
    "a mapping of names to two answers or more",
    'write nets={"Top 2": ["Agree", "Strongly agree"]}',
)
QUESTIONS = ArgumentKind(
    lambda value: (
        isinstance(value, list | tuple)
        and bool(value)
        and all(isinstance(one, str) or is_of(one, "Question") for one in value)
    ),
    "a list of names of questions or sets, or of Questions",
    'write questions=["trust"]',
)


@dataclass(frozen=True)
class Question:
    """A question of a banner with what a name alone doesn't say.

    Attributes
    ----------
    variable
        A variable, or the name of a set.
    nets
        The name of a row -> the answers (or boxes) that it counts together. None: those of the codebook;
        ``{}``: no nets.
    statistic
        The row below the answers of an ordinal question: the ``mean`` of their scores, the Net Promoter Score
        (``nps``), or ``none``. None: that of the codebook.
    where, base, sort
        Who is counted in this question besides the banner's ``where``; base and order in place of the
        banner's. None: as in the banner.
    level
        The answer of a ticked box, for questions with several answers.
    title
        What stands above the table; empty for the wording.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.Question("trust", nets={"Top 2": ["A lot", "Completely"]}, statistic="none").statistic
    'none'
    """

    variable: str
    nets: Mapping[str, Sequence[str]] | None = None
    statistic: Statistic | None = None
    where: Where = None
    base: Base | None = None
    sort: Sort | None = None
    level: str = SELECTED
    title: str = ""

    def __post_init__(self) -> None:
        """Refuse a net of one answer, and fields of another kind."""
        accepts(
            variable=(self.variable, NAME), nets=(self.nets, NETS.optional()),
            statistic=(self.statistic, one_of(Statistic).optional()), where=(self.where, WHERE),
            base=(self.base, one_of(Base).optional()), sort=(self.sort, one_of(Sort).optional()),
            level=(self.level, TEXT), title=(self.title, TEXT),
        )  # fmt: skip


def tabled(design: Design, question: Question) -> list[Question]:
    """Return what has a table of its own: a question, its boxes together, or each question of a set.

    What the codebook says of its rows is written into it.
    """
    members = names_of(design, question.variable)
    if are_boxes(design, members) or members == [question.variable]:
        return [_as_described(design, question)]
    return [_as_described(design, replace(question, variable=name)) for name in members]


def _as_described(design: Design, question: Question) -> Question:
    """Return a question with the nets and the statistic of the codebook, unless it has its own."""
    name, book = question.variable, design.codebook
    about = book.variables.get(name)
    nets = question.nets
    if nets is None:
        own = about is not None and bool(about.nets)
        known = None if own or about is None else about.labels
        nets = {
            net: answers
            for net, answers in book.nets_of(name).items()
            if known is None or set(answers) <= set(known)
        }
    statistic = question.statistic or (about.statistic if about is not None else "mean")
    return replace(question, nets=nets, statistic=statistic)


def are_boxes(design: Design, members: Sequence[str]) -> bool:
    """Return whether variables are the boxes of a question with several answers."""
    return all(design.variable(name).kind == "multiple" for name in members)


def ticked_answer(box: Variable, level: str, do: str) -> str:
    """Return the answer of a ticked box: the one named, or the only one.

    Raises
    ------
    DataError
        If the box has other answers: which of them means that it was ticked is not guessed.
    """
    if level in box.labels:
        return level
    if len(box.labels) == 1:
        return box.labels[0]
    raise DataError(
        f"the box {box.name} has no answer {level!r}", got=quoted_cells(box.labels, box),
        expected="the answer of those who ticked it", do=do,
    )  # fmt: skip
