"""Functions that users give as arguments: how they are called, and what is said if they fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trustkit.arguments import in_words
from trustkit.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable


def called(function: Callable[..., object], *values: object, name: str, do: str) -> object:
    """Return what a function that was given as an argument makes of values.

    Parameters
    ----------
    function, values
        The function and what it is called with.
    name
        The argument it was given as.
    do
        What the function must take and return.

    Raises
    ------
    DataError
        If the function refuses the values or fails; the function's own error is its cause.

    Examples
    --------
    >>> called(max, [1, 3], name="function", do="it takes a list")
    3
    """
    try:
        return function(*values)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        raise DataError(
            f"the function given as {name!r} failed",
            where=getattr(function, "__name__", None),
            got=f"{type(error).__name__}: {error}",
            do=do,
        ) from error


def number_from(function: Callable[..., object], *values: object, name: str, do: str) -> float:
    """Return the finite number that a function given as an argument makes of values.

    Raises
    ------
    DataError
        As `called`, or if the function gives anything but one finite number.

    Examples
    --------
    >>> number_from(max, [1, 3], name="function", do="it takes a list")
    3.0
    """
    with np.errstate(all="ignore"):
        given = called(function, *values, name=name, do=do)
    try:
        number = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        number = np.array([])
    if number.size != 1 or not np.isfinite(number).all():
        got = f"the number {number.item()}" if number.size == 1 else in_words(given)
        raise DataError(f"the function given as {name!r} must give one finite number", got=got, do=do)
    return float(number.item())
