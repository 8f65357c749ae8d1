"""Published figures recomputed from data, and judged."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from trustkit.arguments import CLAIMS, DESIGN, accepts
from trustkit.claims.readings import recompute, scale_of
from trustkit.claims.trail import trail_of
from trustkit.claims.verdicts import Verdict, Verdicts
from trustkit.errors import ClaimError, Faults, TrustkitError
from trustkit.estimation.results import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustkit.claims.claims import Claim, Judgement, Reading
    from trustkit.design.design import Design
    from trustkit.estimation.domains import Base


def verify(claims: Iterable[Claim], design: Design) -> Verdicts:
    """Recompute published figures from a design and judge each.

    Parameters
    ----------
    claims
        As `read_claims` returns them.
    design
        The design, cleaned and weighted as the claims' source says.

    Returns
    -------
    Verdicts
        One for each claim, in their order.

    Raises
    ------
    ClaimError
        With every claim whose variable, answer or base the data don't have.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> claim = tk.Claim("half", "Half say yes", 50, 0, tk.Reading("answer", "yes"))
    >>> verdicts = tk.verify([claim], tk.Design(pd.DataFrame({"answer": ["yes", "no"] * 100})))
    >>> verdicts
    Claims and their verdicts
    claim         published  estimate    95% interval    n  verdict
    Half say yes        50%     50.0%  43.1% to 56.9%  200  reproduced
    Data: real.
    >>> verdicts.to_frame()["verdict"].tolist()
    ['reproduced']
    """
    accepts(claims=(claims, CLAIMS), design=(design, DESIGN))
    faults = Faults("the claims", ClaimError)
    verdicts: list[Verdict] = []
    for claim in claims:
        try:
            verdicts.append(_judge(claim, design))
        except TrustkitError as error:
            faults.include(error, where=claim.name)
    faults.refuse(do="correct the claims, or give a design whose codebook has their variables and answers")
    return Verdicts(tuple(verdicts))


class _Reason(NamedTuple):
    """The reason for a verdict.

    Attributes
    ----------
    words
        The reason.
    reduced, n
        The reason without a number that rests on other respondents than the estimate, and how many they are;
        empty and 0 if it has no such number.
    """

    words: str
    reduced: str = ""
    n: int = 0


def _judge(claim: Claim, design: Design) -> Verdict:
    nan = float("nan")
    if claim.unchecked:
        return Verdict(claim, "not checkable", nan, nan, nan, 0, claim.unchecked)
    estimate = recompute(claim.reading, design)
    scale = scale_of(claim.reading)
    value, low, high = (
        scale * float(part[0]) for part in (estimate.estimate, estimate.ci_low, estimate.ci_high)
    )
    verdict: Judgement = claim.judged(value, low, high)
    tried = tuple(_tried(other, design) for other in claim.alternatives)
    reason = _Reason(
        "the published number is outside the interval, and no listed alternative gives it"
        if claim.alternatives
        else "the published number is outside the interval"
    )
    if verdict == "reproduced":
        reason = _Reason("rounds to the published number")
    elif verdict == "consistent":
        reason = _Reason("the published number is inside the interval")
    else:
        for other, (again, n) in zip(claim.alternatives, tried, strict=True):
            if claim.rounds_to(again):
                shown = f"reached ({again:.{claim.decimals + 1}f}) if {other.because}"
                verdict, reason = "consistent", _Reason(shown, f"reached if {other.because}", n)
                break
        else:
            if claim.reading.statistic == "margin of error":
                reason = _Reason("the margin of the data does not round to it")
            elif not math.isfinite(high - low):
                verdict, reason = "not checkable", _Reason(estimate.reasons[0] or UNKNOWN)
    if verdict == "contradicted":
        reason = _with_hint(reason, claim, design, (value, int(estimate.n[0])))
    words, reduced = reason.words, reason.reduced
    if claim.note and verdict != "reproduced":
        words, reduced = (f"{one}; {claim.note}" if one else "" for one in (words, reduced))
    n, trail = int(estimate.n[0]), trail_of(design, estimate)
    counted = estimate._printed()  # noqa: SLF001  # the one method that every result tells its respondents by
    return Verdict(
        claim, verdict, value, low, high, n, words, estimate.caveats, trail, counted, tried, reduced, reason.n
    )


def _tried(other: Reading, design: Design) -> tuple[float, int]:
    """Return what an alternative gives, in its unit, and its respondents."""
    found = recompute(other, design)
    return scale_of(other) * float(found.estimate[0]), int(found.n[0])


def _with_hint(reason: _Reason, claim: Claim, design: Design, found: tuple[float, int]) -> _Reason:
    """Say which common mistake would give the printed number: a reversed answer, or another base.

    ``found`` is the estimate and its respondents. The numbers of two bases together tell how many respondents
    only one of them has.
    """
    reading, words, (value, own) = claim.reading, reason.words, found
    if reading.statistic != "proportion":
        return reason
    if claim.rounds_to(100 - value):
        others = f"all other answers together ({claim.shown(100 - value)}) round to it: check the polarity"
        return _Reason(f"{words}; {others}")
    other: Base = "asked" if reading.base == "valid" else "valid"
    if other == "valid" and not {*reading.answers} <= {*design.variable(reading.variable).labels}:
        return reason  # don't know is no answer of that base
    again, n = _tried(replace(reading, base=other), design)
    if claim.rounds_to(again):
        who = "everyone asked" if other == "asked" else "substantive answers alone"
        hint = f"with {who} as the base it would be {claim.shown(again)}: check the base"
        return _Reason(f"{words}; {hint}", f"{words}; check the base", min(n, abs(n - own) or n))
    return reason
