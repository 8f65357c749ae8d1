"""Formulas: parsed, and checked against a list of what is allowed, before anything is computed.

The package formulaic reads the formula into terms. It would also run what stands in calls and braces as
Python (version 1.2.2 does so with an empty context, too), so it only parses: each part of each term is read
here into an `Expression` of a few allowed kinds, and computed by trustkit.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, cast

from trustkit.errors import FitError, needs, suggest
from trustkit.models.expressions import (
    CUBIC,
    FUNCTIONS,
    Column,
    Constant,
    Expression,
    Function,
    Operation,
    Sign,
    Transform,
    TransformName,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

LONGEST = 2_000
"""Characters of a formula."""

DEEPEST = 20
"""Brackets inside brackets."""

MOST_TERMS = 500
"""Terms that a formula may expand to."""

QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
"""Answers and names, which may hold any sign."""

STAND_IN = "__name_in_backticks_"
"""Stands for the name of a variable in backticks, until the formula is a tree."""

REFUSED = "{}[]\\;@!$&?|^%"
"""Signs that no allowed formula needs."""

LARGEST_POWER = 10
"""The largest power of a variable, or of terms."""

MOST_COLUMNS = 30
"""Columns of a polynomial or a spline."""

SIGNS: dict[type[ast.operator], Sign] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}
CALLS = ("C", "I", "center", "scale", "log", "sqrt", "exp", "poly", "bs", "offset")

ALLOWED = (
    "names of variables, +, -, :, *, brackets, C(x), I(arithmetic), log(x), sqrt(x), exp(x), center(x), "
    "scale(x), poly(x, 2), bs(x, df=5), offset(x), and level(x, 'answer') as the outcome"
)


@dataclass(frozen=True)
class Categories:
    """A variable whose levels are coded, as ``C(x)`` asks for."""

    name: str


Part = Column | Categories | Operation | Function | Transform
"""A factor of a term. A `Column` is coded by levels if it has labelled answers, and else a number."""


@dataclass(frozen=True)
class Factor:
    """A factor of a term, and how the formula writes it."""

    part: Part
    text: str


@dataclass(frozen=True)
class Outcome:
    """The left side of a formula: a variable, the answer of it that counts, or an expression."""

    part: Column | Operation | Function
    text: str
    level: str | None = None


@dataclass(frozen=True)
class Formula:
    """A formula that was parsed and checked.

    Attributes
    ----------
    text
        The formula as it was given.
    outcome
        The left side.
    intercept
        Whether the model has an intercept.
    terms
        The terms of the right side, in the order of formulaic: main effects first. Each is made of factors.
    offsets
        What is added to the linear predictor as it is.
    """

    text: str
    outcome: Outcome
    intercept: bool
    terms: tuple[tuple[Factor, ...], ...]
    offsets: tuple[Expression, ...] = ()


def parse_formula(text: str, columns: Collection[str]) -> Formula:
    """Return a formula that holds nothing but what is allowed.

    Parameters
    ----------
    text
        Such as ``"trust ~ age_group * sex + log(income)"``.
    columns
        The names of the columns; any other name is refused.

    Raises
    ------
    FitError
        Anything that is not allowed, with what is; unknown variables, with a near miss; a formula without
        exactly one outcome, or that is too long.

    Examples
    --------
    >>> formula = parse_formula("trust ~ age * sex", ["trust", "age", "sex"])
    >>> [[factor.text for factor in term] for term in formula.terms]
    [['age'], ['sex'], ['age', 'sex']]
    """
    left, right = _terms_of(text)
    reader = _Reader(text, columns)
    outcome = reader.outcome(left)
    terms, offsets, intercept = [], [], False
    for factors in right:
        if factors == ("1",):
            intercept = True
            continue
        parts = [reader.factor(factor) for factor in factors]
        if any(part is None for part in parts):
            if len(parts) > 1:
                raise reader.refusal("offset() can't be part of an interaction", ":".join(factors))
            offsets.append(reader.offset(factors[0]))
            continue
        terms.append(tuple(part for part in parts if part is not None))
    if not terms and not intercept:
        raise FitError("the formula has no terms", where=text, do="add a variable, or 1 for an intercept")
    return Formula(text, outcome, intercept, tuple(terms), tuple(offsets))


def _terms_of(text: str) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Return the terms of both sides of a formula, each as the texts of its factors."""
    _refuse_at_sight(text)
    errors: tuple[type[Exception], ...] = (
        needs("formulaic.errors", "models", "formula", what="a formula").FormulaicError,
        SyntaxError, ValueError, RecursionError, NotImplementedError, AttributeError,
    )  # fmt: skip
    parsers = needs("formulaic.parser", "models", "formula", what="a formula")
    parser = parsers.DefaultFormulaParser(feature_flags={"twosided"})
    try:
        tree = parser.get_ast(text, context={})
        if _most_terms(tree) > MOST_TERMS:
            raise FitError(
                "the formula expands to too many terms", where=text, expected=f"at most {MOST_TERMS}",
                do="write the interactions that you need with ':'",
            )  # fmt: skip
        terms: Any = parser.get_terms(text, context={})
    except errors as error:
        raise FitError(
            "the formula can't be read", where=text, got=_first_line(error), expected=ALLOWED
        ) from None
    sides = [getattr(terms, side, None) for side in ("lhs", "rhs")]
    if sides[0] is None or sides[1] is None:
        raise FitError(
            "the formula has no outcome", where=text, expected="outcome ~ predictors",
            do="write the outcome on the left of '~'",
        )  # fmt: skip
    return _texts_of(sides[0]), _texts_of(sides[1])


