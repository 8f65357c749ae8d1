"""The columns of a model: its variables coded by levels, numbers and transformations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from trustkit.design.coded import coded_variable
from trustkit.errors import FitError, first_few
from trustkit.models.expressions import Column, Learned, columns_in, evaluate, width_of
from trustkit.models.formulas import Categories, Factor
from trustkit.survey.columns import FROM_DATES
from trustkit.survey.variable import CODED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.models.expressions import Expression
    from trustkit.models.formulas import Formula
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

MOST_LEVELS = 200
"""More distinct numbers are no levels."""

INTERCEPT = "(Intercept)"
"""The name of the intercept's column."""


@dataclass(frozen=True, eq=False)
class Values:
    """The values of a model's variables in its observations.

    Attributes
    ----------
    size
        The number of observations, u.
    codes
        Variable -> place of its level, shape (u,).
    numbers
        Variable -> its numbers, shape (u,).
    """

    size: int
    codes: Mapping[str, Ints] = field(default_factory=dict)
    numbers: Mapping[str, Floats] = field(default_factory=dict)

    def part(self, inside: NDArray[np.bool_]) -> Values:
        """Return the values of some observations; ``inside`` has shape (u,)."""
        return Values(
            int(inside.sum()),
            {name: own[inside] for name, own in self.codes.items()},
            {name: own[inside] for name, own in self.numbers.items()},
        )


@dataclass(frozen=True)
class Levels:
    """A factor that is coded by levels, with the words for readers."""

    name: str
    levels: tuple[str, ...]
    called: str


@dataclass(frozen=True)
class Quantity:
    """A factor that is a number, or several columns of numbers."""

    text: str
    expression: Expression
    called: str


Coded: TypeAlias = Levels | Quantity


@dataclass(frozen=True)
class Term:
    """A term: its factors, and which of them have a column for every level.

    Attributes
    ----------
    factors
        The factors.
    full
        For each factor whether all its levels have a column; else the first level is the reference.
    """

    factors: tuple[Coded, ...]
    full: tuple[bool, ...]

    @property
    def text(self) -> str:
        """How formulas write the term."""
        return ":".join(part.name if isinstance(part, Levels) else part.text for part in self.factors)

    @property
    def called(self) -> str:
        """How readers know the term."""
        return " x ".join(part.called for part in self.factors)

    @property
    def places(self) -> list[tuple[int, ...]]:
        """For each column the level, or the number of the column, of each factor."""
        choices = [
            range(0 if full else 1, len(part.levels))
            if isinstance(part, Levels)
            else range(width_of(part.expression))
            for part, full in zip(self.factors, self.full, strict=True)
        ]
        # the first factor changes fastest, as in R
        return [places[::-1] for places in product(*choices[::-1])]

    def names(self) -> list[tuple[str, str]]:
        """Return the name of each column in code, and its words for readers."""
        names = []
        for places in self.places:
            parts = [_named(part, place) for part, place in zip(self.factors, places, strict=True)]
            names.append((":".join(part for part, _ in parts), " x ".join(words for _, words in parts)))
        return names


def _named(part: Coded, place: int) -> tuple[str, str]:
    if isinstance(part, Levels):
        return f"{part.name}[{part.levels[place]}]", f"{part.called}: {part.levels[place]}"
    if width_of(part.expression) > 1:
        return f"{part.text}[{place + 1}]", f"{part.called}, column {place + 1}"
    return part.text, part.called


