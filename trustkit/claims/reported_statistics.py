"""Whether reported means, tests and fit indices agree with the numbers reported beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, inf, isfinite, sqrt
from typing import Literal

from trustkit.arguments import NUMBER, POSITIVE_WHOLE, ArgumentKind, accepts, one_of
from trustkit.claims.feasibility import RESPONDENTS, Feasibility
from trustkit.claims.printed_numbers import PRINTED, Printed, as_printed, shown
from trustkit.errors import DataError
from trustkit.estimation.distributions import chi2_p_value, f_p_value, normal_p_value, t_p_value

ReportedTest = Literal["t", "F", "chi2", "z", "r"]
Divisor = Literal["n - 1", "n"]
Tails = Literal["two", "one"]

MOST_SUMS = 2_000
"""More sums of answers than this behind one printed mean are judged by the bounds alone."""

ROUGHLY = 1e-9
"""p-values are computed with rounding errors; a relative difference of this size is none."""

BELOW_OR_ABOVE = re.compile(r"\s*(<|<=|≤|>|>=|≥|=)?\s*([-+]?[\d.]+)\s*")
"""A p-value as printed: a number, or a sign and its limit."""

P_VALUE = ArgumentKind(
    lambda value: NUMBER.fits(value) or (isinstance(value, str) and bool(BELOW_OR_ABOVE.fullmatch(value))),
    "a p-value as printed, such as '.021' or '< .001'",
    "write it in quotation marks",
)
DF = ArgumentKind(
    lambda value: NUMBER.fits(value) or NUMBER.listed("", least=1).fits(value),
    "a number, or two numbers for F",
    "write the degrees of freedom of F as (2, 57)",
)
SCALE = ArgumentKind(
    lambda value: isinstance(value, list | tuple) and len(value) == 2 and all(map(NUMBER.fits, value)),  # noqa: PLR2004
    "the lowest and the highest answer, as (1, 7)",
    "write them in round brackets",
)


def check_mean(
    mean: float | str,
    *,
    n: int,
    scale: tuple[int, int],
    sd: float | str | None = None,
    items: int = 1,
    divisor: Divisor = "n - 1",
) -> Feasibility:
    """Check whether a mean and a standard deviation of whole-number answers are possible.

    Parameters
    ----------
    mean, sd
        As printed: text such as ``"3.50"`` keeps the last zero. Unweighted.
    n
        Respondents who answered.
    scale
        The lowest and the highest answer of one item, whole numbers.
    items
        Items of which each respondent's number is the mean.
    divisor
        What the variance was divided by.

    Returns
    -------
    Feasibility
        ``low`` and ``high`` are the standard deviations that the mean allows; without ``sd`` they are the
        smallest and the largest sum of all answers.

    Raises
    ------
    DataError
        If the scale, n or the standard deviation is out of range.

    Notes
    -----
    The answers add up to a whole number S with mean S / (n items) (GRIM: Brown and Heathers 2017). Given S,
    the sum of squares is smallest if all numbers are next to the mean and largest if all but one are at the
    scale's ends; it is a whole number, and even exactly if S is (GRIMMER: Anaya 2016). All in exact
    arithmetic. "Impossible" is certain; "possible" says that these conditions hold.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.check_mean("3.45", n=20, scale=(1, 7)).verdict, tk.check_mean("3.47", n=20, scale=(1, 7)).verdict
    ('possible', 'impossible')
    >>> tk.check_mean("3.45", n=20, scale=(1, 7), sd="3.40").reason
    'with this mean, the standard deviation is between 0.51 and 2.98'
    """
    accepts(
        mean=(mean, PRINTED), n=(n, RESPONDENTS), scale=(scale, SCALE), sd=(sd, PRINTED.optional()),
        items=(items, POSITIVE_WHOLE), divisor=(divisor, one_of(Divisor)),
    )  # fmt: skip
    low, high = _scale_ends(scale, items)
    if n is None:
        raise DataError("n is needed to check a mean", got="None", expected="the number of respondents")
    average = as_printed(mean, name="mean")
    spread = None if sd is None else as_printed(sd, name="sd")
    check = (
        f"Mean {average}{f', SD {spread}' if spread else ''} of {n:,} answers from {scale[0]} to {scale[1]}"
    )
    if spread is not None and (spread.value < 0 or n == 1):
        raise DataError(
            "a standard deviation is not negative, and needs two respondents",
            got=f"{spread} with n = {n}",
            do="correct it, or leave out sd",
        )
    least = max(ceil(average.low * n * items), n * low)
    most = min(floor(average.high * n * items), n * high)
    if average.high * items < low or average.low * items > high:
        return Feasibility(check, "impossible", "the mean is outside the scale")
    if least > most:
        return Feasibility(check, "impossible", _means_beside(average, n * items))
    if spread is not None:
        squares = n - 1 if divisor == "n - 1" else n
        wanted = (max(spread.low, Fraction()) * items) ** 2 * squares, (spread.high * items) ** 2 * squares
        return _with_spread(check, _Answers(least, most, n, low, high), wanted, squares * items**2)
    if n * items >= 10**average.decimals:
        reason = "n is too large for this check to fail: every mean would be possible"
        return Feasibility(check, "cannot be checked", reason, "sum of all answers", least, most)
    reason = f"the answers add up to {f'{least:,}' if least == most else f'{least:,} to {most:,}'}"
    return Feasibility(check, "possible", reason, "sum of all answers", least, most)


def check_test(
    test: ReportedTest,
    statistic: float | str,
    *,
    p: float | str,
    df: float | tuple[float, float] | None = None,
    tails: Tails = "two",
) -> Feasibility:
    """Check whether a reported test statistic, its degrees of freedom and its p-value agree.

    Parameters
    ----------
    test
        ``t``, ``F``, ``chi2``, ``z``, or ``r`` (a correlation).
    statistic
        As printed; text such as ``"2.10"`` keeps the last zero.
    p
        As printed: ``".021"``, ``"< .001"``, ``"> .05"``.
    df
        Degrees of freedom: one number, two for F, none for z. For a correlation, n - 2.
    tails
        Tails of t, z and r.

    Returns
    -------
    Feasibility
        ``low`` and ``high`` are the p-values of all statistics that round to the printed one. If the p-value
        is that of the other number of tails, the reason says so.

    Raises
    ------
    DataError
        If the degrees of freedom or the p-value are missing or out of range.

    Notes
    -----
    The same distributions as trustkit's own tests. A correlation has t = r sqrt(df / (1 - r^2)).

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.check_test("t", "2.31", df=48, p=".025").verdict
    'possible'
    >>> tk.check_test("F", "3.10", df=(2, 57), p="< .05").reason
    'this statistic has a p-value of 0.0525 to 0.053'
    """
    accepts(
        test=(test, one_of(ReportedTest)), statistic=(statistic, PRINTED), p=(p, P_VALUE),
        df=(df, DF.optional()), tails=(tails, one_of(Tails)),
    )  # fmt: skip
    given = _degrees(test, df)
    printed = as_printed(statistic, name="statistic")
    if (test in ("F", "chi2") and printed.value < 0) or (test == "r" and abs(printed.value) > 1):
        raise DataError(
            "the statistic is out of range", where=test, got=str(printed),
            expected="from -1 to 1" if test == "r" else "a number that is not negative",
        )  # fmt: skip
    sign, limit = _printed_p(p)
    df_text = f"({', '.join(f'{part:g}' for part in given)})" if given else ""
    check = f"{test}{df_text} = {printed}, p {sign} {limit}"
    sided = 1.0 if tails == "two" or test in ("F", "chi2") else 0.5
    low, high = (sided * end for end in _p_range(test, printed, given))
    reason = f"this statistic has a p-value of {low:.3g} to {high:.3g}"
    if _agrees(low, high, sign, limit):
        return Feasibility(check, "possible", reason, "p-value", low, high)
    if test not in ("F", "chi2"):
        factor, other = (0.5, "one") if tails == "two" else (2.0, "two")
        if _agrees(factor * low, factor * high, sign, limit):
            reason = f"{reason}; the printed one is that of {other} tail{'s' if other == 'two' else ''}"
    return Feasibility(check, "impossible", reason, "p-value", low, high)


def check_fit(rmsea: float | str, *, chi2: float | str, df: int, n: int, groups: int = 1) -> Feasibility:
    """Check whether a reported RMSEA agrees with chi-square, degrees of freedom and n.

    Parameters
    ----------
    rmsea, chi2
        As printed; text such as ``"0.050"`` keeps the last zero.
    df
        Degrees of freedom of the model.
    n
        Respondents, of all groups together.
    groups
        Groups of a model for several groups.

    Returns
    -------
    Feasibility
        ``low`` and ``high`` are the RMSEA over the rounding of chi-square, with n and with n - 1.

    Raises
    ------
    DataError
        If chi-square, df or n is out of range.

    Notes
    -----
    RMSEA = sqrt(groups max(chi2 - df, 0) / (df N)) with N either n or n - groups, as programs differ; the
    reason says which of them fits. Exact arithmetic: squares are compared. A robust chi-square is scaled, and
    does not fit this formula.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.check_fit(".092", chi2="85.31", df=24, n=301).verdict
    'possible'
    >>> tk.check_fit(".050", chi2="85.31", df=24, n=301).reason
    'these numbers give an RMSEA of 0.0921 with N = 301, and of 0.0923 with N = 300'
    """
    accepts(
        rmsea=(rmsea, PRINTED), chi2=(chi2, PRINTED), df=(df, POSITIVE_WHOLE), n=(n, RESPONDENTS),
        groups=(groups, POSITIVE_WHOLE),
    )  # fmt: skip
    index, fit = as_printed(rmsea, name="rmsea"), as_printed(chi2, name="chi2")
    if n is None or n <= groups or index.value < 0 or fit.value < 0:
        raise DataError(
            "RMSEA and chi-square are not negative, and n is larger than the number of groups",
            got=f"RMSEA {index}, chi-square {fit}, n {n}, groups {groups}",
            do="give the numbers as they were printed",
        )
    ends = {
        size: [groups * max(end - df, Fraction()) / (df * size) for end in (fit.low, fit.value, fit.high)]
        for size in (n, n - groups)
    }
    wanted = max(index.low, Fraction()) ** 2, index.high**2
    agree = [size for size, (least, _, most) in ends.items() if least <= wanted[1] and wanted[0] <= most]
    given = ", and of ".join(
        f"{sqrt(float(middle)):.4f} with N = {size:,}" for size, (_, middle, _) in ends.items()
    )
    check = f"RMSEA {index}, chi-square {fit}, df {df}, n {n:,}"
    quantity = (
        "RMSEA",
        sqrt(float(min(least for least, _, _ in ends.values()))),
        sqrt(float(max(most for _, _, most in ends.values()))),
    )
    reason = f"these numbers give an RMSEA of {given}"
    if not agree:
        return Feasibility(check, "impossible", reason, *quantity)
    which = "both fit" if len(agree) == 2 else f"N = {agree[0]:,} fits"  # noqa: PLR2004
    return Feasibility(check, "possible", f"{reason}: {which}", *quantity)


def _scale_ends(scale: tuple[int, int], items: int) -> tuple[int, int]:
    """Return the smallest and the largest sum over items."""
    ends = [as_printed(end, name="scale").value for end in scale]
    if any(end.denominator != 1 for end in ends) or ends[0] >= ends[1]:
        raise DataError(
            "the scale is invalid", got=f"{scale[0]:g} to {scale[1]:g}",
            expected="two whole numbers, the lower first", do="write it as (1, 7)",
        )  # fmt: skip
    return int(ends[0]) * items, int(ends[1]) * items


def _means_beside(average: Printed, answers: int) -> str:
    """Say which means whole-number answers have next to a printed one that they cannot have."""
    under = floor(average.value * answers)
    given = " and ".join(
        f"{total:,} / {answers:,} = {shown(Fraction(total, answers), average.decimals + 2)}"
        for total in (under, under + 1)
    )
    return f"whole-number answers have the means {given}, and none is printed as {average}"


@dataclass(frozen=True)
class _Answers:
    """n whole numbers from ``low`` to ``high`` that add up to ``least`` to ``most``."""

    least: int
    most: int
    n: int
    low: int
    high: int

    @property
    def few(self) -> bool:
        """Whether each possible sum is judged alone."""
        return self.most - self.least <= MOST_SUMS

    def smallest(self, total: int) -> int:
        """Return the smallest sum of squares of answers with this sum: all of them next to the mean."""
        base, above = divmod(total, self.n)
        return (self.n - above) * base**2 + above * (base + 1) ** 2

    def largest(self, total: int) -> int:
        """Return the largest sum of squares of answers with this sum: all but one at the ends."""
        at_top, left = divmod(total - self.n * self.low, self.high - self.low)
        between = (self.low + left) ** 2 - self.low**2 if left else 0
        return at_top * self.high**2 + (self.n - at_top) * self.low**2 + between

    def deviations(self) -> list[tuple[Fraction, Fraction]]:
        """Return the smallest and the largest sum of squared deviations, for each sum or for all together.

        n f (1 - f), with f the mean's fraction, is smallest at an end or where the mean is whole; the
        largest is below (total - n low)(n high - total) / n, whose maximum is in the middle.
        """
        if self.few:
            return [
                (
                    self.smallest(total) - Fraction(total**2, self.n),
                    self.largest(total) - Fraction(total**2, self.n),
                )
                for total in range(self.least, self.most + 1)
            ]
        whole = self.least + -self.least % self.n
        places = [self.least, self.most, *([whole] if whole <= self.most else [])]
        middle = Fraction(self.n * (self.low + self.high), 2)
        middle = min(max(middle, Fraction(self.least)), Fraction(self.most))
        return [
            (
                min(self.smallest(total) - Fraction(total**2, self.n) for total in places),
                (middle - self.n * self.low) * (self.n * self.high - middle) / self.n,
            )
        ]

    def holds(self, total: int, wanted: tuple[Fraction, Fraction]) -> bool:
        """Return whether a sum of squares of the total's parity has deviations in a range."""
        centre = Fraction(total**2, self.n)
        first = ceil(max(wanted[0] + centre, Fraction(self.smallest(total))))
        return first + (first - total) % 2 <= min(wanted[1] + centre, Fraction(self.largest(total)))


