"""Whether published percentages fit each other: those of all answers, and those of groups and their total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import ceil, floor
from typing import TYPE_CHECKING, Literal

from trustkit.arguments import NUMBER, NUMBER_ROW, NUMBERS, ArgumentKind, accepts, one_of
from trustkit.claims.feasibility import RESPONDENTS, WHOLE_PERCENT, Feasibility
from trustkit.claims.printed_numbers import DECIMALS, Printed, exact, percentage, shown
from trustkit.errors import DataError

if TYPE_CHECKING:
    from trustkit.units import Unit

Answers = Literal["one", "several"]
Coverage = Literal["all", "some"]

SHARES = ArgumentKind(
    lambda value: (
        (NUMBERS.fits(value) or NUMBER_ROW.fits(value)) and len(value) > 0  # type: ignore[arg-type]
    ),
    "a list of percentages, or a mapping of labels to percentages",
    "write them as [43, 44, 5], or as {'a lot': 43, 'a little': 44, 'nothing': 5}",
)


def sums_to_100(
    shares: Sequence[float] | Mapping[str, float],
    decimals: int = 0,
    *,
    answers: Answers = "one",
    n: int | None = None,
) -> Feasibility:
    """Check whether published percentages can be all the answers to one question.

    Parameters
    ----------
    shares
        The percentages as printed, 0 to 100.
    decimals
        The decimals they were printed with.
    answers
        ``one``: each respondent gave one answer. ``several``: the percentages need not add up to 100, so
        nothing can be checked.
    n
        Respondents, if the percentages are unweighted: then whole numbers of them must add up to n.

    Returns
    -------
    Feasibility
        ``low`` and ``high`` are the smallest and the largest sum before rounding, in percent.

    Raises
    ------
    DataError
        If a percentage is out of range or has more decimals.

    Notes
    -----
    Possible if sum max(0, p - h) <= 100 <= sum (p + h), with h half a unit of the last decimal, in exact
    arithmetic.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.sums_to_100([27, 45, 28]).verdict
    'possible'
    >>> tk.sums_to_100([43, 44, 5]).reason.partition(": ")[2]
    '6.5 to 9.5 percent are missing, so an answer was left out'
    """
    accepts(
        shares=(shares, SHARES),
        decimals=(decimals, DECIMALS),
        answers=(answers, one_of(Answers)),
        n=(n, RESPONDENTS),
    )
    printed = list(_printed_shares(shares, decimals, "shares").values())
    check = f"{' + '.join(map(str, printed))} = 100%"
    if answers == "several":
        return Feasibility(check, "cannot be checked", "respondents could give several answers")
    low = sum((max(part.low, Fraction()) for part in printed), Fraction())
    high = sum((min(part.high, Fraction(100)) for part in printed), Fraction())
    sums = f"the unrounded percentages add up to between {shown(low)} and {shown(high)}"
    ends = ("sum before rounding, %", float(low), float(high))
    if high < WHOLE_PERCENT:
        missing = f"{shown(100 - high)} to {shown(100 - low)} percent are missing"
        return Feasibility(check, "impossible", f"{sums}: {missing}, so an answer was left out", *ends)
    if low > WHOLE_PERCENT:
        reason = f"{sums}: more than 100, so a percentage is wrong or several answers were possible"
        return Feasibility(check, "impossible", reason, *ends)
    if n is not None:
        least = [ceil(max(part.low, Fraction()) * n / 100) for part in printed]
        most = [floor(min(part.high, Fraction(100)) * n / 100) for part in printed]
        alone = [part for part, few, many in zip(printed, least, most, strict=True) if few > many]
        if alone:
            which = " and ".join(f"{part}%" for part in alone)
            return Feasibility(
                check, "impossible", f"no whole number of {n:,} respondents gives {which}", *ends
            )
        if not sum(least) <= n <= sum(most):
            reason = f"the answers add up to {sum(least):,} to {sum(most):,} respondents, and n is {n:,}"
            return Feasibility(check, "impossible", reason, *ends)
    return Feasibility(check, "possible", f"{sums}, so 100 is possible", *ends)


def subgroups_fit(
    total: float,
    parts: Sequence[float] | Mapping[str, float],
    decimals: int = 0,
    *,
    sizes: Sequence[float] | Mapping[str, float] | None = None,
    groups: Coverage = "all",
) -> Feasibility:
    """Check whether a published percentage is possible given those of its subgroups.

    Parameters
    ----------
    total
        The percentage of all, as printed.
    parts
        The percentages of the groups, as printed.
    decimals
        The decimals they were printed with.
    sizes
        The groups' sizes, as counts or shares that are taken as exact; None if they are not published.
    groups
        ``all``: everybody is in one of the groups. ``some``: others exist, whose percentage is not
        published.

    Returns
    -------
    Feasibility
        Without sizes and for two groups that are all, ``low`` and ``high`` are the share of all who are in
        the first group (0 to 1); with sizes, the percentage of all; otherwise, the percentages of the groups.

    Raises
    ------
    DataError
        If a percentage is out of range, or the sizes don't belong to the parts, or are given for groups that
        are not all.

    Notes
    -----
    Without sizes the total must be between the smallest and the largest part; with sizes, it must be their
    weighted mean; both over everything that rounds to the printed numbers. Two groups with A and B and a
    total T are in the proportion (T - B) / (A - B).

    Examples
    --------
    >>> import trustkit as tk
    >>> checked = tk.subgroups_fit(71, {"Republicans": 77, "Democrats": 65})
    >>> checked.verdict, round(checked.low, 4), round(checked.high, 4)
    ('possible', 0.4167, 0.5833)
    """
    accepts(
        total=(total, NUMBER),
        parts=(parts, SHARES),
        decimals=(decimals, DECIMALS),
        sizes=(sizes, SHARES.optional()),
        groups=(groups, one_of(Coverage)),
    )
    whole = percentage(total, decimals, name="total")
    printed = _printed_shares(parts, decimals, "parts")
    check = f"{whole}% of all, of groups with {', '.join(f'{part}%' for part in printed.values())}"
    lows = [max(part.low, Fraction()) for part in printed.values()]
    highs = [min(part.high, Fraction(100)) for part in printed.values()]
    quantity, low, high = "percentage of the groups", min(lows), max(highs)
    unit: Unit = "number"
    outside = whole.high < low or whole.low > high
    reason = f"the groups have {shown(low)}% to {shown(high)}%, and all together are outside it"
    if groups == "some":
        if sizes is not None:
            raise DataError(
                "the sizes cannot be used", got="groups='some'", expected="groups that are all",
                do="leave out sizes, or pass groups='all' if everybody is in one of the groups",
            )  # fmt: skip
        reason = "the groups are not all: the percentage of the others is not published"
        return Feasibility(check, "cannot be checked", reason, quantity, float(low), float(high))
    implied = _first_groups_share(whole, list(printed.values()))
    if implied and not outside:
        quantity, (low, high) = f"share of {next(iter(printed))} of both groups", implied
        unit = "share"
    if sizes is not None:
        shares = _sizes(sizes, printed)
        low = sum((size * part for size, part in zip(shares, lows, strict=True)), Fraction())
        high = sum((size * part for size, part in zip(shares, highs, strict=True)), Fraction())
        agrees = low <= whole.high and whole.low <= high
        reason = f"groups of these sizes give {shown(low)}% to {shown(high)}% of all"
        return Feasibility(
            check,
            "possible" if agrees else "impossible",
            reason,
            "percentage of all",
            float(low),
            float(high),
        )
    if outside:
        return Feasibility(check, "impossible", reason, quantity, float(low), float(high))
    reason = "all together are between the groups"
    notes = ("The groups' sizes are not given, so any sizes were allowed.",)
    return Feasibility(check, "possible", reason, quantity, float(low), float(high), notes, unit)


def _first_groups_share(total: Printed, parts: Sequence[Printed]) -> tuple[Fraction, Fraction] | None:
    """Return the range of the first of two groups' share of all; None if it may be any, or not two groups."""
    if len(parts) != 2:  # noqa: PLR2004
        return None
    first, second = parts
    if first.low <= second.high and second.low <= first.high:
        return None
    implied = [
        (whole - other) / (one - other)
        for whole, one, other in product(
            (total.low, total.high), (first.low, first.high), (second.low, second.high)
        )
    ]
    return max(min(implied), Fraction()), min(max(implied), Fraction(1))


def _sizes(sizes: Sequence[float] | Mapping[str, float], parts: Mapping[str, Printed]) -> list[Fraction]:
    """Return the groups' sizes as shares of all."""
    named = sizes if isinstance(sizes, Mapping) else dict(zip(parts, sizes, strict=False))
    if set(named) != set(parts) or len(sizes) != len(parts):
        raise DataError(
            "the sizes are not those of the parts", where="sizes", got=", ".join(map(str, named)),
            expected=", ".join(parts), do="give one size for each part",
        )  # fmt: skip
    counts = [exact(named[name], name="sizes") for name in parts]
    if min(counts) <= 0:
        raise DataError(
            "the size of a group is positive", where="sizes", got=f"{float(min(counts)):g}",
            do="leave out groups without respondents",
        )  # fmt: skip
    return [count / sum(counts) for count in counts]


def _printed_shares(
    shares: Sequence[float] | Mapping[str, float], decimals: int, name: str
) -> dict[str, Printed]:
    named = (
        shares
        if isinstance(shares, Mapping)
        else {f"group {place}": part for place, part in enumerate(shares, 1)}
    )
    return {str(label): percentage(share, decimals, name=name) for label, share in named.items()}
