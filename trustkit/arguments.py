"""Arguments of public functions: whether a value is of the kind that an argument takes."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from numbers import Integral, Real
from os import PathLike
from typing import TypeAlias, get_args

import numpy as np
import pandas as pd

from trustkit.errors import DataError, suggest

Fits: TypeAlias = Callable[[object], bool]

LONGEST_FILE_NAME = 255
"""Bytes; longer names are refused by the file systems in common use."""

SHOWN = 60
"""How many characters of a wrong text an error shows."""


@dataclass(frozen=True)
class ArgumentKind:
    """What an argument takes.

    Attributes
    ----------
    fits
        Returns whether a value can be used.
    words
        What to give, as it completes "expected:".
    do
        What to do about another value, in words or as a function of the value.
    """

    fits: Fits
    words: str
    do: str | Callable[[object], str] = ""

    def optional(self) -> ArgumentKind:
        """Return the kind that also takes None.

        Examples
        --------
        >>> NUMBER.optional().fits(None), NUMBER.fits(None)
        (True, False)
        """
        return ArgumentKind(
            lambda value: value is None or self.fits(value), f"{self.words}, or None", self.do
        )

    def __or__(self, other: ArgumentKind) -> ArgumentKind:
        """Return the kind that takes what either takes.

        Examples
        --------
        >>> (NUMBER | TEXT).fits("a"), (NUMBER | TEXT).words
        (True, 'a number, or text')
        """
        return ArgumentKind(
            lambda value: self.fits(value) or other.fits(value), f"{self.words}, or {other.words}", self.do
        )

    def listed(self, words: str, do: str = "", *, least: int = 0) -> ArgumentKind:
        """Return the kind of a list or tuple of at least some such values.

        Examples
        --------
        >>> NUMBER.listed("a list of numbers").fits([1, 2.5]), NUMBER.listed("").fits([1, "2"])
        (True, False)
        """
        return ArgumentKind(
            lambda value: (
                isinstance(value, list | tuple)
                and len(value) >= least
                and all(self.fits(part) for part in value)
            ),
            words,
            do or self.do,
        )


def accepts(**arguments: tuple[object, ArgumentKind]) -> None:
    """Refuse the first argument that is not of its kind.

    Parameters
    ----------
    **arguments
        The argument's name -> its value and its kind.

    Raises
    ------
    DataError
        With the argument's name, what was given, what is expected and what to do.

    Examples
    --------
    >>> accepts(variable=(["trust", "age"], NAMES), conf=(0.9, NUMBER))
    >>> try:
    ...     accepts(by=([["age"]], NAMES))
    ... except DataError as error:
    ...     print(error)
    the argument 'by' can't be used
      got: a list that holds a list
      expected: a column's name, or a list of names
      do: name each column by its text, such as "age" or ["age", "sex"]
    """
    for name, (value, kind) in arguments.items():
        if not kind.fits(value):
            do = _advice(value, kind)
            raise DataError(
                f"the argument {name!r} can't be used", got=in_words(value), expected=kind.words, do=do
            )


def in_words(value: object) -> str:
    """Describe a value in a few words; the rows of a table are never shown.

    Examples
    --------
    >>> in_words(3), in_words([["y"]]), in_words(pd.Series([1, 2]))
    ('the int 3', 'a list that holds a list', 'a Series')
    """
    if value is None:
        return "None"
    kind = type(value).__name__
    if isinstance(value, int) and not isinstance(value, bool) and not _is_number(value):
        return f"an {kind} that is too large to compute with"
    if isinstance(value, bool | int | float | str | bytes):
        shown = repr(value[:SHOWN]) if isinstance(value, str | bytes) else repr(value)
        return f"the {kind} {shown}"
    if isinstance(value, PathLike):
        return f"the path {str(value)[:SHOWN]!r} of {len(str(value)):,} characters"
    article = "an" if kind[0] in "AEIOaeio" else "a"
    if isinstance(value, list | tuple):
        wrong = next((part for part in value if not isinstance(part, str)), None)
        holds = f" that holds a {type(wrong).__name__}" if wrong is not None else " without entries"
        count = f" of {len(value)} text{'s' if len(value) > 1 else ''}"
        return f"{article} {kind}{holds if wrong is not None or not value else count}"
    return f"{article} {kind}"


def is_of(value: object, name: str) -> bool:
    """Return whether a value is of a class of trustkit, known by its name.

    The classes are in packages above this module, so they are not imported.

    Examples
    --------
    >>> is_of(DataError("no such file"), "TrustkitError"), is_of(3, "Design")
    (True, False)
    """
    return any(
        kind.__name__ == name and kind.__module__.startswith("trustkit.") for kind in type(value).__mro__
    )


def a_trustkit(name: str, do: str) -> ArgumentKind:
    """Return the kind of a class of trustkit.

    Examples
    --------
    >>> a_trustkit("Estimate", "estimate first").words
    'an Estimate'
    """
    article = "an" if name[0] in "AEIOU" else "a"
    return ArgumentKind(lambda value: is_of(value, name), f"{article} {name}", do)


def choice(*options: str) -> ArgumentKind:
    """Return the kind of a choice among texts; a near miss is suggested.

    Examples
    --------
    >>> choice("shares", "counts").fits("share"), choice("shares", "counts").words
    (False, "'shares' or 'counts'")
    """
    return ArgumentKind(
        lambda value: isinstance(value, str) and value in options,
        " or ".join(repr(option) for option in options),
        lambda value: suggest(value if isinstance(value, str) else "", options),
    )


def one_of(literal: object) -> ArgumentKind:
    """Return the kind of a choice among the texts of a ``Literal``.

    Examples
    --------
    >>> from typing import Literal
    >>> one_of(Literal["shares", "counts"]).words
    "'shares' or 'counts'"
    """
    return choice(*get_args(literal))


def _advice(value: object, kind: ArgumentKind) -> str | None:
    """Return what to do; a survey or a frame in place of a design becomes one."""
    if kind is DESIGN and is_of(value, "Survey"):
        return "make a design of the survey: tk.Design(survey)"
    if kind is DESIGN and isinstance(value, pd.DataFrame):
        return "make a design of the frame: tk.Design(frame)"
    if kind is SURVEY and isinstance(value, pd.DataFrame):
        return "make a survey of the frame: tk.read(frame)"
    return (kind.do if isinstance(kind.do, str) else kind.do(value)) or None


def _is_names(value: object) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)
    )


def _is_name_list(value: object) -> bool:
    return not isinstance(value, str) and _is_names(value)


SURE_BITS = 1000
"""Whole numbers with fewer bits fit into a float."""


def _is_number(value: object) -> bool:
    """Return whether a value is a number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True


