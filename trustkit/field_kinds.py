"""Fields of the public dataclasses: whether each value is of the kind that its annotation names."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from dataclasses import Field, fields
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Literal, Protocol, get_origin

import numpy as np
import pandas as pd

from trustkit.arguments import (
    ARRAY,
    FRAME,
    FUNCTION,
    NUMBER,
    TEXT,
    WHOLE,
    ArgumentKind,
    a_trustkit,
    accepts,
    choice,
    one_of,
)
from trustkit.errors import DataError
from trustkit.units import Unit


class Dataclass(Protocol):
    """Any object of a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


ANYTHING = ArgumentKind(lambda _: True, "anything")
YES_OR_NO = ArgumentKind(
    lambda value: isinstance(value, bool | np.bool_), "True or False", "write True or False"
)
NOTHING = ArgumentKind(lambda value: value is None, "None")

PLAIN = {
    "str": TEXT,
    "int": WHOLE,
    "float": NUMBER,
    "bool": YES_OR_NO,
    "object": ANYTHING,
    "None": NOTHING,
    "pd.DataFrame": FRAME,
    "pd.Series": ArgumentKind(
        lambda value: isinstance(value, pd.Series), "a Series", "make it with pandas.Series"
    ),
    "Floats": ARRAY,
    "Ints": ARRAY,
    "Unit": one_of(Unit),
    "datetime": ArgumentKind(
        lambda value: isinstance(value, datetime), "a date with a time", "make it with datetime.datetime"
    ),
}
"""Annotation -> kind, for all that is not made of others, no choice, and no class of trustkit."""

COLLECTIONS: dict[str, tuple[type, ...]] = {
    "frozenset": (list, tuple, set, frozenset),
    "tuple": (list, tuple),
    "list": (list, tuple),
    "Sequence": (list, tuple, np.ndarray, pd.Series, pd.Index),
}
"""Annotation -> what is treated as it; a tuple and a frozen set are made of it."""

ALIASES = {"Code": "str | int | float"}
"""Names of annotations that stand for others."""


def accepts_fields(value: Dataclass) -> None:
    """Refuse a dataclass in which a field is not of the kind that its annotation names.

    It is called by ``__post_init__``, so that a wrong value is refused where it is given, and not where
    a result is shown or used.

    Raises
    ------
    DataError
        As `trustkit.arguments.accepts`, with the class's name.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Share:
    ...     name: str
    ...     value: float
    ...
    ...     def __post_init__(self) -> None:
    ...         accepts_fields(self)
    >>> Share("all", "0.4")
    Traceback (most recent call last):
    trustkit.errors.DataError: the argument 'value' can't be used
      where: Share
      got: the str '0.4'
      expected: a number
      do: give one number, without quotation marks
    """
    owner = type(value)
    try:
        accepts(**{name: (getattr(value, name), kind) for name, kind in kinds_of_fields(owner).items()})
    except DataError as error:
        raise DataError(
            error.what, where=owner.__name__, got=error.got, expected=error.expected, do=error.do
        ) from None
    for name, outer in collections_of_fields(owner).items():
        if not isinstance(getattr(value, name), outer | None):
            object.__setattr__(value, name, outer(getattr(value, name)))


def accepts_columns(value: Dataclass, field: str, columns: Iterable[str]) -> None:
    """Refuse a dataclass whose frame lacks columns.

    Raises
    ------
    DataError
        With the columns that are missing.

    Examples
    --------
    >>> import trustkit as tk
    >>> try:
    ...     tk.Pairs(pd.DataFrame({"first": ["a"]}), "holm", "everyone", ())
    ... except DataError as error:
    ...     print(error.what)
    the frame 'table' lacks columns
    """
    frame = getattr(value, field)
    missing = [name for name in columns if name not in frame]
    if missing:
        raise DataError(
            f"the frame {field!r} lacks columns",
            where=type(value).__name__,
            got=f"no {', '.join(missing)}",
            expected=", ".join(columns),
            do="let trustkit make this object; do not build it by hand",
        )


