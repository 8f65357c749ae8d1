"""Whether published margins of error and changes agree with their numbers of respondents."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, nan, sqrt
from typing import Literal

from trustkit.arguments import NUMBER, accepts, one_of
from trustkit.claims.feasibility import NO_N, RESPONDENTS, Feasibility, Possibility
from trustkit.claims.printed_numbers import DECIMALS, percentage, with_decimals
from trustkit.errors import DataError
from trustkit.estimation.distributions import normal_p_value, normal_quantile
from trustkit.estimation.intervals import check_conf
from trustkit.estimation.precision import implied_deff
from trustkit.estimation.significance import TestResult

Definition = Literal["same", "different"]

IN_POINTS = "The estimate is the change in percentage points; p and interval allow for the figures' rounding."
"""The note on a change between published percentages."""

TYPICAL_DEFFS = (1.0, 1.5, 2.0)
"""Design effects for which the smallest visible change is given if the surveys publish none."""


def margin_fits(
    margin: float,
    *,
    n: int | None,
    decimals: int = 1,
    deff: float | None = None,
    conf: float = 0.95,
    p: float = 0.5,
) -> Feasibility:
    """Check whether a published margin of error agrees with its number of respondents.

    Parameters
    ----------
    margin
        As printed, in percentage points.
    n
        Respondents; None if not published.
    decimals
        The decimals the margin was printed with.
    deff
        The design effect that the survey states: 1 for a simple random sample. None if it states none;
        then only a margin smaller than that of a simple random sample is impossible.
    conf, p
        Coverage, and the share (0 to 1) that the margin belongs to.

    Returns
    -------
    Feasibility
        ``low`` and ``high`` are the design effects that the margin implies, over its rounding.

    Raises
    ------
    DataError
        If the margin, n, the design effect, conf or p is out of range.

    Notes
    -----
    `implied_deff` at both ends of the values that round to the printed margin.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.margin_fits(0.9, n=11000).verdict
    'possible'
    >>> tk.margin_fits(1.7, n=5110, deff=1).reason
    'the margin implies a design effect of 1.45 to 1.63, and 1 is stated'
    """
    accepts(
        margin=(margin, NUMBER), n=(n, RESPONDENTS), decimals=(decimals, DECIMALS),
        deff=(deff, NUMBER.optional()), conf=(conf, NUMBER), p=(p, NUMBER),
    )  # fmt: skip
    printed = with_decimals(margin, decimals, name="margin")
    _positive(margin=float(printed.value))
    if deff is not None:
        _positive(deff=deff)
    check = f"a margin of {printed} points with {f'{n:,}' if n else 'an unknown number of'} respondents"
    ends = [implied_deff(float(end), n or 1, conf=conf, p=p) for end in (printed.value, printed.high)]
    if n is None:
        return Feasibility(check, "cannot be checked", NO_N)
    smallest = implied_deff(float(printed.low), n, conf=conf, p=p) if printed.low > 0 else 0.0
    implied = f"the margin implies a design effect of {smallest:.2f} to {ends[1]:.2f}"
    quantity = ("design effect", smallest, ends[1])
    if deff is not None:
        verdict: Possibility = "possible" if smallest <= deff <= ends[1] else "impossible"
        return Feasibility(check, verdict, f"{implied}, and {deff:g} is stated", *quantity)
    if ends[1] < 1:
        reason = f"{implied}: less than a simple random sample of this size has"
        notes = ("Weighting or strata that explain the answers could make it so small.",)
        return Feasibility(check, "impossible", reason, *quantity, notes)
    simple = ", so that of a simple random sample agrees" if smallest <= 1 else ""
    return Feasibility(check, "possible", f"{implied}{simple}", *quantity)


def change_beyond_noise(
    earlier: float,
    later: float,
    *,
    n: tuple[int, int],
    decimals: int = 0,
    deff: tuple[float, float] | None = None,
    definition: Definition = "same",
    conf: float = 0.95,
) -> TestResult:
    """Test whether two published percentages of independent surveys differ by more than sampling error.

    Parameters
    ----------
    earlier, later
        The percentages as printed.
    n
        Respondents of the earlier and of the later survey.
    decimals
        The decimals the percentages were printed with.
    deff
        The design effects of both; None if not published, which makes the test impossible. The notes then
        give the smallest change that would be visible under usual design effects.
    definition
        ``same``: wording and base are the same. ``different``: they aren't, and nothing can be compared.
    conf
        Coverage of the interval.

    Returns
    -------
    TestResult
        ``estimate`` is the change in percentage points, with the normal interval widened by the rounding of
        both percentages; ``p_value`` is the largest over that rounding.

    Raises
    ------
    DataError
        If a percentage, n or a design effect is out of range.

    Notes
    -----
    z = (b - a) / sqrt(deff_a a(100 - a) / n_a + deff_b b(100 - b) / n_b), with the variance at the printed
    percentages and a change smaller by one unit of the last decimal.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.change_beyond_noise(54, 40, n=(1000, 2000), deff=(1.5, 1.5)).p_value < 0.001
    True
    """
    pair = RESPONDENTS.listed("two whole numbers", "write them as (1000, 2000)", least=2)
    effects = NUMBER.listed("two numbers, or None", "write them as (1.5, 1.5)", least=2).optional()
    accepts(
        earlier=(earlier, NUMBER), later=(later, NUMBER), n=(n, pair), decimals=(decimals, DECIMALS),
        deff=(deff, effects), definition=(definition, one_of(Definition)), conf=(conf, NUMBER),
    )  # fmt: skip
    check_conf(conf)
    for name, two in {"n": n, "deff": deff}.items():
        if two is not None and len(two) != 2:  # noqa: PLR2004
            raise DataError(
                f"{name} has one number for each survey", got=f"{len(two)} numbers", expected="two"
            )
    if deff is not None:
        _positive(earlier_deff=deff[0], later_deff=deff[1])
    shares = [percentage(earlier, decimals, name="earlier"), percentage(later, decimals, name="later")]
    change, rounding = float(shares[1].value - shares[0].value), float(2 * shares[0].half)
    simple = [float(share.value * (100 - share.value)) / size for share, size in zip(shares, n, strict=True)]
    reach = float(normal_quantile((1 + conf) / 2))
    result = TestResult(
        test=f"Change from {shares[0]}% to {shares[1]}%",
        null="the percentage in the population did not change",
        statistic=nan, statistic_name="z", df=(), p_value=nan, n=sum(n),
        base=f"{n[0]:,} and {n[1]:,} respondents", estimate=change, conf=conf,
        unit="number", notes=(IN_POINTS,),
    )  # fmt: skip
    if definition == "different":
        reason = "the surveys differ in wording or base, so their percentages are not comparable"
        return replace(result, reason=reason)
    if deff is None:
        visible = ", ".join(
            f"{reach * sqrt(effect * sum(simple)):.1f} ({effect:g})" for effect in TYPICAL_DEFFS
        )
        notes = (f"Smallest visible change in points, by design effect: {visible}.",)
        return replace(result, reason="the design effects are not published", notes=notes)
    se = sqrt(deff[0] * simple[0] + deff[1] * simple[1])
    if se == 0:
        return replace(result, reason="percentages of 0 or 100 show no sampling variance")
    least = max(abs(change) - rounding, 0.0)
    assumed = f"The design effects are taken to be {deff[0]:g} and {deff[1]:g}."
    return replace(
        result, notes=(*result.notes, assumed),
        statistic=change / se, p_value=2 * normal_p_value(least / se), se=se,
        ci_low=change - rounding - reach * se, ci_high=change + rounding + reach * se,
    )  # fmt: skip


def _positive(**numbers: float) -> None:
    for name, number in numbers.items():
        if not (isfinite(number) and number > 0):
            raise DataError(
                f"{name.replace('_', ' ')} is not positive", got=f"{number:g}", expected="a number above 0"
            )