def _is_whole(value: object) -> bool:
    if type(value) is int and value.bit_length() < SURE_BITS:  # collections of many are checked one by one
        return True
    return isinstance(value, Integral) and _is_number(value)


def _is_pair_of_bounds(value: object) -> bool:
    """Return whether a value is two numbers, of which each may be None; NaN bounds nothing."""
    return (
        isinstance(value, list | tuple)
        and len(value) == 2  # noqa: PLR2004
        and all(end is None or (_is_number(end) and not math.isnan(end)) for end in value)
    )


def _is_number_row(value: object) -> bool:
    """Return whether a value is a list, an array or a Series of numbers."""
    if isinstance(value, np.ndarray | pd.Series):
        return value.ndim == 1 and pd.api.types.is_numeric_dtype(value.dtype)
    return isinstance(value, list | tuple) and all(map(_is_number, value))


def _is_condition(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and _is_asked(wanted) for name, wanted in value.items()
    )


def _is_asked(value: object) -> bool:
    """Return whether a value is an answer, a list of answers, or a range."""
    if isinstance(value, Mapping):
        return all(isinstance(end, str) for end in value)
    answers = value if isinstance(value, list | tuple | set | frozenset) else [value]
    return all(isinstance(answer, str | np.generic | Real | Decimal | dt.date) for answer in answers)


def _is_where(value: object) -> bool:
    """Return whether a value selects rows; an engine's own expression is known by its library."""
    return (
        value is None
        or isinstance(value, pd.Series)
        or _is_condition(value)
        or type(value).__module__.startswith("narwhals")
    )