def _texts_of(side: Any) -> list[tuple[str, ...]]:  # noqa: ANN401
    """Return the factors of each term of a side."""
    return [tuple(_written(part) for part in term.factors) for term in side]


def _written(part: Any) -> str:  # noqa: ANN401
    """Return a factor's text; a name that is no Python name, and was written in backticks, keeps them."""
    name = str(part.expr)
    is_name = str(part.eval_method).endswith("LOOKUP")
    return f"`{name}`" if is_name and not name.replace(".", "_").isidentifier() else name


def _first_line(error: BaseException) -> str:
    """Return what a parser says, on one line and without its colours."""
    first = str(error).partition("\n")[0]
    return "".join(sign for sign in first if sign.isprintable())


def _refuse_at_sight(text: str) -> None:
    """Refuse what no formula needs, before any parser sees it."""
    wrong = ""
    depth = deepest = 0
    for sign in text:
        depth += (sign in "([") - (sign in ")]")
        deepest = max(deepest, depth)
    if len(text) > LONGEST:
        wrong, text = f"it has {len(text):,} characters", text[:60] + " ..."
    elif deepest > DEEPEST:
        wrong = f"brackets are nested {deepest} deep"
    elif signs := [sign for sign in QUOTED.sub("", text) if sign in REFUSED]:
        wrong = f"it holds {signs[0]!r}"
    elif not text.isprintable():
        wrong = "it holds characters that are not printable"
    if wrong:
        raise FitError(f"the formula can't be used: {wrong}", where=text, expected=ALLOWED)


def _most_terms(tree: Any) -> float:  # noqa: ANN401
    """Return the most terms that a parsed formula can expand to."""
    arguments = getattr(tree, "args", None)
    if arguments is None:
        return 1
    sizes = [_most_terms(argument) for argument in arguments]
    sign = str(tree.operator.symbol)
    if sign == "**":
        power = str(getattr(arguments[1], "token", ""))
        return sizes[0] ** int(power) if power.isdecimal() and int(power) <= LARGEST_POWER else float("inf")
    if sign in ("*", ":", "/") and len(sizes) > 1:
        return (sizes[0] + 1) * (sizes[1] + 1)
    return sum(sizes)