def _with_spread(
    check: str, answers: _Answers, wanted: tuple[Fraction, Fraction], divisor: int
) -> Feasibility:
    """Judge a standard deviation by the sums of squared deviations that round to it, times the divisor."""
    deviations = answers.deviations()
    low = sqrt(float(min(least for least, _ in deviations)) / divisor)
    high = sqrt(float(max(most for _, most in deviations)) / divisor)
    quantity = ("standard deviation", low, high)
    if not any(least <= wanted[1] and wanted[0] <= most for least, most in deviations):
        reason = f"with this mean, the standard deviation is between {low:.2f} and {high:.2f}"
        return Feasibility(check, "impossible", reason, *quantity)
    sums = range(answers.least, answers.most + 1)
    if answers.few and not any(answers.holds(total, wanted) for total in sums):
        reason = "no sum of squares of whole-number answers gives this standard deviation with this mean"
        return Feasibility(check, "impossible", reason, *quantity)
    return Feasibility(
        check, "possible", "some sums of whole-number answers give both", *quantity,
        ("The check rules out wrong numbers; it does not prove that the answers exist.",),
    )  # fmt: skip


def _degrees(test: str, df: float | tuple[float, float] | None) -> tuple[float, ...]:
    """Return the degrees of freedom of a test."""
    given = tuple(df) if isinstance(df, tuple | list) else () if df is None else (df,)
    wanted = {"F": 2, "z": 0}.get(test, 1)
    if len(given) != wanted or not all(part > 0 for part in given):
        raise DataError(
            f"{test} has {wanted} degrees of freedom, each positive", where="df",
            got=", ".join(f"{part:g}" for part in given) or "none",
            do="give them as they are printed in brackets behind the statistic",
        )  # fmt: skip
    return given