def _is_path(value: object) -> bool:
    """Return whether a file can have a path: no NUL in it, and no part longer than file systems allow."""
    if not isinstance(value, str | PathLike) or not str(value) or "\0" in str(value):
        return False
    parts = str(value).replace("\\", "/").split("/")
    return all(len(part.encode(errors="surrogatepass")) <= LONGEST_FILE_NAME for part in parts)


def _path_advice(value: object) -> str:
    """Return what to do about a value that is no path, or a path that no file can have."""
    if isinstance(value, str | PathLike) and "\0" in str(value):
        return "remove the NUL character from the path"
    if isinstance(value, str | PathLike) and str(value):
        return f"shorten the path; a file's name has at most {LONGEST_FILE_NAME} bytes"
    return "give the path as text or as a pathlib.Path"


NAMES_DO = 'name each column by its text, such as "age" or ["age", "sex"]'
DESIGN = a_trustkit("Design", "make one with tk.Design")
SURVEY = a_trustkit("Survey", "make one with tk.read")
CODEBOOK = a_trustkit("Codebook", "read one with tk.read_codebook, or take survey.codebook")
ESTIMATE = a_trustkit("Estimate", "make one with tk.proportion, tk.mean or another estimator")
LOG = a_trustkit("ExclusionLog", "take survey.log or design.log")
VERDICTS = a_trustkit("Verdicts", "make them with tk.verify")
SUMMARY = a_trustkit("WeightSummary", "make one with tk.weight_summary")
ESTIMATE_OR_FIT = (
    ESTIMATE
    | a_trustkit("Fit", "fit a model with tk.glm")
    | a_trustkit("GroupFits", "fit a model in each group with tk.fit_by_group")
)
FRAME = ArgumentKind(
    lambda value: isinstance(value, pd.DataFrame), "a pandas DataFrame", "call its to_frame method"
)
DESIGN_OR_FRAME = ArgumentKind(
    lambda value: DESIGN.fits(value) or FRAME.fits(value), "a Design or a DataFrame", DESIGN.do
)
DESIGN_OR_ESTIMATE = ArgumentKind(
    lambda value: DESIGN.fits(value) or ESTIMATE.fits(value), "a Design or an Estimate", DESIGN.do
)
TEXT = ArgumentKind(lambda value: isinstance(value, str), "text", "write it in quotation marks")
NAME = ArgumentKind(TEXT.fits, "a column's name", 'name the column by its text, such as "age"')
NAMES = ArgumentKind(_is_names, "a column's name, or a list of names", NAMES_DO)
VARIABLES = ArgumentKind(lambda value: _is_names(value) and value not in ([], ()), NAMES.words, NAMES_DO)
NAME_LIST = ArgumentKind(_is_name_list, "a list of columns' names", NAMES_DO)
NUMBER = ArgumentKind(_is_number, "a number", "give one number, without quotation marks")
WHOLE = ArgumentKind(_is_whole, "a whole number", "give one whole number, without quotation marks")
MAPPING = ArgumentKind(
    lambda value: isinstance(value, Mapping) and all(isinstance(name, str) for name in value),
    "a mapping whose keys are text",
    'write it as {"a": ..., "b": ...}',
)
WORDS = ArgumentKind(
    lambda value: MAPPING.fits(value) and all(_is_names(word) for word in dict(value).values()),  # type: ignore[call-overload]
    "a mapping of text to text",
    'write it as {"a": "b"}',
)
NUMBERED = ArgumentKind(
    lambda value: (
        isinstance(value, Mapping)
        and all(_is_whole(number) and isinstance(name, str) for number, name in value.items())
    ),
    "a mapping of whole numbers to columns' names",
    'write it as {1: "trust_1", 2: "trust_2"}',
)
NUMBERS = ArgumentKind(
    lambda value: MAPPING.fits(value) and all(_is_number(number) for number in dict(value).values()),  # type: ignore[call-overload]
    "a mapping of text to numbers",
    'write it as {"a": 0.5, "b": 0.5}',
)
CONDITION = ArgumentKind(
    _is_condition, "a mapping {variable: answer, list of answers, or range}", 'write it as {"sex": "Women"}'
)
CONDITIONS = ArgumentKind(
    lambda value: MAPPING.fits(value) and all(_is_condition(part) for part in dict(value).values()),  # type: ignore[call-overload]
    "a mapping {label: {variable: answer or list of answers}}",
    'write it as {"Agreed": {"consent": "yes"}}',
)
WHERE = ArgumentKind(
    _is_where,
    "a mapping {variable: answer or list of answers}, a boolean Series, or None",
    'write it as {"sex": "Women"}, or as design.data["age"] > 30',
)
PATH = ArgumentKind(_is_path, "the path of a file", _path_advice)
POSITIVE_WHOLE = ArgumentKind(
    lambda value: WHOLE.fits(value) and value >= 1,  # type: ignore[operator]
    "a whole number of at least 1",
    "give one whole number, without quotation marks",
)
SEED = ArgumentKind(
    lambda value: WHOLE.fits(value) and value >= 0,  # type: ignore[operator]
    "a whole number of at least 0",
    "give one whole number, such as 1",
)
NUMBER_ROW = ArgumentKind(_is_number_row, "a list or an array of numbers", "write it as [1, -1]")
ARRAY = ArgumentKind(
    lambda value: isinstance(value, np.ndarray) and value.dtype.kind in "biuf",
    "an array of numbers",
    "make it with numpy.asarray",
)
BOUNDS = ArgumentKind(
    _is_pair_of_bounds, "two numbers, of which each may be None", "write them as (0.3, 3) or (None, 3)"
)
MARGINS = ArgumentKind(
    lambda value: (
        isinstance(value, list | tuple)
        and len(value) > 0
        and all(_is_names(name) and name not in ([], ()) for name in value)
    ),
    'a list of variables, joint ones as "age x sex" or ("age", "sex")',
    'write it as ["sex", "age x region"]',
)
COLUMN = ArgumentKind(
    lambda value: (
        isinstance(value, pd.Series | pd.api.extensions.ExtensionArray | np.ndarray) and value.ndim == 1
    ),
    "a Series or an array of one dimension",
    "make it with pandas.Series",
)
CLAIM = a_trustkit("Claim", "make one with tk.Claim")
CLAIMS = ArgumentKind(
    lambda value: isinstance(value, Collection) and all(CLAIM.fits(claim) for claim in value),
    "a list of Claims",
    "read them with tk.read_claims, or write one claim as [claim]",
)
TARGETS = ArgumentKind(
    lambda value: isinstance(value, Mapping | pd.DataFrame) or PATH.fits(value) or is_of(value, "Targets"),
    "a mapping, a DataFrame, Targets, or the path of a file",
    'write them as {"sex": {"men": 0.5, "women": 0.5}}',
)
FRAME_OR_PATH = ArgumentKind(
    lambda value: FRAME.fits(value) or PATH.fits(value), "a DataFrame, or the path of a file", PATH.do
)
CODEBOOK_OR_PATH = ArgumentKind(
    lambda value: value is None or CODEBOOK.fits(value) or PATH.fits(value),
    "a Codebook, the path of one, or None",
    lambda value: _path_advice(value) if isinstance(value, str | PathLike) else str(CODEBOOK.do),
)
FUNCTION = ArgumentKind(callable, "a function", "give the function itself, without calling it")
OPTIONAL_NAME = NAME.optional()
OPTIONAL_NAMES = NAMES.optional()
OPTIONAL_NAME_LIST = NAME_LIST.optional()
OPTIONAL_NUMBER = NUMBER.optional()
OPTIONAL_NUMBERS = NUMBERS.optional()
OPTIONAL_TEXT = TEXT.optional()
OPTIONAL_WORDS = WORDS.optional()


def accepts_estimator(
    design: object, by: object, where: object, conf: object, **others: tuple[object, ArgumentKind]
) -> None:
    """Refuse the first argument of an estimator that is not of its kind.

    Parameters
    ----------
    design, by, where, conf
        The arguments that all estimators have.
    **others
        The other arguments: name -> value and kind.

    Raises
    ------
    DataError
        As `accepts`.

    Examples
    --------
    >>> try:
    ...     accepts_estimator(3, None, None, 0.95)
    ... except DataError as error:
    ...     print(error.got)
    the int 3
    """
    accepts(
        design=(design, DESIGN),
        **others,
        by=(by, OPTIONAL_NAMES),
        where=(where, WHERE),
        conf=(conf, NUMBER),
    )