def accepts_lengths(value: Dataclass, rows: int, *names: str) -> None:
    """Refuse a dataclass in which a field has not one value per row.

    Raises
    ------
    DataError
        With the first such field.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import trustkit as tk
    >>> margin = tk.margin_of_error(tk.Design(pd.DataFrame({"trust": ["yes", "no"] * 500})))
    >>> try:
    ...     replace(margin, df=np.ones(3))
    ... except DataError as error:
    ...     print(error.got)
    shape (3,)
    """
    for name in names:
        shape = np.shape(getattr(value, name))
        if shape != (rows,):
            raise DataError(
                f"the argument {name!r} can't be used",
                where=type(value).__name__,
                got=f"shape {shape}",
                expected=f"one value per row, shape {(rows,)}",
                do="let trustkit make this object; do not build it by hand",
            )


@cache
def collections_of_fields(owner: type[Dataclass]) -> dict[str, type]:
    """Return the fields that hold a tuple or a frozen set; a list given for them becomes one.

    Examples
    --------
    >>> import trustkit as tk
    >>> collections_of_fields(tk.Claim)
    {'alternatives': <class 'tuple'>}
    """
    outer: dict[str, type] = {"tuple": tuple, "frozenset": frozenset}
    written = {part.name: str(part.type).partition("[")[0] for part in fields(owner) if part.init}
    return {name: outer[kind] for name, kind in written.items() if kind in outer}


@cache
def kinds_of_fields(owner: type[Dataclass]) -> dict[str, ArgumentKind]:
    """Return the kind of each field that the constructor takes.

    Examples
    --------
    >>> import trustkit as tk
    >>> kinds_of_fields(tk.Claim)["decimals"].words
    'a whole number'
    """
    return {
        part.name: kind_of(ast.parse(str(part.type), mode="eval").body, owner.__module__)
        for part in fields(owner)
        if part.init
    }


def kind_of(annotation: ast.expr, module: str) -> ArgumentKind:
    """Return the kind that an annotation names, as it is written in a module.

    Examples
    --------
    >>> kind_of(ast.parse("tuple[str, ...] | None", mode="eval").body, "trustkit").words
    'a list, each text, or None'
    """
    if isinstance(annotation, ast.BinOp):
        return kind_of(annotation.left, module) | kind_of(annotation.right, module)
    if isinstance(annotation, ast.Subscript):
        return _kind_of_parts(ast.unparse(annotation.value), annotation, module)
    name = ast.unparse(annotation)
    if name in PLAIN:
        return PLAIN[name]
    if name in ALIASES:
        return kind_of(ast.parse(ALIASES[name], mode="eval").body, module)
    known = getattr(sys.modules[module], name, None)
    if get_origin(known) is Literal:
        return one_of(known)
    return a_trustkit(name, f"give {_with_article(name)}")


def _kind_of_parts(outer: str, annotation: ast.Subscript, module: str) -> ArgumentKind:
    """Return the kind of a collection, a choice or a function."""
    if outer == "Literal":
        options = ast.literal_eval(annotation.slice)
        return choice(*([options] if isinstance(options, str) else options))
    if outer == "Callable":
        return FUNCTION
    if outer == "NDArray":
        return ArgumentKind(
            lambda value: isinstance(value, np.ndarray), "an array", "make it with numpy.asarray"
        )
    inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
    kinds = [kind_of(part, module) for part in inner if ast.unparse(part) != "..."]
    if outer in ("Mapping", "dict"):
        key, below = kinds
        return ArgumentKind(
            lambda value: (
                isinstance(value, Mapping)
                and all(key.fits(name) and below.fits(part) for name, part in value.items())
            ),
            f"a mapping of {key.words} to {below.words}",
            'write it as {"a": ...}',
        )
    if outer == "tuple" and ast.unparse(inner[-1]) != "...":
        return ArgumentKind(
            lambda value: (
                isinstance(value, tuple)
                and len(value) == len(kinds)
                and all(kind.fits(part) for kind, part in zip(kinds, value, strict=True))
            ),
            f"a tuple of {', '.join(kind.words for kind in kinds)}",
            "write it in round brackets",
        )
    types = COLLECTIONS[outer]
    return ArgumentKind(
        lambda value: _holds(value, types, kinds[0]),
        f"a list, each {kinds[0].words}",
        "write it in square brackets",
    )


def _holds(value: object, types: tuple[type, ...], kind: ArgumentKind) -> bool:
    """Return whether a value is a collection of one of these types that holds one kind only."""
    if not isinstance(value, types):
        return False
    parts: Iterable[object] = value  # type: ignore[assignment]
    return all(kind.fits(part) for part in parts)


def _with_article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