@dataclass(frozen=True, eq=False)
class Coding:
    """How a model's terms become columns.

    Attributes
    ----------
    intercept
        Whether the first column is 1.
    terms
        The terms.
    offsets
        What is added to the linear predictor as it is.
    learned
        What transformations know of the values of the fit.
    """

    intercept: bool
    terms: tuple[Term, ...]
    offsets: tuple[Expression, ...] = ()
    learned: Learned = field(default_factory=Learned)

    @property
    def names(self) -> list[str]:
        """The columns' names, as contrasts take them."""
        return [
            *([INTERCEPT] if self.intercept else []),
            *(name for term in self.terms for name, _ in term.names()),
        ]

    @property
    def labels(self) -> dict[str, str]:
        """The words for readers of each column's name."""
        return {
            INTERCEPT: "Intercept",
            **{name: words for term in self.terms for name, words in term.names()},
        }

    @property
    def term_of_column(self) -> Ints:
        """The place of each column's term; -1 for the intercept. Shape (p,)."""
        own = [place for place, term in enumerate(self.terms) for _ in term.places]
        return np.array([*([-1] if self.intercept else []), *own], dtype=np.intp)

    @property
    def levels(self) -> dict[str, tuple[str, ...]]:
        """The variables that are coded by levels."""
        return {
            part.name: part.levels for term in self.terms for part in term.factors if isinstance(part, Levels)
        }

    @property
    def numeric(self) -> tuple[str, ...]:
        """The variables whose numbers are used."""
        own = [part.expression for term in self.terms for part in term.factors if isinstance(part, Quantity)]
        return tuple(dict.fromkeys(name for part in [*own, *self.offsets] for name in columns_in(part)))

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables, in the order of the formula."""
        parts = [part for term in self.terms for part in term.factors]
        names = [
            name
            for part in parts
            for name in ([part.name] if isinstance(part, Levels) else columns_in(part.expression))
        ]
        return tuple(dict.fromkeys([*names, *self.numeric]))

    def references(self) -> list[str]:
        """Return in words the level that each variable's other levels are compared with."""
        seen: dict[str, str] = {}
        for term in self.terms:
            for part, full in zip(term.factors, term.full, strict=True):
                if isinstance(part, Levels) and not full:
                    seen[part.name] = f"{part.called}: {part.levels[0]}"
        return list(seen.values())

    def matrix(self, values: Values, weights: Floats | None = None) -> Floats:
        """Return the columns of some observations, shape (u, p).

        Parameters
        ----------
        values
            The variables' values.
        weights
            Shape (u,): the weights by which transformations learn; needed at the first call.

        Raises
        ------
        FitError
            If an expression has no finite value for an observation with a positive weight.
        """
        columns = np.empty((values.size, len(self.names)), order="F")
        at = 0
        if self.intercept:
            columns[:, 0], at = 1.0, 1
        known: dict[str, Floats] = {}
        for term in self.terms:
            for part in term.factors:
                if isinstance(part, Quantity) and part.text not in known:
                    known[part.text] = _finite(
                        part.text, evaluate(part.expression, values.numbers, self.learned, weights), weights
                    )
            for places in term.places:
                for number, (part, place) in enumerate(zip(term.factors, places, strict=True)):
                    if isinstance(part, Levels):
                        own = values.codes[part.name] == place
                    else:
                        own = known[part.text]
                        own = own if own.ndim == 1 else own[:, place]
                    np.multiply(columns[:, at] if number else 1.0, own, out=columns[:, at])
                at += 1
        return columns

    def offset(self, values: Values, weights: Floats | None = None) -> Floats:
        """Return what is added to the linear predictor, shape (u,)."""
        total = np.zeros(values.size)
        for part in self.offsets:
            total += _finite("offset", evaluate(part, values.numbers, self.learned, weights), weights)
        return total


def _finite(text: str, values: Floats, weights: Floats | None) -> Floats:
    """Refuse values that are not finite; those without weight become 0."""
    finite = np.isfinite(values if values.ndim == 1 else values.sum(axis=1))
    if finite.all():
        return values
    bad = ~finite
    counted = int(bad.sum()) if weights is None else int((bad & (weights > 0)).sum())
    if counted:
        raise FitError(
            f"{text} has no finite value for {counted:,} respondents", where=text,
            do="check for logarithms of 0 or below, and divisions by 0, or leave them out with where",
        )  # fmt: skip
    values = values.copy()
    values[bad] = 0.0
    return values


