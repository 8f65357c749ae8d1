"""Whether a published percentage is possible at all: checked by arithmetic, without the answers behind it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, isfinite, nan
from typing import TYPE_CHECKING, Literal

import pandas as pd

from trustkit.arguments import (
    CLAIM,
    NUMBER,
    POSITIVE_WHOLE,
    ArgumentKind,
    accepts,
)
from trustkit.claims.claims import Claim
from trustkit.claims.printed_numbers import DECIMALS, Printed, exact, percentage, shown
from trustkit.display import Shown, show_interval, show_share
from trustkit.errors import ClaimError, DataError, suggest
from trustkit.field_kinds import accepts_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trustkit.units import Unit

Weighting = Literal["equal", "unknown"]
Possibility = Literal["possible", "impossible", "cannot be checked"]

WHOLE_PERCENT = 100
"""The percentage of all."""

NO_N = "the number of respondents is not published"

MOST_RESPONDENTS = 10**12
"""More respondents than people: a larger number is a slip."""

RESPONDENTS = ArgumentKind(
    lambda value: POSITIVE_WHOLE.fits(value) and value <= MOST_RESPONDENTS,  # type: ignore[operator]
    f"a whole number from 1 to {MOST_RESPONDENTS:,}",
    "give the number of respondents as one whole number, without quotation marks",
).optional()
WEIGHTS = ArgumentKind(
    lambda value: (
        value in ("equal", "unknown")
        if isinstance(value, str)
        else isinstance(value, list | tuple) and len(value) == 2 and all(map(NUMBER.fits, value))  # noqa: PLR2004
    ),
    "'equal', 'unknown', or the smallest and the largest weight",
    lambda value: (
        suggest(value, ("equal", "unknown")) if isinstance(value, str) else "write the range as (0.3, 3)"
    ),
)


@dataclass(frozen=True, repr=False)
class Feasibility(Shown):
    """Whether published numbers are possible.

    Attributes
    ----------
    check
        What was checked.
    verdict
        ``possible``: some answers give these numbers. ``impossible``: no answers do. ``cannot be checked``:
        the check needs what was not published, or it could not fail.
    reason
        Why, in words.
    quantity
        What ``low`` and ``high`` are.
    low, high
        The range of that quantity that agrees with the published numbers; NaN if there is none.
    notes
        What the check leaves open.
    unit
        The unit of ``low`` and ``high``: a share is shown in percent.

    Examples
    --------
    >>> import trustkit as tk
    >>> checked = tk.feasible(40, n=7)
    >>> checked.verdict, checked.reason
    ('impossible', '2 of 7 is 28.57% and 3 of 7 is 42.86%: neither is printed as 40%')
    """

    check: str
    verdict: Possibility
    reason: str
    quantity: str = ""
    low: float = nan
    high: float = nan
    notes: tuple[str, ...] = ()
    unit: Unit = "number"

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    def to_frame(self) -> pd.DataFrame:
        """Return the result as one row, unrounded: check, verdict, reason, quantity, low, high."""
        names = ("check", "verdict", "reason", "quantity", "low", "high")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        cells: dict[str, str] = {"verdict": self.verdict}
        if isfinite(self.low):
            shares = f"{show_share(self.low)} to {show_share(self.high)}"
            cells[self.quantity] = shares if self.unit == "share" else show_interval(self.low, self.high)
        table = pd.DataFrame({name: [cell] for name, cell in cells.items()})
        return self.check, table, (f"{self.reason[:1].upper()}{self.reason[1:]}.", *self.notes)


def feasible(
    published: float | Claim,
    *,
    n: int | None,
    decimals: int | None = None,
    weights: Weighting | tuple[float, float] = "equal",
    deff: float | None = None,
) -> Feasibility:
    """Check whether a published percentage is possible with its number of respondents.

    Parameters
    ----------
    published
        The percentage as printed, 0 to 100, or a claim about a proportion.
    n
        Respondents in the base of the percentage, unweighted; None if it is not published.
    decimals
        The decimals it was printed with; those of the claim, or 0.
    weights
        ``equal``: an unweighted percentage. A pair: the smallest and the largest weight. ``unknown``:
        weighted, with weights that are not published.
    deff
        Kish's design effect of the weights, n sum(w^2) / sum(w)^2, instead of their range.

    Returns
    -------
    Feasibility
        ``low`` and ``high`` are the smallest and the largest possible number of respondents.

    Raises
    ------
    DataError
        If the percentage, n, the weights or the design effect are out of range.
    ClaimError
        If the claim is not about a proportion.

    Notes
    -----
    A count c is possible if 100 c / n, rounded at a half either up or down, is the printed number (GRIM:
    Brown and Heathers 2017), in exact arithmetic. With weights between a and b the share of c respondents
    is between ca / (ca + (n - c)b) and cb / (cb + (n - c)a). With Kish's design effect D it is no further
    from f = c / n than sqrt((D - 1) f (1 - f)), by the inequality of Cauchy and Schwarz. "Cannot be checked"
    is also the verdict where every printed number would be possible: such a check could not fail.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.feasible(39.5, n=43, decimals=1).verdict
    'possible'
    >>> tk.feasible(40, n=607).reason
    '240 to 245 respondents, but n is too large for this check to fail: every percentage would be possible'
    """
    accepts(
        published=(published, CLAIM | NUMBER),
        n=(n, RESPONDENTS),
        decimals=(decimals, DECIMALS.optional()),
        weights=(weights, WEIGHTS),
        deff=(deff, NUMBER.optional()),
    )
    if isinstance(published, Claim):
        if published.reading.statistic != "proportion":
            raise ClaimError(
                "feasible checks percentages", where=f"the claim {published.name!r}",
                got=published.reading.statistic, expected="proportion",
                do="for a mean, call tk.check_mean",
            )  # fmt: skip
        decimals = published.decimals if decimals is None else decimals
        published = published.published
    share = percentage(published, decimals or 0, name="published")
    check = f"{share}% of {f'{n:,}' if n else 'an unknown number of'} respondents"
    if n is None:
        return Feasibility(check, "cannot be checked", NO_N)
    if deff is not None:
        if weights not in ("equal", "unknown"):
            raise DataError(
                "the weights are described twice", where="weights and deff",
                do="give the weights' range or their design effect",
            )  # fmt: skip
        weights = "unknown"
    elif weights == "unknown":
        reason = "the percentage is weighted, and neither its weights' range nor its design effect is given"
        return Feasibility(check, "cannot be checked", reason)
    low_share, high_share = max(share.low, Fraction()) / 100, min(share.high, Fraction(100)) / 100
    low_end, high_end = _share_ends(n, low_share, high_share, weights, deff)
    least = bisect_left(range(n + 1), True, key=lambda count: high_end(count) >= low_share)  # noqa: FBT003
    most = bisect_left(range(n + 1), True, key=lambda count: low_end(count) > high_share) - 1  # noqa: FBT003
    if least > most:
        return Feasibility(check, "impossible", _between(most, least, n, share, weights))
    counts = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    power = _impossible_part(n, share.decimals) if weights == "equal" else None
    if power == 0:
        return Feasibility(
            check, "cannot be checked",
            f"{counts} respondents, but n is too large for this check to fail: "
            "every percentage would be possible",
            "respondents", least, most,
        )  # fmt: skip
    notes = (
        ("The check says that such weights exist, and not that the survey had them.",)
        if power is None
        else (f"With this n, {float(power):.0%} of all percentages with these decimals are impossible.",)
    )
    return Feasibility(
        check, "possible", f"{counts} of {n:,} respondents give it", "respondents", least, most, notes
    )


def _share_ends(
    n: int,
    low: Fraction,
    high: Fraction,
    weights: str | tuple[float, float],
    deff: float | None,
) -> tuple[Callable[[int], Fraction], Callable[[int], Fraction]]:
    """Return the smallest and the largest share that c respondents can have, as functions of c."""
    if isinstance(weights, tuple | list):
        least, most = (exact(weight, name="weights") for weight in weights)
        if not 0 < least <= most:
            raise DataError(
                "the weights' range is invalid", got=f"{weights[0]:g} to {weights[1]:g}",
                expected="the smallest weight above 0, and the largest", do="write it as (0.3, 3)",
            )  # fmt: skip
        return (
            lambda count: count * least / (count * least + (n - count) * most),
            lambda count: count * most / (count * most + (n - count) * least),
        )
    if weights == "unknown" and deff is not None:
        spread = exact(deff, name="deff") - 1
        if spread < 0:
            raise DataError(
                "Kish's design effect of weights is never below 1", where="deff", got=f"{deff:g}",
                do="give n sum(w^2) / sum(w)^2",
            )  # fmt: skip
        return (
            lambda count: _within(Fraction(count, n), high, spread, "low"),
            lambda count: _within(Fraction(count, n), low, spread, "high"),
        )
    return lambda count: Fraction(count, n), lambda count: Fraction(count, n)


def _within(share: Fraction, target: Fraction, spread: Fraction, end: Literal["low", "high"]) -> Fraction:
    """Return the target if the weights can move a share as far as that, and the share itself if not."""
    beyond = share >= target if end == "high" else share <= target
    reached = (target - share) ** 2 <= spread * share * (1 - share)
    return target if reached and not beyond else share


def _impossible_part(n: int, decimals: int) -> Fraction:
    """Return the share of all printed percentages that n respondents cannot give.

    Printed percentages are p of M = 100 x 10^decimals. p n / M is j g / M above a whole number, with g the
    greatest common divisor of n and M; p is impossible if that is more than n / 2M from a whole number.
    """
    every = WHOLE_PERCENT * 10**decimals
    step = gcd(n, every)
    parts, places = n // step, every // step
    first, last = parts // 2 + 1, (2 * places - parts - 1) // 2
    return Fraction(step * max(last - first + 1, 0), every + 1)


def _between(below: int, above: int, n: int, share: Printed, weights: object) -> str:
    """Say which counts come nearest to a percentage that no count gives."""
    if weights != "equal":
        return f"no number of the {n:,} respondents gives {share}% with these weights"
    given = [
        f"{count:,} of {n:,} is {shown(Fraction(100 * count, n), share.decimals + 2)}%"
        for count in (below, above)
    ]
    return f"{' and '.join(given)}: neither is printed as {share}%"
