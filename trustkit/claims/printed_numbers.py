"""Numbers as printed, and exactly the values that round to them.

All of it is computed with whole numbers and fractions: whether 1 of 8 is printed as 12% or as 13% is decided
at a half, which floating-point numbers miss.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from trustkit.arguments import NUMBER, WHOLE, ArgumentKind, in_words
from trustkit.errors import DataError

MOST_DECIMALS = 15
"""A floating-point number has no more."""

DECIMALS = ArgumentKind(
    lambda value: WHOLE.fits(value) and 0 <= value <= MOST_DECIMALS,  # type: ignore[operator]
    f"a whole number from 0 to {MOST_DECIMALS}",
    "give the number of digits after the decimal point, as printed",
)

WRITTEN = re.compile(r"[-+]?(?:\d{1,30}(?:\.\d{0,15})?|\.\d{1,15})")
"""What a printed number looks like."""

PRINTED_DO = "write it in quotation marks if its last decimal is a zero"
PRINTED = ArgumentKind(
    lambda value: NUMBER.fits(value) or (isinstance(value, str) and bool(WRITTEN.fullmatch(value.strip()))),
    "a number as printed, such as '3.50' or 3.5",
    PRINTED_DO,
)


@dataclass(frozen=True)
class Printed:
    """A number as printed.

    Attributes
    ----------
    value
        The number, exactly.
    decimals
        The decimals it was printed with.

    Examples
    --------
    >>> Printed(Fraction(40), 0).high
    Fraction(81, 2)
    """

    value: Fraction
    decimals: int

    @property
    def half(self) -> Fraction:
        """Half a unit of the last decimal."""
        return Fraction(1, 2 * 10**self.decimals)

    @property
    def low(self) -> Fraction:
        """The smallest value that may be printed as this number."""
        return self.value - self.half

    @property
    def high(self) -> Fraction:
        """The largest value that may be printed as this number; a half may be rounded either way."""
        return self.value + self.half

    def __str__(self) -> str:
        """Return the number as it was printed."""
        return f"{Decimal(self.value.numerator) / Decimal(self.value.denominator):.{self.decimals}f}"


def with_decimals(value: object, decimals: int, *, name: str) -> Printed:
    """Return a number that was printed with some decimals.

    Parameters
    ----------
    value
        A number.
    decimals
        Its decimals.
    name
        The argument that it was given for.

    Raises
    ------
    DataError
        If it is not a finite number, or has more decimals.

    Examples
    --------
    >>> with_decimals(39.5, 1, name="published").low
    Fraction(789, 20)
    """
    number = exact(value, name=name)
    if (number * 10**decimals).denominator != 1:
        raise DataError(
            f"the argument {name!r} has more decimals than it was printed with",
            got=f"{float(number):g} with decimals={decimals}",
            expected="a number as printed",
            do="give its number of decimals as decimals, or round it",
        )
    return Printed(number, decimals)


def as_printed(value: object, *, name: str) -> Printed:
    """Return a number with the decimals that it is written with.

    Parameters
    ----------
    value
        Text such as ``"3.50"``, or a number, whose decimals are those that it needs.
    name
        The argument that it was given for.

    Raises
    ------
    DataError
        If it is not a finite number.

    Examples
    --------
    >>> as_printed("3.50", name="mean").decimals, as_printed(3.5, name="mean").decimals
    (2, 1)
    """
    number = exact(value, name=name)
    text = value.strip() if isinstance(value, str) else format(Decimal(repr(float(number))), "f")
    decimals = text.partition(".")[2]
    if not isinstance(value, str) and not decimals.strip("0"):
        decimals = ""
    return with_decimals(number, min(len(decimals), MOST_DECIMALS), name=name)


def percentage(value: object, decimals: int, *, name: str) -> Printed:
    """Return a percentage as printed.

    Raises
    ------
    DataError
        If it is not a number from 0 to 100, or has more decimals.

    Examples
    --------
    >>> str(percentage(40, 1, name="published"))
    '40.0'
    """
    printed = with_decimals(value, decimals, name=name)
    if not 0 <= printed.value <= 100:  # noqa: PLR2004
        raise DataError(
            "a percentage is out of range", where=name, got=str(printed), expected="a number from 0 to 100"
        )
    return printed


def shown(value: Fraction, decimals: int = 2) -> str:
    """Return a number in decimals, without zeros at its end.

    Examples
    --------
    >>> shown(Fraction(187, 2)), shown(Fraction(2, 7), 4), shown(Fraction(100))
    ('93.5', '0.2857', '100')
    """
    text = f"{float(value):.{decimals}f}"
    return text.rstrip("0").removesuffix(".") if decimals else text


def exact(value: object, *, name: str) -> Fraction:
    """Return the number that is written, and not the nearest floating-point number.

    Raises
    ------
    DataError
        If it is not a finite number.

    Examples
    --------
    >>> exact(0.1, name="deff"), exact("3.50", name="mean")
    (Fraction(1, 10), Fraction(7, 2))
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, str) and WRITTEN.fullmatch(value.strip()):
        return Fraction(value.strip())
    if NUMBER.fits(value):
        decimal = Decimal(repr(float(value)))  # type: ignore[arg-type]
        if decimal.is_finite():
            return Fraction(decimal)
    raise DataError(
        f"the argument {name!r} can't be used", got=in_words(value), expected=PRINTED.words, do=PRINTED_DO
    )