@dataclass(frozen=True)
class _Reader:
    """Reads the factors of a formula into expressions; whatever is not listed is refused."""

    formula: str
    columns: Collection[str]

    def refusal(self, what: str, got: str) -> FitError:
        return FitError(f"the formula can't be used: {what}", where=self.formula, got=got, expected=ALLOWED)

    def name(self, name: str) -> str:
        if name not in self.columns:
            raise FitError(
                f"no variable {name!r}", where=self.formula, got=repr(name), do=suggest(name, self.columns)
            )
        return name

    def factor(self, text: str) -> Factor | None:
        """Return a factor of the right side; None for an offset."""
        if text.startswith("`") and text.endswith("`"):
            name = self.name(text[1:-1])
            return Factor(Column(name), name)
        if text in self.columns:
            return Factor(Column(text), text)
        tree = self.parsed(text)
        called = tree.func.id if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) else ""
        if called == "offset":
            return None
        if called == "C":
            return Factor(
                Categories(self.name(self.plain(self.only(cast("ast.Call", tree), text), text))), text
            )
        part = self.expression(tree, text)
        if isinstance(part, Constant):
            raise self.refusal("a number is no term", text)
        return Factor(part, text)

    def offset(self, text: str) -> Expression:
        tree = self.parsed(text)
        return self.expression(self.only(cast("ast.Call", tree), text), text)

    def outcome(self, terms: Iterable[tuple[str, ...]]) -> Outcome:
        """Return the left side of the formula."""
        given = list(terms)
        if len(given) != 1 or len(given[0]) != 1:
            raise self.refusal(
                "it must have one outcome", " + ".join(":".join(term) for term in given) or "none"
            )
        text = given[0][0]
        if text.startswith("`") or text in self.columns:
            name = self.name(text.strip("`"))
            return Outcome(Column(name), name)
        tree = self.parsed(text)
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "level":
            texts = [part.value for part in tree.args[1:] if isinstance(part, ast.Constant)]
            if len(tree.args) != 2 or len(texts) != 1 or not isinstance(texts[0], str) or tree.keywords:  # noqa: PLR2004
                raise self.refusal("level() takes a variable and the answer that counts", text)
            name = self.name(self.plain(tree.args[0], text))
            return Outcome(Column(name), name, texts[0])
        if isinstance(tree, ast.Compare):
            raise FitError(
                "the outcome can't be a comparison", where=self.formula, got=text,
                do="write level(variable, 'answer') to say which answer counts",
            )  # fmt: skip
        part = self.expression(tree, text)
        if isinstance(part, Constant | Transform):
            raise self.refusal("the outcome must be a variable, or arithmetic on one", text)
        return Outcome(part, text)

    def parsed(self, text: str) -> ast.expr:
        """Return the tree of a factor; nothing is run. Names in backticks become names of the tree."""
        parts = text.split("`")
        if len(parts) % 2 == 0:
            raise self.refusal("a backtick has no partner", text)
        names = {f"{STAND_IN}{place}_": name for place, name in enumerate(parts[1::2])}
        plain = "".join(part for pair in zip_longest(parts[::2], names, fillvalue="") for part in pair)
        try:
            tree = ast.parse(plain, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise self.refusal("a part of it can't be read", text) from None
        for part in ast.walk(tree):
            if isinstance(part, ast.Name):
                part.id = names.get(part.id, part.id)
            elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                for word, name in names.items():
                    part.value = part.value.replace(word, f"`{name}`")
        return tree

    def plain(self, tree: ast.expr, text: str) -> str:
        """Return the name that a tree is; dots may be part of it."""
        if isinstance(tree, ast.Name):
            return tree.id
        if isinstance(tree, ast.Attribute):
            name = f"{self.plain(tree.value, text)}.{tree.attr}"
            if name in self.columns or isinstance(tree.value, ast.Name | ast.Attribute):
                return name
        raise self.refusal("a name of a variable must stand here", text)

    def only(self, call: ast.Call, text: str) -> ast.expr:
        """Return the only argument of a call."""
        if len(call.args) != 1 or call.keywords or isinstance(call.args[0], ast.Starred):
            raise self.refusal("this call takes one argument", text)
        return call.args[0]

    def expression(self, tree: ast.expr, text: str) -> Expression:
        """Return the expression that a tree is; whatever is not listed here is refused."""
        if isinstance(tree, ast.Name | ast.Attribute):
            return Column(self.name(self.plain(tree, text)))
        if isinstance(tree, ast.Constant) and type(tree.value) in (int, float):
            return Constant(float(cast("float", tree.value)))
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
            return Operation("*", Constant(-1.0), self.expression(tree.operand, text))
        if isinstance(tree, ast.BinOp) and type(tree.op) in SIGNS:
            return self.operation(tree, text)
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
            return self.call(tree, tree.func.id, text)
        raise self.refusal("a part of it is not allowed", text)

    def operation(self, tree: ast.BinOp, text: str) -> Operation:
        left, right = self.expression(tree.left, text), self.expression(tree.right, text)
        sign = SIGNS[type(tree.op)]
        if sign == "**" and not (isinstance(right, Constant) and abs(right.value) <= LARGEST_POWER):
            raise self.refusal(f"a power must be a number of at most {LARGEST_POWER}", text)
        if any(isinstance(side, Transform) for side in (left, right)):
            raise self.refusal("center, scale, poly and bs must stand by themselves", text)
        return Operation(sign, left, right)

    def call(self, tree: ast.Call, name: str, text: str) -> Expression:
        if name == "I":
            return self.expression(self.only(tree, text), text)
        if name in FUNCTIONS:
            of = self.expression(self.only(tree, text), text)
            if isinstance(of, Transform):
                raise self.refusal("center, scale, poly and bs must stand by themselves", text)
            return Function(name, of)
        if name in ("center", "scale"):
            return Transform(cast("TransformName", name), self.inner(self.only(tree, text), text))
        if name in ("poly", "bs"):
            return self.basis(tree, cast("TransformName", name), text)
        raise FitError(
            f"the formula can't be used: the function {name!r} is not allowed", where=self.formula, got=text,
            expected=ALLOWED, do=suggest(name, CALLS),
        )  # fmt: skip

    def inner(self, tree: ast.expr, text: str) -> Expression:
        of = self.expression(tree, text)
        if isinstance(of, Transform | Constant):
            raise self.refusal("a transformation takes a variable, or arithmetic on one", text)
        return of

    def basis(self, tree: ast.Call, name: TransformName, text: str) -> Transform:
        """Return ``poly(x, degree)`` or ``bs(x, df=, degree=)``."""
        order = ["of", "degree"] if name == "poly" else ["of", "df", "degree"]
        given = dict(zip(order, tree.args, strict=False)) | {
            word.arg or "": word.value for word in tree.keywords
        }
        if len(tree.args) > len(order) or "of" not in given or set(given) - set(order) or len(given) < 2:  # noqa: PLR2004
            raise self.refusal("write poly(x, 2) or bs(x, df=5)", text)
        options = {
            key: part.value
            for key, part in given.items()
            if key != "of" and isinstance(part, ast.Constant) and type(part.value) is int
        }
        if len(options) < len(given) - 1:
            raise self.refusal("degree and df must be whole numbers", text)
        degree = options.get("degree", CUBIC)
        size = degree if name == "poly" else options.get("df", degree)
        if not (1 <= degree <= size <= MOST_COLUMNS):
            raise self.refusal(
                f"degree and df must be from 1 to {MOST_COLUMNS}, and df at least degree", text
            )
        return Transform(name, self.inner(given["of"], text), size, degree)