def code_terms(design: Design, formula: Formula, where: Where) -> Coding:
    """Return how the terms of a formula become columns, by the descriptions of their variables.

    A level has a column of its own, except the first one where the term without this factor is in the model,
    too (R's rule). Levels of a variable that ``where`` leaves out have no column.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> from trustkit.models.formulas import parse_formula
    >>> design = tk.Design(pd.DataFrame({"y": [1.0, 2.0], "sex": ["f", "m"], "age": [20.0, 30.0]}))
    >>> code_terms(design, parse_formula("y ~ sex + age:sex", design.columns), None).names
    ['(Intercept)', 'sex[m]', 'age:sex[f]', 'age:sex[m]']
    """
    terms = [tuple(_coded(design, factor, where) for factor in factors) for factors in formula.terms]
    known = {frozenset(_key(part) for part in term) for term in terms}
    if formula.intercept:
        known.add(frozenset())
    coded: list[Term] = []
    for term in terms:
        keys = [_key(part) for part in term]
        if len(set(keys)) < len(keys):
            raise FitError("a variable occurs twice in a term", where=formula.text, got=":".join(keys))
        rest = [frozenset(keys) - {key} for key in keys]
        full = [
            isinstance(part, Levels) and others not in known for part, others in zip(term, rest, strict=True)
        ]
        if not formula.intercept and len(term) == 1 and isinstance(term[0], Levels):
            # the first variable takes the place of the intercept, and only it
            full = [not any(isinstance(part, Levels) for other in coded for part in other.factors)]
        coded.append(Term(term, tuple(full)))
    return Coding(formula.intercept, tuple(coded), formula.offsets)


def _key(part: Coded) -> str:
    return part.name if isinstance(part, Levels) else part.text


def _coded(design: Design, factor: Factor, where: Where) -> Coded:
    """Return a factor of a term as its variable is described."""
    part = factor.part
    if isinstance(part, Categories) or (
        isinstance(part, Column) and design.variable(part.name).kind in CODED
    ):
        levels = levels_of_variable(design, part.name, where)
        return Levels(part.name, levels, design.headings([part.name]).get(part.name, part.name))
    if isinstance(part, Column):
        about = design.variable(part.name)
        if about.kind not in ("numeric", "weight"):
            raise FitError(
                f"{part.name} can't be a predictor", got=f"kind {about.kind}",
                do=FROM_DATES
                if about.kind == "date"
                else "give its kind as numeric, single or ordinal in the codebook",
            )  # fmt: skip
        return Quantity(factor.text, part, design.headings([part.name]).get(part.name, part.name))
    return Quantity(factor.text, part, factor.text)


def levels_of_variable(design: Design, name: str, where: Where) -> tuple[str, ...]:
    """Return the levels of a variable in a model: those of its answers, or numbers, that ``where`` leaves."""
    about = design.variable(name)
    if about.kind in CODED:
        labels = coded_variable(design, name).labels
    else:
        column = design.rows.in_memory().data[name]
        if column.dtype.kind == "M":
            raise FitError(f"{name} can't be a predictor", got="kind date", do=FROM_DATES)
        values = np.unique(column.dropna())
        if len(values) > MOST_LEVELS:
            raise FitError(
                f"{name} has too many distinct values to be coded by levels", got=f"{len(values):,}",
                expected=f"at most {MOST_LEVELS}", do="use the number itself, or cut it into bands",
            )  # fmt: skip
        labels = tuple(str(value) for value in values)
    wanted = where.get(name) if isinstance(where, Mapping) else None
    if wanted is None or isinstance(wanted, Mapping):
        return labels
    chosen = {str(level) for level in (wanted if isinstance(wanted, list | tuple | set) else [wanted])}
    return tuple(label for label in labels if label in chosen) or labels


def refuse_empty_levels(coding: Coding, values: Values, weights: Floats) -> None:
    """Refuse levels that no respondent with a weight has, and variables with one level only.

    Raises
    ------
    FitError
        With each variable and its empty levels.
    """
    for name, levels in coding.levels.items():
        mass = np.bincount(values.codes[name], weights, minlength=len(levels))
        empty: Sequence[str] = [level for level, own in zip(levels, mass, strict=True) if own <= 0]
        if empty:
            raise FitError(
                f"{name} has levels that no respondent of the model has", where=name,
                got=first_few(empty),
                do="merge them with tk.collapse, or choose the other levels with where",
            )  # fmt: skip
        if len(levels) < 2 and coding.intercept:  # noqa: PLR2004
            raise FitError(
                f"{name} has the same answer for all respondents of the model", where=name, got=levels[0],
                do="leave it out of the formula",
            )  # fmt: skip