def _printed_p(p: float | str) -> tuple[str, Printed]:
    """Return the sign and the number of a printed p-value."""
    sign, number = "=", p
    if isinstance(p, str) and (match := BELOW_OR_ABOVE.fullmatch(p)):
        sign, number = {None: "=", "≤": "<", "<=": "<", "≥": ">", ">=": ">"}.get(match[1], match[1]), match[2]
    limit = as_printed(number, name="p")
    if not 0 <= limit.value <= 1:
        raise DataError(
            "a p-value is out of range", where="p", got=str(limit), expected="a number from 0 to 1"
        )
    return sign, limit


def _p_range(test: str, printed: Printed, df: tuple[float, ...]) -> tuple[float, float]:
    """Return the smallest and the largest two-sided p-value of statistics that round to a printed one."""
    near = max(abs(printed.value) - printed.half, Fraction())
    far = abs(printed.value) + printed.half
    if test == "r":
        far = min(far, Fraction(1))
    return _p_value(test, float(far), df), _p_value(test, float(near), df)


def _p_value(test: str, statistic: float, df: tuple[float, ...]) -> float:
    if test == "F":
        return f_p_value(statistic, (df[0], df[1]))
    if test == "chi2":
        return chi2_p_value(statistic, df[0])
    if test == "z":
        return 2 * normal_p_value(statistic)
    if test == "r":
        statistic = statistic * sqrt(df[0] / (1 - statistic**2)) if statistic < 1 else inf
    return float(t_p_value(statistic, df[0])) if isfinite(statistic) else 0.0


def _agrees(low: float, high: float, sign: str, limit: Printed) -> bool:
    """Return whether a range of p-values holds one that is printed so."""
    if sign == "<":
        return low <= float(limit.value) * (1 + ROUGHLY)
    if sign == ">":
        return high >= float(limit.value) * (1 - ROUGHLY)
    return low <= float(limit.high) * (1 + ROUGHLY) and high >= float(limit.low) * (1 - ROUGHLY)
