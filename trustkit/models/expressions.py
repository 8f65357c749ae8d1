"""Numeric expressions of a formula: arithmetic, logarithms, polynomials and splines, computed by us.

An expression is a tree of the few classes below. Nothing of a formula is ever run as Python.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from trustkit.errors import FitError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Sign = Literal["+", "-", "*", "/", "**"]
TransformName = Literal["center", "scale", "poly", "bs"]

OPERATIONS: dict[Sign, Callable[[Floats, Floats], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
}
FUNCTIONS: dict[str, Callable[[Floats], Floats]] = {"log": np.log, "sqrt": np.sqrt, "exp": np.exp}
"""Functions of a formula that need only the value itself."""

CUBIC = 3
"""The degree of splines for which none is given."""


@dataclass(frozen=True)
class Column:
    """The numbers of a variable."""

    name: str


@dataclass(frozen=True)
class Constant:
    """A number."""

    value: float


@dataclass(frozen=True)
class Operation:
    """An operation on two expressions."""

    sign: Sign
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Function:
    """A function of an expression: one of `FUNCTIONS`."""

    name: str
    of: Expression


@dataclass(frozen=True)
class Transform:
    """A transformation that depends on all values, such as the distance from their mean.

    Attributes
    ----------
    name
        ``center`` (less the mean), ``scale`` (in standard deviations from the mean), ``poly`` (orthogonal
        polynomials) or ``bs`` (a basis of B-splines).
    of
        What is transformed.
    size
        The number of columns of ``poly`` and ``bs``.
    degree
        The degree of the splines.
    """

    name: TransformName
    of: Expression
    size: int = 1
    degree: int = CUBIC


Expression: TypeAlias = Column | Constant | Operation | Function | Transform


@dataclass(frozen=True, eq=False)
class Learned:
    """What the transformations of an expression learned from the values of the fit, in their order."""

    states: dict[Transform, Floats] = field(default_factory=dict)


def columns_in(expression: Expression) -> tuple[str, ...]:
    """Return the variables of an expression, each once.

    Examples
    --------
    >>> columns_in(Operation("+", Column("age"), Function("log", Column("income"))))
    ('age', 'income')
    """
    if isinstance(expression, Column):
        return (expression.name,)
    if isinstance(expression, Operation):
        return tuple(dict.fromkeys([*columns_in(expression.left), *columns_in(expression.right)]))
    return () if isinstance(expression, Constant) else columns_in(expression.of)


def width_of(expression: Expression) -> int:
    """Return how many columns an expression gives."""
    return expression.size if isinstance(expression, Transform) else 1


def evaluate(
    expression: Expression, numbers: Mapping[str, Floats], learned: Learned, weights: Floats | None = None
) -> Floats:
    """Return the values of an expression, shape (u,), or (u, k) of a transformation of k columns.

    Parameters
    ----------
    expression
        The expression.
    numbers
        Variable -> its numbers, shape (u,).
    learned
        What the transformations know of the values of the fit; those that know nothing yet learn it here.
    weights
        Shape (u,): the weights by which ``center`` and ``scale`` learn the mean; needed at the first call.

    Examples
    --------
    >>> tree = Transform("center", Column("age"))
    >>> learned = Learned()
    >>> evaluate(tree, {"age": np.array([20.0, 40.0])}, learned, np.array([3.0, 1.0])).tolist()
    [-5.0, 15.0]
    >>> evaluate(tree, {"age": np.array([30.0])}, learned).tolist()
    [5.0]
    """
    if isinstance(expression, Column):
        return numbers[expression.name]
    if isinstance(expression, Constant):
        size = len(next(iter(numbers.values())))
        return np.full(size, expression.value)
    if isinstance(expression, Operation):
        left, right = (
            evaluate(side, numbers, learned, weights) for side in (expression.left, expression.right)
        )
        with np.errstate(all="ignore"):  # the values are checked once the columns are made
            combined: Floats = OPERATIONS[expression.sign](left, right)
            return combined
    values = evaluate(expression.of, numbers, learned, weights)
    if isinstance(expression, Function):
        with np.errstate(all="ignore"):
            of_values: Floats = FUNCTIONS[expression.name](values)
            return of_values
    if expression not in learned.states:
        used = np.ones(len(values)) if weights is None else weights
        learned.states[expression] = _learn(expression, values[used > 0], used[used > 0])
    return _transformed(expression, values, learned.states[expression])


def _learn(transform: Transform, values: Floats, weights: Floats) -> Floats:
    """Return what a transformation has to know of the values of the fit."""
    if not np.isfinite(values).all():
        raise FitError(
            f"{transform.name} can't be computed: some of its values are missing or infinite",
            do="check the expression inside it, such as the logarithm of 0",
        )
    if transform.name in ("center", "scale"):
        mean = float(np.average(values, weights=weights))
        spread = float(np.average((values - mean) ** 2, weights=weights))
        n = len(values)
        return np.array([mean, np.sqrt(spread * n / max(n - 1, 1))])
    distinct = np.unique(values)
    if len(distinct) <= transform.size:
        raise FitError(
            f"{transform.name} has more columns than the variable has values",
            got=f"{transform.size} columns, {len(distinct)} values",
            do="ask for fewer columns",
        )
    if transform.name == "poly":
        return _polynomials(values, transform.size)
    inner = transform.size - transform.degree
    at = np.linspace(0, 1, inner + 2)
    return np.asarray(np.quantile(values, at), dtype=float)


def _polynomials(values: Floats, degree: int) -> Floats:
    """Return the recursion of orthogonal polynomials (Kennedy and Gentle 1980), shape (2, k + 1)."""
    alpha, norm = np.zeros(degree + 1), np.zeros(degree + 2)
    norm[0] = 1.0
    before, now = np.zeros_like(values), np.ones_like(values)
    for order in range(degree + 1):
        norm[order + 1] = (now**2).sum()
        alpha[order] = (values * now**2).sum() / norm[order + 1]
        before, now = now, (values - alpha[order]) * now - norm[order + 1] / norm[order] * before
    return np.vstack([alpha, norm[1:]])


def _transformed(transform: Transform, values: Floats, state: Floats) -> Floats:
    """Return the columns of a transformation that knows the values of the fit."""
    if transform.name == "center":
        centred: Floats = values - state[0]
        return centred
    if transform.name == "scale":
        with np.errstate(all="ignore"):
            scaled: Floats = (values - state[0]) / state[1]
        return scaled
    if transform.name == "poly":
        alpha, norm = state
        columns = [np.ones_like(values)]
        before, last = np.zeros_like(values), 1.0
        for order in range(transform.size):
            following = (values - alpha[order]) * columns[-1] - norm[order] / last * before
            before, last = columns[-1], norm[order]
            columns.append(following)
        polynomials: Floats = np.column_stack(columns[1:]) / np.sqrt(norm[1:])
        return polynomials
    from scipy.interpolate import BSpline  # noqa: PLC0415

    low, high = state[0], state[-1]
    outside = (values < low) | (values > high)
    if outside.any():
        raise FitError(
            "a spline has no values outside the range of the fit",
            got=f"{values.min():g} to {values.max():g}", expected=f"{low:g} to {high:g}",
            do="predict inside this range, or use poly",
        )  # fmt: skip
    knots = np.concatenate([[low] * transform.degree, state, [high] * transform.degree])
    basis = BSpline.design_matrix(values, knots, transform.degree).toarray()
    return basis[:, 1:]
